"""What does an event wait for or send? (BPMN 2.0 §10.5)"""

from bpmn.dialects.vendor import vendor_attribute
from bpmn.durations import EXAMPLES, timer_fault
from bpmn.extensions import Extensions
from bpmn.model import (
    BoundaryEvent,
    CancelEvent,
    CatchEvent,
    CompensateEvent,
    ConditionalEvent,
    Detail,
    EndEvent,
    ErrorEvent,
    EscalationEvent,
    EventDefinition,
    Expression,
    LinkEvent,
    MessageEvent,
    MultipleEvent,
    SignalEvent,
    StartEvent,
    TerminateEvent,
    ThrowEvent,
    TimerEvent,
    TimerKind,
    Value,
)
from bpmn.namespaces import B, bpmn_name
from bpmn.problems import title
from bpmn.reading import Reading, local_reference, sentence
from bpmn.xml import Element, text_of
from bpmn.zeebe import read_zeebe

CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_TIMERS = {"timeDate": TimerKind.DATE, "timeDuration": TimerKind.DURATION, "timeCycle": TimerKind.CYCLE}


def definitions_of(element: Element, reading: Reading) -> list[Element]:
    """The event definitions of an event, its own and those it refers to."""
    found = [child for child in element if bpmn_name(child.tag).endswith("EventDefinition")]
    for reference in element.iterfind(B + "eventDefinitionRef"):
        target = reading.definitions.get(("eventDefinition", local_reference(text_of(reference))))
        if target is None:
            reading.problems.error(
                "dangling-reference",
                element,
                f'{sentence(title(element))} refers to the event definition "{text_of(reference)}", which the file does not define.',
                "Choose the kind of the event again.",
            )
        else:
            found.append(target)
    return found


def read_event(element: Element, kind: str, ext: Extensions, reading: Reading) -> Detail | None:
    """The detail of an event; None when it cannot be read (the problem is reported)."""
    elements = definitions_of(element, reading)
    found = [definition for part in elements if (definition := _definition(part, element, kind, ext, reading)) is not None]
    if len(found) < len(elements):
        return None
    event: EventDefinition | None = None
    if len(found) == 1:
        event = found[0]
    elif found:
        event = MultipleEvent(tuple(found), parallel=element.get("parallelMultiple") in ("true", "1"))
    match kind:
        case "startEvent":
            return StartEvent(event, interrupting=element.get("isInterrupting") not in ("false", "0"), form=ext.form)
        case "endEvent":
            return EndEvent(event)
        case "intermediateThrowEvent":
            return ThrowEvent(event)
        case _ if event is None:
            reading.problems.error(
                "event-without-definition",
                element,
                f"{sentence(title(element))} waits for nothing.",
                "Choose what it waits for, as a timer or a message.",
            )
            return None
        case "boundaryEvent":
            interrupting = element.get("cancelActivity") not in ("false", "0") or isinstance(event, CompensateEvent)
            return BoundaryEvent(event, local_reference(element.get("attachedToRef") or ""), interrupting)
        case _:
            return CatchEvent(event)


def _definition(part: Element, event: Element, kind: str, ext: Extensions, reading: Reading) -> EventDefinition | None:
    match bpmn_name(part.tag):
        case "timerEventDefinition":
            return _timer(part, event, reading)
        case "messageEventDefinition":
            return read_message(part.get("messageRef"), event, ext, reading, catching=kind in CATCHING)
        case "signalEventDefinition":
            return _signal(part, event, kind, reading)
        case "errorEventDefinition":
            return _error(part, event, reading)
        case "escalationEventDefinition":
            return _escalation(part, event, reading)
        case "compensateEventDefinition":
            activity = local_reference(part.get("activityRef") or "") or None
            return CompensateEvent(activity, part.get("waitForCompletion") not in ("false", "0"))
        case "conditionalEventDefinition":
            return _conditional(part, event, ext, reading)
        case "linkEventDefinition":
            return _link(part, event, reading)
        case "cancelEventDefinition":
            return CancelEvent()
        case "terminateEventDefinition":
            return TerminateEvent()
        case other:
            reading.problems.error("unknown-element", part, f'"{other}" is not a kind of event.', "Choose another kind of event.")
            return None


def _timer(part: Element, event: Element, reading: Reading) -> TimerEvent | None:
    times = [child for child in part if bpmn_name(child.tag) in _TIMERS and text_of(child)]
    if len(times) != 1:
        reading.problems.error(
            "timer-without-time",
            event,
            f"{sentence(title(event))} {'says several times when it' if times else 'does not say when it'} fires.",
            "Give the timer one date, one duration or one cycle, as PT15M.",
        )
        return None
    kind = _TIMERS[bpmn_name(times[0].tag)]
    written = text_of(times[0])
    value: Value | None = None
    if reading.dialect != "zeebe" and not written.startswith("=") and timer_fault(kind, written):
        value = reading.infix(written, times[0], f"timer {kind}")
    value = value or reading.value(written, times[0], f"timer {kind}", juel=True)
    if value is None:
        return None
    text = constant_text(value)
    fault = timer_fault(kind, text) if text is not None else None
    if fault:
        reading.problems.error(
            "bad-timer",
            times[0],
            f'{sentence(title(event))}: "{text}" cannot be a timer {kind}: {fault}.',
            f"Write for example {EXAMPLES[kind]}.",
        )
        return None
    return TimerEvent(kind, value)


def constant_text(value: Value) -> str | None:
    """The text a value has whatever the variables; None when it depends on them or is not a text."""
    if isinstance(value, str):
        return value
    if not value.is_constant:
        return None
    result = value.evaluate({})
    return result if isinstance(result, str) else None


def read_message(
    reference: str | None, at: Element, ext: Extensions, reading: Reading, *, catching: bool, required: bool = True
) -> MessageEvent | None:
    """The message an event or task waits for or sends; a catch without correlation key matches by name."""
    message = reading.definition("message", reference, at)
    if message is None:
        if not reference and required:
            reading.problems.error(
                "message-without-name", at, f"{sentence(title(at))} has no message.", "Choose or create a message in the properties panel."
            )
        return None
    name = reading.value(message.get("name"), message, "message name", juel=True)
    if name is None:
        if not (message.get("name") or "").strip():
            reading.problems.error(
                "message-without-name", message, f'The message "{message.get("id")}" has no name.', "Give the message a name."
            )
        return None
    subscription = read_zeebe(message, reading).correlation_key if catching else None
    return MessageEvent(name, subscription, None if catching else ext.job())


def _signal(part: Element, event: Element, kind: str, reading: Reading) -> SignalEvent | None:
    reference = part.get("signalRef")
    if not reference and kind not in CATCHING:
        reading.problems.warning(
            "signal-without-name",
            event,
            f"{sentence(title(event))} names no signal, so nobody can receive it.",
            "Choose or create a signal in the properties panel.",
        )
        return SignalEvent("")
    signal = reading.definition("signal", reference, event)
    if signal is None:
        if not reference:
            reading.problems.error(
                "signal-without-name",
                event,
                f"{sentence(title(event))} names no signal.",
                "Choose or create a signal in the properties panel.",
            )
        return None
    name = reading.value(signal.get("name"), signal, "signal name", juel=True)
    if name is None:
        reading.problems.error("signal-without-name", signal, f'The signal "{signal.get("id")}" has no name.', "Give the signal a name.")
        return None
    return SignalEvent(name)


def _error(part: Element, event: Element, reading: Reading) -> ErrorEvent | None:
    reference = part.get("errorRef")
    throwing = bpmn_name(event.tag) == "endEvent"
    code: Value | None = None
    if reference:
        error = reading.definitions.get(("error", local_reference(reference)))
        if error is None:
            reading.problems.warning(
                "undeclared-error",
                event,
                f'{sentence(title(event))} refers to the error "{reference}", which the file does not define; that is taken as its code.',
                "Choose or create the error in the properties panel.",
            )
            code = reference
        else:
            code = reading.value(error.get("errorCode"), error, "error code", juel=True)
            if code is None and throwing and error.get("name"):
                code = error.get("name")
    if throwing and code is None:
        reading.problems.warning(
            "error-without-code",
            event,
            f"{sentence(title(event))} throws an error without a code; only a catch of every error receives it.",
            "Choose or create an error with a code in the properties panel.",
        )
    return ErrorEvent(code, _variable(part, "errorCodeVariable", "errorVariableName"), _variable(part, "errorMessageVariable"))


def _escalation(part: Element, event: Element, reading: Reading) -> EscalationEvent | None:
    reference, variable = part.get("escalationRef"), _variable(part, "escalationCodeVariable")
    if not reference:
        return EscalationEvent(None, variable)
    escalation = reading.definition("escalation", reference, event)
    if escalation is None:
        return None
    return EscalationEvent(reading.value(escalation.get("escalationCode"), escalation, "escalation code", juel=True), variable)


def _conditional(part: Element, event: Element, ext: Extensions, reading: Reading) -> ConditionalEvent | None:
    condition = part.find(B + "condition")
    if condition is None:
        reading.problems.error(
            "empty-expression", event, f"{sentence(title(event))} has no condition.", "Write a FEEL condition, as =stock < 10."
        )
        return None
    expression: Expression | None = reading.condition(text_of(condition), condition, "condition")
    own = read_zeebe(part, reading)
    variables, changes = own.variables or ext.variables, own.variable_events or ext.variable_events
    if name := _variable(part, "variableName"):
        variables = frozenset({name})
    if kinds := _variable(part, "variableEvents", "variableEvent"):
        changes = frozenset(kind.strip() for kind in kinds.split(","))
    return None if expression is None else ConditionalEvent(expression, variables, changes)


def _variable(part: Element, *names: str) -> str | None:
    """The first of the vendors' attributes that is there."""
    return next((value for name in names if (value := vendor_attribute(part, name))), None)


def _link(part: Element, event: Element, reading: Reading) -> LinkEvent | None:
    name = (part.get("name") or "").strip() or (event.get("name") or "").strip()
    if not name:
        reading.problems.error(
            "link-without-name", event, f"{sentence(title(event))} has no link name.", "Write the same name at both ends of the link."
        )
        return None
    return LinkEvent(name)


def event_kind(event: EventDefinition | None) -> str:
    """The word for what an event is about, as the coverage table uses it."""
    match event:
        case None:
            return "none"
        case MultipleEvent(parallel=True):
            return "parallel multiple"
        case CompensateEvent():
            return "compensation"
        case _:
            return type(event).__name__.removesuffix("Event").lower()
