"""What happens when several things meet? Incidents and interruptions, joins and event sub-processes, retries and replays."""

from support.diagrams import process
from support.memory_engine import MemoryEngine


def test_boundary_timer_ends_an_activity_that_has_an_incident():
    diagram = (
        process().start().service_task("w", outputs={"x": '=assert(n, n > 0, "no")'}).end().boundary("late", on="w", timer="PT1H").end("e")
    )
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    run.complete("w", n=0)
    assert len(run.incidents) == 1

    engine.advance_time(hours=1)

    assert run.state == "COMPLETED"
    assert not run.incidents


def test_interruption_forgets_the_tokens_that_wait_at_a_join():
    diagram = (
        process().start().sub_process("sub").start("s").parallel("fork").service_task("a").parallel("join").end("e")
        .at("fork").service_task("b").to("join").done().end()
        .within("sub").event_sub_process("stop").start("stopped", message="stop").user_task("clean").end("e2").done()
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    run.complete("a")

    engine.message("stop")
    run.complete("clean")

    assert run.state == "COMPLETED"
    assert "join" not in run.completed


def test_event_sub_process_may_run_while_its_scope_waits_for_an_operator():
    diagram = (
        process().start().sub_process("sub", outputs={"x": '=assert(n, n > 0, "no")'}).start("s").service_task("a").end("e").done().end()
        .within("sub").event_sub_process("note").start("noted", message="note", interrupting=False).service_task("fix").end("e2").done()
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start(n=0)
    run.complete("a")
    assert [i.element_id for i in run.incidents] == ["sub"]

    engine.message("note")
    run.resolve()
    assert run.waiting == {"fix": 1}
    run.complete("fix", n=1)

    assert run.state == "COMPLETED"


def test_error_in_one_instance_of_a_loop_is_caught_inside_it():
    diagram = (
        process().start().sub_process("sub", each="=[1,2]", element="i").start("s").service_task("a").end("e")
        .boundary("caught", on="a", error="E").service_task("fix").end("e2").done().end()
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()

    run.throw("a", "E")

    assert run.waiting == {"a": 1, "fix": 1}


def test_transaction_in_a_loop_is_cancelled_as_a_whole():
    diagram = (
        process().start().sub_process("book", transaction=True, times="=2").start("s").service_task("a").end("c", cancel=True).done().end()
        .boundary("off", on="book", cancel=True).end("not_booked")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()

    run.complete("a")

    assert run.state == "COMPLETED"
    assert run.completed.count("off") == 1
    assert run.cancelled.count("a") == 1


def test_condition_of_a_scope_that_has_ended_is_forgotten():
    diagram = (
        process().start().user_task("u").user_task("v").end()
        .boundary("low", on="u", condition="=n > 1", interrupting=False).service_task("x").end("e")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start(n=0)
    run.complete("u")

    run.set(n=5)

    assert run.waiting == {"v": 1}


def test_condition_that_switches_itself_on_and_off_is_stopped_by_the_step_limit():
    diagram = (
        process().start().user_task("u").end()
        .event_sub_process("e1").start("on", condition="=n = 1", interrupting=False).script_task("off_it", "=0", "n").end("x").done()
        .event_sub_process("e2").start("off", condition="=n = 0", interrupting=False).script_task("on_it", "=1", "n").end("y").done()
    )  # fmt: skip

    run = MemoryEngine(diagram.definition(), step_budget=100).start(n=0)

    assert [i.kind for i in run.incidents] == ["STEP_LIMIT_EXCEEDED"]


def test_incident_of_one_branch_does_not_hold_up_the_other():
    diagram = (
        process().start().parallel("fork").gateway("x").when("=missing").end("a").at("x").otherwise().end("b")
        .at("fork").service_task("w").end()
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()
    run.complete("w")
    assert [i.element_id for i in run.incidents] == ["x"]

    run.set(missing=True)
    run.resolve()

    assert run.state == "COMPLETED"


def test_loop_around_a_multi_instance_is_stopped_too():
    diagram = process().start().gateway("again").task("many", times="=5").to("again").definition()

    run = MemoryEngine(diagram, step_budget=50).start()

    assert [i.kind for i in run.incidents] == ["STEP_LIMIT_EXCEEDED"]


def test_forks_in_a_loop_are_stopped_by_their_number():
    diagram = process().start().gateway("again").parallel("fork").to("again").at("fork").to("again").definition()

    run = MemoryEngine(diagram, step_budget=50).start()

    assert {i.kind for i in run.incidents} == {"STEP_LIMIT_EXCEEDED"}
    assert len(run.history) < 50 * 40


def test_step_limit_keeps_every_branch():
    diagram = process().start().parallel("fork")
    for n in range(10):
        diagram.at("fork").task(f"t{n}").task(f"u{n}").end(f"e{n}")

    run = MemoryEngine(diagram.definition(), step_budget=1).start()
    assert len(run.incidents) == 10
    while run.incidents:
        run.resolve()

    assert run.state == "COMPLETED"
    assert sum(name.startswith("u") for name in run.completed) == 10


def test_the_same_commands_give_the_same_effects():
    diagram = (
        process().start().inclusive("split").when("=true").sub_process("sub", each="=[3,1,2]", element="i", collect=("out", "=i"))
        .start("s").service_task("a").end("e").done().inclusive("join").end().at("split").when("=true").service_task("b").to("join").definition()
    )  # fmt: skip
    runs = [MemoryEngine(diagram).start() for _ in range(2)]

    for run in runs:
        run.complete("b").complete("a", nth=1).complete("a").complete("a")

    assert runs[0].state == "COMPLETED"
    assert [repr(effect) for effect in runs[0].effects] == [repr(effect) for effect in runs[1].effects]


def test_a_loop_that_computes_large_values_without_end_stops_in_an_incident():
    diagram = process().start().gateway("again").script_task("copy", '=x + ""', "y").to("again").definition()

    run = MemoryEngine(diagram).start(x="x" * 1_500_000)

    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]
    assert "too large" in run.incidents[0].message


def test_a_value_that_doubles_without_end_stops_in_an_incident():
    diagram = process().start().gateway("again").script_task("double", "=concatenate(x, x, x)", "x").to("again").definition()

    run = MemoryEngine(diagram).start(x=["one", "two"])

    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]
    assert len(run.variables["x"]) < 2_000_000


def test_a_loop_over_too_many_items_is_an_incident():
    run = MemoryEngine(process().start().task("t", times="=1000001").end().definition()).start()

    assert "100,000" in run.incidents[0].message
