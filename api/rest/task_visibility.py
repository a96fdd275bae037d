"""Which user tasks does a search show this user? The same rule as `api.auth.task_access`, as a filter of the engine."""

from typing import Any

from api.auth import NotPermitted, Permission, User


def visible_tasks(user: User) -> dict[str, Any]:
    """A filter; empty for those who see all tasks. Raises NotPermitted for those who see none."""
    if user.may(Permission.READ_ALL_TASKS):
        return {}
    if not user.may(Permission.WORK_TASKS):
        raise NotPermitted(f"'{user.username}' does not work user tasks: that takes the role person.")
    ways: list[dict[str, Any]] = [
        {"assignee": user.username},
        {"candidate_user": user.username},
        {"assignee": {"$exists": False}, "candidate_users": {"$exists": False}, "candidate_groups": {"$exists": False}},
    ]
    if user.groups:
        ways.append({"candidate_group": {"$in": list(user.groups)}})
    return {"$or": ways}
