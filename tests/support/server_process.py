"""A real `gatewise serve` in a process of its own, which a test may kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """Started with `with` or `start()`; `kill()` is kill -9 and leaves the database as it was."""

    def __init__(self, folder: Path, *options: str, auth: str = "none", environment: dict[str, str] | None = None) -> None:
        self.folder, self.options, self.auth = folder, options, auth
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"

    def start(self) -> "ServerProcess":
        command = [sys.executable, "-m", "api.cli", "serve", "--port", str(self.port), "--auth", self.auth, *self.options]
        if "--database-url" not in self.options:
            command += ["--database-url", f"sqlite:///{self.folder}/gatewise.db"]
        environment = {**self.environment, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        with httpx.Client(base_url=self.url, trust_env=False, timeout=2) as client:
            for _ in range(600):
                if self.process.poll() is not None:
                    raise AssertionError(f"The server ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")
                try:
                    client.get("/v2/topology")
                    return self
                except httpx.HTTPError:
                    time.sleep(0.05)
        raise AssertionError(f"The server did not answer:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """Asks it to end; returns the exit status."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def client(self, **more: object) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=30, **more)  # type: ignore[arg-type]

    def __enter__(self) -> "ServerProcess":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
