"""Does nothing break, leak or hang when events of all kinds hit diagrams of all kinds? Random diagrams, random happenings."""

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.blocks import EXAMPLES
from support.diagrams import Diagram, process
from support.memory_engine import Instance, MemoryEngine

from engine.model import Activation, AdHocResult, CompleteJob, OpenJob, OpenSubscription, OpenTimer

KINDS = (
    "job",
    "task",
    "parallel",
    "inclusive",
    "gateway",
    "sub",
    "many",
    "rounds",
    "transaction",
    "ad_hoc",
    "event_gateway",
    "throw",
    "undo",
)
EDGES = ("timer", "message", "signal", "error", "escalation", "condition", "compensation", "cycle")
INSIDE = ("timer", "message", "error", "escalation", "condition", "signal")


@dataclass
class Scene:
    """Elements in a chain; events at their edges and event sub-processes around, by position; what happens, by number."""

    kinds: list[str]
    arrows: list[tuple[int, int]]
    edges: list[tuple[int, str, bool]]
    inside: list[tuple[str, bool]]
    happenings: list[tuple[str, int]]


def scenes() -> st.SearchStrategy[Scene]:
    kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=6)
    happening = st.tuples(
        st.sampled_from(["job", "job", "job", "error", "timer", "message", "signal", "set", "resolve", "decide"]), st.integers(0, 5)
    )
    return kinds.flatmap(
        lambda k: st.builds(
            Scene,
            st.just(k),
            st.lists(st.tuples(st.integers(0, len(k) - 1), st.integers(0, len(k) - 1)), max_size=4, unique=True),
            st.lists(st.tuples(st.integers(0, len(k) - 1), st.sampled_from(EDGES), st.booleans()), max_size=4),
            st.lists(st.tuples(st.sampled_from(INSIDE), st.booleans()), max_size=2),
            st.lists(happening, max_size=20),
        )
    )


def draw(scene: Scene) -> Diagram:
    diagram = process().start()
    for number, kind in enumerate(scene.kinds):
        _element(diagram, f"n{number}", kind)
    diagram.end()
    for source, target in scene.arrows:
        if scene.kinds[source] != "event_gateway":
            diagram.at(f"n{source}")
            if scene.kinds[source] in ("gateway", "inclusive"):
                diagram.when("=flag")
            diagram.to(f"n{target}")
    for index, (number, kind, interrupting) in enumerate(scene.edges):
        host = f"n{number}"
        if scene.kinds[number] not in ("job", "sub", "many", "rounds", "transaction", "ad_hoc"):
            continue
        if kind == "compensation":
            if f"{host}_compensation" not in diagram._nodes:
                diagram.compensation(host, f"undo{index}", type="work")
            continue
        diagram.boundary(f"b{index}", on=host, interrupting=interrupting or kind == "error", **_event(kind))
        diagram.service_task(f"after{index}", type="work").end(f"end{index}")
    for index, (kind, interrupting) in enumerate(scene.inside):
        diagram.within("process").event_sub_process(f"inside{index}")
        diagram.start(f"happens{index}", interrupting=interrupting or kind == "error", **_event(kind))
        diagram.service_task(f"handle{index}", type="work").end(f"over{index}").done()
    return diagram


def _element(diagram: Diagram, name: str, kind: str) -> None:
    match kind:
        case "job":
            diagram.service_task(name, type="work")
        case "task":
            diagram.task(name)
        case "parallel" | "inclusive" | "gateway":
            getattr(diagram, kind)(name)
            if kind != "parallel":
                diagram.otherwise()
        case "sub":
            diagram.sub_process(name).start(f"{name}s").service_task(f"{name}w", type="work").throw(f"{name}t", escalation="E").end(
                f"{name}e"
            ).done()
        case "many":
            diagram.sub_process(name, times="=2").start(f"{name}s").service_task(f"{name}w", type="work").end(f"{name}e").done()
        case "rounds":
            diagram.service_task(name, type="work", maximum=2)
        case "transaction":
            diagram.sub_process(name, transaction=True).start(f"{name}s").service_task(f"{name}w", type="work").gateway(f"{name}g")
            diagram.when("=flag").end(f"{name}c", cancel=True).at(f"{name}g").otherwise().end(f"{name}e").done()
            diagram.compensation(f"{name}w", f"{name}u", type="work")
            diagram.boundary(f"{name}b", on=name, cancel=True).end(f"{name}x").at(name)
        case "ad_hoc":
            diagram.ad_hoc(name, type="agent").service_task(f"{name}w", type="work").done()
        case "event_gateway":
            diagram.event_gateway(name).catch(f"{name}m", message="m").task(f"{name}z")
            diagram.at(name).catch(f"{name}t", timer="PT1H").to(f"{name}z").at(f"{name}z")
        case "throw":
            diagram.throw(name, signal="s")
        case _:
            diagram.throw(name, compensate=True)


def _event(kind: str) -> dict[str, object]:
    value = {"timer": "PT1H", "cycle": "R2/PT30M", "message": "m", "signal": "s", "error": "E", "escalation": "E", "condition": "=flag"}[
        kind
    ]
    return {kind: value}


def make_happen(engine: MemoryEngine, run: Instance, what: str, number: int) -> None:
    jobs = [w for w in run.waits.values() if isinstance(w, OpenJob)]
    match what:
        case "job" | "error" | "decide" if jobs:
            job = jobs[number % len(jobs)]
            nth = [w.key for w in jobs if w.element_id == job.element_id].index(job.key)
            if job.kind == "AD_HOC_SUB_PROCESS":
                _decide(run, job, number)
            elif what == "error":
                run.throw(job.element_id, "E", nth=nth)
            else:
                run.complete(job.element_id, nth=nth)
        case "timer":
            if timers := [w for w in run.waits.values() if isinstance(w, OpenTimer)]:
                engine.fire(run, timers[number % len(timers)])
        case "message" | "signal":
            wanted = [w for w in run.waits.values() if isinstance(w, OpenSubscription) and w.kind == what]
            if wanted and what == "message":
                engine.message("m", None, note=number)
            elif wanted:
                engine.signal("s")
        case "set":
            run.set(flag=number % 2 == 0)
        case "resolve" if run.incidents:
            run.resolve(number % len(run.incidents))
        case _:
            pass
    engine.settle()


def _decide(run: Instance, job: OpenJob, number: int) -> None:
    del run.waits[job.key]
    tool = Activation(f"{job.element_id}w")
    run.do(CompleteJob(job.element, job.key, {}, AdHocResult((tool,) * (number % 3), number % 3 == 0, number > 3)))


@settings(max_examples=EXAMPLES * 3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(scenes())
def test_whatever_happens_the_instance_stays_consistent_and_can_be_cancelled(scene: Scene):
    definition = draw(scene).definition()
    engine, whole = MemoryEngine(definition, step_budget=80), MemoryEngine(definition, step_budget=80, load_all=True)
    run, other = engine.start(flag=False), whole.start(flag=False)

    for what, number in scene.happenings:
        for of, instance in ((engine, run), (whole, other)):
            if instance.state == "ACTIVE":
                make_happen(of, instance, what, number)
    assert run.completed == other.completed
    assert run.cancelled == other.cancelled
    assert run.variables == other.variables
    assert (run.state, run.waiting, run.events) == (other.state, other.waiting, other.events)

    if run.state == "ACTIVE":
        run.cancel()
    assert not run.waits
    assert not run.elements
