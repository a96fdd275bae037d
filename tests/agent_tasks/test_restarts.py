"""Restart after any step, any number of times: the outcome is that of the run that was never disturbed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agent_jobs import FakeJobs, MemoryJournal, agent_job

from agent_tasks.errors import ModelFailed
from agent_tasks.journal.entries import EntryKind, OpenedRun, RunOrigin, RunRef
from agent_tasks.model.language_model import CallSettings, LanguageModel, Prompt, Reply
from agent_tasks.progress import after, folded
from agent_tasks.runner import Workshop
from agent_tasks.worker import AgentWorker

AGENT = b"""\
id: classify
name: Triage
responsibility: Decides the topic of an inquiry.
owner: service@example.com
kind: model
instructions: You classify inquiries.
input: {type: object, required: [text], properties: {text: {type: string}}}
output: {type: object, required: [topic], properties: {topic: {type: string, enum: [refund, billing]}}}
repairs: 3
limits: {model_calls: 1000, seconds: 1000}
on_failure: {retries: 20, backoff_seconds: 0}
"""
ANSWERS = {
    "good": '{"value": {"topic": "refund"}, "confidence": 0.8, "risk": "low", "evidence": []}',
    "broken": '{"value": {"topic": "x"}, "confidence": 0.8, "risk": "low", "evidence": []}',
}


class Crash(BaseException):
    pass


class Fragile(MemoryJournal):
    """Crashes at the entries whose number since the beginning is in `before` (not written) or `behind` (written)."""

    def __init__(self, before: set[int], behind: set[int]) -> None:
        super().__init__()
        self.before, self.behind, self.count = before, behind, 0
        self.lost: list[int] = []  # calls whose reply was on its way into the journal

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Any) -> Any:
        self.count += 1
        if self.count in self.before:
            self.lost += [data["call"]] if kind is EntryKind.MODEL_REPLY else []
            raise Crash
        entry = super().append(run, seq, kind, data)
        if self.count in self.behind:
            raise Crash
        return entry


class Model:
    """Answers by the number of the call, so that a repeated call gets the same answer; some calls fail at first."""

    name = "test:model"

    def __init__(self, answers: list[str], failing: set[int]) -> None:
        self.answers, self.failing = answers, set(failing)
        self.answered: dict[str, int] = {}

    def ask(self, prompt: Prompt, settings: CallSettings) -> Reply:
        number = int(settings.idempotency_key.rsplit("-", 1)[1])
        if number in self.failing:
            self.failing.discard(number)
            raise ModelFailed("503", is_retryable=True)
        self.answered[settings.idempotency_key] = self.answered.get(settings.idempotency_key, 0) + 1
        answer = self.answers[number - 1] if number <= len(self.answers) else "good"
        return Reply(ANSWERS[answer], "model", "test", 10 * number, number, finish="stop")

    def find(self, name: str | None) -> LanguageModel | None:
        return self

    def close(self) -> None:
        pass


def run(answers: list[str], failing: set[int], before: set[int], behind: set[int]) -> tuple[Any, FakeJobs, Model]:
    jobs = FakeJobs({("agent", "classify"): AGENT}, journal=Fragile(before, behind))
    model = Model(answers, failing)
    retries = 30
    for _ in range(200):
        try:
            AgentWorker(jobs, Workshop(model), name="w").work(agent_job(retries=retries))
        except Crash:
            continue
        what, _, details = jobs.results[-1]
        if what != "fail" or details["retries"] == 0:
            return jobs.results[-1], jobs, model
        retries = details["retries"]
    raise AssertionError("the run never came to an end")


numbers = st.sets(st.integers(1, 40), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["good", "broken"]), max_size=3), st.sets(st.integers(1, 4), max_size=2), numbers, numbers)
def test_crashes_change_nothing_but_the_calls_whose_answer_was_lost(
    answers: list[str], failing: set[int], before: set[int], behind: set[int]
):
    (_, _, calm), _, _ = run(answers, set(), set(), set())
    (what, _, stormy), jobs, model = run(answers, failing, before, behind)
    assert what == "complete"
    lost, found = calm["result"], stormy["result"]
    same = ("value", "confidence", "risk", "evidence", "confidenceSource")
    assert {name: found[name] for name in same} == {name: lost[name] for name in same}
    assert found["usage"]["inputTokens"] == lost["usage"]["inputTokens"]
    entries = jobs.journal.entries[101]
    replies = [e.data["call"] for e in entries if e.kind is EntryKind.MODEL_REPLY]
    assert replies == list(range(1, len(replies) + 1))
    for call in replies:
        assert model.answered[f"gatewise-101-{call}"] == 1 + jobs.journal.lost.count(call), "a recorded reply was asked for again"
    progress = folded(())
    for entry in entries:
        progress = after(progress, entry)
    assert progress == folded(entries)
    assert progress.used.model_calls == found["usage"]["modelCalls"] == sum(e.kind is EntryKind.MODEL_REQUEST for e in entries)


class Forgetful(Fragile):
    """A journal that loses what it had acknowledged: the control of the test above."""

    def open(self, origin: RunOrigin) -> OpenedRun:
        opened = super().open(origin)
        if opened.entries and opened.entries[-1].kind is EntryKind.MODEL_REPLY:
            self.entries[opened.ref.key].pop()
        return super().open(origin)


def test_a_journal_that_forgets_a_reply_would_be_noticed():
    jobs = FakeJobs({("agent", "classify"): AGENT}, journal=Forgetful(set(), {3}))
    model = Model(["good"], set())
    with pytest.raises(Crash):
        AgentWorker(jobs, Workshop(model), name="w").work(agent_job())
    AgentWorker(jobs, Workshop(model), name="w").work(agent_job())
    assert model.answered["gatewise-101-1"] == 2 > 1 + jobs.journal.lost.count(1)
