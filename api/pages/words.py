"""In which words do pages speak of states, times and values?"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from markupsafe import Markup

INSTANCE_STATES: Mapping[str, tuple[str, str]] = {
    "ACTIVE": ("Running", "info"),
    "COMPLETED": ("Completed", "good"),
    "TERMINATED": ("Cancelled", "plain"),
}
TASK_STATES: Mapping[str, tuple[str, str]] = {
    "CREATED": ("Open", "info"),
    "COMPLETED": ("Completed", "good"),
    "CANCELED": ("Withdrawn", "plain"),
}
JOB_STATES: Mapping[str, str] = {
    "CREATED": "waiting for a worker",
    "ACTIVATED": "being worked on",
    "FAILED": "failed",
    "COMPLETED": "done",
    "ERROR_THROWN": "ended with a business error",
    "CANCELED": "withdrawn",
}
ELEMENT_TYPES: Mapping[str, str] = {
    "PROCESS": "Process",
    "SUB_PROCESS": "Sub-process",
    "EVENT_SUB_PROCESS": "Event sub-process",
    "AD_HOC_SUB_PROCESS": "Ad-hoc sub-process",
    "START_EVENT": "Start",
    "END_EVENT": "End",
    "INTERMEDIATE_CATCH_EVENT": "Waiting event",
    "INTERMEDIATE_THROW_EVENT": "Event",
    "BOUNDARY_EVENT": "Boundary event",
    "SERVICE_TASK": "Automatic work",
    "SEND_TASK": "Sending",
    "RECEIVE_TASK": "Waiting for a message",
    "USER_TASK": "Work for a person",
    "MANUAL_TASK": "Manual work",
    "TASK": "Activity",
    "SCRIPT_TASK": "Calculation",
    "BUSINESS_RULE_TASK": "Decision",
    "CALL_ACTIVITY": "Called process",
    "EXCLUSIVE_GATEWAY": "Choice",
    "PARALLEL_GATEWAY": "Parallel paths",
    "INCLUSIVE_GATEWAY": "One or more paths",
    "EVENT_BASED_GATEWAY": "Waiting for the first of several events",
    "COMPLEX_GATEWAY": "Complex choice",
    "MULTI_INSTANCE_BODY": "For each item",
}
INCIDENT_KINDS: Mapping[str, str] = {
    "JOB_NO_RETRIES": "The work failed and was tried as often as allowed",
    "AD_HOC_SUB_PROCESS_NO_RETRIES": "Deciding what to do next failed as often as allowed",
    "EXECUTION_LISTENER_NO_RETRIES": "A listener failed as often as allowed",
    "TASK_LISTENER_NO_RETRIES": "A listener of the task failed as often as allowed",
    "IO_MAPPING_ERROR": "Data could not be passed on",
    "EXTRACT_VALUE_ERROR": "A value could not be worked out",
    "CONDITION_ERROR": "No way forward matched, or a condition could not be evaluated",
    "CALLED_ELEMENT_ERROR": "The called process could not be started",
    "CALLED_DECISION_ERROR": "The decision could not be found",
    "DECISION_EVALUATION_ERROR": "The decision could not be evaluated",
    "UNHANDLED_ERROR_EVENT": "A business error that nothing in the diagram handles",
    "FORM_NOT_FOUND": "The form could not be found",
    "RESOURCE_NOT_FOUND": "A file that the process needs is not deployed",
    "STEP_LIMIT_EXCEEDED": "The process went round in circles too often",
}
CONFIDENCE_SOURCES: Mapping[str, str] = {
    "calibrated": "calibrated: right about as often as it says",
    "measured": "measured",
    "self_reported": "the model's own estimate",
    "none": "",
}
RISKS: Mapping[str, tuple[str, str]] = {"low": ("Low", "good"), "medium": ("Medium", "warn"), "high": ("High", "bad")}


def moment(at: datetime | None) -> Markup:
    """A point in time; the reader's browser rewrites it into local time."""
    return _time(at, Markup(""))


def ago(at: datetime | None) -> Markup:
    """The same, as a distance from now where scripts run."""
    return _time(at, Markup(" data-relative"))


def _time(at: datetime | None, attribute: Markup) -> Markup:
    if at is None:
        return Markup("–")
    at = at.astimezone(UTC)
    return Markup('<time datetime="{}"{}>{}</time>').format(at.isoformat().replace("+00:00", "Z"), attribute, f"{at:%-d %b %Y, %H:%M} UTC")


def percent(share: float) -> str:
    """0.8731 → 87 %; never rounds a value below 1 up to 100 % nor one above 0 down to 0 %."""
    number = round(share * 100)
    if number == 100 and share < 1:
        number = 99
    if number == 0 and share > 0:
        number = 1
    return f"{number} %"


def kind(value: Any) -> str:
    """How a JSON value is shown: nothing, yes, text, long-text, number, list, items, flat or facts."""
    if is_nothing(value):
        return "nothing"
    match value:
        case bool():
            return "yes"
        case str():
            return "long-text" if "\n" in value or len(value) > 120 else "text"
        case int() | float():
            return "number"
        case list():
            return "list" if all(not isinstance(item, (list, dict)) for item in value) else "items"
        case dict():
            return "flat" if all(isinstance(each, (str, int, float, bool)) or is_nothing(each) for each in value.values()) else "facts"
        case _:
            return "text"


def is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def readable(name: str) -> str:
    """`customerTier`, `customer_tier` → Customer tier."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").strip()
    if not spaced:
        return name
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in spaced.split())
    return text[0].upper() + text[1:]


def as_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


def tag(label: tuple[str, str]) -> Markup:
    text, tone = label
    return Markup('<span class="tag tag-{}">{}</span>').format(tone, text)


def instance_state(state: str) -> Markup:
    return tag(INSTANCE_STATES.get(state, (readable(state), "plain")))


def task_state(state: str) -> Markup:
    return tag(TASK_STATES.get(state, (readable(state), "plain")))


def priority(number: int) -> Markup:
    """0 to 100, 50 being ordinary."""
    if number >= 75:
        return tag(("High", "warn"))
    if number < 25:
        return tag(("Low", "plain"))
    return Markup("Normal")


def risk(level: Any) -> Markup:
    return tag(RISKS.get(str(level).lower(), (str(level), "plain")))


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ago": ago,
    "as_json": as_json,
    "confidence_source": lambda name: CONFIDENCE_SOURCES.get(name, readable(name)),
    "element_type": lambda name: ELEMENT_TYPES.get(name, readable(name)),
    "incident_kind": lambda name: INCIDENT_KINDS.get(name, readable(name)),
    "instance_state": instance_state,
    "job_state": lambda name: JOB_STATES.get(name, readable(name)),
    "kind": kind,
    "moment": moment,
    "percent": percent,
    "plural": plural,
    "priority": priority,
    "readable": readable,
    "risk": risk,
    "task_state": task_state,
}
