"""Does every kind of activity, with all its extension elements, arrive in the definition?"""

# ruff: noqa: E501 (lines of XML)

from collections.abc import Callable

import pytest
from support.diagram_text import diagram, flow, service, straight

from bpmn import parse
from bpmn.model import (
    Binding,
    CallActivity,
    DecisionTask,
    ElementType,
    Expression,
    FlowNode,
    FormRef,
    IoMapping,
    JobDefinition,
    JobTask,
    Listener,
    MessageEvent,
    MultiInstance,
    PassThroughTask,
    ProcessDefinition,
    ReceiveTask,
    ResourceRef,
    ScriptTask,
    StandardLoop,
    UserTask,
)
from bpmn.parsed import Reference

Work = Callable[..., FlowNode]


def text(value: object) -> str:
    assert isinstance(value, Expression)
    return value.text


def extended(tag: str, extensions: str, attributes: str = "", inner: str = "") -> str:
    return f'<{tag} id="work"{attributes}><extensionElements>{extensions}</extensionElements>{inner}</{tag}>'


@pytest.mark.parametrize(("tag", "kind"), [("task", ElementType.TASK), ("manualTask", ElementType.MANUAL_TASK)])
def test_abstract_and_manual_tasks_pass_through(work: Work, tag: str, kind: ElementType) -> None:
    node = work(f'<{tag} id="work" name="A&amp;B"><documentation>why</documentation></{tag}>')
    assert node.detail == PassThroughTask() and node.type == kind
    assert (node.name, node.documentation, node.line, node.scope) == ("A&B", "why", 5, "p")
    assert (node.incoming, node.outgoing) == (("f1",), ("f2",))


def test_a_service_task_is_done_by_a_job_worker(work: Work) -> None:
    node = work(
        service(
            "work",
            '<zeebe:taskDefinition type="send-mail" retries="5"/><zeebe:taskHeaders><zeebe:header key="a" value="1"/></zeebe:taskHeaders>'
            '<zeebe:ioMapping><zeebe:input source="literal" target="x.y"/><zeebe:input target="z"/><zeebe:output source="=a" target="b"/>'
            '</zeebe:ioMapping><zeebe:properties><zeebe:property name="k" value="v"/></zeebe:properties>'
            '<zeebe:jobPriorityDefinition priority="30"/>',
        )
    )
    assert node.detail == JobTask(JobDefinition("send-mail", "5", {"a": "1"}, "30"))
    assert node.inputs == (IoMapping("literal", "x.y"), IoMapping(None, "z"))
    assert (text(node.outputs[0].source), node.outputs[0].target) == ("a", "b")
    assert node.properties == {"k": "v"}


@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_job_type_and_retries_may_be_feel(work: Work, tag: str) -> None:
    detail = work(extended(tag, '<zeebe:taskDefinition type="=kind" retries="=n"/>')).detail
    assert isinstance(detail, JobTask)
    assert (text(detail.job.type), text(detail.job.retries)) == ("kind", "n")


def test_a_feel_script_is_evaluated_by_the_kernel(work: Work) -> None:
    detail = work(extended("scriptTask", '<zeebe:script expression="=1 + 2" resultVariable="sum"/>')).detail
    assert isinstance(detail, ScriptTask) and detail.result_variable == "sum"
    assert detail.expression.evaluate({}) == 3


def test_a_script_without_equals_sign_is_a_text(work: Work) -> None:
    detail = work(extended("scriptTask", '<zeebe:script expression="done" resultVariable="state"/>')).detail
    assert isinstance(detail, ScriptTask) and detail.expression.evaluate({}) == "done"


def test_a_business_rule_task_calls_a_decision(work: Work) -> None:
    called = '<zeebe:calledDecision decisionId="risk" resultVariable="r" bindingType="versionTag" versionTag="v1"/>'
    detail = work(extended("businessRuleTask", called)).detail
    assert detail == DecisionTask(ResourceRef("risk", Binding.VERSION_TAG, "v1"), "r")


def test_a_user_task_reads_people_dates_and_form(work: Work) -> None:
    detail = work(
        extended(
            "userTask",
            '<zeebe:userTask/><zeebe:formDefinition formId="approve" bindingType="deployment"/>'
            '<zeebe:assignmentDefinition assignee="ann" candidateUsers="ann, bob" candidateGroups="=groups"/>'
            '<zeebe:taskSchedule dueDate="2030-01-31T09:00:00Z" followUpDate="=now()"/><zeebe:priorityDefinition priority="70"/>'
            '<zeebe:taskHeaders><zeebe:header key="h" value="1"/></zeebe:taskHeaders>'
            '<zeebe:taskListeners><zeebe:taskListener eventType="assigning" type="check" retries="2"/></zeebe:taskListeners>',
        )
    ).detail
    assert isinstance(detail, UserTask)
    assert detail.form == FormRef(linked=ResourceRef("approve", Binding.DEPLOYMENT))
    assert (detail.assignee, detail.candidate_users, text(detail.candidate_groups)) == ("ann", "ann, bob", "groups")
    assert (detail.due_date, text(detail.follow_up_date), detail.priority) == ("2030-01-31T09:00:00Z", "now()", "70")
    assert detail.headers == {"h": "1"}
    assert detail.listeners == (Listener("assigning", JobDefinition("check", "2")),)


def test_a_user_task_without_the_mark_is_a_user_task_too(work: Work) -> None:
    assert work('<userTask id="work"/>').detail == UserTask()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ('externalReference="https://forms/1"', FormRef(external="https://forms/1")),
        ('formKey="custom:key"', FormRef(external="custom:key")),
    ],
)
def test_forms_of_others(work: Work, form: str, expected: FormRef) -> None:
    detail = work(extended("userTask", f"<zeebe:formDefinition {form}/>")).detail
    assert isinstance(detail, UserTask) and detail.form == expected


def test_a_form_embedded_in_the_process(process: Callable[[bytes], ProcessDefinition]) -> None:
    embedded = '<extensionElements><zeebe:userTaskForm id="f">{"components":[]}</zeebe:userTaskForm><zeebe:versionTag value="1.2"/></extensionElements>'
    task = extended("userTask", '<zeebe:formDefinition formKey="camunda-forms:bpmn:f"/>')
    definition = process(diagram(f'{embedded}<startEvent id="s"/>{task}{flow("s", "work")}'))
    assert definition.embedded_forms == {"f": '{"components":[]}'} and definition.version_tag == "1.2"
    detail = definition.nodes["work"].detail
    assert isinstance(detail, UserTask) and detail.form == FormRef(embedded_key="f")


def test_people_of_plain_bpmn(work: Work) -> None:
    def role(tag: str, who: str) -> str:
        return f"<{tag}><resourceAssignmentExpression><formalExpression>{who}</formalExpression></resourceAssignmentExpression></{tag}>"

    detail = work(f'<userTask id="work">{role("humanPerformer", "ann")}{role("potentialOwner", "clerks")}</userTask>').detail
    assert isinstance(detail, UserTask) and (detail.assignee, detail.candidate_groups) == ("ann", "clerks")


def test_a_receive_task_waits_for_its_message(work: Work) -> None:
    message = '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>'
    detail = work('<receiveTask id="work" messageRef="m" instantiate="true"/>', after=message).detail
    assert isinstance(detail, ReceiveTask) and detail.instantiate
    assert (detail.message.name, text(detail.message.correlation_key)) == ("paid", "order")


def test_without_correlation_key_a_message_matches_by_name(work: Work) -> None:
    detail = work('<receiveTask id="work" messageRef="m"/>', after='<message id="m" name="paid"/>').detail
    assert detail == ReceiveTask(MessageEvent("paid"))


def test_call_activities(work: Work) -> None:
    called = '<zeebe:calledElement processId="=sub" propagateAllChildVariables="false"/>'
    detail = work(extended("callActivity", called)).detail
    assert isinstance(detail, CallActivity) and text(detail.process.id) == "sub"
    assert (detail.propagate_all_child_variables, detail.propagate_all_parent_variables) == (False, True)
    assert work('<callActivity id="work" calledElement="sub"/>').detail == CallActivity(ResourceRef("sub"))


def test_parallel_and_sequential_multi_instance(work: Work) -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><extensionElements><zeebe:loopCharacteristics inputCollection="=items" '
        'inputElement="item" outputCollection="results" outputElement="=item + 1"/></extensionElements>'
        "<completionCondition>=numberOfCompletedInstances &gt; 2</completionCondition></multiInstanceLoopCharacteristics>"
    )
    multi = work(f'<task id="work">{loop}</task>').loop
    assert isinstance(multi, MultiInstance) and multi.sequential and multi.cardinality is None
    assert (text(multi.input_collection), multi.input_element, multi.output_collection) == ("items", "item", "results")
    assert (text(multi.output_element), text(multi.completion_condition)) == ("item + 1", "numberOfCompletedInstances > 2")


@pytest.mark.parametrize("number", ["3", "=3", "=1 + 2"])
def test_multi_instance_by_number(work: Work, number: str) -> None:
    loop = f"<multiInstanceLoopCharacteristics><loopCardinality>{number}</loopCardinality></multiInstanceLoopCharacteristics>"
    multi = work(f'<task id="work">{loop}</task>').loop
    assert isinstance(multi, MultiInstance) and isinstance(multi.cardinality, Expression)
    assert not multi.sequential and multi.cardinality.evaluate({}) == 3


def test_a_standard_loop(work: Work) -> None:
    loop = '<standardLoopCharacteristics testBefore="true" loopMaximum="5"><loopCondition>=n &lt; 3</loopCondition></standardLoopCharacteristics>'
    standard = work(f'<task id="work">{loop}</task>').loop
    assert isinstance(standard, StandardLoop) and standard.test_before
    assert isinstance(standard.maximum, Expression) and standard.maximum.evaluate({}) == 5
    assert text(standard.condition) == "n < 3"
    assert work('<task id="work"><standardLoopCharacteristics/></task>').loop == StandardLoop()


def test_execution_listeners(work: Work) -> None:
    listeners = (
        '<zeebe:taskDefinition type="x"/><zeebe:executionListeners><zeebe:executionListener eventType="start" type="audit"/>'
        '<zeebe:executionListener eventType="end" type="=t" retries="1"/></zeebe:executionListeners>'
    )
    first, second = work(service("work", listeners)).execution_listeners
    assert first == Listener("start", JobDefinition("audit"))
    assert (second.event, text(second.job.type), second.job.retries) == ("end", "t", "1")


def test_lanes_name_their_nodes_also_inside_sub_processes(process: Callable[[bytes], ProcessDefinition]) -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="Office"><flowNodeRef>work</flowNodeRef><childLaneSet id="cs"><lane id="l2" name="Desk">'
        "<flowNodeRef>end</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    definition = process(straight(f'{lanes}<subProcess id="work"><task id="inner"/></subProcess>'))
    assert {node.id: node.lane for node in definition.nodes.values()} == {"start": None, "work": "Office", "inner": "Office", "end": "Desk"}


def test_what_must_be_deployed_is_listed() -> None:
    agent = (
        '<zeebe:taskDefinition type="gatewise.agent"/><zeebe:taskHeaders><zeebe:header key="agentId" value="classify"/></zeebe:taskHeaders>'
    )
    body = (
        f"{service('work', agent)}"
        '<businessRuleTask id="d"><extensionElements><zeebe:calledDecision decisionId="risk" resultVariable="r"/></extensionElements></businessRuleTask>\n'
        '<userTask id="u"><extensionElements><zeebe:formDefinition formId="approve"/></extensionElements></userTask>'
        '<callActivity id="c"><extensionElements><zeebe:calledElement processId="sub" bindingType="deployment"/></extensionElements></callActivity>'
        '<callActivity id="x"><extensionElements><zeebe:calledElement processId="=computed"/></extensionElements></callActivity>'
    )
    assert set(parse(straight(body), file="a.bpmn").references) == {
        Reference("agent", "classify", element_id="work", line=5),
        Reference("decision", "risk", element_id="d", line=5),
        Reference("form", "approve", element_id="u", line=6),
        Reference("process", "sub", Binding.DEPLOYMENT, "c", 6),
    }


def test_variable_names_with_spaces_are_known_to_feel(work: Work) -> None:
    mapping = '<zeebe:ioMapping><zeebe:input source="=1" target="full amount"/><zeebe:output source="=full amount + 1" target="x"/></zeebe:ioMapping>'
    source = work(service("work", f'<zeebe:taskDefinition type="x"/>{mapping}')).outputs[0].source
    assert isinstance(source, Expression) and source.evaluate({"full amount": 2}) == 3
