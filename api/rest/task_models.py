"""What do requests and answers about user tasks look like?"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic import Field as Member

from api.rest.searches import PageInfo
from api.rest.wire import TENANT, Answer, Ask, Key, Moment, Name, Variables
from engine.runtime.inputs import UNCHANGED, Changeset

ClearableMoment = Annotated[Moment | None, BeforeValidator(lambda value: None if value == "" else value)]
Action = Annotated[str | None, Member(max_length=1000)]
Names = list[Name]


class UserTask(Answer):
    user_task_key: Key
    name: str | None
    state: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    creation_date: datetime
    completion_date: datetime | None
    due_date: datetime | None
    follow_up_date: datetime | None
    priority: int
    form_key: Key | None
    external_form_reference: str | None
    custom_headers: dict[str, Any]
    element_id: str
    element_instance_key: Key
    process_instance_key: Key
    root_process_instance_key: Key | None
    process_definition_key: Key
    process_definition_id: str
    process_definition_version: int
    process_name: str | None
    tags: tuple[str, ...] = ()
    business_id: str | None = None
    tenant_id: str = TENANT


class UserTasks(Answer):
    items: list[UserTask]
    page: PageInfo


class Assignment(Ask):
    assignee: Name
    allow_override: bool | None = None
    action: Action = None


class Completion(Ask):
    variables: Variables | None = None
    action: Action = None


class Changes(Ask):
    """Members left out stay as they are; an empty text or list clears one."""

    due_date: ClearableMoment = None
    follow_up_date: ClearableMoment = None
    candidate_users: Names | None = Member(default=None, max_length=1000)
    candidate_groups: Names | None = Member(default=None, max_length=1000)
    priority: int | None = Member(default=None, ge=0, le=100)

    def as_changeset(self) -> Changeset:
        """None for a list or the priority means unchanged too; for a date it clears."""
        given = self.model_fields_set

        def date(name: str) -> Any:
            return getattr(self, name) if name in given else UNCHANGED

        def other(value: Any) -> Any:
            return UNCHANGED if value is None else value

        return Changeset(
            due_date=date("due_date"),
            follow_up_date=date("follow_up_date"),
            candidate_users=other(self.candidate_users),
            candidate_groups=other(self.candidate_groups),
            priority=other(self.priority),
        )


class Update(Ask):
    changeset: Changes | None = None
    action: Action = None
