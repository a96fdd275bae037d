"""Which names are known at a place in the text? FEEL names may hold spaces and symbols, so only this tells where one ends (§10.3.1.4)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence

from rules.feel.errors import FeelSyntaxError
from rules.feel.scanner import Token, scan

_PLAIN = re.compile(r"[^\W\d]\w*")


def normalized(name: str) -> str:
    """The name with single spaces."""
    return name if _PLAIN.fullmatch(name) else " ".join(name.split())


class KnownNames:
    """Names of several tokens, found by the longest match; `base` are names known besides, which are not changed here."""

    __slots__ = ("_base", "_names", "_scopes")

    def __init__(self, names: Iterable[str] = (), base: KnownNames | None = None) -> None:
        self._base = base
        self._names: set[str] = set()
        self._scopes: list[dict[str, list[tuple[tuple[str, ...], str]]]] = [{}]
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Know `name` in the innermost scope."""
        name = normalized(name)
        self._names.add(name)
        if _PLAIN.fullmatch(name):
            return
        try:
            parts = tuple(token.text for token in scan(name) if token.kind != "end")
        except FeelSyntaxError:
            return
        if len(parts) > 1 or (parts and parts[0] != name):
            self._scopes[-1].setdefault(parts[0], []).append((parts, name))

    def enter(self, names: Iterable[str] = ()) -> None:
        self._scopes.append({})
        for name in names:
            self.add(name)

    def restore(self, depth: int) -> None:
        """Leave all scopes but the outermost `depth`."""
        del self._scopes[depth:]

    @property
    def depth(self) -> int:
        return len(self._scopes)

    def leave(self) -> None:
        self._scopes.pop()

    @property
    def compound(self) -> list[str]:
        """The names of several tokens that were added here."""
        return [name for name in self._names if not _PLAIN.fullmatch(name)]

    def longest(self, tokens: Sequence[Token], position: int) -> tuple[str, int] | None:
        """The longest known name of several tokens at `position`, and how many tokens it takes."""
        first = tokens[position].text
        best = None if self._base is None else self._base.longest(tokens, position)
        for scope in self._scopes:
            for parts, name in scope.get(first, ()):
                count = len(parts)
                if (best is None or count > best[1]) and _matches(parts, tokens, position):
                    best = name, count
        return best

    def similar(self, name: str) -> str:
        """A hint naming the known name that looks most like `name`, or nothing."""
        close = did_you_mean(name, self._names)
        return close if close or self._base is None else self._base.similar(name)


def did_you_mean(name: str, known: Collection[str]) -> str:
    """A hint naming the entry of `known` that looks most like `name`, or nothing."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"did you mean '{close[0]}'?" if close and close[0] != name else ""


def _matches(parts: tuple[str, ...], tokens: Sequence[Token], position: int) -> bool:
    if position + len(parts) >= len(tokens):
        return False
    return all(tokens[position + i].text == part and tokens[position + i].kind != "string" for i, part in enumerate(parts))
