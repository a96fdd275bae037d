"""Runs the conformance and decision cases that lie outside the repository against a fresh server and prints the scores.

Fails when a score is below the floor that an earlier state reached (`.ci/floors.json`): what passed keeps passing.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
GATEWISE = ROOT / ".venv" / "bin" / "gatewise"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise SystemExit(f"The server ended with {server.returncode} before it answered.")
        try:
            with urllib.request.urlopen(url + "/v2/topology", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not answer within 20 seconds.")


def last_line(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False, **options)  # type: ignore[call-overload]
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if not lines:
        raise SystemExit(f"{command[1]} printed nothing: {done.stderr[-800:]}")
    return lines[-1]


def conformance(shared: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [
            GATEWISE,
            "serve",
            "--port",
            str(port),
            "--database-url",
            f"sqlite:///{folder}/cases.db",
            "--auth",
            "none",
            "--test-clock",
        ]
        with Path(folder, "server.log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            wait_until_up(url, server)
            run = str(shared / "conformance" / "run.py")
            cases = str(shared / "conformance" / "cases")
            parse = f"{GATEWISE} parse --json {{file}}"
            return last_line([str(PYTHON), run, "--base-url", url, "--cases", cases, "--parse-cmd", parse, "--totals-only"])
        finally:
            server.terminate()
            server.wait(timeout=20)


def decisions(shared: Path) -> str:
    run = str(shared / "dmn-tck" / "run_tck.py")
    suites = str(shared / "dmn-tck" / "suites")
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{ROOT}"}
    command = [str(PYTHON), run, "--suites", suites, "--engine-import", "tck_adapter:evaluate", "-q"]
    return last_line(command, cwd=ROOT, env=environment)


def main() -> None:
    shared = Path(sys.argv[1])
    floors: dict[str, int] = json.loads((ROOT / ".ci" / "floors.json").read_text())
    below: list[str] = []
    for name, measure in (("conformance", conformance), ("dmn-tck", decisions)):
        if not (shared / name).is_dir():
            continue
        line = measure(shared)
        print(line)
        found = re.search(r"(\d+) passed", line)
        if found is None or int(found[1]) < floors[name]:
            below.append(f"{name}: {line} (the floor is {floors[name]} passed)")
    if below:
        raise SystemExit("\n".join(below))


if __name__ == "__main__":
    main()
