"""On which line of a JSON text does a value stand?"""

import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def value_lines(text: str) -> dict[Path, int]:
    """The 1-based line of every value of a well-formed JSON text, by its path. Reads tokens; never recurses."""
    lines: dict[Path, int] = {}
    stack: list[tuple[str | int, bool]] = []  # (name or index of the current value, whether its holder is a list)
    key: str | None = None
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        piece = match.group()
        if stack and not stack[-1][1] and key is None and piece.startswith('"'):
            key = piece[1:-1]
            stack[-1] = (key, False)
        elif piece in "}]":
            if stack:
                stack.pop()
            key = None
        elif piece == ",":
            if stack and stack[-1][1]:
                stack[-1] = (int(stack[-1][0]) + 1, True)
            key = None
        elif piece != ":":
            lines.setdefault(tuple(name for name, _ in stack), line)
            if piece in "{[":
                stack.append((0, True) if piece == "[" else ("", False))
                key = None
    return lines


def path_text(path: Path) -> str:
    """`components[2].validate.min`."""
    text = ""
    for name in path:
        text += f"[{name}]" if isinstance(name, int) else (f".{name}" if text else name)
    return text
