"""When does a cron expression fire next?

Five fields (minute first), six (second first, as Spring and Camunda) or seven (with a year, as Quartz).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_MONTHS = {name: str(i) for i, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)}
_DAYS = {name: str(i) for i, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_FURTHEST_YEARS = 100


class CronError(ValueError):
    """The text is not a cron expression."""


@dataclass(frozen=True, slots=True)
class Cron:
    """The moments at which an expression fires, in UTC. `days` and `weekdays` keep their special forms (L, W, #)."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int] | None = None

    def after(self, moment: datetime) -> datetime | None:
        """The first firing strictly after `moment`; None when there is none within a century."""
        start = moment.replace(microsecond=0) + timedelta(seconds=1)
        day = start.date()
        last = day.year + _FURTHEST_YEARS
        time = (start.hour, start.minute, start.second)
        while day.year <= last:
            if self._may_be(day.year, day.month):
                if self._is_day(day):
                    found = self._time_from(time)
                    if found is not None:
                        return datetime(day.year, day.month, day.day, *found, tzinfo=moment.tzinfo)
                day += timedelta(days=1)
            else:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            time = (0, 0, 0)
        return None

    def _may_be(self, year: int, month: int) -> bool:
        return month in self.months and (self.years is None or year in self.years)

    def _time_from(self, time: tuple[int, int, int]) -> tuple[int, int, int] | None:
        for hour in self.hours:
            if hour < time[0]:
                continue
            for minute in self.minutes:
                if (hour, minute) < time[:2]:
                    continue
                for second in self.seconds:
                    if (hour, minute, second) >= time:
                        return hour, minute, second
        return None

    def _is_day(self, day: date) -> bool:
        return all(
            any(_is_match(part, day, is_weekday) for part in field.split(","))
            for field, is_weekday in ((self.days, False), (self.weekdays, True))
        )


def parse_cron(text: str) -> Cron:
    """Read an expression or a macro such as @daily; raises CronError."""
    fields = _MACROS.get(text.strip().lower(), text).upper().split()
    if len(fields) == 5:
        fields.insert(0, "0")
    if len(fields) not in (6, 7):
        raise CronError(f"it has {len(fields)} fields instead of 5 to 7")
    seconds, minutes, hours, days, months, weekdays = fields[:6]
    cron = Cron(
        seconds=_numbers(seconds, 0, 59),
        minutes=_numbers(minutes, 0, 59),
        hours=_numbers(hours, 0, 23),
        days=days,
        months=frozenset(_numbers(_named(months, _MONTHS), 1, 12)),
        weekdays=_named(weekdays, _DAYS),
        years=frozenset(_numbers(fields[6], 1970, 2199)) if len(fields) == 7 and fields[6] != "*" else None,
    )
    for field, is_weekday in ((cron.days, False), (cron.weekdays, True)):
        for part in field.split(","):
            _is_match(part, date(2028, 2, 29), is_weekday)
    return cron


def _named(field: str, names: dict[str, str]) -> str:
    return re.sub(r"[A-Z]{3}", lambda found: names.get(found[0], found[0]), field)


def _numbers(field: str, low: int, high: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        found.update(_range(part, low, high))
    return tuple(sorted(found))


def _range(part: str, low: int, high: int) -> range:
    shape = re.fullmatch(r"(\*|\?|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
    if not shape:
        raise CronError(f"'{part}' is not understood")
    first = int(shape[2]) if shape[2] else low
    last = int(shape[3]) if shape[3] else first if shape[2] and not shape[4] else high
    every = int(shape[4] or 1)
    if not (low <= first <= last <= high and every > 0):
        raise CronError(f"'{part}' is not within {low} to {high}")
    return range(first, last + 1, every)


def _is_match(part: str, day: date, is_weekday: bool) -> bool:
    last = monthrange(day.year, day.month)[1]
    if is_weekday:
        weekday = day.isoweekday() % 7
        if shape := re.fullmatch(r"([0-7])#([1-5])", part):
            return weekday == int(shape[1]) % 7 and (day.day - 1) // 7 + 1 == int(shape[2])
        if shape := re.fullmatch(r"([0-7])L", part):
            return weekday == int(shape[1]) % 7 and day.day + 7 > last
        return any(number % 7 == weekday for number in _range(part, 0, 7))
    if part == "L":
        return day.day == last
    if part == "LW":
        return day.day == _nearest_workday(day.replace(day=last))
    if shape := re.fullmatch(r"L-(\d+)", part):
        return day.day == last - int(shape[1])
    if shape := re.fullmatch(r"(\d+)W", part):
        return 1 <= int(shape[1]) <= last and day.day == _nearest_workday(day.replace(day=int(shape[1])))
    return day.day in _range(part, 1, 31)


def _nearest_workday(day: date) -> int:
    last = monthrange(day.year, day.month)[1]
    if day.isoweekday() == 6:
        return day.day - 1 if day.day > 1 else day.day + 2
    if day.isoweekday() == 7:
        return day.day + 1 if day.day < last else day.day - 2
    return day.day
