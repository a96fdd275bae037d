"""Searches: filters, order, pages and cursors of every entity."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from support.diagrams import process
from support.driving import ANN, deploy, start, work

from engine.errors import Rejected
from engine.runtime import Engine, Page
from engine.store import rows
from engine.store.entities import ENTITIES

ROWS = {
    "deployment": rows.DeploymentRow,
    "process_definition": rows.ProcessDefinitionRow,
    "decision_requirements": rows.DecisionRequirementsRow,
    "decision_definition": rows.DecisionDefinitionRow,
    "form": rows.FormRow,
    "resource": rows.ResourceRow,
    "process_instance": rows.ProcessInstanceRow,
    "element_instance": rows.ElementInstanceRow,
    "variable": rows.VariableRow,
    "job": rows.JobRow,
    "user_task": rows.UserTaskRow,
    "incident": rows.IncidentRow,
    "decision_instance": rows.DecisionInstanceRow,
    "message_subscription": rows.SubscriptionRow,
    "timer": rows.TimerRow,
    "batch_operation": rows.BatchOperationRow,
    "batch_operation_item": rows.BatchItemRow,
    "history": rows.HistoryRecord,
}


def test_every_entity_selects_exactly_the_fields_of_its_row() -> None:
    assert set(ROWS) == set(ENTITIES)
    for name, entity in ENTITIES.items():
        assert list(entity.fields) == [field.name for field in fields(ROWS[name])], name


def test_every_field_of_every_entity_can_be_sorted_and_filtered_by(engine: Engine) -> None:
    deploy(engine, process().start().user_task("look", candidate_groups="a").end().boundary("b", on="look", timer="PT1H").end("late"))
    start(engine, x=1)
    for name, entity in ENTITIES.items():
        for field, meaning in entity.fields.items():
            value = (
                datetime(2030, 1, 1, tzinfo=UTC) if meaning.kind == "time" else 1 if meaning.kind in ("int", "bool", "instance") else "x"
            )
            if meaning.kind == "bytes":
                continue
            found = engine.search(name, {field: {"$in": [value], "$neq": value, "$exists": True}}, [(field, "desc")])
            assert found.total == 0, (name, field)


@pytest.fixture
def numbers(engine: Engine) -> Engine:
    """Instances whose variable `number` runs from 0 to 9; the even ones are completed."""
    deploy(
        engine,
        process()
        .start()
        .gateway("even")
        .when("=number / 2 = floor(number / 2)")
        .end()
        .at("even")
        .otherwise()
        .service_task("wait")
        .end("e"),
    )
    for number in range(10):
        start(engine, number=number)
    return engine


def test_operators_narrow_a_search(numbers: Engine) -> None:
    def count(**filter: object) -> int:
        return numbers.search("variable", {"name": "number", **filter}).total

    assert count() == 10
    assert count(value="3") == 1
    assert count(value={"$in": ["1", "2", "99"]}) == 2
    assert count(value={"$notIn": ["1", "2"]}) == 8
    assert count(value={"$gte": "3", "$lt": "6"}) == 3
    assert count(value={"$neq": "0"}) == 9
    assert count(**{"$or": [{"value": "1"}, {"value": "2", "name": "number"}]}) == 2
    assert numbers.search("variable", {"name": {"$like": "num*"}}).total == 10
    assert numbers.search("variable", {"name": {"$like": "n?mber"}}).total == 10
    assert numbers.search("variable", {"name": {"$like": "num\\*"}}).total == 0
    assert numbers.search("variable", {"name": {"$like": "n%"}}).total == 0
    assert numbers.search("process_instance", {"end_date": {"$exists": False}}).total == 5
    assert numbers.search("process_instance", {"end_date": None}).total == 5
    assert numbers.search("process_instance", {"start_date": {"$gt": numbers.clock.now() - timedelta(days=1)}}).total == 10
    assert numbers.search("process_instance", {"state": "COMPLETED", "process_id": "process"}).total == 5
    assert numbers.search("element_instance", {"process_id": "process", "element_id": "wait", "state": "ACTIVE"}).total == 5


@pytest.mark.parametrize("sort", [[], [("value", "desc")], [("process_instance_key", "asc"), ("name", "desc")], [("key", "desc")]])
def test_pages_by_offset_and_by_cursor_show_the_same_items(numbers: Engine, sort: list[tuple[str, str]]) -> None:
    everything = [row.key for row in numbers.search("variable", sort=sort).items]
    assert len(everything) == 10

    by_offset = [row.key for offset in range(0, 12, 3) for row in numbers.search("variable", {}, sort, Page(offset, 3)).items]
    by_cursor: list[int] = []
    cursor: str | None = None
    while True:
        found = numbers.search("variable", {}, sort, Page(limit=3, after=cursor))
        if not found.items:
            break
        assert found.total == 10
        by_cursor.extend(row.key for row in found.items)
        cursor = found.end_cursor

    assert by_offset == by_cursor == everything


def test_a_cursor_walks_over_missing_values_in_both_directions(numbers: Engine) -> None:
    for direction in ("asc", "desc"):
        sort = [("end_date", direction)]
        everything = [row.key for row in numbers.search("process_instance", {}, sort).items]
        walked: list[int] = []
        cursor = None
        for _ in range(10):
            found = numbers.search("process_instance", {}, sort, Page(limit=1, after=cursor))
            walked.extend(row.key for row in found.items)
            cursor = found.end_cursor
        assert walked == everything


def test_nonsense_is_refused(engine: Engine) -> None:
    for entity, filter, sort, page in (
        ("nothing", {}, [], Page()),
        ("job", {"nothing": 1}, [], Page()),
        ("job", {"key": {"$near": 1}}, [], Page()),
        ("job", {"key": "abc"}, [], Page()),
        ("job", {"key": 10**30}, [], Page()),
        ("job", {"deadline": "soon"}, [], Page()),
        ("job", {"type": "\ud800"}, [], Page()),
        ("job", {"key": {"$in": 3}}, [], Page()),
        ("job", {}, [("nothing", "asc")], Page()),
        ("job", {}, [("key", "sideways")], Page()),
        ("job", {}, [], Page(limit=-1)),
        ("job", {}, [], Page(after="nonsense")),
        ("job", {"$or": 1}, [], Page()),
    ):
        with pytest.raises(Rejected):
            engine.search(entity, filter, sort, page)
    assert engine.search("job", {"type": "a\x00b"}).total == 0
    assert engine.get("job", 17) is None


def test_elements_and_instances_carry_the_names_of_the_diagram(engine: Engine) -> None:
    diagram = process("p", "The process").start().service_task("work").end()
    deploy(engine, diagram)
    instance = start(engine, "p")
    work(engine, "work")

    assert engine.get("process_instance", instance).process_name == "The process"
    named = {row.element_id: row.element_name for row in engine.search("element_instance").items}
    assert named == {"p": "The process", "start": None, "work": None, "end": None}
    assert engine.search("process_instance", {"started_by": ANN.user}).total == 1
