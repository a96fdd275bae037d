"""What does the evaluation of decisions carry with it: layered variables and the trace of what matched?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from rules.dmn.results import EvaluatedDecision, MatchedRule, NamedValue
from rules.feel.conversion import to_feel
from rules.feel.run import Run


class Names(dict[str, object]):
    """Variables of a scope; what is not here is looked up in the `outer` ones."""

    __slots__ = ("outer",)

    def __init__(self, own: Mapping[str, object], outer: Mapping[str, object]) -> None:
        super().__init__(own)
        self.outer = outer

    def __missing__(self, name: str) -> object:
        return self.outer[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.outer


class GivenNames(dict[str, object]):
    """The caller's variables, each converted when it is first read."""

    __slots__ = ("given",)

    def __init__(self, given: Mapping[str, object]) -> None:
        super().__init__()
        self.given = given

    def __missing__(self, name: str) -> object:
        value = self[name] = to_feel(self.given[name])
        return value

    def __contains__(self, name: object) -> bool:
        return name in self.given


class DecisionRun(Run):
    """One evaluation of a decision with all it requires."""

    __slots__ = ("evaluated", "inputs", "matched")

    def __init__(self, given: Mapping[str, object], now: dt.datetime | None) -> None:
        super().__init__(GivenNames(given), now, warnings=[], trusted=True)
        self.inputs: list[NamedValue] = []
        self.matched: list[MatchedRule] = []
        self.evaluated: list[EvaluatedDecision] = []

    @contextmanager
    def inner(self, own: Mapping[str, object]) -> Generator[Names]:
        """Evaluate with these variables in front of the present ones."""
        outer = self.variables
        names = Names(own, outer)
        self.variables = names
        try:
            yield names
        finally:
            self.variables = outer


class DecisionFailureError(Exception):
    """A decision has no value, for this reason."""
