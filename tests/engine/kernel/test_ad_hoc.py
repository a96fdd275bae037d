"""Does an ad-hoc sub-process run what the diagram, a person, a worker or an agent chooses?"""

import pytest
from support.diagrams import Diagram, process
from support.memory_engine import Instance, MemoryEngine

from engine.model import ActivateAdHoc, Activation, AdHocResult, ElementKey, OpenJob, Refused


def tools(**options: object) -> Diagram:
    return (
        process().start().ad_hoc("tools", **options).service_task("search", inputs={"query": '=fromAi(toolCall.query, "what to look for")'})
        .apart().user_task("ask").service_task("log").done().service_task("after").end()
    )  # fmt: skip


def activate(run: Instance, *elements: str) -> Instance:
    return run.do(ActivateAdHoc(ElementKey(run.keys_of("tools")[0]), tuple(Activation(element) for element in elements)))


def test_collection_names_what_is_activated_and_all_must_end():
    run = MemoryEngine(tools(active='=["search", "ask"]').definition()).start()
    assert run.waiting == {"search": 1, "ask": 1}

    run.complete("ask")
    assert run.waiting == {"search": 1, "log": 1}
    run.complete("log")
    run.complete("search")

    assert run.waiting == {"after": 1}


def test_collection_with_an_unknown_element_is_an_incident():
    run = MemoryEngine(tools(active="=chosen").definition()).start(chosen=["log"])

    assert [i.kind for i in run.incidents] == ["EXTRACT_VALUE_ERROR"]
    run.set(chosen=["ask"])
    run.resolve()
    assert run.waiting == {"ask": 1}


def test_empty_collection_is_done_at_once():
    assert MemoryEngine(tools(active="=[]").definition()).start().waiting == {"after": 1}


def test_people_activate_until_the_completion_condition_holds():
    run = MemoryEngine(tools(completion="=enough").definition()).start(enough=False)
    assert not run.waiting

    activate(run, "search")
    run.complete("search")
    assert run.state == "ACTIVE"
    activate(run, "ask", "search")
    run.complete("search", enough=True)

    assert run.waiting == {"after": 1}
    assert "ask" in run.cancelled


def test_what_remains_may_end_by_itself():
    run = MemoryEngine(tools(completion="=enough", cancel_remaining=False).definition()).start(enough=False)

    activate(run, "ask", "search")
    run.complete("search", enough=True)
    assert run.waiting == {"ask": 1}
    with pytest.raises(Refused):
        activate(run, "search")
    run.complete("ask")
    assert run.waiting == {"log": 1}
    run.complete("log")

    assert run.waiting == {"after": 1}


@pytest.mark.parametrize("cancel_remaining", [True, False])
def test_condition_that_holds_in_the_middle_of_a_flow(cancel_remaining: bool):
    run = MemoryEngine(tools(completion="=enough", cancel_remaining=cancel_remaining).definition()).start(enough=False)
    activate(run, "ask")

    run.complete("ask", enough=True)

    if not cancel_remaining:
        assert run.waiting == {"log": 1}
        run.complete("log")
    assert run.waiting == {"after": 1}
    assert "log" not in run.cancelled


def test_sequential_one_refuses_a_second_activity():
    run = MemoryEngine(tools(completion="=enough", sequential=True).definition()).start(enough=False)

    activate(run, "ask")
    with pytest.raises(Refused):
        activate(run, "search")
    with pytest.raises(Refused):
        activate(run, "log")

    assert run.waiting == {"ask": 1}


def test_sequential_one_runs_its_collection_one_after_the_other():
    run = MemoryEngine(tools(active='=["search", "ask"]', sequential=True).definition()).start()
    assert run.waiting == {"search": 1}

    run.complete("search")
    assert run.waiting == {"ask": 1}


def test_a_worker_decides_what_runs_and_is_asked_again_when_something_ends():
    collect = ("results", "={id: toolCall.id, content: result}")
    run = MemoryEngine(tools(type="agent", collect=collect).definition()).start()
    job = run.wait("tools")
    assert isinstance(job, OpenJob)
    assert (job.type, job.kind) == ("agent", "AD_HOC_SUB_PROCESS")
    (search, ask) = run.local(job.element)["adHocSubProcessElements"]
    assert (search["elementId"], ask["elementId"]) == ("search", "ask")
    assert search["parameters"] == [{"name": "query", "description": "what to look for", "type": None, "schema": None, "options": None}]

    calls = [Activation("search", {"toolCall": {"id": n, "query": q}, "result": ""}) for n, q in [(1, "a"), (2, "b")]]
    run.decide_ad_hoc("tools", AdHocResult(tuple(calls)), agent={"turn": 1})
    assert run.waiting == {"search": 2}
    assert sorted(run.local(key)["query"] for key in run.keys_of("search")) == ["a", "b"]
    run.complete("search", result="found a")
    first = run.wait("tools")
    run.complete("search", result="found b")
    assert run.waiting == {"tools": 1}
    assert run.wait("tools").key != first.key
    assert run.local(job.element)["results"] == [{"id": 1, "content": "found a"}, {"id": 2, "content": "found b"}]

    run.decide_ad_hoc("tools", AdHocResult(is_completion_condition_fulfilled=True), answer="42")

    assert run.waiting == {"after": 1}
    assert run.variables["answer"] == "42"
    assert len(run.variables["results"]) == 2


def test_a_worker_may_cancel_what_still_runs():
    run = MemoryEngine(tools(type="agent").definition()).start()
    run.decide_ad_hoc("tools", AdHocResult((Activation("ask"), Activation("search"))))
    run.complete("search")

    run.decide_ad_hoc("tools", AdHocResult(is_completion_condition_fulfilled=True, is_cancel_remaining_instances=True))

    assert run.waiting == {"after": 1}
    assert "ask" in run.cancelled


def test_events_inside_reach_the_worker():
    diagram = (
        tools(type="agent").within("tools").event_sub_process("news").start("came", message="news", interrupting=False).end("e").done()
    )
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    run.decide_ad_hoc("tools", AdHocResult((Activation("ask"),)))

    engine.message("news")

    assert run.waiting == {"ask": 1, "tools": 1}


def test_interrupting_event_takes_the_decision_from_the_worker():
    diagram = tools(type="agent").within("tools").event_sub_process("stop").start("came", message="stop").user_task("clean").end("e").done()
    engine = MemoryEngine(diagram.definition())
    run = engine.start()
    run.decide_ad_hoc("tools", AdHocResult((Activation("ask"), Activation("search"))))
    run.complete("search")

    engine.message("stop")
    assert run.waiting == {"clean": 1}
    run.complete("clean")

    assert run.waiting == {"after": 1}
    assert run.cancelled == ["ask", "tools#innerInstance"]
