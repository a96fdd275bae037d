"""Where does a name get its value from when the expression runs?

At run time an environment is a list: `[outer environment, run, value, value, …]`. At compile time a scope knows the slot of each name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from rules.feel.conversion import PLAIN, to_feel
from rules.feel.run import Run

Env = list[Any]
Code = Callable[[Env], object]
FIRST_SLOT = 2


class FrameScope:
    """Names bound by a context, iteration or function: one slot each. The `growing` one is a list that still grows."""

    __slots__ = ("growing", "outer", "slots")

    def __init__(self, outer: Scope | None, names: tuple[str, ...] = (), growing: str | None = None) -> None:
        self.outer = outer
        self.growing = growing
        self.slots = {name: FIRST_SLOT + index for index, name in enumerate(names)}

    def bind(self, name: str) -> int:
        """Give `name` the next slot."""
        slot = FIRST_SLOT + len(self.slots)
        self.slots[name] = slot
        return slot


class FilterScope:
    """The members of the filtered item, known only when it runs. Notes whether any name was looked up here."""

    __slots__ = ("outer", "used")

    def __init__(self, outer: Scope | None) -> None:
        self.outer = outer
        self.used = False


Scope = FrameScope | FilterScope


def local(hops: int, slot: int) -> Code:
    """Code that reads a slot of an environment some levels out."""
    if hops == 0:
        return lambda env: env[slot]
    if hops == 1:
        return lambda env: env[0][slot]

    def read(env: Env) -> object:
        for _ in range(hops):
            env = env[0]
        return env[slot]

    return read


def copied(code: Code) -> Code:
    """Code that reads a growing list as it is now."""

    def read(env: Env) -> object:
        run: Run = env[1]
        items = cast(list[object], code(env))
        run.spend(len(items))
        return list(items)

    return read


def item_member(hops: int, name: str, otherwise: Code) -> Code:
    """Code that reads a member of the filtered item, else what the name means outside."""

    def read(env: Env) -> object:
        inner: Env = env
        for _ in range(hops):
            inner = inner[0]
        item = inner[FIRST_SLOT]
        if type(item) is dict and name in item:
            return cast(dict[str, object], item)[name]
        return otherwise(env)

    return read


def variable(name: str, fallback: object = None) -> Code:
    """Code that reads a variable of the context; `fallback` stands in for one that is absent."""

    def read(env: Env) -> object:
        run: Run = env[1]
        try:
            value = run.variables[name]
        except KeyError:
            if fallback is None:
                run.missing(name)
            return fallback
        kind = type(value)
        if kind in PLAIN or run.trusted:
            return value
        if kind is list or kind is dict:
            if name not in run.memo:
                run.memo[name] = to_feel(value)
            return run.memo[name]
        return to_feel(value)

    return read
