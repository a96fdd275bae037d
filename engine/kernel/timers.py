"""When does a timer fire? ISO 8601 dates, durations and repeating intervals, and cron expressions."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bpmn.model import TimerEvent, TimerKind
from engine.kernel.cron import Cron, CronError, parse_cron
from engine.kernel.step import Failure, Step
from engine.kernel.variables import not_a, read_value
from engine.model import ElementInstance, ElementKey, IncidentKind, Json, OpenTimer, TimerKey
from rules.feel import to_json

_DURATION = re.compile(
    r"([+-])?P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?\Z"
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The next moment of a timer. `repetitions`: this one included; -1 without end; `cycle`: the text it repeats by."""

    due: datetime
    repetitions: int = 1
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration; months have no fixed length."""

    months: int
    rest: timedelta

    def added_to(self, start: datetime) -> datetime:
        month = start.year * 12 + start.month - 1 + self.months
        year, month = divmod(month, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return start.replace(year=year, month=month + 1, day=day) + self.rest


def schedule(kind: TimerKind, text: str, now: datetime) -> Schedule:
    """The first moment of a timer that begins now; raises ValueError with what is wrong. A past date is due at once."""
    try:
        match kind:
            case TimerKind.DATE:
                return Schedule(parse_date(text))
            case TimerKind.DURATION:
                return Schedule(max(now, parse_duration(text).added_to(now)))
            case TimerKind.CYCLE:
                return _first_of_cycle(text.strip(), now)
    except OverflowError:
        raise ValueError(f"'{text}' leads beyond the calendar") from None


def next_schedule(cycle: str, due: datetime, repetitions: int, now: datetime) -> Schedule | None:
    """The repetition after the one that was due; counted from the due time, so that lateness does not add up. None: it was the last."""
    if repetitions == 1:
        return None
    left = -1 if repetitions < 0 else repetitions - 1
    if not cycle.startswith("R"):
        moment = parse_cron(cycle).after(due)
        return Schedule(moment, left, cycle) if moment else None
    interval = _parse_interval(cycle)
    try:
        moment = interval.step.added_to(due)
    except (OverflowError, ValueError):
        return None  # beyond the calendar
    if moment <= due or (interval.end is not None and moment > interval.end):
        return None
    return Schedule(moment, left, cycle)


def parse_date(text: str) -> datetime:
    """ISO 8601 date or date-time as aware UTC; without zone it is UTC; a zone name in brackets (FEEL) counts."""
    plain, _, zone = text.strip().partition("[")
    plain, _, at_zone = plain.partition("@")
    zone = zone.rstrip("]") or at_zone
    try:
        moment = datetime.fromisoformat(plain)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise ValueError(f"'{text}' is not an ISO 8601 date-time such as 2030-01-31T08:00:00Z") from None


def parse_duration(text: str) -> Duration:
    found = _DURATION.match(text.strip())
    if not found:
        raise ValueError(f"'{text}' is not an ISO 8601 duration such as PT15M or P1DT12H")
    sign = -1 if found[1] == "-" else 1
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[1:7])
    seconds = float((found[8] or "0").replace(",", "."))
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Duration(sign * (years * 12 + months), sign * rest)


@dataclass(frozen=True, slots=True)
class _Interval:
    repetitions: int
    start: datetime | None
    step: Duration
    end: datetime | None


def _parse_interval(text: str) -> _Interval:
    """R[n]/duration, R[n]/start/duration, R[n]/duration/end or R[n]/start/end (ISO 8601 §4.5)."""
    head, *parts = text.split("/")
    count = head[1:]
    wrong = f"'{text}' is not a repeating interval such as R3/PT10M or R/2030-01-31T08:00:00Z/P1D"
    if not (count in ("", "-1") or count.isdigit()) or len(parts) not in (1, 2):
        raise ValueError(wrong)
    repetitions = int(count) if count.isdigit() else -1
    moments = [part.lstrip("+-").startswith("P") for part in parts]
    if moments == [True]:
        return _Interval(repetitions, None, parse_duration(parts[0]), None)
    if moments == [False, True]:
        return _Interval(repetitions, parse_date(parts[0]) if parts[0] else None, parse_duration(parts[1]), None)
    if moments == [True, False]:
        return _Interval(repetitions, None, parse_duration(parts[0]), parse_date(parts[1]) if parts[1] else None)
    if moments == [False, False]:
        start, second = parse_date(parts[0]), parse_date(parts[1])
        return _Interval(repetitions, start, Duration(0, second - start), None)
    raise ValueError(wrong)


def _first_of_cycle(text: str, now: datetime) -> Schedule:
    if not text.startswith("R"):
        try:
            cron: Cron = parse_cron(text)
        except CronError as error:
            raise ValueError(f"'{text}' is neither a repeating interval such as R3/PT10M nor a cron expression: {error}") from None
        moment = cron.after(now)
        if moment is None:
            raise ValueError(f"the cron expression '{text}' never fires")
        return Schedule(moment, -1, text)
    interval = _parse_interval(text)
    if interval.repetitions == 0:
        raise ValueError(f"'{text}' repeats 0 times and never fires")
    if interval.step.added_to(now) <= now:
        raise ValueError(f"the interval of '{text}' must be longer than nothing")
    if interval.start is not None:
        return Schedule(max(interval.start, now) if interval.repetitions > 0 else _not_before(interval, now), interval.repetitions, text)
    return Schedule(interval.step.added_to(now), interval.repetitions, text)


def _not_before(interval: _Interval, now: datetime) -> datetime:
    """The first moment of an endless series that is not past (a fixed step is jumped over at once)."""
    start = interval.start or now
    if start >= now:
        return start
    if interval.step.months == 0:
        behind = -((start - now) // interval.step.rest)
        return start + behind * interval.step.rest
    while start < now:
        start = interval.step.added_to(start)
    return start


# ---------------------------------------------------------------- timers of element instances


def timer_text(step: Step, event: TimerEvent, instance: ElementInstance) -> str:
    """The timer's value as ISO 8601 text."""
    value = read_value(step, event.value, instance, IncidentKind.EXTRACT_VALUE_ERROR)
    if isinstance(value, str):
        return value
    found = to_json(value)
    if isinstance(found, str) and (isinstance(value, date) or found.lstrip("-").startswith("P")):
        return found
    raise not_a(step, event.value, found, "timer", f"a {event.kind.value}", instance)


def open_timer(step: Step, host: ElementInstance, event_id: str, event: TimerEvent) -> OpenTimer:
    """The wait state of a timer event (BPMN 2.0 §13.5.1). A cycle's position is kept in the host's data for `reopen_timer`."""
    text = timer_text(step, event, host)
    try:
        first = schedule(event.kind, text, step.now)
    except ValueError as error:
        raise Failure(IncidentKind.EXTRACT_VALUE_ERROR, f"The timer of '{event_id}' cannot be set: {error}.") from error
    if event.kind is TimerKind.CYCLE:
        _remember(step, host, event_id, first)
    return _opened(step, host, event_id, first)


def reopen_timer(step: Step, host: ElementInstance, event_id: str) -> None:
    """After a repetition fired: opens the next one, if there is one."""
    cycles: dict[str, Json] = host.data.get("cycles", {})
    position = cycles.get(event_id)
    if position is None:
        return
    due, repetitions, cycle = position
    following = next_schedule(cycle, datetime.fromisoformat(due), repetitions, step.now)
    if following is None:
        del cycles[event_id]
        step.touch(host)
        return
    _remember(step, host, event_id, following)
    step.effects.append(_opened(step, host, event_id, following))


def _remember(step: Step, host: ElementInstance, event_id: str, at: Schedule) -> None:
    host.data.setdefault("cycles", {})[event_id] = [at.due.isoformat(), at.repetitions, at.cycle]
    step.touch(host)


def _opened(step: Step, host: ElementInstance, event_id: str, at: Schedule) -> OpenTimer:
    key = TimerKey(step.keys.next())
    return OpenTimer(key, ElementKey(host.key), host.element_id, event_id, at.due, at.repetitions, at.cycle)
