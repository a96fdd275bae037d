"""With which code does a command end, and how does it say why?"""

from enum import IntEnum
from typing import NoReturn

import typer
from rich.console import Console

progress = Console(stderr=True, highlight=False, soft_wrap=True)
"""For people: progress and errors. Results go to standard output."""


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    NOT_PERMITTED = 4
    NOT_FOUND = 5


def stop(code: Exit, message: str) -> NoReturn:
    """Ends the command with a message on standard error."""
    progress.print(message, style="red", markup=False)
    raise typer.Exit(int(code))
