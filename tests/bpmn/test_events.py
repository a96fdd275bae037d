"""Does every event at every position arrive in the definition?"""

# ruff: noqa: E501 (lines of XML)

from collections.abc import Callable

import pytest
from support.diagram_text import diagram, flow, straight

from bpmn.model import (
    BoundaryEvent,
    CancelEvent,
    CatchEvent,
    CompensateEvent,
    ConditionalEvent,
    ElementType,
    EndEvent,
    ErrorEvent,
    EscalationEvent,
    Expression,
    FlowNode,
    FormRef,
    JobDefinition,
    LinkEvent,
    MessageEvent,
    MultipleEvent,
    ProcessDefinition,
    ResourceRef,
    SignalEvent,
    StartEvent,
    SubProcess,
    TerminateEvent,
    ThrowEvent,
    TimerEvent,
    TimerKind,
)

Process = Callable[[bytes], ProcessDefinition]
Work = Callable[..., FlowNode]

SHARED = (
    '<message id="m" name="M"/><signal id="s" name="S"/><error id="err" errorCode="E1"/><escalation id="c" escalationCode="C1"/>'
    '<error id="nameless" name="Just a name"/>'
)
CATCHES = {
    '<messageEventDefinition messageRef="m"/>': MessageEvent("M"),
    '<signalEventDefinition signalRef="s"/>': SignalEvent("S"),
    "<timerEventDefinition><timeDuration>PT5M</timeDuration></timerEventDefinition>": TimerEvent(TimerKind.DURATION, "PT5M"),
    "<timerEventDefinition><timeDate>2030-01-31T09:00:00+01:00</timeDate></timerEventDefinition>": TimerEvent(
        TimerKind.DATE, "2030-01-31T09:00:00+01:00"
    ),
}


@pytest.mark.parametrize("xml", CATCHES)
def test_start_catch_and_boundary_events(process: Process, xml: str) -> None:
    definition = process(
        diagram(
            f'<startEvent id="start">{xml}</startEvent><intermediateCatchEvent id="catch">{xml}</intermediateCatchEvent><task id="t"/>'
            f'<boundaryEvent id="b1" attachedToRef="t">{xml}</boundaryEvent>'
            f'<boundaryEvent id="b2" attachedToRef="t" cancelActivity="false">{xml}</boundaryEvent>{flow("start", "catch")}{flow("catch", "t")}',
            SHARED,
        )
    )
    nodes, event = definition.nodes, CATCHES[xml]
    assert nodes["start"].detail == StartEvent(event)
    assert nodes["catch"].detail == CatchEvent(event)
    assert nodes["b1"].detail == BoundaryEvent(event, "t")
    assert nodes["b2"].detail == BoundaryEvent(event, "t", interrupting=False)
    assert nodes["t"].boundary_events == ("b1", "b2")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("timeCycle", "R3/PT10M"), ("timeCycle", "R/2030-01-01T00:00:00Z/P1D"), ("timeCycle", "0 0 9 * * MON-FRI"), ("timeCycle", "@daily")],
)
def test_cycles_start_processes(process: Process, kind: str, value: str) -> None:
    definition = process(diagram(f'<startEvent id="s"><timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition></startEvent>'))
    assert definition.nodes["s"].detail == StartEvent(TimerEvent(TimerKind.CYCLE, value))


def test_a_timer_may_be_feel(work: Work) -> None:
    detail = work(
        '<intermediateCatchEvent id="work"><timerEventDefinition><timeDate>=due</timeDate></timerEventDefinition></intermediateCatchEvent>'
    ).detail
    assert isinstance(detail, CatchEvent) and isinstance(detail.event, TimerEvent)
    assert isinstance(detail.event.value, Expression) and detail.event.value.text == "due"


@pytest.mark.parametrize(
    ("xml", "event"),
    [
        ("<terminateEventDefinition/>", TerminateEvent()),
        ('<errorEventDefinition errorRef="err"/>', ErrorEvent("E1")),
        ('<errorEventDefinition errorRef="nameless"/>', ErrorEvent("Just a name")),
        ('<escalationEventDefinition escalationRef="c"/>', EscalationEvent("C1")),
        ('<signalEventDefinition signalRef="s"/>', SignalEvent("S")),
        ('<messageEventDefinition messageRef="m"/>', MessageEvent("M")),
        ("<compensateEventDefinition/>", CompensateEvent()),
        ('<compensateEventDefinition activityRef="work" waitForCompletion="false"/>', CompensateEvent("work", wait_for_completion=False)),
        ("", None),
    ],
)
def test_end_events(process: Process, xml: str, event: object) -> None:
    definition = process(straight('<task id="work"/>', f'<endEvent id="e2">{xml}</endEvent>{flow("work", "e2")}', SHARED))
    assert definition.nodes["e2"].detail == EndEvent(event)  # type: ignore[arg-type]


def test_throw_events(process: Process) -> None:
    job = '<extensionElements><zeebe:taskDefinition type="send"/></extensionElements>'
    definition = process(
        straight(
            f'<intermediateThrowEvent id="work">{job}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>',
            f'<intermediateThrowEvent id="none"/>{flow("work", "none")}',
            SHARED,
        )
    )
    assert definition.nodes["work"].detail == ThrowEvent(MessageEvent("M", job=JobDefinition("send")))
    assert definition.nodes["none"].detail == ThrowEvent(None)


def test_a_boundary_event_without_error_catches_every_error(process: Process) -> None:
    definition = process(
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><errorEventDefinition/></boundaryEvent>')
    )
    assert definition.nodes["b"].detail == BoundaryEvent(ErrorEvent(None), "work")


def test_an_undeclared_error_is_its_own_code(process: Process) -> None:
    definition = process(
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><errorEventDefinition errorRef="E9"/></boundaryEvent>')
    )
    assert definition.nodes["b"].detail == BoundaryEvent(ErrorEvent("E9"), "work")


def test_conditional_events(work: Work) -> None:
    definition = (
        '<conditionalEventDefinition><extensionElements><zeebe:conditionalFilter variableNames="stock, limit" variableEvents="update"/>'
        "</extensionElements><condition>=stock &lt; limit</condition></conditionalEventDefinition>"
    )
    detail = work(f'<intermediateCatchEvent id="work">{definition}</intermediateCatchEvent>').detail
    assert isinstance(detail, CatchEvent) and isinstance(detail.event, ConditionalEvent)
    assert detail.event.condition.text == "stock < limit"
    assert (detail.event.variables, detail.event.variable_events) == ({"stock", "limit"}, {"update"})


def test_links(process: Process) -> None:
    body = (
        '<intermediateThrowEvent id="work"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        f'<intermediateCatchEvent id="to"><linkEventDefinition name="L"/></intermediateCatchEvent>{flow("to", "end")}'
    )
    data = straight(body).replace(b'<sequenceFlow id="f2" sourceRef="work" targetRef="end"/>', b"")
    nodes = process(data).nodes
    assert nodes["work"].detail == ThrowEvent(LinkEvent("L")) and nodes["to"].detail == CatchEvent(LinkEvent("L"))


@pytest.mark.parametrize("parallel", [True, False])
def test_multiple_events(work: Work, parallel: bool) -> None:
    mark = ' parallelMultiple="true"' if parallel else ""
    definitions = '<messageEventDefinition messageRef="m"/><signalEventDefinition signalRef="s"/>'
    node = work(f'<intermediateCatchEvent id="work"{mark}>{definitions}</intermediateCatchEvent>', after=SHARED)
    assert node.detail == CatchEvent(MultipleEvent((MessageEvent("M"), SignalEvent("S")), parallel=parallel))


def test_an_event_may_refer_to_a_definition_of_the_file(work: Work) -> None:
    shared = '<timerEventDefinition id="t"><timeDuration>PT1S</timeDuration></timerEventDefinition>'
    node = work('<intermediateCatchEvent id="work"><eventDefinitionRef>t</eventDefinitionRef></intermediateCatchEvent>', after=shared)
    assert node.detail == CatchEvent(TimerEvent(TimerKind.DURATION, "PT1S"))


def test_event_sub_processes(process: Process) -> None:
    inner = '<startEvent id="s1" isInterrupting="false"><escalationEventDefinition escalationRef="c"/></startEvent>'
    definition = process(straight('<task id="work"/>', f'<subProcess id="e" triggeredByEvent="true">{inner}</subProcess>', SHARED))
    assert definition.nodes["e"].type == ElementType.EVENT_SUB_PROCESS
    assert definition.nodes["e"].detail == SubProcess(("s1",), ("s1",))
    assert definition.nodes["s1"].detail == StartEvent(EscalationEvent("C1"), interrupting=False)
    scope = definition.process_node.detail
    assert isinstance(scope, SubProcess) and scope.event_sub_processes == ("e",) and scope.starts == ("start",)


def test_a_transaction_with_cancel_and_compensation(process: Process) -> None:
    inner = (
        '<startEvent id="s"/><task id="book"/><task id="undo" isForCompensation="true"/>'
        '<boundaryEvent id="c" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
        f'<association id="a" sourceRef="c" targetRef="undo"/><endEvent id="x"><cancelEventDefinition/></endEvent>{flow("s", "book")}{flow("book", "x")}'
    )
    definition = process(
        straight(
            f'<transaction id="work">{inner}</transaction>',
            '<boundaryEvent id="b" attachedToRef="work"><cancelEventDefinition/></boundaryEvent>',
        )
    )
    nodes = definition.nodes
    assert nodes["work"].type == ElementType.TRANSACTION
    assert nodes["work"].detail == SubProcess(("s", "book", "undo", "c", "x"), ("s",))
    assert nodes["book"].compensation_handler == "undo" and nodes["undo"].is_for_compensation
    assert nodes["x"].detail == EndEvent(CancelEvent()) and nodes["b"].detail == BoundaryEvent(CancelEvent(), "work")


def test_a_start_form(process: Process) -> None:
    definition = process(
        diagram('<startEvent id="s"><extensionElements><zeebe:formDefinition formId="ask"/></extensionElements></startEvent>')
    )
    assert definition.nodes["s"].detail == StartEvent(form=FormRef(linked=ResourceRef("ask")))
