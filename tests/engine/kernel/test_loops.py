"""Are activities repeated as multi-instance and standard loops say?"""

import pytest
from support.diagrams import process
from support.memory_engine import MemoryEngine


def test_parallel_multi_instance_runs_all_items_at_once_and_collects_in_their_order():
    diagram = process().start().service_task("w", each="=items", element="item", collect=("results", "=result")).service_task("after").end()

    run = MemoryEngine(diagram.definition()).start(items=["a", "b", "c"])
    assert run.waiting == {"w": 3}
    locals_seen = [run.local(key) for key in run.keys_of("w") if "loopCounter" in run.local(key)]
    assert [(seen["item"], seen["loopCounter"]) for seen in locals_seen] == [("a", 1), ("b", 2), ("c", 3)]
    for nth, text in [(2, "C"), (0, "A"), (0, "B")]:
        run.complete("w", nth=nth, result=text)

    assert run.variables == {"items": ["a", "b", "c"], "results": ["A", "B", "C"]}
    assert run.waiting == {"after": 1}
    assert run.completed.count("w") == 3


def test_sequential_multi_instance_runs_one_after_the_other():
    diagram = process().start().service_task("w", each="=items", element="item", collect=("results", "=item * 2"), sequential=True).end()

    run = MemoryEngine(diagram.definition()).start(items=[1, None, 3])
    for expected in [1, None, 3]:
        assert run.waiting == {"w": 1}
        assert run.local(max(run.keys_of("w")))["item"] == expected
        run.complete("w")

    assert run.state == "COMPLETED"
    assert run.variables["results"] == [2, None, 6]


@pytest.mark.parametrize("sequential", [True, False])
def test_empty_collection_passes(sequential: bool):
    diagram = process().start().service_task("w", each="=items", collect=("results", "=x"), sequential=sequential).end().definition()

    run = MemoryEngine(diagram).start(items=[])

    assert run.state == "COMPLETED"
    assert run.variables["results"] == []


def test_collection_that_is_no_list_is_an_incident_and_boundary_events_are_opened_once():
    diagram = process().start().service_task("w", each="=items").end().boundary("late", on="w", timer="PT1H").end("e").definition()

    run = MemoryEngine(diagram).start()
    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]
    run.set(items=[1, 2])
    run.resolve()

    assert run.waiting == {"w": 2}
    assert run.events == {"late": 1}


def test_completion_condition_ends_the_rest():
    condition = "=numberOfCompletedInstances >= 2 and numberOfActiveInstances = 3"
    diagram = process().start().user_task("vote", times="=5", until=condition).end().definition()

    run = MemoryEngine(diagram).start()
    run.complete("vote")
    run.complete("vote")

    assert run.state == "COMPLETED"
    assert run.completed.count("vote") == 2
    assert run.cancelled.count("vote") == 3


def test_sequential_completion_condition_leaves_the_rest_unbegun():
    diagram = (
        process().start().service_task("w", each="=[1,2,3]", element="i", collect=("out", "=i"), until="=i = 2", sequential=True).end()
    )

    run = MemoryEngine(diagram.definition()).start()
    run.complete("w")
    run.complete("w")

    assert run.state == "COMPLETED"
    assert run.variables["out"] == [1, 2, None]


def test_multi_instance_sub_process_keeps_its_variables_apart():
    diagram = (
        process().start().sub_process("sub", each="=items", element="item", collect=("out", "=total")).start("s")
        .script_task("sum", "=item + 1", "total").service_task("w").end("e").done().end().definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start(items=[1, 2])
    assert run.waiting == {"w": 2}
    run.complete("w", nth=1)
    run.complete("w")

    assert run.variables == {"items": [1, 2], "out": [2, 3]}
    assert run.completed.count("sub") == 2


def test_output_mapping_of_one_round_may_give_its_output_element():
    outputs = {"result": "=answer * 2", "last": "=answer"}
    diagram = process().start().service_task("w", each="=[1,2]", element="i", collect=("results", "=result"), outputs=outputs).end()

    run = MemoryEngine(diagram.definition()).start()
    run.complete("w", nth=1, answer=20).complete("w", answer=10)

    assert run.variables == {"results": [20, 40], "last": 10}


def test_boundary_event_belongs_to_the_whole_loop():
    diagram = process().start().service_task("w", each="=[1,2,3]").end().boundary("caught", on="w", error="E").end("handled").definition()

    run = MemoryEngine(diagram).start()
    run.complete("w")
    run.throw("w", "E")

    assert run.state == "COMPLETED"
    assert run.cancelled.count("w") == 2
    assert run.completed.count("caught") == 1


def test_multi_instance_call_activity():
    parent = process("parent").start().call("callee", "child", each="=items", element="item").end().definition()
    child = process("child").start().service_task("w").end().definition()
    engine = MemoryEngine(parent, child)

    run = engine.start(items=[1, 2])
    assert [inner.variables["item"] for inner in run.children] == [1, 2]
    for inner in run.children:
        inner.complete("w")

    assert run.state == "COMPLETED"


@pytest.mark.parametrize("sequential", [True, False])
def test_many_items_within_one_step_are_no_runaway_loop(sequential: bool):
    items = "=for n in 1..300 return n"
    diagram = process().start().script_task("w", "=i", "x", each=items, element="i", collect=("out", "=x"), sequential=sequential).end()

    run = MemoryEngine(diagram.definition(), step_budget=20).start()

    assert run.state == "COMPLETED"
    assert run.variables["out"] == list(range(1, 301))


def test_standard_loop_repeats_while_its_condition_holds():
    run = MemoryEngine(process().start().service_task("w", repeat_while="=again").end().definition()).start()

    run.complete("w", again=True)
    run.complete("w", again=True)
    run.complete("w", again=False)

    assert run.state == "COMPLETED"
    assert run.completed.count("w") == 3


def test_standard_loop_stops_at_its_maximum():
    diagram = process().start().script_task("w", "=loopCounter", "last", maximum=4).end().definition()

    run = MemoryEngine(diagram).start()

    assert run.completed.count("w") == 4
    assert run.variables == {"last": 4}


def test_standard_loop_that_tests_before_may_not_run_at_all():
    diagram = process().start().task("w", repeat_while="=false", test_before=True).end().definition()

    run = MemoryEngine(diagram).start()

    assert run.completed == ["start", "end", "process"]
