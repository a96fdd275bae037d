"""Who may do what: the table of roles and permissions, in one place."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    ANALYST = "analyst"  # draws and deploys processes, tries them out
    OPERATOR = "operator"  # keeps instances running
    WORKER = "worker"  # a program that works jobs
    PERSON = "person"  # finishes user tasks
    AUDITOR = "auditor"  # reads everything, changes nothing
    ADMIN = "admin"  # everything, users included


class Permission(StrEnum):
    READ_DEFINITIONS = "read-definitions"  # diagrams, decisions, forms, start forms
    DEPLOY = "deploy"
    START = "start"  # process instances
    READ_INSTANCES = "read-instances"  # instances, variables, jobs, incidents, decisions taken, agent runs
    READ_HISTORY = "read-history"  # who did what and when
    OPERATE = "operate"  # cancel, suspend, modify, migrate, change variables, resolve incidents, activate ad-hoc elements, move a clock
    DELETE_INSTANCES = "delete-instances"  # ended ones, with their history
    PUBLISH = "publish"  # messages and signals
    WORK_JOBS = "work-jobs"
    EVALUATE = "evaluate"  # decisions and expressions
    WORK_TASKS = "work-tasks"  # see, claim and complete the user tasks one is entitled to
    READ_ALL_TASKS = "read-all-tasks"
    ASSIGN_TASKS = "assign-tasks"  # to anybody, and change dates and candidates
    COMPLETE_ALL_TASKS = "complete-all-tasks"
    MANAGE_USERS = "manage-users"


_P = Permission

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: frozenset({_P.READ_DEFINITIONS, _P.DEPLOY, _P.START, _P.READ_INSTANCES, _P.READ_HISTORY, _P.EVALUATE}),
    Role.OPERATOR: frozenset(
        {
            _P.READ_DEFINITIONS,
            _P.START,
            _P.READ_INSTANCES,
            _P.READ_HISTORY,
            _P.OPERATE,
            _P.PUBLISH,
            _P.EVALUATE,
            _P.READ_ALL_TASKS,
            _P.ASSIGN_TASKS,
        }
    ),
    Role.WORKER: frozenset({_P.READ_DEFINITIONS, _P.WORK_JOBS, _P.PUBLISH, _P.START, _P.EVALUATE}),
    Role.PERSON: frozenset({_P.READ_DEFINITIONS, _P.START, _P.WORK_TASKS}),
    Role.AUDITOR: frozenset({_P.READ_DEFINITIONS, _P.READ_INSTANCES, _P.READ_HISTORY, _P.READ_ALL_TASKS}),
    Role.ADMIN: frozenset(Permission),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """All permissions of the roles; unknown role names give none."""
    known = {role.value: role for role in Role}
    return frozenset().union(*(ROLE_PERMISSIONS[known[name]] for name in roles if name in known))
