"""What does a task or call activity do, and who does it? (BPMN 2.0 §10.3)"""

import re

from bpmn.dialects.work import becomes_job
from bpmn.durations import timer_fault
from bpmn.events import constant_text, read_message
from bpmn.extensions import Extensions
from bpmn.model import (
    CallActivity,
    DecisionTask,
    Detail,
    FormRef,
    JobDefinition,
    JobTask,
    MessageEvent,
    PassThroughTask,
    ReceiveTask,
    ResourceRef,
    ScriptTask,
    TimerKind,
    UserTask,
    Value,
)
from bpmn.namespaces import B
from bpmn.parsed import Reference
from bpmn.problems import Problems, title, words
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of

AGENT_JOB = "gatewise.agent"

_HOW_TO_BIND = {
    "serviceTask": "Write a job type in the properties panel (zeebe:taskDefinition), or apply the element template of an agent.",
    "sendTask": "Write a job type in the properties panel (zeebe:taskDefinition).",
    "scriptTask": "Choose FEEL expression and write it, or write a job type (zeebe:taskDefinition).",
    "businessRuleTask": "Choose the decision it calls (zeebe:calledDecision), or write a job type (zeebe:taskDefinition).",
}


def read_activity(element: Element, kind: str, ext: Extensions, reading: Reading) -> Detail | None:
    """The detail of a task or call activity; None when it cannot be read (the problem is reported)."""
    match kind:
        case "task" | "manualTask":
            return PassThroughTask()
        case "userTask":
            return _user_task(element, ext, reading)
        case "receiveTask":
            if reading.dialect != "zeebe" and not element.get("messageRef"):
                message = _own_message(element, reading)
            else:
                message = read_message(element.get("messageRef"), element, ext, reading, catching=True)
            return message and ReceiveTask(message, element.get("instantiate") in ("true", "1"))
        case "callActivity":
            return _call_activity(element, ext, reading)
        case _:
            return _work(element, kind, ext, reading)


def _work(element: Element, kind: str, ext: Extensions, reading: Reading) -> Detail | None:
    """Service, send, script and business rule tasks: by the kernel itself where it can, else by a job worker."""
    if kind == "scriptTask" and ext.script is not None and ext.result_variable:
        return ScriptTask(ext.script, ext.result_variable)
    if kind == "businessRuleTask" and ext.decision is not None and ext.result_variable:
        refer("decision", ext.decision, element, reading)
        return DecisionTask(ext.decision, ext.result_variable)
    job = ext.job()
    if job is not None:
        if job.type == AGENT_JOB:
            _check_agent(element, ext, reading)
        return JobTask(job)
    if reading.dialect != "zeebe" and not ext.says_something:
        becomes_job(element, "its script" if text_of(element.find(B + "script")) else "", reading)
        return JobTask(JobDefinition(element.get("id") or "", ext.retries, ext.headers))
    if not ext.says_something:
        reading.problems.error("no-binding", element, f"{sentence(title(element))} does not say who does the work.", _HOW_TO_BIND[kind])
    return None


def _own_message(element: Element, reading: Reading) -> MessageEvent:
    """Other engines continue a receive task without message by its id."""
    name = element.get("id") or ""
    reading.problems.warning(
        "message-without-name",
        element,
        f'{sentence(title(element))} has no message; it waits for a message with the name "{name}".',
        "Choose or create a message in the properties panel.",
    )
    reading.changed(element, f'waits for a message with the name "{name}"')
    return MessageEvent(name)


def _check_agent(element: Element, ext: Extensions, reading: Reading) -> None:
    agent = ext.headers.get("agentId", "").strip()
    if agent:
        reading.references.append(Reference("agent", agent, element_id=element.get("id"), line=element.sourceline))
    else:
        reading.problems.error(
            "agent-without-id",
            element,
            f"{sentence(title(element))} is done by an agent, but does not say which one.",
            'Write the agent\'s id into the task header "agentId".',
        )


def _user_task(element: Element, ext: Extensions, reading: Reading) -> UserTask:
    for value, what in ((ext.due_date, "due date"), (ext.follow_up_date, "follow-up date")):
        text = constant_text(value) if value is not None else None
        fault = text and timer_fault(TimerKind.DATE, text) and timer_fault(TimerKind.DURATION, text)
        if fault:
            reading.problems.error(
                "bad-date",
                element,
                f'{sentence(title(element))}: the {what} "{text}" is neither a date and time nor a duration in ISO 8601.',
                'Write for example 2030-01-31T09:00:00Z or P2D, or FEEL, as =now() + duration("P2D").',
            )
    _check_priority(element, ext.priority, reading.problems)
    refer_form(ext.form, element, reading)
    return UserTask(
        form=ext.form,
        assignee=ext.assignee or _performer(element, "humanPerformer", reading) or _performer(element, "performer", reading),
        candidate_users=ext.candidate_users,
        candidate_groups=ext.candidate_groups or _performer(element, "potentialOwner", reading),
        due_date=ext.due_date,
        follow_up_date=ext.follow_up_date,
        priority=ext.priority,
        headers=ext.headers,
        listeners=tuple(ext.task_listeners),
    )


def _performer(element: Element, tag: str, reading: Reading) -> Value | None:
    """Plain BPMN (§10.3.4): an assignment expression inside a resource role."""
    expression = element.find(f"{B}{tag}/{B}resourceAssignmentExpression/{B}formalExpression")
    return None if expression is None else reading.value(text_of(expression), expression, words(tag), juel=True)


def _check_priority(element: Element, priority: Value | None, problems: Problems) -> None:
    if isinstance(priority, str) and not re.fullmatch(r"\d{1,2}|100", priority):
        problems.error(
            "bad-priority",
            element,
            f'{sentence(title(element))}: the priority "{priority}" is not a number from 0 to 100.',
            "Write a number from 0 to 100, or FEEL after =.",
        )


def _call_activity(element: Element, ext: Extensions, reading: Reading) -> CallActivity | None:
    called = ext.called
    if called is None and not ext.says_something:
        target = reading.value((element.get("calledElement") or "").rpartition(":")[2], element, "called process", juel=True)
        called = ResourceRef(target) if target else None
    if called is None:
        if not ext.says_something:
            reading.problems.error(
                "missing-call-target",
                element,
                f"{sentence(title(element))} does not say which process it calls.",
                "Write the id of the process in the properties panel (called element).",
            )
        return None
    refer("process", called, element, reading)
    return CallActivity(called, ext.propagate_child, ext.propagate_parent)


def refer(kind: str, ref: ResourceRef, element: Element, reading: Reading) -> None:
    """Notes a reference that must be deployed; one that FEEL computes is only known at run time."""
    target = constant_text(ref.id)
    if target is not None:
        reading.references.append(Reference(kind, target, ref.binding, element.get("id"), element.sourceline, ref.version_tag))


def refer_form(form: FormRef | None, element: Element, reading: Reading) -> None:
    if form is not None and form.linked is not None:
        refer("form", form.linked, element, reading)
