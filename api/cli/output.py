"""How are results shown? As tables for people, as JSON for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_LONGEST = 100


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """`empty`: what is said when there are no rows."""
    console = Console(highlight=False)
    if not rows:
        console.print(empty, markup=False)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    console.print(table)


def print_text(text: str) -> None:
    Console(highlight=False, soft_wrap=True).print(text, markup=False)


def cell(value: Any) -> str:
    """A value in one line."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case list() if all(isinstance(item, str) for item in value):
            text = ", ".join(value)
        case Mapping() | list():
            text = json.dumps(value, ensure_ascii=False, default=str)
        case _:
            text = str(value)
    text = text.replace("\n", " ")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
