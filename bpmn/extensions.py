"""What do the extension elements of a diagram element say, whatever the vendor's dialect?"""

from dataclasses import dataclass, field

from bpmn.model import Expression, FormRef, IoMapping, JobDefinition, Listener, ResourceRef, Value


@dataclass(slots=True)
class Extensions:
    """Everything vendors can add to an element, in our words. The chapters of the reader take what fits their element."""

    job_type: Value | None = None
    retries: Value = "3"
    job_priority: Value | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    inputs: list[IoMapping] = field(default_factory=list[IoMapping])
    outputs: list[IoMapping] = field(default_factory=list[IoMapping])
    form: FormRef | None = None
    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    decision: ResourceRef | None = None
    script: Expression | None = None
    result_variable: str | None = None
    called: ResourceRef | None = None
    propagate_child: bool = True
    propagate_parent: bool = True
    correlation_key: Value | None = None
    variables: frozenset[str] = frozenset()
    variable_events: frozenset[str] = frozenset()
    execution_listeners: list[Listener] = field(default_factory=list[Listener])
    task_listeners: list[Listener] = field(default_factory=list[Listener])
    active_elements: Value | None = None
    input_collection: Value | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Expression | None = None
    version_tag: str | None = None
    embedded_forms: dict[str, str] = field(default_factory=dict[str, str])
    starter_users: Value | None = None
    starter_groups: Value | None = None
    says_something: bool = False  # a binding was attempted, even if it was faulty

    def job(self) -> JobDefinition | None:
        if self.job_type is None:
            return None
        return JobDefinition(self.job_type, self.retries, self.headers, self.job_priority)
