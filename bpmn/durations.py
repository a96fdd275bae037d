"""Is this literal of a timer one that can fire: an ISO 8601 date, duration or repeating interval, or a cron expression?"""

import re
from calendar import monthrange
from datetime import datetime

from bpmn.model import TimerKind

_DURATION = re.compile(
    r"-?P(?!$)(?:(?P<y>\d+)Y)?(?:(?P<mo>\d+)M)?(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?"
    r"(?:T(?!$)(?:(?P<h>\d+)H)?(?:(?P<mi>\d+)M)?(?:(?P<s>\d+(?:[.,]\d+)?)S)?)?"
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?(\[[\w/+-]+\])?)?")
_MONTHS = {
    name: number for number, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"])}
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
    match = _DATE.fullmatch(text)
    if not match:
        return "it is not an ISO 8601 date and time"
    try:
        datetime.fromisoformat("-".join(match.group(1, 2, 3)))
        hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    except ValueError as error:
        return f"there is no such date: {error}"
    return None if hour <= 24 and minute < 60 and second <= 60 else "there is no such time of day"


def _duration_fault(text: str) -> str | None:
    if not _DURATION.fullmatch(text):
        return "it is not an ISO 8601 duration"
    return "a negative duration lies in the past" if text.startswith("-") else None


def _cycle_fault(text: str) -> str | None:
    if not text.startswith("R"):
        return _cron_fault(text)
    count, *rest = text[1:].split("/")
    if count not in ("", "-1") and not count.isdecimal():
        return f'the number of repetitions "{count}" is not a whole number'
    if count == "0":
        return "it repeats zero times, so it never fires"
    if len(rest) == 1:
        return _duration_fault(rest[0]) if rest[0] else "the interval after the slash is missing"
    if len(rest) != 2:
        return "it has not the form R<count>/<interval> or R<count>/<start>/<interval>"
    first, second = rest
    if first.startswith("P"):
        return _duration_fault(first) or _date_fault(second)
    fault = _date_fault(first) if first else None
    return fault or (_duration_fault(second) if second.startswith("P") else _date_fault(second))


def _cron_fault(text: str) -> str | None:
    if text in _MACROS:
        return None
    fields = text.upper().split()
    if len(fields) not in (5, 6):
        return "it is neither a repeating interval (R3/PT10M) nor a cron expression of five or six fields"
    if len(fields) == 5:
        fields.insert(0, "0")
    ranges = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    names = ("second", "minute", "hour", "day of month", "month", "day of week")
    for value, (low, high), name in zip(fields, ranges, names, strict=True):
        if not _is_cron_field(value, low, high, {"month": _MONTHS, "day of week": _DAYS}.get(name, {})):
            return f'"{value}" is not a {name} of a cron expression'
    days, months = fields[3], fields[4]
    if days.isdecimal() and fields[5] in ("*", "?") and all(part.isdecimal() for part in months.split(",")):
        longest = max(monthrange(2024, int(part))[1] for part in months.split(","))
        if int(days) > longest:
            return f"no such month has a day {days}, so it never fires"
    return None


def _is_cron_field(field: str, low: int, high: int, names: dict[str, int]) -> bool:
    for part in field.split(","):
        body, slash, step = part.partition("/")
        if slash and (not step.isdecimal() or int(step) == 0):
            return False
        if body in ("*", "?", "L", "LW") or re.fullmatch(r"L-\d+|\d+W|[A-Z\d]+L|[A-Z\d]+#[1-5]", body):
            continue
        ends = body.split("-")
        numbers = [names.get(end, int(end) if end.isdecimal() else -1) for end in ends]
        if len(numbers) > 2 or any(not low <= number <= high for number in numbers):
            return False
    return True
