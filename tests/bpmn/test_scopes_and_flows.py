"""Do sub-processes, gateways, flows, pools and odd shapes arrive in the definition?"""

# ruff: noqa: E501 (lines of XML)

from collections.abc import Callable

import pytest
from support.diagram_text import HEAD, diagram, flow, straight

from bpmn import parse
from bpmn.model import (
    AdHocSubProcess,
    ComplexGateway,
    ElementType,
    EventGateway,
    ExclusiveGateway,
    Expression,
    FlowNode,
    InclusiveGateway,
    JobDefinition,
    ParallelGateway,
    ProcessDefinition,
    SubProcess,
)

Process = Callable[[bytes], ProcessDefinition]
Work = Callable[..., FlowNode]


def test_the_process_is_seen_as_a_scope(process: Process) -> None:
    definition = process(straight('<task id="work"/>'))
    assert definition.process_node.type == ElementType.PROCESS and definition.process_node.scope == "p"
    assert definition.process_node.detail == SubProcess(("start", "work", "end"), ("start",))
    assert [(f.id, f.source, f.target, f.line) for f in definition.flows.values()] == [("f1", "start", "work", 4), ("f2", "work", "end", 6)]


def test_a_definition_cannot_be_changed(process: Process) -> None:
    definition = process(straight('<task id="work"/>'))
    with pytest.raises(TypeError):
        definition.nodes["x"] = definition.nodes["work"]  # type: ignore[index]


def test_nested_sub_processes(process: Process) -> None:
    definition = process(
        straight(f'<subProcess id="work"><subProcess id="in"><task id="a"/><task id="b"/>{flow("a", "b")}</subProcess></subProcess>')
    )
    assert [definition.nodes[node].scope for node in ("work", "in", "a", "b")] == ["p", "work", "in", "in"]
    assert definition.nodes["in"].detail == SubProcess(("a", "b"), ("a",))


def test_without_start_event_a_scope_begins_where_nothing_leads(process: Process) -> None:
    body = (
        '<task id="a"/><task id="b"/><boundaryEvent id="e" attachedToRef="b"><errorEventDefinition/></boundaryEvent>'
        f'<task id="c"/>{flow("e", "c")}<task id="undo" isForCompensation="true"/>'
        '<intermediateThrowEvent id="x"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        f'<intermediateCatchEvent id="y"><linkEventDefinition name="L"/></intermediateCatchEvent>{flow("a", "x")}'
    )
    scope = process(diagram(body)).process_node.detail
    assert isinstance(scope, SubProcess) and scope.starts == ("a", "b")


def test_instantiating_elements_start_a_process(process: Process) -> None:
    body = (
        f'<receiveTask id="r" instantiate="true" messageRef="m"/><eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>'
        '<intermediateCatchEvent id="c1"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        f'<intermediateCatchEvent id="c2"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>{flow("g", "c1")}{flow("g", "c2")}'
    )
    definition = process(straight('<task id="work"/>', body, '<message id="m" name="M"/>'))
    scope = definition.process_node.detail
    assert isinstance(scope, SubProcess) and scope.starts == ("start", "r", "g")
    assert definition.nodes["g"].detail == EventGateway(instantiate=True, parallel=True)


def test_an_ad_hoc_sub_process_driven_by_a_worker(work: Work) -> None:
    node = work(
        '<adHocSubProcess id="work" cancelRemainingInstances="false"><extensionElements><zeebe:taskDefinition type="agent"/>'
        '<zeebe:adHoc activeElementsCollection="=[]" outputCollection="results" outputElement="=toolCallResult"/></extensionElements>'
        f'<task id="a"/><task id="b"/><task id="c"/>{flow("a", "b")}<completionCondition>=done</completionCondition></adHocSubProcess>'
    )
    detail = node.detail
    assert isinstance(detail, AdHocSubProcess)
    assert (detail.nodes, detail.entries) == (("a", "b", "c"), ("a", "c"))
    assert detail.job == JobDefinition("agent") and not detail.cancel_remaining_instances and not detail.sequential
    assert detail.output_collection == "results"
    assert all(isinstance(part, Expression) for part in (detail.completion_condition, detail.active_elements, detail.output_element))


def test_an_ad_hoc_sub_process_of_plain_bpmn(work: Work) -> None:
    node = work('<adHocSubProcess id="work" ordering="Sequential"><task id="a"/></adHocSubProcess>')
    assert node.detail == AdHocSubProcess(("a",), ("a",), sequential=True)


@pytest.mark.parametrize(
    ("tag", "detail"),
    [
        ("exclusiveGateway", ExclusiveGateway()),
        ("parallelGateway", ParallelGateway()),
        ("inclusiveGateway", InclusiveGateway()),
        ("complexGateway", ComplexGateway()),
    ],
)
def test_gateways(work: Work, tag: str, detail: object) -> None:
    node = work(f'<{tag} id="work" default="f2"/>')
    assert node.detail == detail and node.default_flow == "f2"


def test_a_complex_gateway_with_activation_condition(work: Work) -> None:
    detail = work('<complexGateway id="work"><activationCondition>=activationCount &gt;= 2</activationCondition></complexGateway>').detail
    assert isinstance(detail, ComplexGateway) and detail.activation_condition is not None
    assert detail.activation_condition.text == "activationCount >= 2"


def test_flows_keep_their_order_and_conditions(process: Process) -> None:
    definition = process(straight('<task id="work"/>', f'<task id="b"/>\n{flow("work", "b", "=x &gt; 1")}\n{flow("work", "end", "TRUE")}'))
    assert definition.nodes["work"].outgoing == ("f2", "work_b", "work_end")
    first, second = definition.flows["work_b"].condition, definition.flows["work_end"].condition
    assert first is not None and first.text == "x > 1"
    assert second is not None and second.evaluate({}) is True


def test_flows_without_id_get_one(process: Process) -> None:
    body = '<startEvent id="a"/><task id="b"/><sequenceFlow sourceRef="a" targetRef="b"/><sequenceFlow sourceRef="a" targetRef="b"/>'
    assert list(process(diagram(body)).flows) == ["a-to-b", "a-to-b-2"]


def test_several_pools_give_several_processes(all_elements_run: None) -> None:
    data = (
        f'{HEAD}<collaboration id="c"><participant id="x" processRef="one"/><participant id="y" processRef="two"/>'
        '<messageFlow id="m" sourceRef="x" targetRef="y"/></collaboration>\n'
        '<process id="one" isExecutable="true"><startEvent id="s1"/></process>\n<process id="two" isExecutable="true"><startEvent id="s2"/></process>'
        '<process id="three" isExecutable="false"><serviceTask id="s3"/></process><process id="four"><task id="s4"/></process></definitions>'
    ).encode()
    parsed = parse(data, file="a.bpmn")
    assert [process.id for process in parsed.processes] == ["one", "two"] and parsed.problems == ()


def test_data_and_artifacts_pass(process: Process) -> None:
    body = (
        '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/><dataStoreReference id="d"/>'
        '<textAnnotation id="t"><text>hi</text></textAnnotation><association id="a" sourceRef="work" targetRef="t"/><group id="g"/>'
    )
    task = (
        '<task id="work"><ioSpecification><dataInput id="i"/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/></ioSpecification>'
        "<dataInputAssociation><sourceRef>r</sourceRef><targetRef>i</targetRef></dataInputAssociation></task>"
    )
    assert set(process(straight(task, body)).nodes) == {"start", "work", "end"}


def test_a_global_task_is_a_process_of_one_node(all_elements_run: None) -> None:
    data = straight('<callActivity id="work" calledElement="shared"/>', after='<globalUserTask id="shared" name="Ask"/>')
    _, shared = parse(data, file="a.bpmn").processes
    assert (shared.id, shared.name) == ("shared", "Ask")
    assert shared.process_node.detail == SubProcess(("shared",), ("shared",)) and shared.process_node.id == shared.nodes["shared"].scope
    assert shared.nodes["shared"].type == ElementType.USER_TASK and shared.nodes["shared"].id != shared.process_node.id


def test_token_quantities(work: Work) -> None:
    node = work('<task id="work" startQuantity="2" completionQuantity="3"/>')
    assert (node.start_quantity, node.completion_quantity) == (2, 3)
    assert (work('<task id="work"/>').start_quantity, work('<task id="work"/>').completion_quantity) == (1, 1)
