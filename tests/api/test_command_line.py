"""Does the command line do its work, and say by its exit code how it went?"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from support.diagrams import process
from support.rest_files import AGENT, DECISION
from support.rest_server import PASSWORD, RunningServer
from typer.testing import CliRunner, Result

from api.cli import build

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    diagram = process("cli", "From the command line").start("s").user_task("approve", candidate_groups="claims").end("e")
    (folder / "cli.bpmn").write_bytes(diagram.xml())
    (folder / "risk.dmn").write_bytes(DECISION)
    (folder / "notes.txt").write_text("not deployed")
    return folder


def gatewise(*arguments: object, **environment: str) -> Result:
    known = {name: "" for name in os.environ if name.startswith("GATEWISE_")}
    return CliRunner().invoke(build(), [str(a) for a in arguments], env={**dict.fromkeys(known), **environment})


def remote(server: RunningServer, *arguments: object, user: str = "admin") -> Result:
    return gatewise(*arguments, GATEWISE_URL=server.url, GATEWISE_USER=user, GATEWISE_PASSWORD=PASSWORD)


def test_from_files_to_a_completed_instance(local_server: RunningServer, files: Path) -> None:
    deployed = remote(local_server, "deploy", files)
    assert deployed.exit_code == 0, deployed.output
    assert "cli" in deployed.stdout
    assert "Deploying 2 files" in deployed.stderr

    started = remote(local_server, "start", "cli", "--var", "amount=3", "--var", "name=Ann", "--variables", '{"amount": 1, "list": [1]}')
    assert started.exit_code == 0
    key = started.stdout.strip()
    assert key.isdigit()

    listed = remote(local_server, "instances", "--process", "cli", "--json")
    assert [i["processInstanceKey"] for i in json.loads(listed.stdout)["items"]] == [key]
    assert key in remote(local_server, "instances", "--state", "active").stdout
    shown = json.loads(remote(local_server, "instances", key, "--json").stdout)
    assert {v["name"]: v["value"] for v in shown["variables"]} == {"amount": "3", "name": '"Ann"', "list": "[1]"}
    assert "approve" in remote(local_server, "instances", key).stdout

    found = json.loads(remote(local_server, "tasks", "--group", "claims", "--json").stdout)["items"]
    (task,) = [t for t in found if t["processInstanceKey"] == key]
    assert task["userTaskKey"] in remote(local_server, "tasks").stdout
    done = remote(local_server, "complete", task["userTaskKey"], "--claim", "--var", "ok=true", user="ann")
    assert (done.exit_code, done.stdout.strip()) == (0, "approve: COMPLETED")
    assert json.loads(remote(local_server, "instances", key, "--json").stdout)["state"] == "COMPLETED"
    assert remote(local_server, "complete", task["userTaskKey"], user="ann").exit_code == 1


def test_exit_codes_tell_what_went_wrong(local_server: RunningServer, files: Path, tmp_path: Path) -> None:
    assert remote(local_server, "start", "no-such-process").exit_code == 5
    assert remote(local_server, "start", "cli", user="auditor").exit_code == 4
    assert gatewise("start", "cli", GATEWISE_URL=local_server.url, GATEWISE_USER="admin", GATEWISE_PASSWORD="wrong").exit_code == 4
    assert gatewise("start", "cli", "--url", "http://127.0.0.1:1").exit_code == 3
    assert gatewise("start", "cli", "--url", "nonsense").exit_code in (2, 3)
    assert gatewise("start").exit_code == 2
    assert remote(local_server, "start", "cli", "--var", "broken").exit_code == 2
    assert remote(local_server, "start", "cli", "--variables", "[1]").exit_code == 2
    assert remote(local_server, "start", "cli", "--variables", "@nowhere.json").exit_code == 5
    assert remote(local_server, "deploy", tmp_path / "nothing").exit_code == 5
    (tmp_path / "broken.bpmn").write_bytes(process("b").start("s").gateway("g").when("=1 +").end("e").xml())
    refused = remote(local_server, "deploy", tmp_path / "broken.bpmn")
    assert refused.exit_code == 1
    assert re.search(r"broken\.bpmn:\d+: error: ", refused.stderr)
    assert refused.stdout == ""


def test_lint_reports_files_and_lines_without_a_server(files: Path, tmp_path: Path) -> None:
    assert gatewise("lint", files).exit_code == 0
    (tmp_path / "a.bpmn").write_bytes(process("b").start("s").gateway("g").when("=1 +").end("e").xml())
    (tmp_path / "b.dmn").write_text("<broken")
    (tmp_path / "c.form").write_text("{")
    found = gatewise("lint", tmp_path, "--json")
    assert found.exit_code == 1
    report = json.loads(found.stdout)
    assert report["files"] == 3
    assert {Path(p["file"]).name for p in report["problems"] if p["severity"] == "error"} == {"a.bpmn", "b.dmn", "c.form"}
    assert all(p["line"] for p in report["problems"] if Path(p["file"]).name == "a.bpmn")
    assert "a.bpmn:" in gatewise("lint", tmp_path / "a.bpmn").stdout


def test_lint_warns_of_what_is_not_among_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(process("b").start("s").user_task("t", form="elsewhere").end("e").xml())
    found = gatewise("lint", tmp_path)
    assert found.exit_code == 0
    assert "elsewhere" in found.stdout
    assert gatewise("lint", tmp_path, "--strict").exit_code == 1


def test_parse_shows_nodes_and_flows(files: Path) -> None:
    found = json.loads(gatewise("parse", "--json", files / "cli.bpmn").stdout)
    assert [(n["type"], n["id"]) for n in found["flow_nodes"]] == [("startEvent", "s"), ("userTask", "approve"), ("endEvent", "e")]
    assert [(f["source"], f["target"]) for f in found["sequence_flows"]] == [("s", "approve"), ("approve", "e")]
    assert gatewise("parse", files / "notes.txt").exit_code == 1


def test_expressions_and_decisions_are_evaluated_without_a_server(files: Path) -> None:
    assert gatewise("feel", "=sum(list) + 1", "--var", "list=[1, 2]").stdout.strip() == "4"
    assert json.loads(gatewise("feel", "a.b", "--variables", '{"a": {"b": "x"}}', "--json").stdout)["result"] == "x"
    warned = gatewise("feel", "missing + 1")
    assert (warned.exit_code, warned.stdout.strip()) == (0, "null")
    assert "missing" in warned.stderr
    assert gatewise("feel", "1 +").exit_code == 1
    decided = gatewise("decide", "risk", "--file", files / "risk.dmn", "--var", "amount=5000")
    assert (decided.exit_code, decided.stdout.strip()) == (0, '"high"')
    assert "rule 1" in decided.stderr
    assert gatewise("decide", "none", "--file", files / "risk.dmn").exit_code == 5
    file_first = gatewise("decide", files / "risk.dmn", "--decision", "risk", "--input", '{"amount": 5000}')
    assert (file_first.exit_code, file_first.stdout.strip()) == (0, '"high"')
    assert gatewise("feel", "a + 1", "--input", '{"a": 2}').stdout.strip() == "3"


def test_a_decision_file_is_evaluated_with_those_it_imports(tmp_path: Path) -> None:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="{0}" name="{0}" namespace="urn:{0}">'
    rate = '<decision id="rate" name="rate"><literalExpression><text>21</text></literalExpression></decision></definitions>'
    double = (
        '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        '<decision id="double" name="double">'
        '<informationRequirement><requiredDecision href="urn:lib#rate"/></informationRequirement>'
        "<literalExpression><text>lib.rate * 2</text></literalExpression></decision></definitions>"
    )
    (tmp_path / "lib.dmn").write_text(head.format("lib") + rate)
    (tmp_path / "double.dmn").write_text(head.format("main") + double)
    assert gatewise("decide", tmp_path / "double.dmn", "--decision", "double").stdout.strip() == "42"
    assert gatewise("lint", tmp_path).exit_code == 0


def test_a_decision_is_evaluated_on_the_server(local_server: RunningServer, files: Path) -> None:
    assert remote(local_server, "deploy", files / "risk.dmn").exit_code == 0
    answer = json.loads(remote(local_server, "decide", "risk", "--var", "amount=1", "--json").stdout)
    assert answer["value"] == "low"
    assert answer["rules"]


def test_users_are_kept_in_the_database_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/users.db"
    added = gatewise("user", "add", "dora", "--role", "analyst", "--group", "claims", "--database-url", url, GATEWISE_NEW_PASSWORD=PASSWORD)
    assert (added.exit_code, added.stdout.strip()) == (0, "Added dora (analyst).")
    assert gatewise("user", "add", "dora", "--database-url", url, GATEWISE_NEW_PASSWORD=PASSWORD).exit_code == 1
    assert gatewise("user", "add", "eve", "--role", "boss", "--database-url", url, GATEWISE_NEW_PASSWORD=PASSWORD).exit_code == 1
    assert gatewise("user", "add", "eve", "--database-url", url, GATEWISE_NEW_PASSWORD="short").exit_code == 1
    (dora,) = json.loads(gatewise("user", "list", "--database-url", url, "--json").stdout)
    assert (dora["username"], dora["roles"], dora["groups"]) == ("dora", ["analyst"], ["claims"])
    assert gatewise("user", "passwd", "dora", "--database-url", url, GATEWISE_NEW_PASSWORD="another password").exit_code == 0
    assert gatewise("user", "passwd", "nobody", "--database-url", url, GATEWISE_NEW_PASSWORD="another password").exit_code == 1
    assert gatewise("user", "token", "dora", "--database-url", url).stdout.startswith("gw_")


def test_users_are_changed_through_a_running_server(local_server: RunningServer) -> None:
    locked = gatewise("user", "list", "--database-url", str(local_server.app.state.settings.database_url))
    assert locked.exit_code == 1
    assert "--url" in locked.stderr
    through = {"GATEWISE_USER": "admin", "GATEWISE_PASSWORD": PASSWORD, "GATEWISE_NEW_PASSWORD": "a good password"}
    assert gatewise("user", "add", "frank", "--role", "worker", "--url", local_server.url, **through).exit_code == 0
    assert gatewise("user", "add", "frank", "--role", "worker", "--url", local_server.url, **through).exit_code == 1
    names = [u["username"] for u in json.loads(gatewise("user", "list", "--url", local_server.url, "--json", **through).stdout)]
    assert "frank" in names
    token = gatewise("user", "token", "frank", "--url", local_server.url, **through).stdout.strip()
    found = gatewise("tasks", "--url", local_server.url, "--token", token)
    assert found.exit_code == 4  # workers see no user tasks
    person = {**through, "GATEWISE_USER": "person"}
    assert gatewise("user", "list", "--url", local_server.url, **person).exit_code == 4


def start_server(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", *arguments]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    lines: list[str] = []
    for line in server.stderr:
        lines.append(line)
        found = re.search(r"running on (http://127\.0\.0\.1:\d+)", line)
        if found:
            return server, found.group(1)
    raise AssertionError("".join(lines))


def test_serve_keeps_everything_when_it_is_killed(tmp_path: Path, files: Path) -> None:
    database = f"sqlite:///{tmp_path}/server.db"
    server, url = start_server("--database-url", database, "--auth", "none")
    assert gatewise("deploy", files / "cli.bpmn", "--url", url).exit_code == 0
    key = gatewise("start", "cli", "--url", url).stdout.strip()
    server.send_signal(signal.SIGKILL)
    server.wait()
    server, url = start_server("--database-url", database, "--auth", "none")
    found = json.loads(gatewise("instances", key, "--url", url, "--json").stdout)
    assert found["state"] == "ACTIVE"
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) in (0, -signal.SIGTERM)


def test_serve_ends_waiting_requests_when_it_is_stopped(tmp_path: Path) -> None:
    server, url = start_server("--database-url", f"sqlite:///{tmp_path}/server.db", "--auth", "none", "--without-worker")
    answers: list[httpx.Response] = []
    body = {"type": "x", "timeout": 1, "maxJobsToActivate": 1, "requestTimeout": 50_000}
    waiting = threading.Thread(target=lambda: answers.append(httpx.post(f"{url}/v2/jobs/activation", json=body, timeout=60)))
    waiting.start()
    time.sleep(1)
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    assert server.wait(20) in (0, -signal.SIGTERM)
    waiting.join(5)
    assert answers[0].json() == {"jobs": []}
    assert time.monotonic() - began < 4


def test_a_worker_beside_the_server_does_the_agents_jobs(tmp_path: Path) -> None:
    server, url = start_server("--database-url", f"sqlite:///{tmp_path}/server.db", "--auth", "none", "--without-worker")
    (tmp_path / "facts.agent.yaml").write_bytes(AGENT)
    diagram = process("facts").start("s").agent_task("find", agent="facts", result="facts").end("e")
    (tmp_path / "facts.bpmn").write_bytes(diagram.xml())
    deployed = gatewise("deploy", tmp_path / "facts.bpmn", tmp_path / "facts.agent.yaml", "--url", url)
    assert deployed.exit_code == 0, deployed.output
    worker = subprocess.Popen([sys.executable, "-m", "api.cli", "worker", "--url", url], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        done = gatewise("start", "facts", "--var", "text=Where is A-12345?", "--wait", "--url", url, "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["variables"]["facts"]["value"]["orderNumber"] == "A-12345"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) in (0, -signal.SIGTERM)
    finally:
        worker.kill()
        server.kill()
        worker.wait()
        server.wait()


def test_a_worker_says_at_once_that_it_may_not_work(local_server: RunningServer) -> None:
    assert gatewise("worker", "--url", "http://127.0.0.1:1").exit_code == 3
    assert gatewise("worker", "--url", local_server.url, "--token", "gw_wrong").exit_code == 4
    assert remote(local_server, "worker", user="person").exit_code == 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--auth", "none", "--host", "0.0.0.0"], "Bind to 127.0.0.1"),
        (["--auth", "ldap"], "unknown"),
        (["--database-url", "mysql://x"], "not supported"),
        (["--database-url", "nonsense"], "database URL"),
    ],
    ids=["open to the world", "unknown auth", "unknown database", "no database url"],
)
def test_serve_refuses_to_start_with_advice(arguments: list[str], says: str) -> None:
    refused = gatewise("serve", *arguments)
    assert refused.exit_code in (1, 2)
    assert says in refused.stderr


def test_two_servers_do_not_share_one_sqlite_file(local_server: RunningServer) -> None:
    refused = gatewise("serve", "--database-url", str(local_server.app.state.settings.database_url), "--port", "0")
    assert refused.exit_code == 1
    assert "in use by process" in refused.stderr


def test_help_names_the_exit_codes_and_every_command_has_json() -> None:
    help = gatewise("--help")
    assert "5 there is no such thing" in " ".join(help.stdout.split())
    for command in ("deploy", "start", "instances", "tasks", "complete", "lint", "parse", "feel", "decide"):
        assert "--json" in gatewise(command, "--help").stdout, command
    for command in ("add", "list", "passwd", "token"):
        assert "--json" in gatewise("user", command, "--help").stdout, command


def test_the_version_is_that_of_the_distribution() -> None:
    import tomllib

    from api import __version__

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
