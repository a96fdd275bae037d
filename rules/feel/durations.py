"""What is a FEEL duration (DMN 1.5 §10.3.2.3.7 and §10.3.2.3.8), and how is it written?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MAX_DIGITS = 18

_YEARS_MONTHS = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DAYS_TIME = re.compile(r"(-)?P(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?")


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A years and months duration: `months` is the signed total."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months or not years else ''}"


@dataclass(frozen=True, slots=True, order=True)
class DaysTimeDuration:
    """A days and time duration: `nanoseconds` is the signed total."""

    nanoseconds: int

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        days, rest = divmod(abs(self.nanoseconds), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes, rest = divmod(rest, MINUTE)
        seconds, fraction = divmod(rest, SECOND)
        tail = f".{fraction:09d}".rstrip("0") if fraction else ""
        time = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{f'{seconds}{tail}S' if seconds or tail else ''}"
        return f"{'-' if self.nanoseconds < 0 else ''}P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"

    @classmethod
    def of(cls, value: timedelta) -> DaysTimeDuration:
        return cls((value // timedelta(microseconds=1)) * 1000)

    def to_timedelta(self) -> timedelta | None:
        """The same as a Python value; None where that cannot hold it."""
        microseconds, rest = divmod(self.nanoseconds, 1000)
        try:
            return None if rest else timedelta(microseconds=microseconds)
        except OverflowError:
            return None


Duration = YearsMonthsDuration | DaysTimeDuration


def read_duration(text: str) -> Duration | None:
    """The duration an ISO 8601 text names; None when it is none or mixes months with days."""
    found = _YEARS_MONTHS.fullmatch(text)
    if found and not text.endswith("P"):
        sign, years, months = found.groups()
        if max(len(years or ""), len(months or "")) > _MAX_DIGITS:
            return None
        total = int(years or 0) * 12 + int(months or 0)
        return YearsMonthsDuration(-total if sign else total)
    found = _DAYS_TIME.fullmatch(text)
    if not found or text.endswith(("P", "T")):
        return None
    sign, weeks, days, hours, minutes, seconds, fraction = found.groups()
    if max(len(part or "") for part in (weeks, days, hours, minutes, seconds)) > _MAX_DIGITS:
        return None
    nanoseconds = int((fraction or "")[:9].ljust(9, "0"))
    total = (int(weeks or 0) * 7 + int(days or 0)) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE
    total += int(seconds or 0) * SECOND + nanoseconds
    return DaysTimeDuration(-total if sign else total)
