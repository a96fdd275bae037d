"""What are date, time, and date and time in FEEL (DMN 1.5 §10.3.2.3.4 to .6)? Any year, nanoseconds, offset or zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rules.feel.calendar import civil, epoch_day
from rules.feel.durations import DAY, HOUR, MINUTE, SECOND

Zone = int | ZoneInfo
"""An offset from UTC in seconds, or a named zone."""


@dataclass(frozen=True, slots=True, order=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def epoch_day(self) -> int:
        return epoch_day(self.year, self.month, self.day)

    @classmethod
    def from_epoch_day(cls, days: int) -> Date:
        return cls(*civil(days))

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True, eq=False)
class Time:
    """A time of day; times with a zone are equal when they name the same instant of a day."""

    nanoseconds: int
    zone: Zone | None = None

    @property
    def hour(self) -> int:
        return self.nanoseconds // HOUR

    @property
    def minute(self) -> int:
        return self.nanoseconds // MINUTE % 60

    @property
    def second(self) -> int:
        return self.nanoseconds // SECOND % 60

    @property
    def offset(self) -> int | None:
        """Seconds from UTC; of a named zone its standard offset, as there is no date."""
        if isinstance(self.zone, ZoneInfo):
            return zone_offset(self.zone, epoch_day(2000, 1, 1), self.nanoseconds)
        return self.zone

    @property
    def instant(self) -> int:
        return self.nanoseconds - (self.offset or 0) * SECOND

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Time):
            return NotImplemented
        return (self.zone is None) == (other.zone is None) and self.instant == other.instant

    def __hash__(self) -> int:
        return hash((self.zone is None, self.instant))

    def __str__(self) -> str:
        return _clock(self.nanoseconds) + zone_text(self.zone)


@dataclass(frozen=True, slots=True, eq=False)
class DateTime:
    """A date and time; those with a zone are equal when they name the same instant."""

    date: Date
    nanoseconds: int
    zone: Zone | None = None

    @classmethod
    def from_epoch(cls, nanoseconds: int, zone: Zone | None = None) -> DateTime:
        """The local date and time so many nanoseconds after 1970-01-01T00:00:00 of the same clock."""
        days, rest = divmod(nanoseconds, DAY)
        return cls(Date.from_epoch_day(days), rest, zone)

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on the local clock."""
        return self.date.epoch_day * DAY + self.nanoseconds

    @property
    def offset(self) -> int | None:
        if isinstance(self.zone, ZoneInfo):
            return zone_offset(self.zone, self.date.epoch_day, self.nanoseconds)
        return self.zone

    @property
    def instant(self) -> int:
        """Nanoseconds since the epoch; without a zone, as if it were UTC."""
        return self.local - (self.offset or 0) * SECOND

    @property
    def time(self) -> Time:
        return Time(self.nanoseconds, self.zone)

    def in_zone(self, zone: Zone) -> DateTime:
        """The same instant on the clock of another zone."""
        instant = self.instant
        if isinstance(zone, int):
            return DateTime.from_epoch(instant + zone * SECOND, zone)
        days, rest = divmod(instant, DAY)
        return DateTime.from_epoch(instant + zone_offset_at(zone, days, rest) * SECOND, zone)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DateTime):
            return NotImplemented
        return (self.zone is None) == (other.zone is None) and self.instant == other.instant

    def __hash__(self) -> int:
        return hash((self.zone is None, self.instant))

    def __str__(self) -> str:
        return f"{self.date}T{_clock(self.nanoseconds)}{zone_text(self.zone)}"


Temporal = Date | Time | DateTime


def zone_offset(zone: ZoneInfo, days: int, nanoseconds: int) -> int:
    """Seconds from UTC that the zone keeps at a local date and time."""
    return _offset(_python_time(days, nanoseconds).replace(tzinfo=zone))


def zone_offset_at(zone: ZoneInfo, days: int, nanoseconds: int) -> int:
    """Seconds from UTC that the zone keeps at an instant."""
    return _offset(_python_time(days, nanoseconds).replace(tzinfo=dt.UTC).astimezone(zone))


def zone_text(zone: Zone | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    if zone == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone), 60)
    return f"{'-' if zone < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}{f':{seconds:02d}' if seconds else ''}"


def _python_time(days: int, nanoseconds: int) -> dt.datetime:
    year, month, day = civil(days)
    if not 2 <= year <= 9998:  # the zone's first or last rules hold, in a year with the same calendar
        year = (2 if year < 2 else 9998) // 400 * 400 + year % 400
        year = year + 400 if year < 2 else year - 400 if year > 9998 else year
    return dt.datetime(year, month, day) + dt.timedelta(microseconds=nanoseconds // 1000)  # noqa: DTZ001


def _offset(moment: dt.datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _clock(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, SECOND)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{tail}"
