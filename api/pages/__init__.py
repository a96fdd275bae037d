"""The web pages. The application includes `router` and turns errors of pages into `auth_trouble` and `engine_trouble`."""

from fastapi import APIRouter

from api.pages import (
    deploy_pages,
    instance_lists,
    instance_pages,
    live,
    process_pages,
    sign_in,
    start_pages,
    static,
    task_lists,
    task_pages,
)
from api.pages.trouble import auth_trouble, engine_trouble, trouble

router = APIRouter(include_in_schema=False)
for _room in (sign_in, static, live, task_lists, task_pages, instance_lists, instance_pages, start_pages, process_pages, deploy_pages):
    router.include_router(_room.router)

__all__ = ["auth_trouble", "engine_trouble", "router", "trouble"]
