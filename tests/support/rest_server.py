"""How does a test get a real server, reached over HTTP?"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from api.app import create_app
from api.auth import Accounts
from api.settings import Settings

PASSWORD = "correct horse battery"


class RunningServer:
    """A server in a thread of this process, on a free port."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=0, log_config=None, lifespan="on", ws="none", server_header=False)
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> "RunningServer":
        self.thread.start()
        for _ in range(1000):
            if self.server.started:
                break
            assert self.thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive(), "the server did not stop"

    @property
    def accounts(self) -> Accounts:
        return self.app.state.guard.accounts

    def client(self, user: str | None = None, **more: object) -> httpx.Client:
        auth = (user, PASSWORD) if user else None
        return httpx.Client(base_url=self.url, auth=auth, timeout=30, trust_env=False, **more)  # type: ignore[arg-type]


@contextmanager
def running(settings: Settings) -> Iterator[RunningServer]:
    server = RunningServer(settings).start()
    try:
        yield server
    finally:
        server.stop()


def deploy(client: httpx.Client, *files: tuple[str, bytes]) -> dict:
    answer = client.post("/v2/deployments", files=[("resources", file) for file in files])
    assert answer.status_code == 200, answer.text
    return answer.json()


def eventually(check: Callable[[], object], seconds: float = 10) -> object:
    """The first true answer of `check`."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found or time.monotonic() > end:
            assert found, "it did not happen in time"
            return found
        time.sleep(0.02)
