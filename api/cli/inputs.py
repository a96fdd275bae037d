"""What did the user give: variables and files?"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, stop

SUFFIXES = (".bpmn", ".dmn", ".form", ".agent.yaml", ".data.yaml")
_MAXIMUM_FILE = 32 * 1024 * 1024

Variables = Annotated[
    str | None, typer.Option("--variables", help="Variables: a JSON object, or @FILE with one, or @- for standard input.")
]
Var = Annotated[list[str] | None, typer.Option("--var", "-v", help="One variable: NAME=JSON, or NAME=TEXT when it is no JSON. Repeat it.")]


def read_variables(text: str | None, single: Sequence[str] | None) -> dict[str, Any]:
    """The variables of `--variables` and `--var` together; the latter win."""
    result: dict[str, Any] = {}
    if text is not None:
        try:
            found = json.loads(_content(text))
        except ValueError as error:
            stop(Exit.USAGE, f"--variables is not JSON: {error}.")
        if not isinstance(found, dict):
            stop(Exit.USAGE, '--variables must be a JSON object: {"name": value, …}.')
        result.update(found)
    for item in single or ():
        name, equals, value = item.partition("=")
        if not name or not equals:
            stop(Exit.USAGE, f"--var {item!r} must look like NAME=VALUE.")
        try:
            result[name] = json.loads(value)
        except ValueError:
            result[name] = value
    return result


def find_files(paths: Iterable[Path], suffixes: tuple[str, ...] = SUFFIXES) -> list[tuple[str, bytes]]:
    """Name and content of the files, and of all files with known suffixes in the folders, in order."""
    found: list[tuple[str, bytes]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(suffixes) and not _is_hidden(p, path))
            if not inside:
                stop(Exit.NOT_FOUND, f"No files in {path} end with {', '.join(suffixes)}.")
            found.extend((str(p), _read(p)) for p in inside)
        elif path.is_file():
            found.append((str(path), _read(path)))
        else:
            stop(Exit.NOT_FOUND, f"There is no file or folder {path}.")
    return found


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAXIMUM_FILE:
            stop(Exit.FAILED, f"{path} is larger than {_MAXIMUM_FILE} bytes.")
        return path.read_bytes()
    except OSError as error:
        stop(Exit.FAILED, f"{path} cannot be read: {error.strerror}.")


def _content(text: str) -> str:
    if not text.startswith("@"):
        return text
    if text == "@-":
        return typer.get_text_stream("stdin").read()
    path = Path(text[1:])
    if not path.is_file():
        stop(Exit.NOT_FOUND, f"There is no file {path}.")
    return _read(path).decode("utf-8", "replace")
