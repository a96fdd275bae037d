"""Deployments: all or nothing, all problems at once, versions by content."""

from __future__ import annotations

import json

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, start

from bpmn.model import Problem
from engine.errors import DeploymentRefused, NotFound
from engine.runtime import CheckedResource, Engine, Resource, ResourceKind

FORM = {"type": "default", "id": "ask", "schemaVersion": 16, "components": [{"type": "textfield", "key": "name", "label": "Name"}]}

DECISIONS = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="rating" name="Rating" namespace="http://example.org/dmn">
  <decision id="risk" name="Risk">
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="input"><inputExpression id="expression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="output" name="risk" typeRef="string"/>
      <rule id="high"><inputEntry id="i1"><text>&gt; 100</text></inputEntry><outputEntry id="o1"><text>"high"</text></outputEntry></rule>
      <rule id="low"><inputEntry id="i2"><text>-</text></inputEntry><outputEntry id="o2"><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def file(name: str, content: bytes | str) -> Resource:
    return Resource(name, content if isinstance(content, bytes) else content.encode())


def form(text: str = "Name") -> Resource:
    return file("ask.form", json.dumps({**FORM, "components": [{"type": "textfield", "key": "name", "label": text}]}))


def note_kind() -> ResourceKind:
    """Files of a kind that the engine only stores; empty ones are refused."""

    def check(resource: Resource) -> CheckedResource:
        text = resource.content.decode()
        problems = () if text else (Problem("error", resource.name, "The note is empty.", "Write something."),)
        return CheckedResource(resource.name.removesuffix(".note"), text, problems)

    return ResourceKind(".note", "agent", check)


@pytest.fixture
def engine(database_url: str):
    with Engine(database_url, resource_kinds=[note_kind()]) as running:
        yield running


def test_the_same_content_keeps_its_version(engine: Engine) -> None:
    first = deploy(engine, process().start().end())
    again = deploy(engine, process().start().end())
    changed = deploy(engine, process().start().task("more").end())

    assert again.is_duplicate and again.key == first.key
    assert again.process_definitions[0].key == first.process_definitions[0].key
    assert (changed.is_duplicate, changed.process_definitions[0].version) == (False, 2)
    assert [row.version for row in engine.search("process_definition", {"is_latest": True}).items] == [2]


def test_all_problems_of_all_files_are_told_and_nothing_is_stored(engine: Engine) -> None:
    files = [
        file("good.bpmn", process("good").start().end().xml()),
        file("torn.bpmn", b"<definitions"),
        file("noise.dmn", b"\x00\x01"),
        file("empty.note", b""),
        file("readme.txt", b"hello"),
    ]

    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy(files, actor=ANN)

    assert {problem.file for problem in refused.value.problems if problem.severity == "error"} == {
        "torn.bpmn",
        "noise.dmn",
        "empty.note",
        "readme.txt",
    }
    assert [engine.search(entity).total for entity in ("deployment", "process_definition", "resource")] == [0, 0, 0]
    with pytest.raises(DeploymentRefused, match="no file"):
        engine.deploy([], actor=ANN)


def test_two_files_may_not_share_a_name_or_a_process_id(engine: Engine) -> None:
    one, two = process().start().end().xml(), process().start().task("other").end().xml()

    with pytest.raises(DeploymentRefused, match="have the name"):
        engine.deploy([file("a.bpmn", one), file("a.bpmn", process("other").start().end().xml())], actor=ANN)
    with pytest.raises(DeploymentRefused, match="process definitions have the id 'process'"):
        engine.deploy([file("a.bpmn", one), file("b.bpmn", two)], actor=ANN)


def test_what_a_diagram_refers_to_must_be_there(engine: Engine) -> None:
    diagram = (
        process().start().user_task("look", form="ask").decision_task("rate", "risk", "risk").agent_task("think", agent="helper").end()
    )
    files = [file("process.bpmn", diagram.xml())]

    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy(files, actor=ANN)
    assert {problem.element_id for problem in refused.value.problems} == {"look", "rate", "think"}

    files += [form(), file("rating.dmn", DECISIONS), file("helper.note", "hi")]
    deployed = engine.deploy(files, actor=ANN)
    assert [row.form_id for row in deployed.forms] == ["ask"]
    assert [row.decision_id for row in deployed.decision_definitions] == ["risk"]
    assert [(row.kind, row.id, row.version) for row in deployed.resources] == [("agent", "helper", 1)]
    engine.deploy([file("later.bpmn", process("later").start().user_task("look", form="ask").end().xml())], actor=ANN)


def test_an_instance_sees_the_files_it_was_deployed_with(engine: Engine) -> None:
    diagram = file("process.bpmn", process().start().user_task("look").end().xml())
    first = engine.deploy([diagram, file("helper.note", "one")], actor=ANN)
    old = start(engine)
    second = engine.deploy([diagram, file("helper.note", "two")], actor=ANN)
    new = start(engine)

    assert [first.process_definitions[0].version, second.process_definitions[0].version] == [1, 2]
    assert engine.resource("agent", "helper", deployment_of_instance=old).content == b"one"
    assert engine.resource("agent", "helper", deployment_of_instance=new).content == b"two"
    assert engine.resource("agent", "helper", version=1).content == b"one"
    assert engine.resource("agent", "helper").version == 2
    with pytest.raises(NotFound):
        engine.resource("agent", "nobody")


def test_forms_and_files_can_be_read_back(engine: Engine) -> None:
    diagram = process().start(form="ask").user_task("look", form="ask").end()
    deployed = engine.deploy([file("process.bpmn", diagram.xml()), form(), file("rating.dmn", DECISIONS)], actor=ANN)
    definition = deployed.process_definitions[0].key
    start(engine)
    [task] = engine.search("user_task").items

    shown = engine.form(task.key)
    begun = engine.start_form(definition)
    assert shown is not None and begun is not None
    assert json.loads(shown.schema)["id"] == begun.form_id == "ask"
    assert deployed.process_definitions[0].has_start_form
    assert engine.process_xml(definition) == diagram.xml().decode()
    assert engine.decision_xml(deployed.decision_definitions[0].key) == DECISIONS.decode()
    with pytest.raises(NotFound):
        engine.process_xml(1)


def test_a_decision_is_evaluated_and_recorded(engine: Engine) -> None:
    engine.deploy([file("rating.dmn", DECISIONS)], actor=ANN)

    result, row = engine.evaluate_decision(decision_id="risk", variables={"amount": 500}, actor=ANN)

    assert (result.value, result.failure) == ("high", None)
    assert engine.get("decision_instance", row.key) == row
    assert (row.result, row.state, row.process_instance_key) == ('"high"', "EVALUATED", None)
    with pytest.raises(NotFound):
        engine.evaluate_decision(decision_id="nothing", variables={}, actor=ANN)


def test_a_decision_task_records_which_rules_matched(engine: Engine) -> None:
    diagram = process().start().decision_task("rate", "risk", "risk").end()
    deployed = engine.deploy([file("process.bpmn", diagram.xml()), file("rating.dmn", DECISIONS)], actor=ANN)
    instance = start(engine, amount=5)

    [row] = engine.search("decision_instance", {"process_instance_key": instance}).items

    assert (row.element_id, row.result, row.decision_definition_key) == ("rate", '"low"', deployed.decision_definitions[0].key)
    assert "low" in json.dumps(dict(row.details))
    assert [record.facts.get("decisions") for record in engine.history(instance)] == [[row.key]]
