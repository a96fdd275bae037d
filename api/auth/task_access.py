"""Which user tasks may this user see and complete?

A task is open to its assignee, its candidate users and the members of its candidate groups; a task that names nobody is
open to everyone who works user tasks. Who may not see a task is told that it does not exist.
"""

from collections.abc import Sequence
from typing import Protocol

from api.auth.permissions import Permission
from api.auth.user import User


class TaskLike(Protocol):
    @property
    def assignee(self) -> str | None: ...
    @property
    def candidate_users(self) -> Sequence[str]: ...
    @property
    def candidate_groups(self) -> Sequence[str]: ...


def is_entitled(user: User, task: TaskLike) -> bool:
    """The task is the user's own, or one the user may claim or knows of as a candidate."""
    if task.assignee == user.username or user.username in task.candidate_users or set(user.groups) & set(task.candidate_groups):
        return True
    return not task.assignee and not task.candidate_users and not task.candidate_groups


def may_see_task(user: User, task: TaskLike) -> bool:
    return user.may(Permission.READ_ALL_TASKS) or (user.may(Permission.WORK_TASKS) and is_entitled(user, task))


def may_claim_task(user: User, task: TaskLike) -> bool:
    return user.may(Permission.WORK_TASKS) and (is_entitled(user, task) or user.may(Permission.COMPLETE_ALL_TASKS))


def may_complete_task(user: User, task: TaskLike) -> bool:
    """Its assignee; anybody entitled while nobody is assigned; and who may complete all tasks."""
    if user.may(Permission.COMPLETE_ALL_TASKS):
        return True
    return user.may(Permission.WORK_TASKS) and (task.assignee == user.username or (not task.assignee and is_entitled(user, task)))
