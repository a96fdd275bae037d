"""Where is a value in nested data? Reads, writes and removes by place (a tuple of names)."""

from collections.abc import Mapping, Sequence
from typing import Any

Place = tuple[str, ...]


class _Absent:
    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


def read(data: object, place: Sequence[str]) -> Any:
    """The value at the place, else ABSENT."""
    for name in place:
        if not isinstance(data, Mapping) or name not in data:
            return ABSENT
        data = data[name]
    return data


def write(data: dict[str, Any], place: Sequence[str], value: object) -> None:
    """Writes at the place; objects on the way are copied or made, so that nothing shared is changed."""
    for name in place[:-1]:
        inner = data.get(name)
        data[name] = dict(inner) if isinstance(inner, Mapping) else {}
        data = data[name]
    data[place[-1]] = value


def remove(data: dict[str, Any], place: Sequence[str]) -> None:
    """Removes the value and the objects that it leaves empty."""
    holders: list[dict[str, Any]] = [data]
    for name in place[:-1]:
        inner = holders[-1].get(name)
        if not isinstance(inner, Mapping):
            return
        holders[-1][name] = copy = dict(inner)
        holders.append(copy)
    holders[-1].pop(place[-1], None)
    for holder, name in zip(reversed(holders[:-1]), reversed(place[:-1]), strict=False):
        if holder[name]:
            return
        del holder[name]


def overlay(target: dict[str, Any], source: Mapping[str, Any]) -> None:
    """Writes all values of `source` into `target`; objects are merged, lists replaced."""
    for name, value in source.items():
        held = target.get(name)
        if isinstance(held, dict) and isinstance(value, Mapping):
            overlay(held, value)
        else:
            target[name] = value


def dotted(place: Sequence[str | int]) -> str:
    return ".".join(str(name) for name in place)
