"""`kill -9` of the server at random moments while sixty inquiries run: nothing is lost, nothing is done twice.

A short form runs with every test run; `GATEWISE_KILLS=50` makes it as long as one likes. The seed is printed.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("GATEWISE_KILLS", "6"))


def demo(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "api.cli", "demo", "--once", "--json", "--database-url", f"sqlite:///{folder}/demo.db"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWISE_")} | {"PYTHONPATH": str(ROOT)}
    with (folder / "out.json").open("wb") as out, (folder / "err.log").open("ab") as err:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err, start_new_session=True)


def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{folder}/demo.db?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def works(folder: Path) -> bool:
    """The server has begun to work: it wrote history."""
    try:
        return bool(query(folder, "SELECT 1 FROM history_record LIMIT 1"))
    except sqlite3.OperationalError:
        return False


def run_with_kills(folder: Path, chance: random.Random, kills: int) -> tuple[int, dict[str, Any]]:
    """Starts, kills and restarts until the run ends by itself; (how often it was killed, its summary)."""
    killed = 0
    while True:
        process = demo(folder)
        while process.poll() is None and not works(folder):
            time.sleep(0.02)
        if killed < kills:
            moves = query(folder, "SELECT count(*) FROM history_record")[0][0]
            target = moves + chance.randrange(60)  # somewhere in the next steps, whatever the machine's speed
            until = time.monotonic() + 30
            while process.poll() is None and time.monotonic() < until:
                if query(folder, "SELECT count(*) FROM history_record")[0][0] >= target:
                    break
                time.sleep(chance.random() / 100)
        else:
            process.wait(300)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed += 1
            continue
        assert process.returncode == 0, (folder / "err.log").read_text()[-3000:]
        return killed, json.loads((folder / "out.json").read_text())


def check_nothing_lost_or_doubled(folder: Path) -> None:
    assert query(folder, "PRAGMA integrity_check") == [("ok",)]
    started = query(
        folder,
        "SELECT coalesce(v.value, b.value) FROM variable v JOIN process_instance p ON p.key = v.scope_key LEFT JOIN value_blob b"
        " ON b.process_instance_key = v.process_instance_key AND b.sha256 = v.sha256 WHERE v.name = 'inquiry'",
    )
    ids = Counter(json.loads(value)["id"] for (value,) in started)
    assert len(ids) == 60 and set(ids.values()) == {1}, ids.most_common(3)

    steps = query(folder, "SELECT process_instance_key, seq FROM history_record ORDER BY 1, 2")
    for key in {key for key, _ in steps}:
        numbers = [seq for owner, seq in steps if owner == key]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), f"history of {key} has gaps: {numbers}"

    runs = query(folder, "SELECT key, element_instance_key, status FROM agent_run")
    assert {status for _, _, status in runs} == {"COMPLETED"}
    assert max(Counter(element for _, element, _ in runs).values()) == 1, "an agent task had two runs"
    finished = query(folder, "SELECT count(*) FROM job WHERE type = 'gatewise.agent' AND state = 'COMPLETED'")[0][0]
    assert len(runs) == finished

    entries = query(folder, "SELECT run_key, seq, kind FROM agent_journal_entry ORDER BY 1, 2")
    for key, _, _ in runs:
        kinds = [kind for run, _, kind in entries if run == key]
        assert [seq for run, seq, _ in entries if run == key] == list(range(1, len(kinds) + 1))
        assert kinds.count("FUNCTION_RESULT") == 1, f"run {key} executed twice: {kinds}"
        assert kinds.count("OUTCOME") == 1
        assert "FUNCTION_CALL" not in kinds[kinds.index("FUNCTION_RESULT") :], f"run {key} repeated what was on record: {kinds}"

    orphans = query(
        folder,
        "SELECT j.key FROM job j LEFT JOIN element_instance e ON e.process_instance_key = j.process_instance_key"
        " AND e.key = j.element_instance_key AND e.state = 'ACTIVE' WHERE j.state = 'CREATED' AND e.key IS NULL",
    )
    assert orphans == []


def test_the_server_may_be_killed_at_any_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("GATEWISE_SEED", str(random.randrange(10**9))))
    chance = random.Random(seed)
    with capsys.disabled():
        print(f"\nkill -9 at {KILLS} random moments, seed {seed}", flush=True)
    calm_folder = tmp_path / "calm"
    calm_folder.mkdir()
    _, calm = run_with_kills(calm_folder, chance, kills=0)

    killed, round_number = 0, 0
    while killed < KILLS:
        round_number += 1
        folder = tmp_path / f"round-{round_number}"
        folder.mkdir()
        times, summary = run_with_kills(folder, chance, KILLS - killed)
        killed += times

        check_nothing_lost_or_doubled(folder)
        assert summary["incidents"] == []
        assert summary["places"] == calm["places"]
        assert summary["topicsRight"] == calm["topicsRight"]
    with capsys.disabled():
        print(f"killed {killed} times over {round_number} runs of 60 inquiries: nothing lost, nothing done twice", flush=True)
