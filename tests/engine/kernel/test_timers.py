"""When do timers fire? ISO 8601 dates, durations, repeating intervals, cron."""

from datetime import UTC, datetime, timedelta

import pytest
from support.diagrams import process
from support.memory_engine import MemoryEngine

from bpmn.model import TimerKind
from engine.kernel.cron import CronError, parse_cron
from engine.kernel.timers import Schedule, next_schedule, parse_date, parse_duration, schedule

NOW = datetime(2030, 1, 31, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("PT15M", "2030-01-31T08:15:00"),
        ("P1M", "2030-02-28T08:00:00"),
        ("P1Y2M3DT4H5M6.5S", "2031-04-03T12:05:06.500000"),
        ("P2W", "2030-02-14T08:00:00"),
        ("PT0S", "2030-01-31T08:00:00"),
        ("-PT5M", "2030-01-31T08:00:00"),
    ],
)
def test_durations_count_from_now_and_never_into_the_past(text: str, due: str):
    assert schedule(TimerKind.DURATION, text, NOW) == Schedule(datetime.fromisoformat(due).replace(tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "P", "PT", "15M", "P1S", "PT1H30", "one hour", "P1.5D", "P99999999999Y"])
def test_what_is_no_duration_is_told(text: str):
    with pytest.raises(ValueError, match=r"."):
        schedule(TimerKind.DURATION, text, NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-05-01T10:00:00+02:00", "2030-05-01T08:00:00"),
        ("2030-05-01T10:00:00Z", "2030-05-01T10:00:00"),
        ("2030-05-01T10:00:00", "2030-05-01T10:00:00"),
        ("2030-05-01", "2030-05-01T00:00:00"),
        ("2030-05-01T10:00:00+02:00[Europe/Berlin]", "2030-05-01T08:00:00"),
        ("2030-05-01T10:00:00@Europe/Berlin", "2030-05-01T08:00:00"),
    ],
)
def test_dates_become_utc(text: str, moment: str):
    assert parse_date(text) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_bounded_cycle_counts_down_from_its_due_times():
    first = schedule(TimerKind.CYCLE, "R3/PT10M", NOW)
    assert first == Schedule(NOW + timedelta(minutes=10), 3, "R3/PT10M")

    late = NOW + timedelta(hours=5)
    second = next_schedule("R3/PT10M", first.due, 3, late)
    assert second == Schedule(NOW + timedelta(minutes=20), 2, "R3/PT10M")
    assert next_schedule("R3/PT10M", NOW + timedelta(minutes=30), 1, late) is None


def test_cycle_with_start_and_with_end():
    assert schedule(TimerKind.CYCLE, "R/2030-02-01T00:00:00Z/P1D", NOW).due == datetime(2030, 2, 1, tzinfo=UTC)
    assert schedule(TimerKind.CYCLE, "R/2030-01-01T09:00:00Z/P1D", NOW).due == datetime(2030, 1, 31, 9, tzinfo=UTC)
    ending = "R/PT10M/2030-01-31T08:15:00Z"
    assert next_schedule(ending, schedule(TimerKind.CYCLE, ending, NOW).due, -1, NOW) is None


@pytest.mark.parametrize("text", ["R0/PT1H", "R/PT0S", "Rx/PT1H", "R3", "R3/", "every day", "61 * * * *"])
def test_what_is_no_cycle_is_told(text: str):
    with pytest.raises(ValueError, match=r"."):
        schedule(TimerKind.CYCLE, text, NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("*/5 * * * *", "2030-01-31T08:05:00"),
        ("0 */5 * * * *", "2030-01-31T08:05:00"),
        ("30 0 9-17 * * MON-FRI", "2030-01-31T09:00:30"),
        ("0 0 12 L * *", "2030-01-31T12:00:00"),
        ("0 0 0 1 * ?", "2030-02-01T00:00:00"),
        ("0 0 9 29 2 *", "2032-02-29T09:00:00"),
        ("0 0 9 ? * FRI#2", "2030-02-08T09:00:00"),
        ("0 0 9 ? * 5L", "2030-02-22T09:00:00"),
        ("0 0 9 LW * ?", "2030-01-31T09:00:00"),
        ("0 0 9 2W FEB ?", "2030-02-01T09:00:00"),
        ("0 0 9 ? * SUN", "2030-02-03T09:00:00"),
        ("0 0 9 ? * 7", "2030-02-03T09:00:00"),
        ("@daily", "2030-02-01T00:00:00"),
        ("0 0 0 1 1 ? 2035", "2035-01-01T00:00:00"),
    ],
)
def test_cron(text: str, moment: str):
    assert parse_cron(text).after(NOW) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_cron_that_never_fires():
    assert parse_cron("0 0 0 30 2 *").after(NOW) is None
    with pytest.raises(ValueError, match="never fires"):
        schedule(TimerKind.CYCLE, "0 0 0 30 2 *", NOW)


@pytest.mark.parametrize("text", ["* * *", "a * * * *", "0 0 0 32 * *", "0 0 0 * * 9", "*/0 * * * *"])
def test_what_is_no_cron_is_told(text: str):
    with pytest.raises(CronError):
        parse_cron(text)


def test_duration_of_months_is_added_by_the_calendar():
    assert parse_duration("P1M").added_to(datetime(2031, 3, 31, tzinfo=UTC)) == datetime(2031, 4, 30, tzinfo=UTC)


def test_cron_cycle_fires_at_each_of_its_moments():
    diagram = (
        process().start().user_task("u").end().boundary("tick", on="u", interrupting=False, cycle="0 0 * * * *").task("count").end("e")
    )
    engine = MemoryEngine(diagram.definition())
    run = engine.start()

    engine.advance_time(hours=3, minutes=30)

    assert run.completed.count("count") == 3
    assert run.events == {"tick": 1}
