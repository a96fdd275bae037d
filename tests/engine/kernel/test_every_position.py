"""Does an event do at each position what BPMN says there?"""

import pytest
from support.diagrams import process
from support.memory_engine import MemoryEngine

from bpmn.coverage import BOUNDARY, CATCH, END, EVENT_SUB_PROCESS_START, EVENTS, NON_INTERRUPTING_BOUNDARY, THROW

WAITED = {"timer": {"timer": "PT1H"}, "message": {"message": "m"}, "signal": {"signal": "s"}, "conditional": {"condition": "=flag"}}
POSITIONS = (CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY, EVENT_SUB_PROCESS_START)
CASES = [(kind, position) for kind in WAITED for position in POSITIONS if position in EVENTS[kind]]


@pytest.mark.parametrize(("kind", "position"), CASES, ids=[f"{kind}-{position}" for kind, position in CASES])
def test_event_is_waited_for_and_goes_on_behind_it(kind: str, position: str):
    event = WAITED[kind]
    diagram = process().start()
    if position == CATCH:
        diagram.catch("event", **event).user_task("behind").end()
    else:
        diagram.user_task("host").end()
        if position == EVENT_SUB_PROCESS_START:
            diagram.within("process").event_sub_process("inside").start("event", **event).user_task("behind").end("over").done()
        else:
            diagram.boundary("event", on="host", interrupting=position == BOUNDARY, **event).user_task("behind").end("over")
    engine = MemoryEngine(diagram.definition())
    run = engine.start(flag=False)
    assert "behind" not in run.waiting

    match kind:
        case "timer":
            engine.advance_time(hours=1)
        case "message":
            engine.message("m")
        case "signal":
            engine.signal("s")
        case _:
            run.set(flag=True)

    host_stays = position == NON_INTERRUPTING_BOUNDARY
    assert run.waiting == ({"host": 1, "behind": 1} if host_stays else {"behind": 1})
    assert run.cancelled == ([] if host_stays or position == CATCH else ["host"])


THROWN = [
    (kind, thrown, caught)
    for kind in ("error", "escalation")
    for thrown in (THROW, END)
    for caught in (BOUNDARY, NON_INTERRUPTING_BOUNDARY)
    if {thrown, caught} <= EVENTS[kind]
]


@pytest.mark.parametrize(("kind", "thrown", "caught"), THROWN, ids=[f"{k}-{t} to {c}" for k, t, c in THROWN])
def test_event_is_thrown_and_caught_at_the_edge(kind: str, thrown: str, caught: str):
    diagram = process().start().sub_process("host").start("s").parallel("fork").user_task("beside").end("e").at("fork")
    getattr(diagram, "throw" if thrown == THROW else "end")("event", **{kind: "E"})
    diagram.done().end().boundary("caught", on="host", interrupting=caught == BOUNDARY, **{kind: "E"}).user_task("behind").end("over")

    run = MemoryEngine(diagram.definition()).start()

    assert run.waiting == ({"behind": 1} if caught == BOUNDARY else {"beside": 1, "behind": 1})
