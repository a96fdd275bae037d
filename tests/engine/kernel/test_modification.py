"""Can an operator move tokens, and are listeners told? Modification, start at an element, listeners."""

import pytest
from support.diagrams import Diagram, process
from support.memory_engine import MemoryEngine

from engine.model import Activation, CompleteJob, Create, ElementKey, Move, OpenJob, OpenUserTask, Refused


def nested() -> Diagram:
    return (
        process().start().service_task("a").sub_process("sub").start("s").service_task("b").sub_process("deep").start("s2").service_task("c")
        .end("e2").done().end("e1").done().boundary("late", on="sub", timer="PT1H").end("x").at("sub").service_task("d").end()
    )  # fmt: skip


def test_token_is_moved_into_a_scope_that_begins_for_it():
    run = MemoryEngine(nested().definition()).start()

    run.do(Move((ElementKey(run.keys_of("a")[0]),), ((Activation("c", {"x": 1}), None),)))

    assert run.waiting == {"c": 1}
    assert run.active == {"sub": 1, "deep": 1, "c": 1}
    assert run.events == {"late": 1}
    assert run.local(run.keys_of("c")[0]) == {"x": 1}
    run.complete("c")
    assert run.waiting == {"d": 1}
    assert "b" not in run.completed


def test_active_scopes_are_used_and_several_activations_share_a_new_one():
    run = MemoryEngine(nested().definition()).start()
    run.complete("a")

    run.do(Move((), ((Activation("c"), None), (Activation("c"), None), (Activation("b"), None))))

    assert run.active == {"sub": 1, "b": 2, "deep": 1, "c": 2}


def test_terminating_the_last_token_ends_the_scopes_around_it():
    run = MemoryEngine(nested().definition()).start()
    run.complete("a").complete("b")

    run.do(Move((ElementKey(run.keys_of("c")[0]),)))

    assert run.state == "TERMINATED"


def test_ambiguous_scope_must_be_named():
    diagram = (
        process().start().sub_process("sub", times="=2").start("s").service_task("a").service_task("b").end("e").done().end().definition()
    )
    run = MemoryEngine(diagram).start()

    with pytest.raises(Refused):
        run.do(Move((), ((Activation("b"), None),)))
    scope = next(key for key in run.keys_of("sub") if "loopCounter" in run.local(key))
    run.do(Move((), ((Activation("b"), ElementKey(scope)),)))

    assert run.waiting == {"a": 2, "b": 1}


def test_boundary_events_and_unknown_elements_cannot_be_activated():
    run = MemoryEngine(nested().definition()).start()

    for element in ("late", "nothing"):
        with pytest.raises(Refused):
            run.do(Move((), ((Activation(element), None),)))


def test_instance_may_start_at_any_element():
    run = MemoryEngine(nested().definition()).create(Create({"v": 1}, activations=(Activation("c"), Activation("d"))))

    assert run.waiting == {"c": 1, "d": 1}
    assert run.variables == {"v": 1}
    run.complete("d")
    run.complete("c")
    assert run.waiting == {"d": 1}


def test_execution_listeners_hold_an_element_up_at_its_start_and_end():
    diagram = process().start().service_task("w", listeners=[("start", "before"), ("start", "also"), ("end", "behind")]).end().definition()
    run = MemoryEngine(diagram).start()

    seen: list[str] = []
    for _ in range(4):
        job = run.wait("w")
        assert isinstance(job, OpenJob)
        seen.append(f"{job.type}/{job.kind}/{job.listener_event}")
        run.complete("w", {job.type: 1})

    assert seen == [
        "before/EXECUTION_LISTENER/start",
        "also/EXECUTION_LISTENER/start",
        "w/BPMN_ELEMENT/None",
        "behind/EXECUTION_LISTENER/end",
    ]
    assert run.state == "COMPLETED"
    assert run.variables == {"w": 1, "behind": 1}


def test_task_listeners_correct_the_creation_and_may_deny_the_completion():
    diagram = process().start().user_task("u", assignee="ann", task_listeners=[("creating", "new"), ("completing", "check")]).end()
    run = MemoryEngine(diagram.definition()).start()
    job = run.wait("u")
    del run.waits[job.key]
    run.do(CompleteJob(job.element, job.key, {}, corrections={"assignee": "bob"}))  # type: ignore[arg-type]
    task = run.wait("u")
    assert isinstance(task, OpenUserTask)
    assert task.assignee == "bob"

    for denied in (True, False):
        run.complete("u", ok=not denied)
        job = run.wait("u", 1)
        assert isinstance(job, OpenJob)
        assert (job.type, job.kind, job.listener_event) == ("check", "TASK_LISTENER", "completing")
        del run.waits[job.key]
        run.do(CompleteJob(job.element, job.key, {}, denied=denied))

    assert run.state == "COMPLETED"
    assert run.variables == {"ok": True}
