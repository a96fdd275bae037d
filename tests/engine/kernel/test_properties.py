"""Does every diagram run as its structure says, in whatever order the work is done? Restarted at every command.

KERNEL_EXAMPLES sets how many diagrams are tried.
"""

from collections import Counter
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.blocks import EXAMPLES, Block, Drawing, blocks, choices, work_off
from support.diagrams import Diagram, process
from support.memory_engine import MemoryEngine

thorough = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def has_shared_counter(block: Block, inside: bool = False) -> bool:
    """A loop inside parallel instances of one sub-process would share its counter variable among them."""
    if block.kind == "loop" and inside:
        return True
    return any(has_shared_counter(part, inside or block.kind == "many") for part in block.parts)


@thorough
@given(blocks().filter(lambda block: not has_shared_counter(block)), choices)
def test_block_structured_diagrams_complete_exactly_what_their_blocks_say(block: Block, order: list[int]):
    drawing = Drawing(block)

    run = MemoryEngine(drawing.definition).start()
    work_off(run, order)

    assert not run.incidents
    assert run.state == "COMPLETED"
    assert Counter(run.completed) == drawing.expected
    assert not run.cancelled


@thorough
@given(blocks(), choices)
def test_restart_after_every_command_changes_nothing(block: Block, order: list[int]):
    definition = Drawing(block).definition
    by_need, all_at_once = MemoryEngine(definition), MemoryEngine(definition, load_all=True)

    one, other = by_need.start(), all_at_once.start()
    assert work_off(one, order) == work_off(other, order)

    assert one.state == other.state == "COMPLETED"
    assert one.variables == other.variables
    assert one.flows == other.flows
    assert one.completed == other.completed


@thorough
@given(blocks(), choices, st.integers(0, 12))
def test_cancelling_anywhere_leaves_nothing_waiting(block: Block, order: list[int], after: int):
    run = MemoryEngine(Drawing(block).definition).start()
    for turn in range(after):
        if run.waiting:
            names = sorted(run.waiting)
            run.complete(names[order[turn % len(order)] % len(names)])

    if run.state == "ACTIVE":
        run.cancel()
        assert run.state == "TERMINATED"
    assert not run.waits
    assert not run.elements


# ---------------------------------------------------------------- any diagrams


@dataclass
class Sketch:
    """Nodes by kind, and arrows between them by position."""

    kinds: list[str]
    arrows: list[tuple[int, int]]


def sketches() -> st.SearchStrategy[Sketch]:
    kinds = st.lists(st.sampled_from(["job", "job", "gateway", "parallel", "inclusive", "task"]), min_size=2, max_size=8)
    return kinds.flatmap(
        lambda k: st.builds(
            Sketch, st.just(k), st.lists(st.tuples(st.integers(0, len(k) - 1), st.integers(0, len(k) - 1)), max_size=10, unique=True)
        )
    )


def draw(sketch: Sketch) -> Diagram:
    """A chain through all nodes, with the arrows added; an exclusive gateway takes its first way out in the first rounds, then its last."""
    diagram = process().start()
    for number, kind in enumerate(sketch.kinds):
        name = f"n{number}"
        if kind == "job":
            diagram.service_task(name)
        elif kind == "task":
            diagram.task(name)
        else:
            getattr(diagram, kind)(name)
        if kind in ("gateway", "inclusive"):
            diagram.otherwise()
    diagram.end()
    for source, target in sketch.arrows:
        if target != source + 1:
            diagram.at(f"n{source}")
            if sketch.kinds[source] in ("gateway", "inclusive"):
                diagram.when(f"=modulo(length(string(n{source})), 2) = {target % 2}")
            diagram.to(f"n{target}")
    return diagram


@thorough
@given(sketches(), choices)
def test_unstructured_diagrams_keep_every_token_and_can_be_cancelled(sketch: Sketch, order: list[int]):
    diagram = draw(sketch)
    engine = MemoryEngine(diagram.definition(), step_budget=30)

    run = engine.start()
    for turn in range(25):
        if run.state != "ACTIVE" or not run.waiting or len(run.elements) > 300:  # tokens that multiply cost time and show nothing new
            break
        names = sorted(run.waiting)
        run.complete(names[order[turn % len(order)] % len(names)])

    if run.state == "ACTIVE":
        run.cancel()
    assert not run.waits
    assert not run.elements
