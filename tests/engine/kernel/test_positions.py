"""Does every kind of event work at every position where BPMN 2.0 (table 10.93) allows it?"""

import pytest
from support.diagrams import Diagram, process
from support.memory_engine import Instance, MemoryEngine

DEFINITIONS: dict[str, dict[str, object]] = {
    "timer": {"timer": "PT1H"},
    "date": {"date": "2030-01-01T09:00:00Z"},
    "cycle": {"cycle": "R1/PT1H"},
    "message": {"message": "m"},
    "signal": {"signal": "s"},
    "conditional": {"condition": "=hot"},
    "escalation": {"escalation": "E"},
    "error": {"error": "E"},
    "multiple": {"message": "m", "signal": "other"},
    "parallel multiple": {"message": "m", "signal": "s", "all_of": True},
}
OUTSIDE = ["timer", "date", "message", "signal", "conditional", "multiple", "parallel multiple"]
CAUGHT = [*OUTSIDE, "cycle", "escalation"]


def make_happen(engine: MemoryEngine, run: Instance, kind: str) -> None:
    match kind:
        case "timer" | "date" | "cycle":
            engine.advance_time(hours=1)
        case "message" | "multiple":
            assert engine.message("m")
        case "signal":
            engine.signal("s")
        case "conditional":
            run.set(hot=True)
        case "parallel multiple":
            assert engine.message("m")
            engine.signal("s")
        case "escalation":
            run.complete("trouble")
        case _:
            run.throw("trouble", "E")


def around(diagram: Diagram) -> Diagram:
    """A sub-process in which somebody works and something can go wrong."""
    return (
        diagram.start().sub_process("sub").start("s").parallel("fork").user_task("u").end("e").at("fork").service_task("trouble")
        .throw("raise", escalation="E").end("e2").done().user_task("after").end()
    )  # fmt: skip


@pytest.mark.parametrize("kind", OUTSIDE)
def test_intermediate_catch(kind: str):
    engine = MemoryEngine(process().start().catch("it", **DEFINITIONS[kind]).user_task("after").end().definition())
    run = engine.start(hot=False)
    assert not run.waiting

    make_happen(engine, run, kind)

    assert run.waiting == {"after": 1}
    assert not run.events


@pytest.mark.parametrize("kind", [*CAUGHT, "error"])
def test_interrupting_boundary(kind: str):
    diagram = around(process()).boundary("it", on="sub", **DEFINITIONS[kind]).user_task("handle").end("x")
    engine = MemoryEngine(diagram.definition())
    run = engine.start(hot=False)

    make_happen(engine, run, kind)

    assert run.waiting == {"handle": 1}
    assert {"sub", "u"} <= set(run.cancelled)
    assert not run.events
    assert run.complete("handle").state == "COMPLETED"


@pytest.mark.parametrize("kind", CAUGHT)
def test_non_interrupting_boundary(kind: str):
    diagram = around(process()).boundary("it", on="sub", interrupting=False, **DEFINITIONS[kind]).user_task("handle").end("x")
    engine = MemoryEngine(diagram.definition())
    run = engine.start(hot=False)

    make_happen(engine, run, kind)

    assert (run.waiting["handle"], run.waiting["u"]) == (1, 1)
    assert not run.cancelled


@pytest.mark.parametrize("kind", [*CAUGHT, "error"])
def test_interrupting_event_sub_process(kind: str):
    diagram = around(process()).within("sub").event_sub_process("esp").start("it", **DEFINITIONS[kind]).user_task("handle").end("x").done()
    engine = MemoryEngine(diagram.definition())
    run = engine.start(hot=False)

    make_happen(engine, run, kind)

    assert run.waiting == {"handle": 1}
    assert "u" in run.cancelled
    assert not run.events
    assert run.complete("handle").waiting == {"after": 1}


@pytest.mark.parametrize("kind", CAUGHT)
def test_non_interrupting_event_sub_process(kind: str):
    diagram = around(process()).within("sub").event_sub_process("esp").start("it", interrupting=False, **DEFINITIONS[kind])
    engine = MemoryEngine(diagram.user_task("handle").end("x").done().definition())
    run = engine.start(hot=False)

    make_happen(engine, run, kind)

    assert (run.waiting["handle"], run.waiting["u"]) == (1, 1)
    assert not run.cancelled


@pytest.mark.parametrize("kind", ["timer", "date", "cycle", "message", "signal", "multiple"])
def test_start_of_a_process(kind: str):
    engine = MemoryEngine(process().start("it", **DEFINITIONS[kind]).user_task("after").end().definition())

    run = engine.start(event="it", order=1)

    assert run.completed == ["it"]
    assert run.waiting == {"after": 1}
    assert run.variables == {"order": 1}


@pytest.mark.parametrize("position", ["throw", "end"])
@pytest.mark.parametrize("kind", ["message", "signal", "escalation", "multiple"])
def test_throw_and_end(position: str, kind: str):
    diagram = process().start().sub_process("sub").start("s")
    definition = {"message": ["m", "n"]} if kind == "multiple" else DEFINITIONS[kind]
    getattr(diagram, position)("it", **definition)
    diagram = diagram.done() if position == "end" else diagram.end("e").done()
    diagram = diagram.end().boundary("noticed", on="sub", escalation="E", interrupting=False).end("x")
    listener = process("listener").start().catch("heard", **({"signal": "s"} if kind == "signal" else {"message": "m"})).end().definition()
    engine = MemoryEngine(diagram.definition(), listener)
    waiting = engine.start(process="listener")

    run = engine.start()
    engine.settle()

    assert run.state == "COMPLETED"
    assert "it" in run.completed
    assert ("noticed" in run.completed) is (kind == "escalation")
    assert (waiting.state == "COMPLETED") is (kind != "escalation")


@pytest.mark.parametrize("kind", ["timer", "message", "signal", "conditional", "multiple"])
def test_behind_an_event_gateway(kind: str):
    diagram = process().start().event_gateway("what").catch("it", **DEFINITIONS[kind]).end()
    diagram.at("what").catch("never", message="never").end("x")
    engine = MemoryEngine(diagram.definition())
    run = engine.start(hot=False)

    make_happen(engine, run, kind)

    assert run.completed == ["start", "what", "it", "end", "process"]
