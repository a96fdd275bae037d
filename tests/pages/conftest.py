"""A real server with users, a deployed approval process, and a browser to look at it."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from support import approval_files as files

import hatch_build
from api.app import create_app
from api.settings import Settings
from engine.runtime.facade import Engine
from engine.runtime.inputs import Actor, Resource

PASSWORD = "correct horse battery"
SYSTEM = Actor(None, "system")
WORKER = Actor("mail", "worker")
ROOT = Path(__file__).parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 30_000  # milliseconds: on a busy machine everything takes its time
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def bundles() -> Path:
    """The built browser bundles; built here where the package was not."""
    hatch_build.build_bundles(ROOT)
    return ROOT / "api" / "static"


@dataclass(slots=True)
class Site:
    """The server, and its engine to do what workers do."""

    url: str
    engine: Engine

    def start_inquiry(
        self, customer: str, *, process_id: str = "reply", amount: float = 250, draft: Mapping[str, Any] | None = None
    ) -> int:
        """An instance that waits for the approval of its drafted reply: its key."""
        variables = {"customer": customer, "amount": amount}
        key = self.engine.create_instance(process_id=process_id, variables=variables, actor=Actor("ada")).key
        outcome = draft or files.outcome(f"Dear {customer},\n\nyou get your money back.\n\nCustomer service")
        self.work("draft-reply", {"draft": outcome}, key)
        return key

    def work(self, type: str, variables: Mapping[str, Any], instance_key: int) -> None:
        """Completes the waiting job of that type of the instance."""
        jobs = self.engine.activate_jobs(type=type, worker="mail", timeout_ms=60_000, max_jobs=100, actor=WORKER)
        own = [job for job in jobs if job.process_instance_key == instance_key]
        assert len(own) == 1, f"{len(own)} jobs of type {type}"
        self.engine.complete_job(own[0].key, variables, lease=own[0].lease, actor=WORKER)

    def task_of(self, instance_key: int) -> int:
        found = self.engine.search("user_task", {"process_instance_key": instance_key, "state": "CREATED"})
        assert found.total == 1
        return found.items[0].key

    def variable(self, instance_key: int, name: str) -> str:
        return self.engine.search("variable", {"process_instance_key": instance_key, "name": name}).items[0].value

    def deploy(self, **content: bytes) -> None:
        """Files by name; the last underscore stands for the dot."""
        named = [Resource(".".join(name.rsplit("_", 1)), data) for name, data in content.items()]
        self.engine.deploy(named, actor=SYSTEM)


@pytest.fixture(scope="session")
def site(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Users: ada (person, specialists), ben (person, another group), olga (operator), ana (analyst), root (admin)."""
    folder = tmp_path_factory.mktemp("pages")
    app = create_app(Settings(database_url=f"sqlite:///{folder}/pages.db", with_worker=False))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    accounts = app.state.guard.accounts
    for name, roles, groups in (
        ("ada", ["person"], ["specialists"]),
        ("ben", ["person"], ["warehouse"]),
        ("olga", ["operator"], []),
        ("ana", ["analyst"], []),
        ("root", ["admin"], []),
    ):
        accounts.add(name, PASSWORD, roles=roles, groups=groups, display_name=name.capitalize())
    site = Site(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", app.state.engine)
    site.deploy(
        reply_bpmn=files.diagram(), risk_dmn=files.decision(), approval_form=files.approval_form(), inquiry_form=files.inquiry_form()
    )
    yield site
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, nothing else in this thread can run an event loop."""
    executable = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(bundles: Path) -> str:
    """The script of axe-core, from the locked packages of web/."""
    script = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        _, npm = hatch_build.node_and_npm()
        subprocess.run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOT / "web", check=True)
    return script.read_text()


@dataclass(slots=True)
class Visit:
    """One browser window of one signed-in person. `complaints`: what the browser's console and its alerts said."""

    page: Page
    url: str
    complaints: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


SignIn = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[SignIn]:
    """`visit("ada")` signs in; further arguments are those of a browser context, such as color_scheme."""
    contexts: list[BrowserContext] = []

    def sign_in(username: str, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(f"{site.url}/sign-in")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return Visit(page, site.url, complaints)

    yield sign_in
    for context in contexts:
        context.close()


def wait_until(check: Callable[[], object], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)
