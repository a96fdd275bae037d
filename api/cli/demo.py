"""`gatewise demo`: runs the customer inquiry example from nothing to waiting approvals, then serves the pages."""

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources as packaged
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.cli.exits import Exit, progress, stop
from api.cli.output import Json, print_json
from api.cli.serving import set_up_logging
from api.settings import BadSettings, Settings, read_settings

if TYPE_CHECKING:
    from api.cli.demo_run import DemoRun

EXAMPLE: Final = "customer_inquiry"
_SUFFIXES: Final = (".bpmn", ".dmn", ".form", ".agent.yaml", ".data.yaml")


@dataclass(frozen=True, slots=True)
class DemoUser:
    username: str
    display_name: str
    role: str
    groups: tuple[str, ...]
    what: str


USERS: Final = (
    DemoUser("anna", "Anna Clerk", "person", ("agent-desk",), "agent desk: quick reviews"),
    DemoUser("ben", "Ben Specialist", "person", ("specialists",), "specialist: approvals"),
    DemoUser("carla", "Carla Supervisor", "person", ("supervisors", "specialists"), "supervisor: approvals nobody touched"),
    DemoUser("olga", "Olga Operator", "operator", (), "operator: instances and incidents"),
    DemoUser("ada", "Ada Analyst", "analyst", (), "analyst: diagrams and deployments"),
    DemoUser("admin", "Administrator", "admin", (), "everything"),
)


def demo_command(
    once: Annotated[bool, typer.Option("--once", help="Stop after the table instead of serving the pages.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty database and empty outbox.")] = False,
    database_url: Annotated[str, typer.Option("--database-url", help="Where the demo keeps its data.")] = "sqlite:///gatewise-demo.db",
    host: Annotated[str | None, typer.Option(help="The address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. [8080]")] = None,
    as_json: Json = False,
) -> None:
    """Runs 60 customer inquiries through agents, rules and approvals on an embedded database, and serves the pages.

    Needs no network and no key. With GATEWISE_MODEL or GATEWISE_MODEL_BASE_URL set, the same process runs on a language model.
    Interrupted, it goes on where it was. Exit code 1: an incident, or an instance that came to no rest.
    """
    settings = _settings(database_url=database_url, host=host, port=port)
    set_up_logging(os.environ.get("GATEWISE_LOG_LEVEL", "warning"))
    beside = _data_file(settings)
    if not once:
        _check_address(settings)
    if fresh:
        _forget(settings, beside)
    passwords = _prepare_and_run(settings, beside, as_json=as_json)
    if not once:
        _serve(settings, beside, passwords)


def example_folder() -> Path:
    """The example's files: in the repository, or in the installed package."""
    in_repository = Path(__file__).parents[2] / "examples" / EXAMPLE
    return in_repository if in_repository.is_dir() else Path(str(packaged.files("gatewise_examples") / EXAMPLE))


def example_resources(folder: Path) -> list[Any]:
    """The files to deploy."""
    from engine.runtime.inputs import Resource

    return [Resource(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.name.endswith(_SUFFIXES)]


@contextmanager
def working_engine(settings: Settings, beside: Path) -> Iterator[Any]:
    """The engine with the agents' worker and the demo's workers, all running."""
    from api.app import create_engine, start_worker
    from api.cli.demo_workers import DemoWorkers

    with create_engine(settings) as engine:
        agents = start_worker(settings, engine)
        workers = DemoWorkers(engine, beside).start()
        try:
            yield engine
        finally:
            workers.stop()
            if agents is not None:
                agents.stop()


def _prepare_and_run(settings: Settings, beside: Path, *, as_json: bool) -> dict[str, str]:
    from api.cli.demo_run import DemoRun, read_inquiries
    from api.cli.demo_table import print_summary, summary
    from engine.errors import DeploymentRefused, GatewiseError
    from engine.runtime.inputs import Actor

    folder = example_folder()
    began = time.monotonic()
    try:
        with working_engine(settings, beside) as engine:
            passwords = _add_users(settings, engine)
            deployment = engine.deploy(example_resources(folder), actor=Actor("demo", "system"))
            progress.print(f"Deployed {folder.name} (deployment {deployment.key}) to {settings.database_url}.", markup=False)
            run = DemoRun(engine, read_inquiries(folder / "inquiries.json"))
            is_at_rest = _work(run)
            outcomes, incidents = run.outcomes(), run.incidents()
    except DeploymentRefused as refused:
        for problem in refused.problems:
            progress.print(f"{problem.file}:{problem.line or ''} {problem.element_id or ''} {problem.message}", style="red", markup=False)
        stop(Exit.FAILED, str(refused))
    except GatewiseError as error:
        stop(Exit.FAILED, str(error))
    seconds = time.monotonic() - began
    if as_json:
        print_json(summary(outcomes, incidents, seconds))
    else:
        print_summary(outcomes, incidents, seconds)
    if not is_at_rest or incidents:
        stop(Exit.FAILED, "Some inquiries came to no rest." if not is_at_rest else f"There are {len(incidents)} incidents.")
    return passwords


def _work(run: "DemoRun") -> bool:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=progress, transient=False) as bar:
        started = run.start_missing()
        name = "Agents and rules at work" if started else "Going on where it was"
        task = bar.add_task(name, total=len(run.inquiries))
        return run.work_until_rest(lambda count: bar.update(task, completed=count))


def _add_users(settings: Settings, engine: Any) -> dict[str, str]:
    """The demo's users with their passwords: well-known ones on this machine only, random ones where others can reach the server."""
    from api.auth import Accounts

    accounts = Accounts(engine.database)
    passwords: dict[str, str] = {}
    for user in USERS:
        password = f"{user.username}-demo-1" if settings.is_loopback else secrets.token_urlsafe(12)
        passwords[user.username] = password
        if accounts.get(user.username) is None:
            accounts.add(user.username, password, roles=[user.role], groups=list(user.groups), display_name=user.display_name)
        elif accounts.verify(user.username, password) is None:
            accounts.set_password(user.username, password)
    return passwords


def _serve(settings: Settings, beside: Path, passwords: dict[str, str]) -> None:
    """Serves the pages, with the demo's workers beside the agents' worker, until it is stopped."""
    import uvicorn

    from api.app import create_app
    from api.cli.demo_workers import DemoWorkers

    app = create_app(settings)
    workers = DemoWorkers(app.state.engine, beside).start()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("User", "Password", "Who"):
        table.add_column(column)
    for user in USERS:
        table.add_row(user.username, passwords[user.username], user.what)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\nOpen http://{settings.host}:{settings.port}/  (stop with Ctrl+C)", markup=False)
    try:
        uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False, lifespan="on")
    finally:
        workers.stop()


def _settings(**flags: Any) -> Settings:
    try:
        settings = read_settings(**flags)
        settings.check()
    except BadSettings as error:
        stop(Exit.USAGE, str(error))
    return settings


def _check_address(settings: Settings) -> None:
    """Says now, not after all the work, that the pages cannot be served there."""
    try:
        socket.create_server((settings.host, settings.port)).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        stop(Exit.FAILED, f"Cannot listen on {settings.host}:{settings.port}: {reason}. Choose another port with --port, or use --once.")


def _data_file(settings: Settings) -> Path:
    """The database file; the outbox and the cases are kept beside it."""
    _, sqlite, path = settings.database_url.partition("sqlite:///")
    return Path(path) if sqlite and path else Path("gatewise-demo.db")


def _forget(settings: Settings, beside: Path) -> None:
    if not settings.database_url.startswith("sqlite:///"):
        stop(Exit.USAGE, "--fresh deletes a SQLite database; empty a PostgreSQL database yourself.")
    for suffix in ("", "-wal", "-shm", "-journal", ".outbox.jsonl", ".cases.jsonl"):
        beside.with_name(beside.name + suffix).unlink(missing_ok=True)
