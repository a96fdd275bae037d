"""Do files of Camunda 7, Operaton, Flowable and plain BPMN run as they mean, and is every change told?"""

# ruff: noqa: E501 (lines of XML)

from collections.abc import Callable

import pytest
from support.diagram_text import PLAIN_HEAD, diagram, flow, straight

from bpmn import parse
from bpmn.dialects.report import Verdict, import_report
from bpmn.model import (
    Binding,
    BoundaryEvent,
    CallActivity,
    CatchEvent,
    DecisionTask,
    ErrorEvent,
    Expression,
    FlowNode,
    FormRef,
    JobDefinition,
    JobTask,
    MessageEvent,
    MultiInstance,
    ProcessDefinition,
    ReceiveTask,
    ResourceRef,
    StartEvent,
    ThrowEvent,
    UserTask,
)
from rules.feel import FeelAssertionError

NAMESPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
}
Read = Callable[[bytes], ProcessDefinition]


def head(vendor: str) -> str:
    return PLAIN_HEAD.replace("<definitions ", f'<definitions xmlns:v="{NAMESPACES[vendor]}" ')


@pytest.fixture(params=list(NAMESPACES))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def work(process: Read) -> Callable[..., FlowNode]:
    """Reads the element `work` of a file in a vendor's dialect (Camunda 7 unless told)."""

    def read(element: str, rest: str = "", after: str = "", vendor: str = "camunda") -> FlowNode:
        return process(straight(element, rest, after, head=head(vendor))).nodes["work"]

    return read


Work = Callable[..., FlowNode]


def text(value: object) -> str:
    assert isinstance(value, Expression)
    return value.text


def extended(tag: str, extensions: str, attributes: str = "", inner: str = "") -> str:
    return f'<{tag} id="work"{attributes}><extensionElements>{extensions}</extensionElements>{inner}</{tag}>'


def test_an_external_task_is_a_job_of_its_topic(work: Work, vendor: str) -> None:
    node = work('<serviceTask id="work" v:type="external" v:topic="mail" v:taskPriority="7"/>', vendor=vendor)
    assert node.detail == JobTask(JobDefinition("mail", priority="7"))


@pytest.mark.parametrize("attribute", ["class", "delegateExpression", "expression"])
def test_java_code_becomes_a_job_of_the_element_id(work: Work, vendor: str, attribute: str) -> None:
    fields = '<v:field name="to"><v:string>ann</v:string></v:field><v:field name="from" stringValue="bob"/><v:failedJobRetryTimeCycle>R5/PT1M</v:failedJobRetryTimeCycle>'
    node = work(extended("serviceTask", fields, f' v:{attribute}="org.acme.Mail" v:resultVariable="sent"'), vendor=vendor)
    assert node.detail == JobTask(
        JobDefinition("work", "5", {attribute: "org.acme.Mail", "resultVariable": "sent", "to": "ann", "from": "bob"})
    )


def test_scripts_become_jobs_and_are_never_run(work: Work) -> None:
    node = work('<scriptTask id="work" scriptFormat="groovy"><script>System.exit(1)</script></scriptTask>')
    assert node.detail == JobTask(JobDefinition("work"))


def test_a_message_throw_with_code_is_a_job(process: Read) -> None:
    throw = '<intermediateThrowEvent id="work"><messageEventDefinition messageRef="m" v:type="external" v:topic="send"/></intermediateThrowEvent>'
    definition = process(straight(throw, after='<message id="m" name="M"/>', head=head("camunda")))
    assert definition.nodes["work"].detail == ThrowEvent(MessageEvent("M", job=JobDefinition("send")))


def test_a_decision_is_evaluated(work: Work) -> None:
    node = work('<businessRuleTask id="work" v:decisionRef="risk" v:decisionRefBinding="deployment" v:resultVariable="r"/>')
    assert node.detail == DecisionTask(ResourceRef("risk", Binding.DEPLOYMENT), "r") and node.outputs == ()


@pytest.mark.parametrize(
    ("mapping", "rows", "result"),
    [
        ("singleEntry", [{"a": "foo", "b": None}], "foo"),
        ("singleEntry", [], None),
        ("singleEntry", 7, 7),
        ("singleEntry", {"a": 1}, 1),
        ("singleResult", [{"a": 1, "b": 2}], {"a": 1, "b": 2}),
        ("singleResult", {"a": 1}, {"a": 1}),
        ("collectEntries", [{"a": 1}, {"a": 2}], [1, 2]),
        ("collectEntries", [1, 2], [1, 2]),
        ("resultList", {"a": 1}, [{"a": 1}]),
    ],
)
def test_decision_results_are_mapped(work: Work, mapping: str, rows: object, result: object) -> None:
    node = work(f'<businessRuleTask id="work" v:decisionRef="risk" v:mapDecisionResult="{mapping}" v:resultVariable="r"/>')
    assert node.detail == DecisionTask(ResourceRef("risk"), "decisionRows")
    (output,) = node.outputs
    assert output.target == "r" and isinstance(output.source, Expression)
    assert output.source.evaluate({"decisionRows": rows}) == result


def test_an_ambiguous_single_entry_fails(work: Work) -> None:
    node = work('<businessRuleTask id="work" v:decisionRef="risk" v:mapDecisionResult="singleEntry"/>')
    source = node.outputs[0].source
    assert isinstance(source, Expression)
    with pytest.raises(FeelAssertionError):
        source.evaluate({"decisionRows": [{"a": "foo"}, {"a": "foo"}]})


def test_people_and_forms(work: Work, vendor: str) -> None:
    detail = work(
        '<userTask id="work" v:assignee="${owner}" v:candidateUsers="ann, bob" v:candidateGroups="clerks" v:dueDate="${due}" '
        'v:followUpDate="2030-01-31T09:00:00" v:priority="50" v:formKey="embedded:app:a.html"/>',
        vendor=vendor,
    ).detail
    assert isinstance(detail, UserTask)
    assert (text(detail.assignee), detail.candidate_users, detail.candidate_groups) == ("owner", "ann, bob", "clerks")
    assert (text(detail.due_date), detail.follow_up_date, detail.priority) == ("due", "2030-01-31T09:00:00", "50")
    assert detail.form == FormRef(external="embedded:app:a.html")


def test_a_form_by_reference(process: Read) -> None:
    body = f'<startEvent id="s" v:formRef="ask"/><userTask id="u" v:formRef="approve" v:formRefBinding="deployment"/>{flow("s", "u")}'
    nodes = process(diagram(body, head=head("camunda"))).nodes
    assert nodes["s"].detail == StartEvent(form=FormRef(linked=ResourceRef("ask")))
    assert nodes["u"].detail == UserTask(form=FormRef(linked=ResourceRef("approve", Binding.DEPLOYMENT)))


def test_input_and_output_parameters(work: Work) -> None:
    block = (
        '<v:inputOutput><v:inputParameter name="a">text</v:inputParameter><v:inputParameter name="b">${x + 1}</v:inputParameter>'
        '<v:inputParameter name="c"><v:list><v:value>1</v:value><v:value>${y}</v:value></v:list></v:inputParameter>'
        '<v:outputParameter name="d"><v:map><v:entry key="k">${x}</v:entry><v:entry key="l"><v:list/></v:entry></v:map></v:outputParameter>'
        "</v:inputOutput>"
    )
    node = work(extended("serviceTask", block, ' v:topic="t"'))
    values = [
        i.source.evaluate({"x": 1, "y": "z"}) if isinstance(i.source, Expression) else i.source for i in (*node.inputs, *node.outputs)
    ]
    assert [mapping.target for mapping in (*node.inputs, *node.outputs)] == ["a", "b", "c", "d"]
    assert values == ["text", 2, ["1", "z"], {"k": 1, "l": []}]


def test_a_script_in_a_parameter_is_refused(found: Callable[[bytes], set[tuple[str, str, str | None, int | None]]]) -> None:
    block = '<v:inputOutput><v:inputParameter name="a"><v:script scriptFormat="groovy">1</v:script></v:inputParameter></v:inputOutput>'
    assert ("error", "script-in-mapping", "work", 5) in found(straight(extended("userTask", block), head=head("camunda")))


def test_a_call_passes_only_what_it_maps(work: Work, vendor: str) -> None:
    mappings = '<v:in source="a" target="b"/><v:in sourceExpression="${a + 5}" target="c"/><v:out source="d" target="e"/>'
    node = work(extended("callActivity", mappings, ' calledElement="sub" v:calledElementBinding="deployment"'), vendor=vendor)
    assert node.detail == CallActivity(ResourceRef("sub", Binding.DEPLOYMENT), False, False)
    assert [(text(m.source), m.target) for m in node.inputs][:1] == [("a", "b")]
    source = node.inputs[1].source
    assert isinstance(source, Expression) and source.evaluate({"a": 1}) == 6
    assert [(text(m.source), m.target) for m in node.outputs] == [("d", "e")]


def test_a_call_may_pass_everything(work: Work) -> None:
    node = work(extended("callActivity", '<v:in variables="all"/><v:out variables="all"/>', ' calledElement="sub"'))
    assert node.detail == CallActivity(ResourceRef("sub"), True, True)


@pytest.mark.parametrize(
    ("loop", "collection", "item"),
    [
        ('<multiInstanceLoopCharacteristics v:collection="people" v:elementVariable="person"/>', "people", "person"),
        ('<multiInstanceLoopCharacteristics v:collection="${people}" v:elementVariable="person"/>', "people", "person"),
        (
            '<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef><inputDataItem name="person"/></multiInstanceLoopCharacteristics>',
            "people",
            "person",
        ),
    ],
)
def test_collections(work: Work, vendor: str, loop: str, collection: str, item: str) -> None:
    multi = work(f'<userTask id="work">{loop}</userTask>', vendor=vendor).loop
    assert isinstance(multi, MultiInstance)
    assert (text(multi.input_collection), multi.input_element) == (collection, item)


def test_loop_counters_have_their_bpmn_names(work: Work) -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopCardinality>${n}</loopCardinality>"
        "<completionCondition>${nrOfCompletedInstances == 5}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    node = work(f'<userTask id="work" v:assignee="kermit_${{loopCounter}}">{loop}</userTask>')
    assert isinstance(node.loop, MultiInstance) and isinstance(node.detail, UserTask)
    assert node.loop.completion_condition is not None
    assert node.loop.completion_condition.evaluate({"numberOfCompletedInstances": 5}) is True
    assert isinstance(node.detail.assignee, Expression) and node.detail.assignee.evaluate({"loopCounter": 1}) == "kermit_0"


def test_counters_of_a_vendor_are_known_in_feel_too(work: Work) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality><completionCondition>=nrOfCompletedInstances = 2</completionCondition></multiInstanceLoopCharacteristics>"
    multi = work(f'<userTask id="work">{loop}</userTask>').loop
    assert isinstance(multi, MultiInstance) and multi.completion_condition is not None
    assert multi.completion_condition.text == "numberOfCompletedInstances = 2"


def test_error_variables(process: Read) -> None:
    event = '<boundaryEvent id="b" attachedToRef="work"><errorEventDefinition errorRef="e" v:errorCodeVariable="code" v:errorMessageVariable="msg"/></boundaryEvent>'
    definition = process(straight('<task id="work"/>', event, '<error id="e" errorCode="E"/>', head=head("camunda")))
    assert definition.nodes["b"].detail == BoundaryEvent(ErrorEvent("E", "code", "msg"), "work")


def test_expressions_in_conditions_and_timers(process: Read) -> None:
    timer = '<intermediateCatchEvent id="work"><timerEventDefinition><timeDate>#{due}</timeDate></timerEventDefinition></intermediateCatchEvent>'
    definition = process(straight(timer, flow("work", "end", "${a == 1 &amp;&amp; !b}"), head=PLAIN_HEAD))
    condition = definition.flows["work_end"].condition
    assert condition is not None and condition.evaluate({"a": 1, "b": False}) is True
    detail = definition.nodes["work"].detail
    assert isinstance(detail, CatchEvent) and text(getattr(detail.event, "value", None)) == "due"


def test_process_attributes(process: Read) -> None:
    data = straight('<task id="work"/>', head=head("camunda")).replace(
        b'<process id="p"', b'<process id="p" v:versionTag="7" v:candidateStarterGroups="sales"'
    )
    definition = process(data)
    assert (definition.version_tag, definition.candidate_starter_groups) == ("7", "sales")


def test_a_receive_task_without_message_waits_under_its_id(work: Work) -> None:
    assert work('<receiveTask id="work"/>').detail == ReceiveTask(MessageEvent("work"))


@pytest.mark.parametrize("tag", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_plain_bpmn_without_binding_is_a_job_with_a_warning(process: Read, tag: str) -> None:
    data = straight(f'<{tag} id="work"/>', head=PLAIN_HEAD)
    assert process(data).nodes["work"].detail == JobTask(JobDefinition("work"))
    assert [(p.severity, p.rule, p.line) for p in parse(data, file="a").problems] == [("warning", "no-binding", 5)]


def test_feel_may_be_the_language_of_the_file(process: Read) -> None:
    language = 'expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"'
    data = straight(
        '<task id="work"/>', flow("work", "end", "a &gt; 1"), head=PLAIN_HEAD.replace("<definitions ", f"<definitions {language} ")
    )
    condition = process(data).flows["work_end"].condition
    assert condition is not None and condition.text == "a > 1"


def test_zeebe_extensions_win_over_those_of_a_vendor(process: Read) -> None:
    task = '<serviceTask id="work" v:topic="old"><extensionElements><z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="new"/></extensionElements></serviceTask>'
    assert process(straight(task, head=head("camunda"))).nodes["work"].detail == JobTask(JobDefinition("new"))


def test_what_is_left_out_is_a_warning(found: Callable[[bytes], set[tuple[str, str, str | None, int | None]]]) -> None:
    task = extended("userTask", '<v:taskListener event="create" class="X"/><v:executionListener event="start" class="Y"/>')
    assert found(straight(task, head=head("camunda"))) == {("warning", "left-out", "work", 5)}


def test_the_import_report_gives_each_element_its_verdict(all_elements_run: None) -> None:
    data = straight(
        '<serviceTask id="work" name="Mail" v:class="org.acme.Mail"/>',
        f'<userTask id="ok"/>{flow("work", "ok")}<userTask id="bad" v:assignee="${{bean.find(execution).get(}}"/>{flow("work", "bad")}',
        head=head("camunda"),
    )
    report = import_report(data, file="a.bpmn")
    verdicts = {entry.element_id: entry.verdict for entry in report.entries}
    assert verdicts == {
        "p": Verdict.AS_IS,
        "start": Verdict.AS_IS,
        "work": Verdict.CHANGED,
        "end": Verdict.AS_IS,
        "ok": Verdict.AS_IS,
        "bad": Verdict.REFUSED,
    }
    assert report.dialect == "camunda7" and not report.is_runnable
    assert report.counts == {Verdict.AS_IS: 4, Verdict.CHANGED: 1, Verdict.REFUSED: 1}
    work = next(entry for entry in report.entries if entry.element_id == "work")
    assert (work.type, work.name, work.line) == ("serviceTask", "Mail", 5)
    assert 'a job of type "work" takes the place of its class' in work.notes


def test_a_file_that_cannot_be_read_has_a_report_too() -> None:
    report = import_report(b"<a", file="a.bpmn")
    assert report.entries == () and [problem.rule for problem in report.problems] == ["malformed-xml"] and not report.is_runnable


SPIFF_HEAD = PLAIN_HEAD.replace("<definitions ", '<definitions xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" ')


def test_spiff_operators_decisions_and_timers(process: Read) -> None:
    operator = (
        '<s:serviceTaskOperator id="http/Get" resultVariable="page"><s:parameters><s:parameter id="url" type="str" value="base + \'/x\'"/>'
        "</s:parameters></s:serviceTaskOperator>"
    )
    timer = '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>"PT1S"</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    rule = '<businessRuleTask id="rule"><extensionElements><s:calledDecisionId>risk</s:calledDecisionId></extensionElements></businessRuleTask>'
    nodes = process(
        straight(extended("serviceTask", operator), f"{timer}{rule}{flow('work', 'wait')}{flow('work', 'rule')}", head=SPIFF_HEAD)
    ).nodes
    assert nodes["work"].detail == JobTask(JobDefinition("work", headers={"operator": "http/Get", "resultVariable": "page"}))
    source = nodes["work"].inputs[0].source
    assert isinstance(source, Expression) and source.evaluate({"base": "a"}) == "a/x"
    assert nodes["rule"].detail == DecisionTask(ResourceRef("risk"), "decisionResult")


@pytest.mark.parametrize(
    "python", ["__import__('os').system('x')", "[x for x in y]", "lambda: 1", "open('/etc/passwd')", "a := 1", "f(**x)"]
)
def test_python_is_refused(python: str, found: Callable[[bytes], set[tuple[str, str, str | None, int | None]]]) -> None:
    data = straight('<task id="work"/>', flow("work", "end", python), head=SPIFF_HEAD)
    assert ("error", "not-feel", "work_end", 8) in found(data)


@pytest.mark.parametrize(
    ("infix", "context", "value"),
    [
        ("u &gt; 0", {"u": 1}, True),
        ("v == 0 and not w", {"v": 0, "w": False}, True),
        ("1 &lt; n &lt;= 3", {"n": 3}, True),
        ("order.total * 2 != 4", {"order": {"total": 2}}, False),
        ("items[0] == 'a'", {"items": ["a"]}, True),
        ("data['k'] in ('x', 'y')", {"data": {"k": "y"}}, True),
        ("x is None or len(x) == 2", {"x": [1, 2]}, True),
        ("name.lower().startswith('a')", {"name": "Ann"}, True),
        ('test.contains("a")', {"test": "cab"}, True),
        ('!test.contains("a") &amp;&amp; (n &gt; 1 || done == false)', {"test": "b", "n": 2, "done": True}, True),
        ("-n % 3 == 1 if flag else False", {"n": 2, "flag": True}, True),
    ],
)
def test_simple_conditions_of_other_engines_run_as_feel(process: Read, infix: str, context: dict[str, object], value: object) -> None:
    definition = process(straight('<task id="work"/>', flow("work", "end", infix), head=PLAIN_HEAD))
    condition = definition.flows["work_end"].condition
    assert condition is not None and condition.evaluate(context) is value
