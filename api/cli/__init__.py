"""The command line: `gatewise`."""

import importlib
import importlib.util
import sys

import typer

from api.cli.exits import Exit

_HELP = """Runs BPMN 2.0 diagrams in which service tasks are AI agents, gateways are rules and user tasks are approvals.

Exit codes: 0 done · 1 refused or failed (the message says why) · 2 wrong use of the command · 3 the server cannot be reached ·
4 not signed in or not permitted · 5 there is no such thing."""

_COMMANDS = ("serving", "deploying", "linting", "instances", "operations", "migrating", "tasks", "users", "rules")


def build() -> typer.Typer:
    """The program with all its commands."""
    app = typer.Typer(help=_HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    for name in _COMMANDS:
        importlib.import_module(f"api.cli.{name}").add_to(app)
    if importlib.util.find_spec("api.cli.demo"):
        app.command("demo")(importlib.import_module("api.cli.demo").demo_command)
    return app


def main() -> None:
    """The console script."""
    try:
        build()()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.DONE)
