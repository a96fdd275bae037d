"""Which date, time, or date and time does a text name (DMN 1.5 §10.3.4.1; ISO 8601 as XML Schema narrows it)?"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from rules.feel.calendar import is_date
from rules.feel.durations import HOUR, MINUTE, SECOND, Duration, read_duration
from rules.feel.temporal import Date, DateTime, Time, Zone

_DATE = r"(-)?([1-9][0-9]{4,8}|[0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:(Z|z)|([-+])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z][\w+\-/]*))?"
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile(_TIME, re.ASCII)
_DATE_TIME = re.compile(f"{_DATE}T{_TIME}", re.ASCII)
_MAX_OFFSET = 18 * 3600


def read_date(text: str) -> Date | None:
    """The date, or None."""
    found = _DATE_ONLY.fullmatch(text)
    return _date(found.groups()) if found else None


def read_time(text: str) -> Time | None:
    """The time, or None."""
    found = _TIME_ONLY.fullmatch(text)
    return _time(found.groups()) if found else None


def read_date_time(text: str) -> DateTime | None:
    """The date and time, or None."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    groups = found.groups()
    date, time = _date(groups[:4]), _time(groups[4:])
    if date is None or time is None:
        return None
    if groups[4] == "24":
        date = Date.from_epoch_day(date.epoch_day + 1)
    return DateTime(date, time.nanoseconds, time.zone)


def read_temporal(text: str) -> Date | Time | DateTime | Duration | None:
    """What an at-literal stands for (rule 62), or None."""
    return read_date(text) or read_date_time(text) or read_time(text) or read_duration(text)


@lru_cache(maxsize=512)
def find_zone(name: str) -> ZoneInfo | None:
    """The zone of the IANA database, or None. Only names in its list are looked up: a lookup may import a module by that name."""
    return ZoneInfo(name) if name in _zone_names() else None


@cache
def _zone_names() -> set[str]:
    return available_timezones()


def _date(groups: tuple[str | None, ...]) -> Date | None:
    sign, *digits = groups
    year, month, day = (int(part or 0) for part in digits)
    year = -year if sign else year
    return Date(year, month, day) if is_date(year, month, day) else None


def _time(groups: tuple[str | None, ...]) -> Time | None:
    hour, minute, second = (int(part or 0) for part in groups[:3])
    midnight = hour == 24 and not (minute or second or int(groups[3] or 0))
    if (hour > 23 and not midnight) or minute > 59 or second > 59:
        return None
    nanoseconds = hour % 24 * HOUR + minute * MINUTE + second * SECOND + int((groups[3] or "")[:9].ljust(9, "0"))
    utc, sign, hours, minutes, seconds, name = groups[4:]
    zone: Zone | None = None
    if utc:
        zone = 0
    elif sign:
        if int(minutes or 0) > 59 or int(seconds or 0) > 59:
            return None
        zone = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
        if zone > _MAX_OFFSET:
            return None
        zone = -zone if sign == "-" else zone
    elif name:
        zone = find_zone(name)
        if zone is None:
            return None
    return Time(nanoseconds, zone)
