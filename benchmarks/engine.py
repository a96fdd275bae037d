"""How many process instances a second does the engine carry through, every step on disk?

    python -m benchmarks.engine [--workload w1|w3|w4|w5] [--count 300] [--callers 1] [--database-url sqlite:///PATH] [--profile]

w1: ten service tasks, then a gateway. w3: one multi-instance. w4: one loop. w5: instances parked at a user task, 200 completed.
Every job is activated and completed; a step is answered when it is on disk.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from engine.runtime import Actor, Engine, Page, Resource, requests

BENCH = Actor("bench", "worker")
_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="definitions" targetNamespace="benchmark">'
)


def _file(process: str, body: str) -> Resource:
    text = f'{_HEAD}<bpmn:process id="{process}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return Resource(f"{process}.bpmn", text.encode())


def _service_task(id: str, inside: str = "") -> str:
    binding = '<bpmn:extensionElements><zeebe:taskDefinition type="bench"/></bpmn:extensionElements>'
    return f'<bpmn:serviceTask id="{id}">{binding}{inside}</bpmn:serviceTask>'


def _flow(source: str, target: str, condition: str = "") -> str:
    inside = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>' if condition else ""
    return f'<bpmn:sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


_ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'


def w1_file() -> Resource:
    tasks = [f"task{number}" for number in range(10)]
    flows = [_flow(source, target) for source, target in pairwise(["start", *tasks, "gateway"])]
    gateway = '<bpmn:exclusiveGateway id="gateway" default="gateway-bad"/><bpmn:endEvent id="bad"/>'
    branches = _flow("gateway", "end", "=result &gt; 5") + _flow("gateway", "bad")
    return _file("w1", _ENDS + "".join(map(_service_task, tasks)) + "".join(flows) + gateway + branches)


def w3_file() -> Resource:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=result"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    return _file("w3", _ENDS + _flow("start", "task") + _service_task("task", loop) + _flow("task", "end"))


def w4_file() -> Resource:
    gateway = '<bpmn:exclusiveGateway id="merge"/><bpmn:exclusiveGateway id="again" default="again-end"/>'
    flows = _flow("start", "merge") + _flow("merge", "task") + _flow("task", "again")
    return _file(
        "w4", _ENDS + gateway + _service_task("task") + flows + _flow("again", "merge", "=turn &lt; turns") + _flow("again", "end")
    )


def w5_file() -> Resource:
    task = '<bpmn:userTask id="task"><bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask>'
    return _file("w5", _ENDS + _flow("start", "task") + task + _flow("task", "end"))


def w1(engine: Engine, instances: int, callers: int) -> None:
    per_caller = instances // callers

    def run() -> None:
        for number in range(per_caller):
            engine.create_instance(process_id="w1", variables={"order": number, "customer": "Ann"}, actor=BENCH)
        for _ in range(10):
            _work(engine, per_caller, result=7)

    _together([run] * callers)


def w3(engine: Engine, items: int, callers: int) -> None:
    engine.create_instance(process_id="w3", variables={"items": list(range(items))}, actor=BENCH)
    _together([lambda: _work(engine, items // callers, result=1)] * callers)


def w4(engine: Engine, turns: int, callers: int) -> None:
    engine.create_instance(process_id="w4", variables={"turns": turns}, actor=BENCH)
    times: list[float] = []
    for turn in range(1, turns + 1):
        begun = time.perf_counter()
        _work(engine, 1, turn=turn)
        times.append(time.perf_counter() - begun)
    tenth = max(1, turns // 10)
    print(f"  a turn: {statistics.median(times[:tenth]) * 1000:.2f} ms at first, {statistics.median(times[-tenth:]) * 1000:.2f} ms at last")


def w5(engine: Engine, instances: int, callers: int) -> None:
    """Parks them all, then completes 200: latency, memory and storage."""
    request = requests.CreateInstance("w5", None, None, {"order": 1, "customer": "Ann"})
    begun = time.perf_counter()
    for start in range(0, instances, 2000):
        futures = [engine.submit(request, actor=BENCH) for _ in range(min(2000, instances - start))]
        for future in futures:
            future.result()
    print(f"  parked in {time.perf_counter() - begun:.1f} s")
    tasks = engine.search("user_task", {"state": "CREATED"}, page=Page(limit=200)).items
    times: list[float] = []
    for task in tasks:
        begun = time.perf_counter()
        engine.complete_user_task(task.key, {"ok": True}, actor=BENCH)
        times.append(time.perf_counter() - begun)
    times.sort()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  completing: p50 {times[100] * 1000:.2f} ms, p99 {times[197] * 1000:.2f} ms; memory {memory:.0f} MB")


def _work(engine: Engine, jobs: int, **variables: object) -> None:
    left = jobs
    while left:
        leased = engine.activate_jobs(type="bench", worker="w", timeout_ms=600_000, max_jobs=min(64, left), actor=BENCH)
        for job in leased:
            engine.complete_job(job.key, variables, lease=job.lease, actor=BENCH)
        left -= len(leased)


def _together(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", choices=list(WORKLOADS), default="w1")
    parser.add_argument("--count", type=int, help="instances (w1, w5), items (w3) or turns (w4)")
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--database-url")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    run, file, usual, unit = WORKLOADS[options.workload]
    count = (options.count or usual) // options.callers * options.callers
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{Path(folder) / 'bench.db'}"
        with Engine(url) as engine:
            engine.deploy([file()], actor=BENCH)
            profiler = cProfile.Profile(time.thread_time)
            if options.profile:
                process = engine._processor._process
                engine._processor._process = lambda batch: profiler.runcall(process, batch)
            before, cpu_before, begun = engine.metrics(), time.process_time(), time.perf_counter()
            run(engine, count, options.callers)
            seconds, cpu, after = time.perf_counter() - begun, time.process_time() - cpu_before, engine.metrics()
            done = engine.search("process_instance", {"state": "COMPLETED"}).total
            expected = {"w1": count, "w5": 200}.get(options.workload, 1)
            assert done == expected, f"{done} instances are completed, not {expected}"
            if options.profile:
                pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    rows, commits = (after.rows - before.rows) / count, (after.commits - before.commits) / count
    print(
        f"{options.workload} {count} {unit}, {options.callers} callers: {seconds:.2f} s, {count / seconds:.0f}/s; "
        f"{cpu:.2f} s of processor time, {count / cpu:.0f}/s of it; {rows:.1f} rows, {commits:.2f} commits, {size / count:.0f} bytes each"
    )


WORKLOADS: dict[str, tuple[Callable[[Engine, int, int], None], Callable[[], Resource], int, str]] = {
    "w1": (w1, w1_file, 300, "instances"),
    "w3": (w3, w3_file, 2_000, "items"),
    "w4": (w4, w4_file, 500, "turns"),
    "w5": (w5, w5_file, 10_000, "instances"),
}


if __name__ == "__main__":
    main()
