"""Which dates and times do the fields of form-js hold, as text?"""

import re
from datetime import date, time
from typing import Final

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"(\d{2}:\d{2})(?::\d{2}(?:\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?")


def read_day(text: str) -> date | None:
    """`2026-03-31`."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def read_clock(text: str) -> time | None:
    """`14:30`, with or without seconds and zone; the zone is not looked at."""
    match = _TIME.fullmatch(text)
    try:
        return time.fromisoformat(match.group(1)) if match else None
    except ValueError:
        return None


def read_moment(text: str, subtype: str) -> tuple[date | None, time | None] | None:
    """The day and time that a field of the subtype (date, time, datetime) holds; None when the text is not of that kind."""
    day_text, _, clock_text = text.partition("T") if subtype == "datetime" else (text, "", text)
    day = read_day(day_text) if subtype != "time" else None
    clock = read_clock(clock_text) if subtype != "date" else None
    if (day is None and subtype != "time") or (clock is None and subtype != "date"):
        return None
    return day, clock
