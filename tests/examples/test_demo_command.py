"""Does `gatewise demo` end with all inquiries at rest, also when it is killed on the way?"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agent_tasks import resource_kinds
from agent_tasks.journal import DatabaseJournal
from engine.runtime.facade import Engine
from engine.store.rows import Page

ROOT = Path(__file__).parents[2]


def demo(folder: Path, *flags: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWISE_")}
    command = [sys.executable, "-m", "api.cli", "demo", "--once", "--json", "--database-url", f"sqlite:///{folder / 'demo.db'}", *flags]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def finish(process: "subprocess.Popen[str]") -> dict[str, Any]:
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return json.loads(out)


def test_the_demo_ends_at_rest_and_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "demo.db").write_bytes(b"not a database")
    first = finish(demo(tmp_path, "--fresh"))
    again = finish(demo(tmp_path))

    assert first["inquiries"] == sum(first["places"].values()) == 60
    assert first["incidents"] == []
    assert first["places"]["moving"] == first["places"]["incident"] == first["places"]["answered"] == 0
    assert {**again, "seconds": 0} == {**first, "seconds": 0}


def test_the_demo_loses_and_repeats_nothing_when_it_is_killed(tmp_path: Path) -> None:
    run_killed(tmp_path, kills=2)


@pytest.mark.torture
def test_the_demo_survives_fifty_kills(tmp_path: Path) -> None:
    run_killed(tmp_path, kills=50)


def run_killed(folder: Path, *, kills: int) -> None:
    seed = random.randrange(10_000)
    moments = random.Random(seed)
    for _ in range(kills):
        process = demo(folder)
        assert process.stderr is not None
        process.stderr.readline()  # deployed: from here on agents work
        time.sleep(moments.uniform(0.0, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()

    summary = finish(demo(folder))

    print(f"seed {seed}")
    assert summary["incidents"] == []
    assert sum(summary["places"].values()) == 60
    assert summary["places"]["moving"] == 0
    with Engine(f"sqlite:///{folder / 'demo.db'}", resource_kinds=resource_kinds()) as engine:
        instances = engine.search("process_instance", page=Page(limit=1_000)).items
        runs = DatabaseJournal(engine).runs(limit=10_000).items
        elements = Counter(run.element_instance_key for run in runs)
        results = [Counter(entry.kind.value for entry in DatabaseJournal(engine).entries(run.key)) for run in runs]
        completed = engine.search("job", {"type": "gatewise.agent", "state": "COMPLETED"}, page=Page(limit=10_000)).total
    sent = Counter(json.loads(line)["reference"] for line in (folder / "demo.db.outbox.jsonl").read_text().splitlines())
    assert len(instances) == 60
    assert max(elements.values()) == 1
    assert len(runs) == completed
    assert [counted for counted in results if counted["FUNCTION_RESULT"] != 1] == []
    assert max(sent.values()) == 2  # two rounds of questions, never the same one again
