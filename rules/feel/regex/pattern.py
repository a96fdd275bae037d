"""How is a regular expression used: by Python's `re` where that is safe, else by the machine?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from rules.feel.regex.grammar import Anchor, BackReference, Character, Choice, Grammar, Group, Part, Repeat, Sequence
from rules.feel.regex.machine import Machine
from rules.feel.run import UndefinedError

_MAX_COST = 1_000_000
_LARGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A match: start and end of the whole and of each group, -1 where it took no part."""

    spans: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.spans[0]

    @property
    def end(self) -> int:
        return self.spans[1]

    def group(self, text: str, number: int) -> str:
        first, last = self.spans[2 * number], self.spans[2 * number + 1]
        return text[first:last] if 0 <= first <= last else ""


class Pattern:
    """A compiled regular expression."""

    def __init__(self, pattern: str, flags: str) -> None:
        grammar = Grammar(pattern, flags)
        part = grammar.parse()
        self.groups = grammar.groups
        self._machine = Machine(part, self.groups, multiline="m" in flags, ignore_case="i" in flags)
        self._loops = _loops(part)
        source = None if self._loops is None or "m" in flags or grammar.ignore_case else _source(part)
        self._native = None if source is None else re.compile(source)

    def search(self, text: str, start: int, spend: Callable[[int], None]) -> Found | None:
        """The leftmost match from a position on."""
        if self._native is not None and self._is_cheap(text):
            spend(len(text) // 16 + 1)
            match = self._native.search(text, start)
            return None if match is None else self._found(match)
        spans = self._machine.search(text, start, spend)
        return None if spans is None else Found(spans)

    def _is_cheap(self, text: str) -> bool:
        return (len(text) + 1) ** ((self._loops or 0) + 1) <= _MAX_COST

    def _found(self, match: re.Match[str]) -> Found:
        return Found(tuple(end for group in range(self.groups + 1) for end in match.span(group)))

    def all(self, text: str, spend: Callable[[int], None]) -> Iterator[Found]:
        """All matches from left to right that do not overlap."""
        if self._is_cheap(text) and self._native is not None:
            spend(len(text) // 16 + 1)
            for match in self._native.finditer(text):
                spend(1)
                yield self._found(match)
            return
        position = 0
        while position <= len(text):
            found = self.search(text, position, spend)
            if found is None:
                return
            yield found
            position = found.end if found.end > found.start else found.end + 1


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """The pattern; raises UndefinedError."""
    for flag in flags:
        if flag not in "smixq":
            raise UndefinedError(f"no regular expression flag '{flag}'")
    return Pattern(pattern, flags)


def _loops(part: Part) -> int | None:
    """How many unbounded repetitions follow each other; None when one is inside another, or a group refers back."""
    match part:
        case Character() | Anchor():
            return 0
        case BackReference():
            return None
        case Sequence(parts) | Choice(parts):
            counts = [_loops(inner) for inner in parts]
            return None if None in counts else sum(count or 0 for count in counts)
        case Group():
            return _loops(part.body)
        case Repeat():
            inner = _loops(part.body)
            simple = isinstance(part.body, Character)
            if part.most is not None and part.most <= (_LARGE if simple else 1):
                return inner
            return 1 if simple else None
        case _:
            assert_never(part)


def _source(part: Part) -> str | None:
    """The same in the syntax of Python's `re`, or None."""
    match part:
        case Character():
            return part.source
        case Anchor():
            return r"\A" if part.at_start else r"\Z"
        case BackReference():
            return None
        case Sequence(parts) | Choice(parts):
            sources = [_source(inner) for inner in parts]
            if None in sources:
                return None
            return ("" if isinstance(part, Sequence) else "|").join(map(str, sources))
        case Group():
            body = _source(part.body)
            return None if body is None else f"({'?:' if part.number is None else ''}{body})"
        case Repeat():
            body = _source(part.body)
            if body is None:
                return None
            quantity = f"{{{part.least},{'' if part.most is None else part.most}}}"
            return f"{body}{quantity}{'' if part.greedy else '?'}"
        case _:
            assert_never(part)
