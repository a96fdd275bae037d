"""Is completed work undone as BPMN says? Compensation and transactions."""

import pytest
from support.diagrams import process
from support.memory_engine import MemoryEngine


def test_what_ran_in_sequence_is_undone_in_reverse_order():
    diagram = process().start().service_task("a").service_task("b").throw("undo", compensate=True).end()
    diagram.compensation("a", "undo_a").compensation("b", "undo_b")
    run = MemoryEngine(diagram.definition()).start()
    run.complete("a")
    run.complete("b")

    assert run.waiting == {"undo_b": 1}
    run.complete("undo_b")
    assert run.waiting == {"undo_a": 1}
    run.complete("undo_a")

    assert run.state == "COMPLETED"


def test_what_ran_side_by_side_is_undone_side_by_side():
    diagram = (
        process().start().service_task("first").parallel("fork").service_task("a").parallel("join").end(compensate=True)
        .at("fork").service_task("b").to("join")
        .compensation("first", "undo_first").compensation("a", "undo_a").compensation("b", "undo_b")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()
    for work in ("first", "a", "b"):
        run.complete(work)

    assert run.waiting == {"undo_a": 1, "undo_b": 1}
    run.complete("undo_a")
    assert run.waiting == {"undo_b": 1}
    run.complete("undo_b")
    assert run.waiting == {"undo_first": 1}
    run.complete("undo_first")

    assert run.state == "COMPLETED"


def test_one_activity_may_be_named_and_what_never_completed_is_not_undone():
    diagram = process().start().service_task("a").parallel("fork").service_task("b").end()
    diagram.at("fork").throw("undo", compensate="a").end("e2").compensation("a", "undo_a").compensation("b", "undo_b")
    run = MemoryEngine(diagram.definition()).start()
    run.complete("a")

    assert run.waiting == {"b": 1, "undo_a": 1}
    run.complete("undo_a")
    run.complete("b")

    assert run.state == "COMPLETED"


def test_it_reaches_into_a_completed_sub_process_with_its_variables():
    diagram = process().start().sub_process("sub", inputs={"who": '="Eva"'}).start("s").service_task("a").end("e").done()
    diagram.throw("undo", compensate="sub").end().within("sub").compensation("a", "undo_a")
    run = MemoryEngine(diagram.definition()).start()
    run.complete("a")

    assert run.waiting == {"undo_a": 1}
    assert run.local(run.keys_of("undo_a")[0])["who"] == "Eva"
    run.complete("undo_a")
    assert run.state == "COMPLETED"


def test_every_instance_of_a_loop_is_undone():
    diagram = process().start().service_task("a", each="=[1,2,3]", element="item").throw("undo", compensate=True).end()
    run = MemoryEngine(diagram.compensation("a", "undo_a").definition()).start()
    for _ in range(3):
        run.complete("a")

    assert run.waiting == {"undo_a": 3}
    assert sorted(run.local(key)["item"] for key in run.keys_of("undo_a")) == [1, 2, 3]


def test_compensation_event_sub_process_decides_how_its_scope_is_undone():
    diagram = (
        process().start().sub_process("sub").start("s").service_task("a").end("e").done().throw("undo", compensate=True).end()
        .within("sub").event_sub_process("how").start("h", compensate=True)
        .service_task("tell").throw("deep", compensate=True).end("e2").done()
        .at("a").compensation("a", "undo_a")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()
    run.complete("a")

    assert run.waiting == {"tell": 1}
    run.complete("tell")
    assert run.waiting == {"undo_a": 1}
    run.complete("undo_a")
    assert run.state == "COMPLETED"


def test_nothing_is_undone_twice():
    diagram = process().start().service_task("a").throw("undo", compensate=True).throw("again", compensate=True).end()
    run = MemoryEngine(diagram.compensation("a", "undo_a").definition()).start()
    run.complete("a")
    run.complete("undo_a")

    assert run.state == "COMPLETED"


@pytest.mark.parametrize("way", ["cancel", "error"])
def test_a_cancelled_transaction_is_undone_and_a_failed_one_is_not(way: str):
    diagram = (
        process().start().sub_process("book", transaction=True).start("s").service_task("a").gateway("x")
        .when('=way = "cancel"').end("c", cancel=True).at("x").otherwise().end("f", error="E").done().end("booked")
        .boundary("cancelled", on="book", cancel=True).end("not_booked")
        .boundary("failed", on="book", error="E").end("broken")
        .at("a").compensation("a", "undo_a")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start(way=way)
    run.complete("a")

    if way == "cancel":
        assert run.waiting == {"undo_a": 1}
        run.complete("undo_a")
        assert "not_booked" in run.completed
    else:
        assert "broken" in run.completed
    assert "booked" not in run.completed
    assert run.state == "COMPLETED"
