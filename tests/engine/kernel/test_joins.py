"""Do inclusive, complex and event-based gateways choose and join as BPMN says?"""

import pytest
from support.diagrams import Diagram, process
from support.memory_engine import MemoryEngine


def inclusive() -> Diagram:
    return (
        process().start().inclusive("split").when("=x > 0").service_task("a").inclusive("join").service_task("after").end()
        .at("split").when("=x > 1").service_task("b").to("join")
        .at("split").otherwise().service_task("c").to("join")
    )  # fmt: skip


@pytest.mark.parametrize(("x", "branches"), [(0, "c"), (1, "a"), (2, "ab"), (2, "ba")])
def test_inclusive_join_waits_for_the_branches_that_were_taken(x: int, branches: str):
    run = MemoryEngine(inclusive().definition()).start(x=x)

    for branch in branches:
        assert not run.waiting["after"]
        run.complete(branch)
    run.complete("after")

    assert run.state == "COMPLETED"
    assert run.completed.count("join") == 1


def test_inclusive_join_sees_that_a_branch_can_no_longer_come():
    diagram = (
        process().start().inclusive("split").when("=true").service_task("a").inclusive("join").end()
        .at("split").when("=true").service_task("b").gateway("x").when("=go").to("join").at("x").otherwise().end("elsewhere")
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start()
    run.complete("a")
    assert "join" not in run.completed
    run.complete("b", go=False)

    assert run.state == "COMPLETED"
    assert "join" in run.completed


def test_inclusive_join_in_a_loop():
    diagram = (
        process().start().gateway("again").inclusive("split").when("=true").service_task("a").inclusive("join").gateway("more")
        .when("=n < 3").to("again").at("more").otherwise().end()
        .at("split").when("=true").service_task("b").to("join")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start(n=0)

    for n in range(1, 4):
        run.complete("b" if n % 2 else "a")
        assert run.completed.count("join") == n - 1
        run.complete("a" if n % 2 else "b", n=n)

    assert run.state == "COMPLETED"
    assert run.completed.count("join") == 3


def test_inclusive_join_waits_for_what_a_boundary_event_may_still_send():
    diagram = (
        process().start().parallel("fork").service_task("a").inclusive("join").end()
        .at("fork").service_task("b").end("b_end").boundary("late", on="b", timer="PT1H").task("hurry").to("join")
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    run.complete("a")
    assert "join" not in run.completed

    engine.advance_time(hours=1)

    assert run.state == "COMPLETED"
    assert run.completed.count("join") == 1


def test_inclusive_gateway_without_a_true_condition_is_an_incident():
    diagram = process().start().inclusive("split").when("=x = 1").end("a").at("split").when("=x = 2").end("b").definition()

    assert [i.kind for i in MemoryEngine(diagram).start(x=3).incidents] == ["CONDITION_ERROR"]


def test_complex_gateway_fires_at_its_condition_and_swallows_the_rest():
    diagram = (
        process().start().parallel("fork").service_task("a").complex("two", activation="=activationCount >= 2").service_task("after").end()
        .at("fork").service_task("b").to("two").at("fork").service_task("c").to("two")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()

    run.complete("c")
    assert not run.waiting["after"]
    run.complete("a")
    assert run.waiting == {"after": 1, "b": 1}
    run.complete("after")
    assert run.state == "ACTIVE"
    run.complete("b")

    assert run.state == "COMPLETED"
    assert run.completed.count("after") == 1


def test_complex_gateway_in_a_loop_fires_again_after_its_reset():
    diagram = (
        process().start().gateway("again").parallel("fork").service_task("a").complex("first", activation="=activationCount >= 1")
        .service_task("after").gateway("more").when("=n < 2").to("again").at("more").otherwise().end()
        .at("fork").service_task("b").to("first")
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start(n=0)

    run.complete("a")
    run.complete("b")
    run.complete("after", n=1)
    run.complete("b")
    run.complete("a")
    run.complete("after", n=2)

    assert run.state == "COMPLETED"
    assert run.completed.count("after") == 2


def test_event_gateway_takes_the_first_event_and_forgets_the_others():
    diagram = (
        process().start().event_gateway("what").catch("answer", message="answer").end("answered")
        .at("what").catch("late", timer="PT1H").end("gave_up").at("what").receive_task("call", "call").end("called")
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    assert run.events == {"answer": 1, "late": 1, "call": 1}

    engine.message("call", None, who="Eva")

    assert run.completed == ["start", "what", "call", "called", "process"]
    assert run.variables == {"who": "Eva"}
    assert run.flows == ["start__what", "what__call", "call__called"]


def test_instantiating_event_gateway_starts_with_the_event_that_came():
    diagram = (
        process().event_gateway("what", instantiate=True).catch("order", message="order").user_task("u").end()
        .at("what").catch("offer", message="offer").end("e2")
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start(event="order", item="book")

    assert run.completed == ["what", "order"]
    assert run.waiting == {"u": 1}
    assert run.variables == {"item": "book"}


def test_parallel_event_gateway_that_starts_the_process_waits_for_all_its_events():
    diagram = (
        process().event_gateway("what", instantiate=True).catch("order", message="order").parallel("both").end()
        .at("what").catch("payment", message="payment").to("both")
    )  # fmt: skip
    diagram._nodes["what"].attributes["eventGatewayType"] = "Parallel"
    engine = MemoryEngine(diagram.definition())

    run = engine.start(event="payment")
    assert run.events == {"order": 1}
    engine.message("order")

    assert run.state == "COMPLETED"
    assert run.completed.count("both") == 1


def test_quantities_of_tokens_that_an_activity_takes_and_gives():
    diagram = process().start().task("three").task("pair").task("last").end()
    diagram._nodes["three"].attributes["completionQuantity"] = "3"
    diagram._nodes["pair"].attributes["startQuantity"] = "2"

    run = MemoryEngine(diagram.definition()).start()

    assert [run.completed.count(task) for task in ("three", "pair", "last")] == [1, 1, 1]
    assert run.state == "ACTIVE"  # the third token waits for a fourth
