"""Does the reader take exactly those timer literals that the kernel can run?"""

import random
from datetime import UTC, datetime

import pytest

from bpmn.durations import timer_fault
from bpmn.model import TimerKind
from engine.kernel.timers import schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {
    TimerKind.DATE: [
        "2030-01-31T09:00:00Z",
        "2030-01-31T09:00:00+01:00",
        "2030-01-31",
        "2011-03-11T12:13:14",
        "2030-01-31T09:00",
        "2030-01-31T09:00:00[Europe/Berlin]",
        "2030-01-31T09:00:00@Europe/Berlin",
    ],
    TimerKind.DURATION: ["PT15M", "P2D", "P1Y2M3W4DT5H6M7.5S", "PT0S", "+PT1S", "PT36H"],
    TimerKind.CYCLE: [
        "R3/PT10M",
        "R/PT1S",
        "R-1/P1D",
        "R2/2030-01-01T00:00:00Z/PT1H",
        "R2/PT1H/2030-01-01T00:00:00Z",
        "R//PT1H",
        "0 9 * * 1-5",
        "0 0 9 * * MON-FRI",
        "0 0/5 * * * ?",
        "*/10 * * * * *",
        "0 0 12 1 JAN,JUL ? 2030",
        "0 0 0 L * ?",
        "0 0 0 LW * ?",
        "0 0 0 15W * ?",
        "0 0 0 ? * 5#2",
        "0 0 0 ? * FRIL",
        "0 0 0 29 2 *",
        "@daily",
    ],
}
BAD = {
    TimerKind.DATE: ["", "tomorrow", "2026-02-30", "2026-01-01T25:00:00Z", "2026-01-01T09:00:00[Nowhere/Town]", "12:00", "P1D"],
    TimerKind.DURATION: ["", "P", "PT", "15M", "P1H", "PT1X", "PT1M2H", "five", "P1.5D", "p1d"],
    TimerKind.CYCLE: [
        "",
        "R0/PT5M",
        "R3",
        "Rx/PT5M",
        "R3/5M",
        "R3/PT5M/PT5M",
        "R1/a/b/c",
        "* * *",
        "0 0 25 * * *",
        "60 * * * * *",
        "0 0 0 30 2 *",
        "0 0 0 31 FEB,APR *",
        "0 0 0 * 13 *",
        "0 0 0 * * 8",
        "0 0 0 ? * FRI-MON",
        "*/0 * * * * *",
        "every day",
    ],
}


def refusal(kind: TimerKind, text: str) -> str | None:
    """Why the kernel cannot run it."""
    try:
        schedule(kind, text, NOW)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in GOOD.items() for text in texts])
def test_good_literals(kind: TimerKind, text: str) -> None:
    assert timer_fault(kind, text) is None and refusal(kind, text) is None


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in BAD.items() for text in texts])
def test_bad_literals(kind: TimerKind, text: str) -> None:
    assert timer_fault(kind, text) and refusal(kind, text)


def test_reader_and_kernel_agree_on_damaged_literals() -> None:
    pick = random.Random(1)
    for _ in range(3000):
        kind = pick.choice(list(TimerKind))
        text = list(pick.choice(GOOD[kind] + BAD[kind]))
        for _ in range(pick.randint(1, 2)):
            place = pick.randrange(len(text) + 1)
            text[place : place + pick.randint(0, 1)] = pick.choice(
                [[], ["0"], ["9"], ["P"], ["T"], ["/"], ["-"], ["*"], [" "], ["R"], ["L"]]
            )
        literal = "".join(text).strip()
        if not literal.startswith("-"):
            fault, why_not = timer_fault(kind, literal), refusal(kind, literal)
            late = fault is None and why_not and "never fires" in why_not  # told by looking a century ahead
            assert late or (fault is None) == (why_not is None), (kind, literal, fault, why_not)
