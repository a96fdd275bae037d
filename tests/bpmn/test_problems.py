"""Is everything that BPMN forbids reported, all at once, with element, line and advice?"""

# ruff: noqa: E501 (lines of XML)

from collections.abc import Callable

import pytest
from support.diagram_text import HEAD, diagram, flow, service, straight

from bpmn import parse

Found = set[tuple[str, str, str | None, int | None]]

ERRORS = {
    "duplicate id": (straight('<task id="work"/>', '<task id="start"/>'), "duplicate-id", "start", 8),
    "two processes with one id": (
        straight('<task id="work"/>', after='<process id="p" isExecutable="true"/>'),
        "duplicate-process",
        "p",
        10,
    ),
    "missing id": (straight('<task id="work"/>', "<task/>"), "missing-id", "p", 8),
    "dangling target": (
        straight('<task id="work"/>', '<sequenceFlow id="x" sourceRef="work" targetRef="gone"/>'),
        "dangling-reference",
        "x",
        8,
    ),
    "flow without source": (straight('<task id="work"/>', '<sequenceFlow id="x" targetRef="work"/>'), "missing-attribute", "x", 8),
    "dangling message": (straight('<receiveTask id="work" messageRef="gone"/>'), "dangling-reference", "work", 5),
    "dangling signal": (
        straight('<intermediateCatchEvent id="work"><signalEventDefinition signalRef="gone"/></intermediateCatchEvent>'),
        "dangling-reference",
        "work",
        5,
    ),
    "dangling escalation": (
        straight('<intermediateThrowEvent id="work"><escalationEventDefinition escalationRef="gone"/></intermediateThrowEvent>'),
        "dangling-reference",
        "work",
        5,
    ),
    "dangling default": (straight('<exclusiveGateway id="work" default="gone"/>'), "dangling-reference", "work", 5),
    "default of another": (straight('<exclusiveGateway id="work" default="f1"/>'), "dangling-reference", "work", 5),
    "dangling event definition": (
        straight('<intermediateCatchEvent id="work"><eventDefinitionRef>gone</eventDefinitionRef></intermediateCatchEvent>'),
        "dangling-reference",
        "work",
        5,
    ),
    "dangling compensation": (
        straight('<intermediateThrowEvent id="work"><compensateEventDefinition activityRef="gone"/></intermediateThrowEvent>'),
        "dangling-reference",
        "work",
        5,
    ),
    "boundary on nothing": (
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="gone"><errorEventDefinition/></boundaryEvent>'),
        "dangling-reference",
        "b",
        8,
    ),
    "boundary on a gateway": (
        straight('<exclusiveGateway id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><errorEventDefinition/></boundaryEvent>'),
        "wrong-host",
        "b",
        8,
    ),
    "boundary in another scope": (
        straight(
            '<subProcess id="work"><task id="t"/></subProcess>',
            '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>',
        ),
        "wrong-host",
        "b",
        8,
    ),
    "message without name": (
        straight('<receiveTask id="work" messageRef="m"/>', after='<message id="m"/>'),
        "message-without-name",
        "m",
        10,
    ),
    "no message": (straight('<receiveTask id="work"/>'), "message-without-name", "work", 5),
    "signal without name": (
        straight(
            '<intermediateCatchEvent id="work"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>', after='<signal id="s"/>'
        ),
        "signal-without-name",
        "s",
        10,
    ),
    "link without name": (
        straight('<intermediateThrowEvent id="work"><linkEventDefinition/></intermediateThrowEvent>'),
        "link-without-name",
        "work",
        5,
    ),
    "link without partner": (
        straight('<task id="work"/>', '<intermediateCatchEvent id="l"><linkEventDefinition name="A"/></intermediateCatchEvent>'),
        "link-without-partner",
        "l",
        8,
    ),
    "unknown element": (straight('<quantumTask id="work"/>'), "unknown-element", "work", 5),
    "choreography": (straight('<task id="work"/>', '<callChoreography id="c" initiatingParticipantRef="a"/>'), "unknown-element", "c", 8),
    "empty process": (diagram(""), "empty-scope", "p", 2),
    "nothing begins": (diagram(f'<task id="a"/>{flow("a", "a")}'), "no-start", "p", 2),
    "flow out of a sub-process": (
        straight('<subProcess id="work"><task id="t"/></subProcess>', '<sequenceFlow id="x" sourceRef="t" targetRef="end"/>'),
        "flow-crosses-boundary",
        "x",
        8,
    ),
    "event gateway before a task": (
        straight('<eventBasedGateway id="work"/>', f'<task id="t"/>{flow("work", "t")}'),
        "event-gateway-target",
        "t",
        8,
    ),
    "start with incoming": (
        straight('<task id="work"/>', '<sequenceFlow id="x" sourceRef="work" targetRef="start"/>'),
        "incoming-not-allowed",
        "start",
        3,
    ),
    "end with outgoing": (
        straight('<task id="work"/>', '<sequenceFlow id="x" sourceRef="end" targetRef="work"/>'),
        "outgoing-not-allowed",
        "end",
        7,
    ),
    "timer without time": (
        straight('<intermediateCatchEvent id="work"><timerEventDefinition/></intermediateCatchEvent>'),
        "timer-without-time",
        "work",
        5,
    ),
    "catch of nothing": (straight('<intermediateCatchEvent id="work"/>'), "event-without-definition", "work", 5),
    "sub-process with a message start": (
        straight(
            '<subProcess id="work">\n<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent></subProcess>',
            after='<message id="m" name="M"/>',
        ),
        "start-with-trigger",
        "s",
        6,
    ),
    "event sub-process without trigger": (
        straight('<task id="work"/>', '<subProcess id="e" triggeredByEvent="true"><startEvent id="s"/></subProcess>'),
        "event-sub-process-start",
        "e",
        8,
    ),
    "event sub-process in the flow": (
        straight('<task id="work"/>', f'<subProcess id="e" triggeredByEvent="true"/>{flow("work", "e")}'),
        "event-sub-process-in-flow",
        "e",
        8,
    ),
    "cancel end outside a transaction": (
        straight('<task id="work"/>', f'<endEvent id="x"><cancelEventDefinition/></endEvent>{flow("work", "x")}'),
        "cancel-outside-transaction",
        "x",
        8,
    ),
    "cancel boundary on a task": (
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><cancelEventDefinition/></boundaryEvent>'),
        "cancel-outside-transaction",
        "b",
        8,
    ),
    "compensation without handler": (
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><compensateEventDefinition/></boundaryEvent>'),
        "compensation-without-handler",
        "b",
        8,
    ),
    "service task without binding": (straight('<serviceTask id="work"/>'), "no-binding", "work", 5),
    "send task without binding": (straight('<sendTask id="work"/>'), "no-binding", "work", 5),
    "script task without binding": (straight('<scriptTask id="work"/>'), "no-binding", "work", 5),
    "rule task without binding": (straight('<businessRuleTask id="work"/>'), "no-binding", "work", 5),
    "empty job type": (straight(service("work", '<zeebe:taskDefinition type=""/>')), "missing-attribute", "work", 5),
    "agent without id": (straight(service("work", '<zeebe:taskDefinition type="gatewise.agent"/>')), "agent-without-id", "work", 5),
    "call without target": (straight('<callActivity id="work"/>'), "missing-call-target", "work", 5),
    "mapping without target": (
        straight(
            service("work", '<zeebe:taskDefinition type="x"/><zeebe:ioMapping><zeebe:input source="=1" target="a."/></zeebe:ioMapping>')
        ),
        "mapping-target",
        "work",
        5,
    ),
    "bad retries": (straight(service("work", '<zeebe:taskDefinition type="x" retries="many"/>')), "bad-retries", "work", 5),
    "bad binding": (
        straight(
            '<callActivity id="work"><extensionElements><zeebe:calledElement processId="q" bindingType="newest"/></extensionElements></callActivity>'
        ),
        "bad-binding",
        "work",
        5,
    ),
    "embedded form that is not there": (
        straight(
            '<userTask id="work"><extensionElements><zeebe:formDefinition formKey="camunda-forms:bpmn:f"/></extensionElements></userTask>'
        ),
        "dangling-reference",
        "work",
        5,
    ),
    "priority out of range": (
        straight('<userTask id="work"><extensionElements><zeebe:priorityDefinition priority="101"/></extensionElements></userTask>'),
        "bad-priority",
        "work",
        5,
    ),
    "due date that is no date": (
        straight('<userTask id="work"><extensionElements><zeebe:taskSchedule dueDate="tomorrow"/></extensionElements></userTask>'),
        "bad-date",
        "work",
        5,
    ),
    "multi-instance without items": (
        straight('<task id="work"><multiInstanceLoopCharacteristics/></task>'),
        "multi-instance-without-items",
        "work",
        5,
    ),
    "multi-instance that throws events": (
        straight(
            '<task id="work"><multiInstanceLoopCharacteristics behavior="One"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></task>'
        ),
        "not-supported",
        "work",
        5,
    ),
    "output collection without element": (
        straight(
            '<task id="work"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=a" '
            'outputCollection="b"/></extensionElements></multiInstanceLoopCharacteristics></task>'
        ),
        "output-collection",
        "work",
        5,
    ),
    "collection that is a text": (
        straight(
            '<task id="work"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="items"/>'
            "</extensionElements></multiInstanceLoopCharacteristics></task>"
        ),
        "not-feel",
        "work",
        5,
    ),
    "condition without =": (straight('<task id="work"/>', flow("work", "end", "x > 1".replace(">", "&gt;"))), "not-feel", "work_end", 8),
    "condition that is no FEEL": (straight('<task id="work"/>', flow("work", "end", "=a b c +")), "feel-syntax", "work_end", 8),
    "mapping that is no FEEL": (
        straight(
            service("work", '\n<zeebe:taskDefinition type="x"/>\n<zeebe:ioMapping><zeebe:input source="=if" target="a"/></zeebe:ioMapping>')
        ),
        "feel-syntax",
        "work",
        7,
    ),
    "no executable process": (
        straight('<task id="work"/>').replace(b'isExecutable="true"', b'isExecutable="false"'),
        "no-executable-process",
        "p",
        2,
    ),
    "no process": (f'{HEAD}<message id="m" name="M"/></definitions>'.encode(), "no-executable-process", None, 1),
}


@pytest.mark.parametrize("name", ERRORS)
def test_it_is_refused(name: str, found: Callable[[bytes], Found]) -> None:
    data, rule, element_id, line = ERRORS[name]
    assert ("error", rule, element_id, line) in found(data)


WARNINGS = {
    "misspelt function": (straight('<task id="work"/>', flow("work", "end", "=conut(items) &gt; 1")), "unknown-function", "work_end", 8),
    "unreachable": (straight('<task id="work"/>', '<task id="lost"/>'), "unreachable", "lost", 8),
    "gateway without default": (
        straight('<exclusiveGateway id="work"/>', f'<endEvent id="e2"/>{flow("work", "e2", "=a = 2")}').replace(
            b'targetRef="end"/>', b'targetRef="end"><conditionExpression>=a = 1</conditionExpression></sequenceFlow>'
        ),
        "no-default-flow",
        "work",
        5,
    ),
    "flow without condition": (
        straight('<exclusiveGateway id="work"/>', f'<endEvent id="e1"/>{flow("work", "e1", "=a = 1")}'),
        "flow-without-condition",
        "f2",
        6,
    ),
    "default flow with condition": (
        straight('<inclusiveGateway id="work" default="work_e1"/>', f'<endEvent id="e1"/>\n{flow("work", "e1", "=a = 1")}'),
        "default-with-condition",
        "work_e1",
        9,
    ),
    "condition after a parallel gateway": (
        straight('<parallelGateway id="work"/>', f'<endEvent id="e1"/>\n{flow("work", "e1", "=a = 1")}'),
        "condition-ignored",
        "work_e1",
        9,
    ),
    "gateway that leads nowhere": (straight('<task id="work"/>', f'<parallelGateway id="g"/>{flow("work", "g")}'), "dead-end", "g", 8),
    "event that never fires": (
        straight(
            '<task id="work"/>',
            '<boundaryEvent id="b1" attachedToRef="work"><errorEventDefinition/></boundaryEvent>\n'
            '<boundaryEvent id="b2" attachedToRef="work"><errorEventDefinition/></boundaryEvent>',
        ),
        "never-fires",
        "b2",
        9,
    ),
    "repeating timer that fires once": (
        straight(
            '<intermediateCatchEvent id="work"><timerEventDefinition><timeCycle>R/PT1M</timeCycle></timerEventDefinition></intermediateCatchEvent>'
        ),
        "cycle-fires-once",
        "work",
        5,
    ),
    "undeclared error": (
        straight('<task id="work"/>', '<boundaryEvent id="b" attachedToRef="work"><errorEventDefinition errorRef="E"/></boundaryEvent>'),
        "undeclared-error",
        "b",
        8,
    ),
    "lane of an element that is not there": (
        straight('<task id="work"/>', '<laneSet id="ls"><lane id="l"><flowNodeRef>gone</flowNodeRef></lane></laneSet>'),
        "dangling-reference",
        "l",
        8,
    ),
    "pool of a process that is not there": (
        straight('<task id="work"/>', after='<collaboration id="c"><participant id="pool" processRef="gone"/></collaboration>'),
        "dangling-reference",
        "pool",
        10,
    ),
    "data object that is not there": (
        straight('<task id="work"/>', '<dataObjectReference id="d" dataObjectRef="gone"/>'),
        "dangling-reference",
        "d",
        8,
    ),
    "data association that computes": (
        straight(
            '<task id="work"><ioSpecification><dataInput id="i"/><inputSet/><outputSet/></ioSpecification><dataInputAssociation><targetRef>i</targetRef>'
            "<assignment><from>a</from><to>b</to></assignment></dataInputAssociation></task>"
        ),
        "left-out",
        "work",
        5,
    ),
    "correlation of plain BPMN": (
        straight(
            '<task id="work"/>',
            '<correlationSubscription id="cs" correlationKeyRef="k"/>',
            '<collaboration id="c"><correlationKey id="k"/></collaboration>',
        ),
        "left-out",
        "cs",
        8,
    ),
    "not marked executable": (straight('<task id="work"/>').replace(b' isExecutable="true"', b""), "not-marked-executable", "p", 2),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_it_is_a_warning_that_stops_nothing(name: str, found: Callable[[bytes], Found]) -> None:
    data, rule, element_id, line = WARNINGS[name]
    assert found(data) == {("warning", rule, element_id, line)}
    assert parse(data, file="a.bpmn").processes


@pytest.mark.parametrize("second", ["=not(a = 1)", "=true"])
def test_conditions_that_leave_nothing_out_need_no_default(second: str, found: Callable[[bytes], Found]) -> None:
    body = f'<endEvent id="e1"/>{flow("work", "e1", "=a = 1")}{flow("work", "end", second)}'
    data = straight('<exclusiveGateway id="work"/>', body).replace(b'<sequenceFlow id="f2" sourceRef="work" targetRef="end"/>', b"")
    assert found(data) == set()


def test_all_problems_of_a_file_come_at_once_in_the_order_of_lines() -> None:
    data = straight(
        '<serviceTask id="work"/>', '<task id="start"/>\n<callActivity id="c"/>\n<sequenceFlow id="x" sourceRef="c" targetRef="gone"/>'
    )
    parsed = parse(data, file="a.bpmn")
    assert [problem.rule for problem in parsed.errors] == ["no-binding", "duplicate-id", "missing-call-target", "dangling-reference"]
    assert [problem.line for problem in parsed.errors] == [5, 8, 9, 10]
    assert parsed.processes == ()


def test_a_feel_problem_names_the_position_in_the_expression() -> None:
    (problem,) = parse(straight(service("work", '<zeebe:taskDefinition type="=1 + "/>')), file="a.bpmn").errors
    assert problem.element_id == "work" and problem.line == 5 and "column" in problem.message and problem.advice


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDuration", "five minutes"),
        ("timeDuration", "P"),
        ("timeDuration", "-PT5M"),
        ("timeDuration", '="PT5X"'),
        ("timeDate", "2026-02-30T10:00:00Z"),
        ("timeDate", "tomorrow"),
        ("timeCycle", "R0/PT5M"),
        ("timeCycle", "R3"),
        ("timeCycle", "Rx/PT5M"),
        ("timeCycle", "0 0 0 30 2 *"),
        ("timeCycle", "0 0 25 * * *"),
        ("timeCycle", "whenever"),
    ],
)
def test_a_timer_that_can_never_fire_is_refused(kind: str, text: str) -> None:
    data = straight(
        f'<intermediateCatchEvent id="work"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition></intermediateCatchEvent>'
    )
    (problem,) = parse(data, file="a.bpmn").errors
    assert (problem.rule, problem.element_id, problem.line) == ("bad-timer", "work", 5)


def test_an_element_the_kernel_does_not_run_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpmn.checks.covered.ELEMENTS", frozenset({"task"}))
    monkeypatch.setattr("bpmn.checks.covered.EVENTS", {"none": frozenset({"start event"})})
    problems = parse(straight('<manualTask id="work" name="By hand"/>'), file="a.bpmn").errors
    assert [(problem.rule, problem.element_id) for problem in problems] == [("not-supported", "work"), ("not-supported", "end")]
    assert "manual task" in problems[0].message and "none end event" in problems[1].message
