"""Is this literal of a timer one that can fire: an ISO 8601 date, duration or repeating interval, or a cron expression?"""

import re
from calendar import monthrange
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bpmn.model import TimerKind

_DURATION = re.compile(
    r"[+-]?P(?!$)(?:(?P<y>\d+)Y)?(?:(?P<mo>\d+)M)?(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?"
    r"(?:T(?!$)(?:(?P<h>\d+)H)?(?:(?P<mi>\d+)M)?(?:(?P<s>\d+(?:[.,]\d+)?)S)?)?"
)
_MONTHS = {name: str(i) for i, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)}
_DAYS = {name: str(i) for i, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
_FIELDS: tuple[tuple[str, int, int, dict[str, str]], ...] = (
    ("second", 0, 59, {}),
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
    ("year", 1970, 2199, {}),
)
_SPECIAL_DAY = re.compile(r"L|LW|L-\d{1,2}|(0?[1-9]|[12]\d|3[01])W")
_SPECIAL_WEEKDAY = re.compile(r"[0-7]#[1-5]|[0-7]L")
_MACROS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}

EXAMPLES = {
    TimerKind.DATE: "2030-01-31T09:00:00Z",
    TimerKind.DURATION: "PT15M or P2D",
    TimerKind.CYCLE: "R3/PT10M, or a cron expression as 0 0 9 * * MON-FRI",
}


def timer_fault(kind: TimerKind, text: str) -> str | None:
    """What is wrong with the literal; None when it is a timer that can fire."""
    if len(text) > 200:
        return "it is too long"
    match kind:
        case TimerKind.DATE:
            return _date_fault(text)
        case TimerKind.DURATION:
            return _duration_fault(text)
        case TimerKind.CYCLE:
            return _cycle_fault(text)


def _date_fault(text: str) -> str | None:
    plain, _, zone = text.partition("[")
    plain, _, at_zone = plain.partition("@")
    zone = zone.rstrip("]") or at_zone
    if not re.match(r"\d{4}-?\d\d", plain):
        return "it is not an ISO 8601 date and time"
    try:
        if datetime.fromisoformat(plain).tzinfo is None and zone:
            ZoneInfo(zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        return f"there is no such date and time: {error}"
    return None


def _duration_fault(text: str) -> str | None:
    if not _DURATION.fullmatch(text):
        return "it is not an ISO 8601 duration"
    return "a negative duration lies in the past" if text.startswith("-") else None


def _interval_fault(text: str) -> str | None:
    """A cycle needs an interval that leads on."""
    return _duration_fault(text) or (None if re.search("[1-9]", text) else "an interval of no length repeats without end")


def _cycle_fault(text: str) -> str | None:
    if not text.startswith("R"):
        return _cron_fault(text)
    count, *rest = text[1:].split("/")
    if count not in ("", "-1") and not count.isdecimal():
        return f'the number of repetitions "{count}" is not a whole number'
    if count and not count.strip("0"):
        return "it repeats zero times, so it never fires"
    if len(rest) == 1:
        return _interval_fault(rest[0]) if rest[0] else "the interval after the slash is missing"
    if len(rest) != 2:
        return "it has not the form R<count>/<interval> or R<count>/<start>/<interval>"
    first, second = rest
    if first.startswith("P"):
        return _interval_fault(first) or (_date_fault(second) if second else None)
    fault = _date_fault(first) if first else None
    return fault or (_interval_fault(second) if second.startswith("P") else _date_fault(second))


def _cron_fault(text: str) -> str | None:
    if text.lower() in _MACROS:
        return None
    fields = text.upper().split()
    if len(fields) not in (5, 6, 7):
        return "it is neither a repeating interval (R3/PT10M) nor a cron expression of five to seven fields"
    if len(fields) == 5:
        fields.insert(0, "0")
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=False):
        special = {"day of month": _SPECIAL_DAY, "day of week": _SPECIAL_WEEKDAY}.get(name)
        for part in _in_numbers(field, names).split(","):
            if not (_numbers(part, low, high) or (special and special.fullmatch(part))):
                return f'"{part}" is not a {name} of a cron expression'
    months = {month for part in _in_numbers(fields[4], _MONTHS).split(",") for month in _numbers(part, 1, 12)}
    if fields[3].isdecimal() and int(fields[3]) > max(monthrange(2024, month)[1] for month in months):
        return f"no such month has a day {fields[3]}, so it never fires"
    return None


def _in_numbers(field: str, names: dict[str, str]) -> str:
    return re.sub(r"[A-Z]{3}", lambda found: names.get(found[0], found[0]), field)


def _numbers(part: str, low: int, high: int) -> range:
    """The numbers that one part of a field stands for; empty when it is none of *, 5, 1-5, */10, 5/10, 1-30/5."""
    shape = re.fullmatch(r"(\*|\?|(\d{1,9})(?:-(\d{1,9}))?)(?:/(\d{1,9}))?", part)
    if not shape:
        return range(0)
    first = int(shape[2]) if shape[2] else low
    last = int(shape[3]) if shape[3] else first if shape[2] and not shape[4] else high
    every = int(shape[4] or 1)
    return range(first, last + 1, every) if low <= first <= last <= high and every else range(0)
