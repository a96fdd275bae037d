"""What does one evaluation carry with it: variables, clock, budget, and the reasons of its nulls?"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager

from rules.feel.errors import FeelBudgetError
from rules.feel.names import did_you_mean

STEP_BUDGET = 500_000
SIZE_BUDGET = 2_000_000
MAX_CALLS = 2_000
_CALLS_PER_STACK = 40
_STEPS_PER_STACK = 200
_MAX_WARNINGS = 50


class UndefinedError(Exception):
    """An operation has no value, for this reason: the result is null."""


class Run:
    """The state of one evaluation. `trusted` variables hold FEEL values already."""

    __slots__ = ("_now", "calls", "memo", "steps", "trusted", "variables", "warnings")

    def __init__(
        self,
        variables: Mapping[str, object],
        now: dt.datetime | None = None,
        warnings: list[str] | None = None,
        trusted: bool = False,
        steps: int = STEP_BUDGET,
    ) -> None:
        self.variables: Mapping[str, object] = variables
        self._now = now
        self.warnings = warnings
        self.trusted = trusted
        self.steps = steps
        self.calls = 0
        self.memo: dict[object, object] = {}

    @property
    def now(self) -> dt.datetime:
        """The time of this evaluation; the same at every call."""
        if self._now is None:
            self._now = dt.datetime.now().astimezone()
        elif self._now.tzinfo is None:
            self._now = self._now.replace(tzinfo=dt.UTC)
        return self._now

    def null(self, reason: str) -> None:
        """Note why a value is null."""
        if self.warnings is not None and len(self.warnings) < _MAX_WARNINGS and reason not in self.warnings:
            self.warnings.append(reason)

    def missing(self, name: str) -> None:
        """Note that there is no such variable."""
        if self.warnings is not None:
            known = self.variables if isinstance(self.variables, dict) else {}
            hint = did_you_mean(name, list(known)[:500])
            self.null(f"No variable '{name}'{f'; {hint}' if hint else ''}")

    def spend(self, steps: int) -> None:
        """Take steps from the budget; raises FeelBudgetError when none are left."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelBudgetError("The evaluation needs more steps than it may take: does a loop or recursion never end?")

    @contextmanager
    def scope(self, variables: Mapping[str, object]) -> Generator[None]:
        """Evaluate with other variables."""
        saved, memo = self.variables, self.memo
        self.variables, self.memo = variables, {}
        try:
            yield
        finally:
            self.variables, self.memo = saved, memo

    def enter(self, function: Callable[[Run, Sequence[object]], object], arguments: Sequence[object]) -> object:
        """Call a FEEL function one level deeper. Every few levels go on with a fresh stack, so that the depth of
        recursion does not depend on how deep the caller is."""
        self.calls += 1
        self.spend(1)
        try:
            if self.calls > MAX_CALLS:
                raise FeelBudgetError(f"Functions call each other more than {MAX_CALLS} levels deep")
            if self.calls % _CALLS_PER_STACK:
                return function(self, arguments)
            self.spend(_STEPS_PER_STACK)
            return _on_fresh_stack(lambda: function(self, arguments))
        finally:
            self.calls -= 1


def check_size(value: object) -> None:
    """Refuse a string or list larger than an evaluation may build."""
    if isinstance(value, (str, list)) and len(value) > SIZE_BUDGET:  # pyright: ignore[reportUnknownArgumentType]
        raise FeelBudgetError(f"A value has more than {SIZE_BUDGET} items or characters")


def _on_fresh_stack(work: Callable[[], object]) -> object:
    results: list[object] = []
    failures: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=target, name="feel-recursion", daemon=True)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return results[0]
