"""How many process instances a second does the engine carry through, every step on disk?

    python -m benchmarks.engine [--workload w1|w2|w3|w4|w5] [--instances 300] [--database-url sqlite:///PATH] [--callers 1] [--profile]

W1: ten service tasks, then a gateway. Every job is activated and completed; a step is answered when it is on disk.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.runtime import Actor, Engine, Resource

BENCH = Actor("bench", "worker")
_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="definitions" targetNamespace="benchmark">'
)


def w1_diagram(tasks: int = 10) -> bytes:
    parts = ['<bpmn:startEvent id="start"/>']
    before = "start"
    for number in range(tasks):
        parts.append(
            f'<bpmn:serviceTask id="task{number}"><bpmn:extensionElements><zeebe:taskDefinition type="bench"/>'
            "</bpmn:extensionElements></bpmn:serviceTask>"
            f'<bpmn:sequenceFlow id="flow{number}" sourceRef="{before}" targetRef="task{number}"/>'
        )
        before = f"task{number}"
    parts.append(
        f'<bpmn:sequenceFlow id="to_gateway" sourceRef="{before}" targetRef="gateway"/>'
        '<bpmn:exclusiveGateway id="gateway" default="no"/><bpmn:endEvent id="good"/><bpmn:endEvent id="bad"/>'
        '<bpmn:sequenceFlow id="yes" sourceRef="gateway" targetRef="good"><bpmn:conditionExpression '
        'xsi:type="bpmn:tFormalExpression">=result &gt; 5</bpmn:conditionExpression></bpmn:sequenceFlow>'
        '<bpmn:sequenceFlow id="no" sourceRef="gateway" targetRef="bad"/>'
    )
    return f'{_HEAD}<bpmn:process id="w1" isExecutable="true">{"".join(parts)}</bpmn:process></bpmn:definitions>'.encode()


def w1(engine: Engine, instances: int, callers: int) -> float:
    """Seconds. Starters and workers are threads that wait for every answer."""
    per_caller = instances // callers
    started = time.perf_counter()

    def run() -> None:
        for number in range(per_caller):
            engine.create_instance(process_id="w1", variables={"order": number, "customer": "Ann"}, actor=BENCH)
        for _ in range(10):
            left = per_caller
            while left:
                jobs = engine.activate_jobs(type="bench", worker="w", timeout_ms=60_000, max_jobs=min(64, left), actor=BENCH)
                for job in jobs:
                    engine.complete_job(job.key, {"result": 7}, lease=job.lease, actor=BENCH)
                left -= len(jobs)

    _together([run] * callers)
    seconds = time.perf_counter() - started
    done = engine.search("process_instance", {"state": "COMPLETED"}).total
    assert done == per_caller * callers, f"{done} of {per_caller * callers} instances are completed"
    return seconds


def _together(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=300)
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--database-url")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or f"sqlite:///{Path(folder) / 'bench.db'}"
        with Engine(url) as engine:
            if options.profile:
                profiler = cProfile.Profile(time.thread_time)
                process = engine._processor._process
                engine._processor._process = lambda batch: profiler.runcall(process, batch)
            engine.deploy([Resource("w1.bpmn", w1_diagram())], actor=BENCH)
            cpu_before = time.process_time()
            seconds = w1(engine, options.instances, options.callers)
            if options.profile:
                pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)
            metrics = engine.metrics()
    cpu = time.process_time() - cpu_before
    count = options.instances
    print(
        f"W1 {count} instances, {options.callers} callers: {seconds:.2f} s, {count / seconds:.0f} instances/s; "
        f"processor time {cpu:.2f} s = {count / cpu:.0f} instances/s of CPU; "
        f"{metrics.rows / count:.1f} rows and {metrics.commits / count:.2f} syncs an instance, largest batch {metrics.largest_batch}"
    )


if __name__ == "__main__":
    main()
