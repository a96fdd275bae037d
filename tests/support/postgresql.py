"""Which PostgreSQL do the tests use? A cluster of their own in a temporary folder, started once, with a database per test."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

_OWNER = "postgres"


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl. None: no PostgreSQL is installed."""
    folders = [Path(found).parent for found in [shutil.which("pg_ctl")] if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


class Cluster:
    """`durable`: with fsync, as in production. PostgreSQL refuses to run as root: then it runs as the user postgres."""

    def __init__(self, bin: Path, *, durable: bool = False) -> None:
        self._bin = bin
        self._durable = durable
        self._folder = Path(tempfile.mkdtemp(prefix="gatewise-pg-"))
        self._folder.chmod(0o755)
        self._data = self._folder / "data"
        self._numbers = itertools.count(1)
        self.port = _free_port()

    def start(self) -> None:
        self._remove_orphans()
        (self._folder / "owner").write_text(str(os.getpid()))
        if os.geteuid() == 0:
            owner = pwd.getpwnam(_OWNER)
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        if not self._data.exists():
            self._run("initdb", "-D", str(self._data), "-U", "gatewise", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        if not self._durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, "-w", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _remove_orphans(self) -> None:
        """Clusters of test runs that were killed before they could stop theirs."""
        for note in self._folder.parent.glob("gatewise-pg-*/owner"):
            owner = note.read_text()
            if owner.isdigit() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
                with contextlib.suppress(RuntimeError):
                    self._run("pg_ctl", "-D", str(note.parent / "data"), "-m", "immediate", "-w", "stop")
                shutil.rmtree(note.parent, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        import psycopg

        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(f"postgresql://gatewise@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://gatewise@127.0.0.1:{self.port}/{name}"

    def _run(self, tool: str, *arguments: str) -> None:
        command = [str(self._bin / tool), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _OWNER, "--", *command]
        done = subprocess.run(command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            log = self._folder / "log"
            raise RuntimeError(f"{tool} failed: {done.stderr}\n{log.read_text() if log.exists() else ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
