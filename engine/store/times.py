"""How are times stored? As microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any, overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def micros(at: datetime) -> int: ...
@overload
def micros(at: None) -> None: ...
@overload
def micros(at: datetime | None) -> int | None: ...
def micros(at: datetime | None) -> int | None:
    if at is None:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - _EPOCH) // _MICROSECOND


def moment(stored: int | None) -> Any:
    """The aware datetime; None gives None."""
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)
