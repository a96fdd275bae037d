"""Which elements of a block-structured diagram must complete, and how often? Random blocks that know it.

KERNEL_EXAMPLES sets how many diagrams a property tries.
"""

import os
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import strategies as st
from support.diagrams import Diagram, process
from support.memory_engine import Instance

from bpmn.model import ProcessDefinition
from engine.model import OpenJob

EXAMPLES = int(os.environ.get("KERNEL_EXAMPLES", "40"))

choices = st.lists(st.integers(0, 5), min_size=1, max_size=12)


@dataclass
class Block:
    """`kind`: job, script, xor, and, or, loop, sub, many (multi-instance). `chosen`: the branches taken, or the number of rounds."""

    kind: str
    parts: list["Block"] = field(default_factory=list["Block"])
    chosen: tuple[int, ...] = ()


def blocks(depth: int = 3) -> st.SearchStrategy[Block]:
    leaf = st.sampled_from([Block("job"), Block("script"), Block("job")])
    if depth == 0:
        return leaf
    inner = blocks(depth - 1)
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        leaf,
        st.builds(lambda parts: Block("seq", parts), several),
        several.flatmap(lambda parts: st.integers(0, len(parts) - 1).map(lambda i: Block("xor", parts, (i,)))),
        st.builds(lambda parts: Block("and", parts), several),
        several.flatmap(
            lambda parts: st.sets(st.integers(0, len(parts) - 1), min_size=1).map(lambda c: Block("or", parts, tuple(sorted(c))))
        ),
        st.builds(lambda part, n: Block("loop", [part], (n,)), inner, st.integers(1, 3)),
        st.builds(lambda part: Block("sub", [part]), inner),
        st.builds(lambda part, n: Block("many", [part], (n,)), inner, st.integers(0, 3)),
        st.builds(lambda part, n: Block("each", [part], (n,)), inner, st.integers(1, 3)),
    )


class Drawing:
    """Draws a block and counts how often each of its elements must complete."""

    def __init__(self, block: Block) -> None:
        self.diagram: Diagram = process().start()
        self.expected: Counter[str] = Counter({"start": 1, "end": 1, "process": 1})
        self._number = 0
        self._draw(block, 1)
        self.diagram.end()

    @property
    def definition(self) -> ProcessDefinition:
        return self.diagram.definition()

    def _new(self, kind: str, times: int) -> str:
        self._number += 1
        name = f"{kind}{self._number}"
        if times:
            self.expected[name] += times
        return name

    def _draw(self, block: Block, times: int) -> None:
        match block.kind:
            case "job":
                self.diagram.service_task(self._new("job", times))
            case "script":
                self.diagram.script_task(self._new("script", times), "=1", "x")
            case "seq":
                for part in block.parts:
                    self._draw(part, times)
            case "xor" | "and" | "or":
                self._branches(block, times)
            case "loop":
                self._loop(block, times)
            case "sub":
                self.diagram.sub_process(self._new("sub", times))
                self._inside(block, times)
            case _:
                n = block.chosen[0]
                self.diagram.sub_process(self._new("many", times * n), times=f"={n}", sequential=block.kind == "each")
                self._inside(block, times * n)

    def _inside(self, block: Block, times: int) -> None:
        self.diagram.start(self._new("s", times))
        self._draw(block.parts[0], times)
        self.diagram.end(self._new("e", times))
        self.diagram.done()

    def _branches(self, block: Block, times: int) -> None:
        add = {"xor": "gateway", "and": "parallel", "or": "inclusive"}[block.kind]
        taken = range(len(block.parts)) if block.kind == "and" else block.chosen
        passes = times if block.kind != "xor" else times * len(taken)
        split, join = self._new("split", times), self._new("join", passes)
        getattr(self.diagram, add)(split)
        for index, part in enumerate(block.parts):
            self.diagram.at(split)
            if block.kind != "and":
                self.diagram.when(f"={'true' if index in taken else 'false'}")
            self._draw(part, times if index in taken else 0)
            if index:
                self.diagram.to(join)
            else:
                getattr(self.diagram, add)(join)
        self.diagram.at(join)

    def _loop(self, block: Block, times: int) -> None:
        n = block.chosen[0]
        enter, count, again = self._new("enter", times * n), self._new("count", times * n), self._new("again", times * n)
        counter = f"c_{count}"
        zero = self._new("zero", times)
        self.diagram.script_task(zero, "=0", counter).gateway(enter)
        self._draw(block.parts[0], times * n)
        self.diagram.script_task(count, f"={counter} + 1", counter).gateway(again).when(f"={counter} < {n}").to(enter).at(again).otherwise()


def work_off(run: Instance, choices: list[int], limit: int = 2000) -> list[str]:
    """Completes whatever waits, in the order that the choices say; returns that order."""
    order: list[str] = []
    for turn in range(limit):
        jobs = sorted(w.key for w in run.waits.values() if isinstance(w, OpenJob))
        if not jobs:
            return order
        job = run.waits[jobs[choices[turn % len(choices)] % len(jobs)]]
        assert isinstance(job, OpenJob)
        open_here = [w.key for w in run.waits.values() if isinstance(w, OpenJob) and w.element_id == job.element_id]
        order.append(job.element_id)
        run.complete(job.element_id, nth=open_here.index(job.key))
    raise AssertionError("it never comes to an end")
