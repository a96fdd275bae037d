"""Do event sub-processes, escalations, signals, conditions, links and multiple events behave as BPMN says?"""

from support.diagrams import process
from support.memory_engine import MemoryEngine


def test_interrupting_event_sub_process_ends_all_else_in_its_scope():
    diagram = (
        process().start().parallel("fork").service_task("a").end().at("fork").sub_process("sub").start("s").user_task("u").end("e").done()
        .end("e2").event_sub_process("stop").start("stopped", message="stop").service_task("clean").end("e3").done()
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    assert run.events == {"stopped": 1}

    engine.message("stop", None, why="tired")

    assert run.waiting == {"clean": 1}
    assert sorted(run.cancelled) == ["a", "sub", "u"]
    assert not run.events
    run.complete("clean")
    assert run.state == "COMPLETED"
    assert run.variables == {"why": "tired"}


def test_non_interrupting_event_sub_process_runs_beside_and_again():
    diagram = (
        process().start().sub_process("sub").start("s").user_task("u").end("e").done().service_task("after").end()
        .within("sub").event_sub_process("note").start("noted", signal="note", interrupting=False).service_task("log").end("e2").done()
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()

    engine.signal("note")
    engine.signal("note")
    run.complete("u")
    assert run.waiting == {"log": 2}
    run.complete("log")
    run.complete("log")

    assert run.waiting == {"after": 1}
    assert not run.events


def test_timer_event_sub_process_with_a_cycle():
    diagram = (
        process().start().user_task("u").end()
        .event_sub_process("tick").start("ticked", cycle="R2/PT1M", interrupting=False).task("count").end("e2").done()
    )  # fmt: skip
    engine = MemoryEngine(diagram.definition())
    run = engine.start()

    engine.advance_time(minutes=10)

    assert run.completed.count("count") == 2
    assert run.waiting == {"u": 1}


def test_error_event_sub_process_catches_before_the_boundary():
    diagram = (
        process().start().sub_process("sub").start("s").service_task("w").end("e").done().end("fine")
        .boundary("outer", on="sub", error="E").end("o")
        .within("sub").event_sub_process("handle").start("inner", error="E").service_task("fix").end("e2").done()
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()

    run.throw("w", "E")
    assert run.waiting == {"fix": 1}
    run.complete("fix")

    assert run.completed[-3:] == ["sub", "fine", "process"]


def test_error_inside_an_error_event_sub_process_goes_outward():
    diagram = (
        process().start().sub_process("sub").start("s").service_task("w").end("e").done().end("fine")
        .boundary("outer", on="sub", error="E").end("o")
        .within("sub").event_sub_process("handle").start("inner", error="E").end("again", error="E").done()
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start().throw("w", "E")

    assert "outer" in run.completed
    assert run.state == "COMPLETED"


def test_escalation_is_caught_by_the_nearest_and_the_thrower_goes_on():
    diagram = (
        process().start().sub_process("sub").start("s").throw("raise", escalation="E").user_task("u").end("e").done().end("fine")
        .boundary("noticed", on="sub", escalation="E", interrupting=False).service_task("tell").end("o")
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start()

    assert run.waiting == {"u": 1, "tell": 1}


def test_interrupting_escalation_ends_the_sub_process():
    diagram = (
        process().start().sub_process("sub").start("s").throw("raise", escalation="E").user_task("u").end("e").done().end("fine")
        .boundary("noticed", on="sub", escalation=True).end("o")
    )  # fmt: skip

    run = MemoryEngine(diagram.definition()).start()

    assert run.state == "COMPLETED"
    assert "u" not in run.completed
    assert run.cancelled == ["raise", "sub"]


def test_escalation_of_a_called_process_reaches_the_call_activity():
    parent = process("parent").start().call("callee", "child").end().boundary("noticed", on="callee", escalation="E", interrupting=False)
    child = process("child").start().throw("raise", escalation="E").service_task("w").end().definition()

    run = MemoryEngine(parent.user_task("look").end("e").definition(), child).start()

    assert run.waiting == {"look": 1}
    assert run.children[0].waiting == {"w": 1}


def test_signal_reaches_all_that_wait():
    sender = process("sender").start().throw("send", signal="go").end().definition()
    receiver = process("receiver").start().catch("wait", signal="go").end().definition()
    engine = MemoryEngine(receiver, sender)
    first, second = engine.start(), engine.start()

    engine.start(process="sender")
    engine.settle()

    assert (first.state, second.state) == ("COMPLETED", "COMPLETED")


def test_conditional_events_look_when_a_variable_they_read_changes():
    diagram = process().start().user_task("u").end().boundary("low", on="u", condition="=stock < 10", interrupting=False)
    run = MemoryEngine(diagram.service_task("order").end("e").definition()).start(stock=20)

    run.set(other=1)
    assert run.waiting == {"u": 1}
    run.set(stock=5)
    run.set(stock=4)
    assert run.waiting == {"u": 1, "order": 1}
    run.set(stock=20)
    run.set(stock=3)

    assert run.waiting == {"u": 1, "order": 2}


def test_conditional_catch_that_holds_already_passes_at_once():
    diagram = process().start().catch("enough", condition="=n >= 3").end().definition()

    assert MemoryEngine(diagram).start(n=3).state == "COMPLETED"
    run = MemoryEngine(diagram).start(n=1)
    assert run.state == "ACTIVE"
    assert run.set(n=3).state == "COMPLETED"


def test_conditional_event_sub_process_reads_what_a_job_wrote():
    diagram = (
        process().start().parallel("fork").service_task("a").end().at("fork").service_task("b").end("e2")
        .event_sub_process("alarm").start("hot", condition="=temperature > 100").service_task("cool").end("e3").done()
    )  # fmt: skip
    run = MemoryEngine(diagram.definition()).start()

    run.complete("a", temperature=120)

    assert run.waiting == {"cool": 1}


def test_link_events_jump():
    diagram = process().start().throw("out", link="L").apart().catch("into", link="L").service_task("w").end()

    run = MemoryEngine(diagram.definition()).start()

    assert run.completed == ["start", "out", "into"]
    assert run.waiting == {"w": 1}


def test_multiple_event_happens_with_any_of_its_parts():
    engine = MemoryEngine(process().start().catch("any", message="m", signal="s").end().definition())
    run = engine.start()
    assert run.events == {"any": 2}

    engine.signal("s")

    assert run.state == "COMPLETED"


def test_parallel_multiple_event_happens_when_all_its_parts_have():
    engine = MemoryEngine(process().start().catch("all", message=["m", "n"], signal="s", all_of=True).end().definition())
    run = engine.start()

    engine.signal("s")
    assert run.events == {"all": 2}
    engine.message("m")
    assert run.state == "ACTIVE"
    engine.message("n")

    assert run.state == "COMPLETED"


def test_multiple_end_event_throws_everything():
    sender = process().start().end(signal=["one", "two"], message="m").definition()
    receiver = process("r").start().parallel("f").catch("a", signal="one").end("e1").at("f").catch("b", signal="two").end("e2").definition()
    engine = MemoryEngine(sender, receiver)
    waiting = engine.start(process="r")

    engine.start()
    engine.settle()

    assert waiting.state == "COMPLETED"
    assert [message.name for message in engine.published] == ["m"]


def test_parallel_multiple_event_that_stays_begins_anew_when_all_were_seen():
    diagram = process().start().user_task("u").end().boundary("both", on="u", message="m", signal="s", all_of=True, interrupting=False)
    engine = MemoryEngine(diagram.task("count").end("e").definition())
    run = engine.start()

    for _ in range(2):
        engine.message("m")
        assert not engine.message("m")
        engine.signal("s")

    assert run.completed.count("count") == 2
    assert run.waiting == {"u": 1}


def test_multiple_event_with_a_cycle_keeps_one_timer():
    diagram = process().start().user_task("u").end().boundary("any", on="u", message="m", cycle="R/PT1H", interrupting=False)
    engine = MemoryEngine(diagram.task("count").end("e").definition())
    run = engine.start()

    engine.message("m")
    engine.advance_time(hours=2)
    engine.message("m")

    assert run.completed.count("count") == 4
    assert run.events == {"any": 2}


def test_conditional_event_may_listen_to_new_variables_only():
    diagram = process().start().user_task("u").end().boundary("new", on="u", condition="=n > 1", interrupting=False).task("count").end("e")
    diagram._nodes["new"].body[0] = (
        diagram._nodes["new"]
        .body[0]
        .replace(
            "<bpmn:condition ",
            '<bpmn:extensionElements><zeebe:conditionalFilter variableEvents="create" /></bpmn:extensionElements><bpmn:condition ',
        )
    )
    engine = MemoryEngine(diagram.definition())

    assert engine.start(n=0).set(n=5).completed == ["start"]
    assert engine.start().set(n=5).completed == ["start", "new", "count", "e"]
