"""How fast is the pure kernel, and does its cost stay linear in the size of the work?

    python -m benchmarks.kernel [--quick]

Only `advance` is timed; loading and storing are left out. Every shape is measured at its full size and at a tenth of it: the time per
element may grow by half at most.
"""

import argparse
import statistics
import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from support.diagrams import Diagram, process  # noqa: E402
from support.memory_engine import Keys, MemoryResources  # noqa: E402

from bpmn.model import ProcessDefinition  # noqa: E402
from engine.kernel import advance  # noqa: E402
from engine.model import (  # noqa: E402
    Command,
    CompleteJob,
    Create,
    DefinitionKey,
    ElementInstance,
    ElementKey,
    EndElement,
    EndInstance,
    InstanceKey,
    InstanceState,
    Json,
    OpenJob,
    PutElement,
    PutItem,
    PutVariable,
    StateNeeded,
    Variables,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Run:
    """One instance in dictionaries; `seconds` is the time spent inside the kernel."""

    def __init__(self, definition: ProcessDefinition, variables: Variables) -> None:
        self.definition, self.keys, self.resources = definition, Keys(), MemoryResources({})
        self.key = self.keys.next()
        self.elements: dict[ElementKey, ElementInstance] = {}
        self.variables: dict[ElementKey, dict[str, Json]] = {}
        self.items: dict[tuple[ElementKey, str, int], Json] = {}
        self.jobs: deque[OpenJob] = deque()
        self.seconds, self.steps, self.ended = 0.0, 0, 0
        self.is_active = True
        self.step(Create(variables), None)

    def complete_all(self, variables: Variables | None = None) -> "Run":
        while self.jobs:
            job = self.jobs.popleft()
            self.step(CompleteJob(job.element, job.key, variables or {}), job.element)
        assert not self.is_active, "it did not come to its end"
        return self

    def step(self, command: Command, address: ElementKey | None) -> None:
        needed: list[StateNeeded] = []
        while True:
            state = self._load(address, needed)
            begun = time.thread_time()
            try:
                effects = advance(self.definition, state, command, NOW, resources=self.resources, keys=self.keys, step_budget=10**9)
            except StateNeeded as need:
                self.seconds += time.thread_time() - begun
                needed.append(need)
                continue
            self.seconds += time.thread_time() - begun
            break
        self.steps += 1
        for effect in effects:
            match effect:
                case PutElement(instance=instance):
                    self.elements[instance.key] = instance
                    self.variables.setdefault(instance.key, {})
                case EndElement(instance=instance):
                    self.ended += 1
                    self.elements.pop(instance.key, None)
                    self.variables.pop(instance.key, None)
                case PutVariable(scope=scope, name=name, value=value):
                    self.variables.setdefault(scope, {})[name] = value
                case PutItem(owner=owner, name=name, index=index, value=value):
                    self.items[owner, name, index] = value
                case OpenJob():
                    self.jobs.append(effect)
                case EndInstance():
                    self.is_active = False
                case _:
                    pass

    def _load(self, address: ElementKey | None, needed: list[StateNeeded]) -> InstanceState:
        state = InstanceState(InstanceKey(self.key), DefinitionKey(1))
        at = address
        while at is not None:
            element = self.elements[at]
            state.elements[at] = ElementInstance(
                at, element.element_id, element.type, element.parent, element.started_at, dict(element.data)
            )
            state.variables[at] = dict(self.variables[at])
            at = element.parent
        for need in needed:
            for owner, name, index in need.items:
                if index is None:
                    state.items_loaded.add((owner, name))
                    state.items.update({key: value for key, value in self.items.items() if key[:2] == (owner, name)})
                else:
                    state.items[owner, name, index] = self.items[owner, name, index]
            for scope in need.children_of:
                state.children_loaded.add(scope)
                for element in self.elements.values():
                    if element.parent == scope and element.key not in state.elements:
                        state.elements[element.key] = element
                        state.variables[element.key] = dict(self.variables[element.key])
        return state


# ---------------------------------------------------------------- shapes


def loop(turns: int) -> Run:
    diagram = process().start().gateway("again").service_task("work").script_task("count", "=n + 1", "n").gateway("more")
    diagram.when(f"=n < {turns}").to("again").at("more").otherwise().end()
    return Run(diagram.definition(), {"n": 0}).complete_all()


def parallel_multi_instance(items: int) -> Run:
    return Run(_each(sequential=False), {"items": list(range(items))}).complete_all({"result": 1})


def sequential_multi_instance(items: int) -> Run:
    return Run(_each(sequential=True), {"items": list(range(items))}).complete_all({"result": 1})


def _each(*, sequential: bool) -> ProcessDefinition:
    diagram = process().start().service_task("work", each="=items", element="item", collect=("results", "=result"), sequential=sequential)
    return diagram.end().definition()


def parallel_branches(branches: int) -> Run:
    diagram = process().start().parallel("fork").service_task("w0").parallel("join").end()
    for number in range(1, branches):
        diagram.at("fork").service_task(f"w{number}").to("join")
    return Run(diagram.definition(), {}).complete_all()


def diamonds(count: int) -> Run:
    diagram = process().start()
    for number in range(count):
        split, join = f"split{number}", f"join{number}"
        diagram.parallel(split).service_task(f"a{number}").parallel(join).at(split).service_task(f"b{number}").to(join).at(join)
    return Run(diagram.end().definition(), {}).complete_all()


def inclusive_diamonds(count: int) -> Run:
    diagram = process().start()
    for number in range(count):
        split, join = f"split{number}", f"join{number}"
        diagram.inclusive(split).when("=true").service_task(f"a{number}").inclusive(join)
        diagram.at(split).when("=true").service_task(f"b{number}").to(join).at(join)
    return Run(diagram.end().definition(), {}).complete_all()


def nested_sub_processes(depth: int) -> Run:
    diagram: Diagram = process().start()
    for number in range(depth):
        diagram.sub_process(f"sub{number}").start(f"s{number}")
    diagram.service_task("work")
    for number in range(depth):
        diagram.end(f"e{number}").done()
    return Run(diagram.end().definition(), {}).complete_all()


SHAPES = [
    ("loop, turns", loop, 10_000),
    ("multi-instance, parallel", parallel_multi_instance, 10_000),
    ("multi-instance, sequential", sequential_multi_instance, 10_000),
    ("parallel branches", parallel_branches, 200),
    ("parallel diamonds in a row", diamonds, 140),
    ("inclusive diamonds in a row", inclusive_diamonds, 140),
    ("nested sub-processes", nested_sub_processes, 20),
]


def simple_step() -> float:
    """Microseconds to complete a job and open the next, in the middle of a process; the median of many."""
    definition = process().start().service_task("a").service_task("b").end().definition()
    times: list[float] = []
    for _ in range(3_000):
        run = Run(definition, {"customer": "c1"})
        run.seconds = 0.0
        job = run.jobs.popleft()
        run.step(CompleteJob(job.element, job.key, {"result": 1}), job.element)
        times.append(run.seconds * 1e6)
    return statistics.median(times)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    divisor = 10 if arguments.parse_args().quick else 1
    step = simple_step()
    print(f"{'simple step':32} {step:8.1f} µs   (limit 40)")
    failed = step > 40
    for name, shape, size in SHAPES:
        large = max(10, size // divisor)
        small = max(2, large // 10)
        per_element = [min(_microseconds(shape(count), count) for _ in range(3)) for count in (small, large)]
        growth = per_element[1] / per_element[0]
        failed = failed or growth > 1.5
        print(f"{name:32} {per_element[1]:8.1f} µs each at {large:6}, {per_element[0]:8.1f} at {small:5}: × {growth:.2f}   (limit × 1.5)")
    return 1 if failed else 0


def _microseconds(run: Run, count: int) -> float:
    return run.seconds * 1e6 / count


if __name__ == "__main__":
    sys.exit(main())
