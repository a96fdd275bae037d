"""`gatewise serve` and `gatewise worker`."""

import logging
import signal
import threading
from types import FrameType
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, progress, stop
from api.cli.remote import DEFAULT_URL, Password, Token, Url, UserName, ask_password, server
from api.settings import BadSettings, Settings, read_settings

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="sqlite:///PATH or postgresql://… [GATEWISE_DATABASE_URL]", show_default=False)
]
LogLevel = Annotated[str, typer.Option(envvar="GATEWISE_LOG_LEVEL", help="debug, info, warning or error")]


def add_to(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. [GATEWISE_HOST; 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0: any free one. [GATEWISE_PORT; 8080]")] = None,
    database_url: DatabaseUrl = None,
    auth: Annotated[str | None, typer.Option(help="local: users sign in; none: no sign-in, loopback only. [GATEWISE_AUTH; local]")] = None,
    test_clock: Annotated[bool | None, typer.Option("--test-clock", help="Let clients set the clock (for tests).")] = None,
    with_worker: Annotated[bool | None, typer.Option("--with-worker/--without-worker", help="Let agents work in this process.")] = None,
    log_level: LogLevel = "info",
) -> None:
    """Serves the REST interface and the pages until it is stopped. Agents work in the same process."""
    settings = _settings(host=host, port=port, database_url=database_url, auth=auth, test_clock=test_clock or None, with_worker=with_worker)
    run_server(settings, log_level=log_level)


def worker(
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    threads: Annotated[int, typer.Option(min=1, max=256, help="How many jobs it works at once.")] = 4,
    log_level: LogLevel = "info",
) -> None:
    """Lets agents work in a process of their own, beside the server, until it is stopped. Its user needs the role worker."""
    from agent_tasks.worker import run_worker

    set_up_logging(log_level)
    credentials = token or ((user, ask_password(user, password)) if user else None)
    with server(url, user, password, token) as remote:
        me = remote.get("/v2/authentication/me")  # says at once when nobody answers or the credentials are wrong
    if "work-jobs" not in me["permissions"]:
        stop(Exit.NOT_PERMITTED, f"{me['username']} may not work jobs: use a user with the role worker.")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    progress.print(f"Agents are working for {url}. Stop with Ctrl+C.", markup=False)
    run_worker(url, credentials, threads=threads, stop=stopped)


def run_server(settings: Settings, *, log_level: str = "info") -> None:
    """Serves until the process is told to stop. Ends the command when it cannot start."""
    import uvicorn

    from api.app import create_app
    from engine.errors import GatewiseError

    set_up_logging(log_level)
    try:
        app = create_app(settings)
        app.state.engine.database.open()
        app.state.engine.database.close()
    except (BadSettings, GatewiseError) as error:
        stop(Exit.FAILED, str(error))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level=log_level,
        access_log=log_level == "debug",
        server_header=False,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.signals.stop()  # requests that wait for jobs answer at once
            super().handle_exit(sig, frame)

    http = Server(config)
    http.run()
    if not http.started:
        raise typer.Exit(int(Exit.FAILED))


def set_up_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _settings(**flags: Any) -> Settings:
    try:
        settings = read_settings(**flags)
        settings.check()
    except BadSettings as error:
        stop(Exit.USAGE, str(error))
    return settings
