"""Several engines over one database: on PostgreSQL side by side, on SQLite refused."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.diagrams import process
from support.driving import ANN, WORKER, deploy, lease, start, state, variables
from support.postgresql import Cluster

from engine.errors import Busy, Conflict, NotFound, StorageUnavailable
from engine.runtime import Engine
from engine.store.invariants import violations


@pytest.fixture
def pair(cluster: Cluster) -> Iterator[tuple[Engine, Engine]]:
    url = cluster.new_database()
    with Engine(url) as one, Engine(url) as two:
        yield one, two


def test_a_second_engine_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'engine.db'}"
    with Engine(url) as engine:
        deploy(engine, process().start().end())
        with pytest.raises(StorageUnavailable, match="in use by process"):
            Engine(url).start()
        start(engine)
    with Engine(url) as engine:
        assert engine.search("process_instance").total == 1


def test_what_one_engine_does_the_other_sees(pair: tuple[Engine, Engine]) -> None:
    one, two = pair
    deploy(one, process().start().service_task("a").user_task("look").end())
    instance = start(two)
    [job] = lease(one, "a")
    two.complete_job(job.key, {"x": 1}, lease=job.lease, actor=WORKER)
    [task] = one.search("user_task").items
    one.set_variables(instance, {"x": 2}, actor=ANN)
    two.complete_user_task(task.key, {"y": 3}, actor=ANN)

    assert state(one, instance) == "COMPLETED"
    assert variables(one, instance) == {"x": 2, "y": 3}
    deploy(two, process().start().task("changed").end())
    assert one.create_instance(process_id="process", actor=ANN).version == 2
    assert violations(one.database) == []


def test_two_engines_share_the_work_without_doing_anything_twice(pair: tuple[Engine, Engine]) -> None:
    deploy(
        pair[0],
        process()
        .start()
        .parallel("fork")
        .service_task("a", type="work")
        .parallel("join")
        .service_task("c", type="work")
        .end()
        .at("fork")
        .service_task("b", type="work")
        .to("join"),
    )
    instances = [start(pair[number % 2]) for number in range(20)]
    problems: list[BaseException] = []
    done: list[int] = []

    def run(mine: Engine, other: Engine) -> None:
        idle = 0
        while idle < 20:
            jobs = lease(mine, "work", max_jobs=4)
            idle = 0 if jobs else idle + 1
            time.sleep(0 if jobs else 0.02)
            for job in jobs:
                for engine in (mine, other):  # every completion is sent twice, to both
                    try:
                        engine.complete_job(job.key, {}, lease=job.lease, actor=WORKER)
                        done.append(job.key)
                    except (NotFound, Conflict):
                        continue
                    except BaseException as problem:
                        problems.append(problem)

    threads = [threading.Thread(target=run, args=pair[::order]) for order in (1, -1) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert Counter(done).most_common(1)[0][1] == 1 and len(done) == 60
    assert {state(pair[0], instance) for instance in instances} == {"COMPLETED"}
    assert violations(pair[0].database) == []


def test_racing_messages_reach_one_receiver_once(pair: tuple[Engine, Engine]) -> None:
    deploy(pair[0], process().start().catch("wait", message="go", correlation_key="=id").end())
    for number in range(10):
        instance = start(pair[0], id=str(number))
        answers: list[str] = []

        def correlate(engine: Engine, id: str = str(number)) -> None:
            try:
                engine.correlate_message("go", id, actor=WORKER)
                answers.append("done")  # noqa: B023 - joined below
            except NotFound:
                answers.append("refused")  # noqa: B023
            except Busy:
                answers.append("busy")  # noqa: B023

        threads = [threading.Thread(target=correlate, args=(engine,)) for engine in pair for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == ["done", "refused", "refused", "refused"]
        assert state(pair[1], instance) == "COMPLETED"


def test_a_timer_fires_once_though_two_engines_watch(pair: tuple[Engine, Engine]) -> None:
    deploy(pair[0], process().start().catch("wait", timer="PT0.3S").service_task("after").end())
    instances = [start(pair[number % 2]) for number in range(20)]
    deadline = time.monotonic() + 20
    while pair[0].search("timer").total and time.monotonic() < deadline:
        time.sleep(0.05)

    assert pair[0].search("job", {"type": "after"}).total == len(instances)
    assert violations(pair[0].database) == []
