"""Which built files may browsers load? Those of api/static, and only by their names."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from api.pages.site import STATIC, static_address

router = APIRouter(include_in_schema=False)

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}


@router.get("/static/{name}")
def static_file(name: str, request: Request) -> Response:
    media_type = MEDIA_TYPES.get(name[name.rfind(".") :]) if "/" not in name and not name.startswith(".") else None
    path = STATIC / name
    if media_type is None or not path.is_file():
        return PlainTextResponse(f"No file {name[:100]!r}.", status_code=404)
    is_current = request.url.query and static_address(name).endswith(f"?{request.url.query}")
    caching = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": caching, "X-Content-Type-Options": "nosniff"})


@router.get("/favicon.ico")
def favicon() -> Response:
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})
