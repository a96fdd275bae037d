"""What the README shows works: its agent file is valid, its commands run, its pictures and links exist."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

from support.server_process import ROOT, free_port

from agent_tasks.definition import parse_agent

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_agent_file_of_the_readme_is_valid() -> None:
    (text,) = blocks("yaml")

    parsed = parse_agent(text.encode(), file="readme.agent.yaml")

    assert parsed.problems == ()
    assert parsed.agent is not None and parsed.agent.id == "classify_inquiry"


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    """Given a shell with `gatewise` on its path, when the block is run line by line, then every line succeeds."""
    command = tmp_path / "gatewise"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m api.cli "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    port = str(free_port())
    (block,) = blocks("sh")
    lines = block.replace("8080", port).replace("examples/", f"{ROOT}/examples/").strip().splitlines()
    wait = f"for i in $(seq 300); do (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 0.1; done"
    script = "\n".join(["set -e", *[line + ("\n" + wait if "serve" in line else "") for line in lines], "kill %1", "wait %1 || true"])
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "GATEWISE_URL": f"http://127.0.0.1:{port}"}

    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "customer_inquiry" in done.stdout


def test_pictures_and_links_of_the_readme_exist() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]

    assert len(targets) >= 2
    assert [target for target in targets if not (ROOT / target).exists()] == []
