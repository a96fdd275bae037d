"""When is a duration from now? For those who schedule with Python's datetime."""

from __future__ import annotations

import datetime as dt

from rules.feel.arithmetic import add
from rules.feel.conversion import to_feel, to_python
from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration, read_duration
from rules.feel.errors import FeelError
from rules.feel.run import UndefinedError


def parse_duration(text: str) -> YearsMonthsDuration | dt.timedelta:
    """The duration an ISO 8601 text names (`P3D`, `PT10M`, `P1W`, `P1Y6M`); raises FeelError."""
    found = read_duration(text.strip())
    held = found.to_timedelta() if isinstance(found, DaysTimeDuration) else found
    if held is None:
        raise FeelError(f"'{text}' is no ISO 8601 duration, like PT10M, P3D or P1Y6M")
    return held


def add_duration(moment: dt.datetime, duration: YearsMonthsDuration | DaysTimeDuration | dt.timedelta) -> dt.datetime:
    """The moment so much later, months ending on the last day where the day does not exist; raises FeelError out of range."""
    try:
        later = to_python(add(to_feel(moment), to_feel(duration)))
    except UndefinedError as undefined:
        raise FeelError(str(undefined)) from None
    if not isinstance(later, dt.datetime):
        raise FeelError("The moment is out of range")
    return later
