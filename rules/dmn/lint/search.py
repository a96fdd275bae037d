"""Which inputs do some rules leave uncovered? A search over the regions of the columns that never visits the same question twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.dmn.lint.regions import ColumnRegions

_MAX_VISITS = 50_000


class Search:
    """Looks for inputs that none of the rules covers, at most so many steps long; `gave_up` when they did not suffice."""

    def __init__(self, columns: Sequence[ColumnRegions]) -> None:
        self._columns = columns
        self._covered: set[tuple[int, int]] = set()
        self._visits = 0
        self.gave_up = False

    def uncovered(self, rules: int, within: int | None = None) -> Iterator[tuple[object, ...]]:
        """Examples of inputs that pass none of the rules; only those of rule number `within` when given."""
        self._covered.clear()
        self._visits = 0
        yield from self._from(0, rules, None if within is None else 1 << within)

    def _from(self, position: int, rules: int, within: int | None) -> Iterator[tuple[object, ...]]:
        if position == len(self._columns):
            if not rules:
                yield ()
            return
        if (position, rules) in self._covered:
            return
        self._visits += 1
        if self._visits > _MAX_VISITS:
            self.gave_up = True
            return
        found = False
        seen: set[int] = set()
        for region in self._columns[position].regions:
            if within is not None and not region.rules & within:
                continue
            remaining = rules & (region.rules | region.unknown)
            if remaining in seen:
                continue
            seen.add(remaining)
            for rest in self._from(position + 1, remaining, within):
                found = True
                yield (region.example, *rest)
        if not found and not self.gave_up:
            self._covered.add((position, rules))
