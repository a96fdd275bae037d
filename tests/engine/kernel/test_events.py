"""Do events happen when and where BPMN says? Timers, messages, errors; in the flow, at activities, in event sub-processes."""

from datetime import UTC, datetime

from support.diagrams import process
from support.memory_engine import MemoryEngine

from engine.model import OpenSubscription, OpenTimer


def test_intermediate_timer_waits_its_duration():
    engine = MemoryEngine(process().start().catch("wait", timer="PT10M").end().definition())
    run = engine.start()

    engine.advance_time(minutes=9)
    assert run.events == {"wait": 1}
    engine.advance_time(minutes=1)

    assert run.completed == ["start", "wait", "end", "process"]


def test_timer_dates_may_be_feel():
    engine = MemoryEngine(process().start().catch("wait", date="=at").end().definition())

    run = engine.start(at="2030-03-01T10:00:00+01:00")

    (timer,) = run.waits.values()
    assert isinstance(timer, OpenTimer)
    assert timer.due == datetime(2030, 3, 1, 9, 0, tzinfo=UTC)


def test_timer_without_meaning_is_an_incident():
    run = MemoryEngine(process().start().catch("wait", timer="=soon").end().definition()).start()
    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]

    run.set(soon="PT5S")
    run.resolve()

    assert run.events == {"wait": 1}


def test_interrupting_boundary_timer_cancels_the_job():
    engine = MemoryEngine(
        process()
        .start()
        .service_task("slow")
        .end("done")
        .boundary("late", on="slow", timer="PT1H")
        .user_task("escalate")
        .end("e")
        .definition()
    )
    run = engine.start()

    engine.advance_time(hours=1)

    assert run.waiting == {"escalate": 1}
    assert run.cancelled == ["slow"]
    assert "late" in run.completed


def test_finished_activity_closes_its_boundary_timer():
    engine = MemoryEngine(process().start().service_task("quick").end().boundary("late", on="quick", timer="PT1H").end("e").definition())
    run = engine.start()
    assert run.events == {"late": 1}

    run.complete("quick")

    assert run.state == "COMPLETED"


def test_non_interrupting_boundary_cycle_fires_as_often_as_it_says_without_drift():
    diagram = (
        process()
        .start()
        .user_task("approve")
        .end()
        .boundary("remind", on="approve", interrupting=False, cycle="R3/PT10M")
        .task("mail")
        .end("e")
    )
    engine = MemoryEngine(diagram.definition())
    run = engine.start()

    engine.advance_time(hours=2)

    assert run.completed.count("mail") == 3
    assert run.waiting == {"approve": 1}
    assert not run.events
    run.complete("approve")
    assert run.state == "COMPLETED"


def test_message_catch_waits_for_its_correlation_key():
    engine = MemoryEngine(process().start().catch("paid", message="payment", correlation_key="=order").end().definition())
    run = engine.start(order=4711)
    (wait,) = run.waits.values()
    assert isinstance(wait, OpenSubscription)
    assert (wait.name, wait.correlation_key, wait.kind) == ("payment", "4711", "message")

    assert not engine.message("payment", "4712")
    assert engine.message("payment", "4711", amount=5)

    assert run.state == "COMPLETED"
    assert run.variables == {"order": 4711, "amount": 5}


def test_correlation_key_that_is_null_is_an_incident():
    run = MemoryEngine(process().start().catch("paid", message="payment", correlation_key="=order").end().definition()).start()

    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]


def test_receive_task_without_key_matches_by_name():
    engine = MemoryEngine(process().start().receive_task("paid", "payment").end().definition())
    run = engine.start()

    engine.message("payment", "whatever")

    assert run.state == "COMPLETED"


def test_message_start_event_takes_the_variables():
    engine = MemoryEngine(process().start("order_in", message="order").user_task("u").end().definition())

    engine.message("order", None, item="book")

    assert engine.instances[0].variables == {"item": "book"}
    assert engine.instances[0].completed == ["order_in"]


def test_non_interrupting_message_boundary_may_happen_again_and_again():
    diagram = (
        process().start().user_task("u").end().boundary("note", on="u", interrupting=False, message="note").service_task("log").end("e")
    )
    engine = MemoryEngine(diagram.definition())
    run = engine.start()

    engine.message("note")
    engine.message("note")

    assert run.waiting == {"u": 1, "log": 2}
    run.complete("u")
    assert run.state == "ACTIVE"
    run.complete("log")
    run.complete("log")
    assert run.state == "COMPLETED"


def test_error_boundary_catches_the_matching_code_before_the_catch_all():
    diagram = (
        process().start().service_task("pay").end()
        .boundary("any", on="pay", error=True).end("other")
        .boundary("declined", on="pay", error="DECLINED").end("ask_again")
    )  # fmt: skip

    assert MemoryEngine(diagram.definition()).start().throw("pay", "DECLINED").completed == ["start", "declined", "ask_again", "process"]
    run = MemoryEngine(diagram.definition()).start().throw("pay", "BROKEN", why="disk")
    assert run.completed == ["start", "any", "other", "process"]
    assert run.variables == {"why": "disk"}


def test_error_goes_outward_through_scopes_and_leaves_siblings_alone():
    diagram = (
        process().start().parallel("fork")
        .sub_process("one").start("s1").sub_process("deep").start("s2").service_task("fails").end("e2").done().end("e1").done().end("x")
        .at("fork").sub_process("two").start("s3").service_task("goes_on").end("e3").done().end("y")
        .boundary("caught", on="one", error="E").service_task("handle").end("z")
        .boundary("not_here", on="two", error="E").end("w")
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start().throw("fails", "E")

    assert run.waiting == {"goes_on": 1, "handle": 1}
    assert run.cancelled == ["fails", "deep", "one"]


def test_uncaught_error_is_an_incident_and_resolving_it_opens_the_job_again():
    diagram = process().start().service_task("pay").end().boundary("other", on="pay", error="OTHER").end("e").definition()

    run = MemoryEngine(diagram).start().throw("pay", "UNKNOWN")
    assert [(i.element_id, i.kind) for i in run.incidents] == [("pay", "UNHANDLED_ERROR_EVENT")]
    run.resolve()
    run.complete("pay")

    assert run.state == "COMPLETED"


def test_error_end_event_interrupts_its_sub_process():
    diagram = (
        process().start().sub_process("sub").start("s").parallel("f").user_task("u").end("e").at("f")
        .end("boom", error="E").done().end("fine")
        .boundary("caught", on="sub", error="E").end("handled").definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()

    assert run.state == "COMPLETED"
    assert run.completed == ["start", "s", "f", "caught", "handled", "process"]
    assert sorted(run.cancelled) == ["boom", "sub", "u"]


def test_error_of_a_called_process_is_caught_at_the_call_activity():
    parent = (
        process("parent")
        .start()
        .call("callee", "child")
        .end()
        .boundary("caught", on="callee", error="E")
        .user_task("fix")
        .end("e")
        .definition()
    )
    child = process("child").start().service_task("w").end("boom", error="E").definition()
    run = MemoryEngine(parent, child).start()

    run.children[0].complete("w")

    assert run.children[0].state == "TERMINATED"
    assert run.waiting == {"fix": 1}


def test_error_of_a_called_process_that_nobody_catches_is_an_incident_at_the_call_activity():
    parent = process("parent").start().call("callee", "child").end().definition()
    child = process("child").start().service_task("w").end("boom", error="E").definition()
    run = MemoryEngine(parent, child).start()

    run.children[0].complete("w")
    assert [(i.element_id, i.kind) for i in run.incidents] == [("callee", "UNHANDLED_ERROR_EVENT")]
    run.resolve()

    assert len(run.children) == 2
    assert run.children[1].waiting == {"w": 1}


def test_a_called_process_that_somebody_cancels_is_an_incident_at_the_call_activity():
    parent = process("parent").start().call("callee", "child").end().definition()
    child = process("child").start().service_task("w").end().definition()
    run = MemoryEngine(parent, child).start()

    run.children[0].cancel()
    assert [i.kind for i in run.incidents] == ["CALLED_ELEMENT_ERROR"]
    run.resolve()
    run.children[1].complete("w")

    assert run.state == "COMPLETED"


def test_boundary_event_interrupts_a_call_activity_and_its_process():
    parent = process("parent").start().call("callee", "child").end().boundary("late", on="callee", timer="PT1H").end("e").definition()
    child = process("child").start().sub_process("sub").start("s").service_task("w").end("e").done().end().definition()
    engine = MemoryEngine(parent, child)
    run = engine.start()

    engine.advance_time(hours=1)

    assert run.state == "COMPLETED"
    assert run.children[0].state == "TERMINATED"
