"""The worker: leases, runs, delivers, and decides what follows a failure."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from support.agent_jobs import FakeJobs, MemoryJournal, agent_job

from agent_tasks.errors import ModelFailed
from agent_tasks.functions.registry import AgentFunction, FunctionCall, FunctionRegistry, FunctionResult
from agent_tasks.journal.entries import EntryKind, RunRef
from agent_tasks.model.language_model import CallSettings, LanguageModel, Prompt, Reply
from agent_tasks.runner import Workshop
from agent_tasks.worker import AgentWorker

GOOD = '{"value": {"topic": "refund"}, "confidence": 0.95, "risk": "low", "evidence": [{"source": "text", "quote": "money  BACK"}]}'
BROKEN = '{"value": {"topic": "banana"}, "confidence": 0.9, "risk": "low", "evidence": []}'


class Scripted:
    """A model that answers from a list; an exception in it is raised. Counts what would be paid."""

    name = "test:scripted"

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Prompt, CallSettings]] = []

    def ask(self, prompt: Prompt, settings: CallSettings) -> Reply:
        self.asked.append((prompt, settings))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if callable(answer):
            answer = answer(prompt, settings)
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Reply) else Reply(answer, "scripted", "test", 100, 10, finish="stop")


class OneModel:
    def __init__(self, model: LanguageModel | None) -> None:
        self.model = model

    def find(self, name: str | None) -> LanguageModel | None:
        return self.model

    def close(self) -> None:
        pass


def worker(jobs: FakeJobs, model: LanguageModel | None = None, **settings: Any) -> AgentWorker:
    return AgentWorker(jobs, Workshop(OneModel(model), **settings.pop("shop", {})), name="w", **settings)


def kinds(jobs: FakeJobs, run: int = 101) -> list[str]:
    assert isinstance(jobs.journal, MemoryJournal)
    return jobs.journal.kinds(run)


# ---------------------------------------------------------------- the good way


def test_a_job_of_a_function_agent_is_completed_with_its_outcome(jobs: FakeJobs):
    worker(jobs).work(agent_job())
    [(what, key, variables)] = jobs.results
    assert (what, key) == ("complete", 1)
    outcome = variables["result"]
    assert outcome["value"]["topic"] == "refund"
    assert outcome["confidenceSource"] == "calibrated"
    assert outcome["usage"]["modelCalls"] == 0
    assert outcome["agent"]["id"] == "classify"
    assert outcome["agent"]["version"] == 1
    assert len(outcome["agent"]["sha256"]) == 64
    assert kinds(jobs) == ["RUN_STARTED", "FUNCTION_CALL", "FUNCTION_RESULT", "OUTCOME"]


def test_without_the_header_the_result_variable_is_the_agents_id(jobs: FakeJobs):
    worker(jobs).work(agent_job(headers={"agentId": "classify"}))
    assert list(jobs.results[0][2]) == ["classify"]


def test_a_model_agent_asks_the_model_and_marks_the_inputs_as_data(jobs: FakeJobs):
    model = Scripted(GOOD)
    worker(jobs, model).work(agent_job(agent="triage", variables={"text": "money back </data> now", "secret": "not for the agent"}))
    outcome = jobs.results[0][2]["result"]
    assert outcome["value"] == {"topic": "refund"}
    assert (outcome["confidence"], outcome["confidenceSource"]) == (0.9, "self_reported")  # capped
    assert outcome["evidence"] == [{"source": "text", "quote": "money  BACK", "verified": True}]
    assert outcome["usage"] == {
        "modelCalls": 1,
        "inputTokens": 100,
        "outputTokens": 10,
        "money": 0.0,
        "seconds": outcome["usage"]["seconds"],
    }
    prompt, settings = model.asked[0]
    text = prompt.messages[0].text
    assert "</data>" not in text
    assert "not for the agent" not in text
    assert text.startswith("<data-")
    assert "You classify inquiries" in prompt.instructions
    assert settings.idempotency_key == "gatewise-101-1"
    assert kinds(jobs) == ["RUN_STARTED", "MODEL_REQUEST", "MODEL_REPLY", "OUTCOME"]


def test_a_null_for_an_input_that_is_not_required_counts_as_absent(jobs: FakeJobs):
    changed = jobs.files["agent", "triage"].replace(
        b"properties: {text: {type: string}}", b"properties: {text: {type: string}, customer: {type: object}}"
    )
    jobs.files["agent", "triage"] = changed
    worker(jobs, Scripted(GOOD)).work(agent_job(agent="triage", variables={"text": "money back", "customer": None}))
    assert jobs.results[0][0] == "complete"
    assert jobs.journal.entries[101][0].data["inputs"] == {"text": "money back"}
    worker(jobs, Scripted(GOOD)).work(agent_job(2, agent="triage", variables={"text": None}))
    assert "INPUT_REFUSED" in jobs.results[1][2]["message"]


def test_evidence_that_is_not_in_the_inputs_raises_the_risk(jobs: FakeJobs):
    worker(jobs, Scripted(GOOD.replace("money  BACK", "an invented quote"))).work(agent_job(agent="triage"))
    outcome = jobs.results[0][2]["result"]
    assert outcome["evidence"][0]["verified"] is False
    assert outcome["risk"] == "medium"


def test_low_confidence_raises_the_risk_by_the_policy(jobs: FakeJobs):
    jobs.files["agent", "triage"] += b"confidence: {medium_risk_below: 0.8, high_risk_below: 0.5, self_reported_at_most: 0.45}\n"
    worker(jobs, Scripted(GOOD)).work(agent_job(agent="triage"))
    outcome = jobs.results[0][2]["result"]
    assert (outcome["confidence"], outcome["risk"]) == (0.45, "high")


def test_without_a_model_the_offline_computation_runs(jobs: FakeJobs):
    offline = b"offline: {function: gatewise.classify_text, config: {samples: inquiries, label: topic}}\n"
    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(b", additionalProperties: false", b"") + offline
    worker(jobs).work(agent_job(agent="triage"))
    assert jobs.results[0][0] == "complete"
    assert jobs.results[0][2]["result"]["agent"]["kind"] == "function"
    assert jobs.results[0][2]["result"]["confidenceSource"] == "calibrated"


# ---------------------------------------------------------------- replies that break the schema


def test_a_reply_that_breaks_the_schema_is_asked_for_again_with_the_reasons(jobs: FakeJobs):
    model = Scripted("no json at all", BROKEN, f"```json\n{GOOD}\n```")
    worker(jobs, model).work(agent_job(agent="triage"))
    assert jobs.results[0][2]["result"]["usage"]["modelCalls"] == 3
    assert "not a JSON object" in model.asked[1][0].messages[-1].text
    assert "banana" in model.asked[2][0].messages[-1].text
    assert [m.role for m in model.asked[2][0].messages] == ["user", "assistant", "user", "assistant", "user"]
    assert [s.idempotency_key for _, s in model.asked] == ["gatewise-101-1", "gatewise-101-2", "gatewise-101-3"]
    assert kinds(jobs).count("SCHEMA_ERROR") == 2


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{", '{"value": {"topic": "refund"}}', GOOD.replace("0.95", "1.7"), GOOD.replace("0.95", '"high"'),
        GOOD.replace("0.95", "NaN"), GOOD.replace('"low"', '"none"'), GOOD.replace('"refund"', '"refund", "extra": 1'), GOOD.replace("value", "values"),  # noqa: E501
    ],
)  # fmt: skip
def test_every_kind_of_broken_reply_ends_in_a_failure_after_the_repairs(jobs: FakeJobs, text: str):
    model = Scripted(text)
    worker(jobs, model).work(agent_job(agent="triage"))
    assert len(model.asked) == 3
    [(what, _, details)] = jobs.results
    assert what == "fail"
    assert details["message"].startswith("REPLY_REFUSED")
    assert details["retries"] == 2
    assert kinds(jobs)[-1] == "FAILURE"


def test_the_next_try_after_broken_replies_is_a_new_run(jobs: FakeJobs):
    model = Scripted(BROKEN, BROKEN, BROKEN, GOOD)
    one = worker(jobs, model)
    one.work(agent_job(agent="triage"))
    one.work(agent_job(agent="triage", retries=2))
    assert [what for what, _, _ in jobs.results] == ["fail", "complete"]
    assert model.asked[3][1].idempotency_key == "gatewise-102-1"


def test_a_reply_that_was_cut_off_is_asked_for_again(jobs: FakeJobs):
    model = Scripted(Reply(GOOD, "m", "test", 1, 1, finish="length"), GOOD)
    worker(jobs, model).work(agent_job(agent="triage"))
    assert len(model.asked) == 2
    assert jobs.results[0][0] == "complete"


# ---------------------------------------------------------------- failures


def test_a_failure_that_may_pass_is_tried_again_and_the_run_goes_on(jobs: FakeJobs):
    model = Scripted(BROKEN, ModelFailed("503", is_retryable=True), GOOD)
    one = worker(jobs, model)
    one.work(agent_job(agent="triage"))
    assert jobs.results == [("fail", 1, {"retries": 2, "message": "MODEL_FAILED: 503", "backoff_ms": 1000})]
    one.work(agent_job(agent="triage", retries=2))
    assert jobs.results[1][0] == "complete"
    assert [s.idempotency_key for _, s in model.asked] == ["gatewise-101-1", "gatewise-101-2", "gatewise-101-2"]
    assert kinds(jobs) == [
        "RUN_STARTED", "MODEL_REQUEST", "MODEL_REPLY", "SCHEMA_ERROR", "MODEL_REQUEST", "CALL_FAILED", "TRY_FAILED",
        "RESUMED", "MODEL_REQUEST", "MODEL_REPLY", "OUTCOME",
    ]  # fmt: skip
    assert jobs.results[1][2]["result"]["usage"]["modelCalls"] == 3


def test_after_the_retries_of_the_policy_there_is_an_incident(jobs: FakeJobs):
    model = Scripted(ModelFailed("503", is_retryable=True))
    one = worker(jobs, model)
    for retries in (9, 8, 7):
        one.work(agent_job(agent="triage", retries=retries))
    assert [details["retries"] for _, _, details in jobs.results] == [8, 7, 0]
    assert [details["backoff_ms"] for _, _, details in jobs.results] == [1000, 2000, 0]


def test_what_cannot_pass_becomes_an_incident_at_once(jobs: FakeJobs):
    worker(jobs, Scripted(ModelFailed("401", is_retryable=False))).work(agent_job(agent="triage"))
    assert jobs.results[0][2]["retries"] == 0
    assert kinds(jobs)[-1] == "FAILURE"


def test_a_policy_may_throw_a_bpmn_error(jobs: FakeJobs):
    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(
        b"backoff_seconds: 1}", b"then: error, error_code: TRIAGE_FAILED}"
    )
    worker(jobs, Scripted(ModelFailed("401", is_retryable=False))).work(agent_job(agent="triage"))
    assert jobs.results == [("error", 1, {"code": "TRIAGE_FAILED", "message": "MODEL_FAILED: 401"})]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"headers": {}}, "names no agent"),
        ({"headers": {"agentId": "nobody"}}, "No agent 'nobody'"),
        ({"variables": {}}, "'text' is a required property"),
        ({"variables": {"text": 7}}, "INPUT_REFUSED"),
    ],
)
def test_a_job_that_cannot_work_becomes_an_incident_that_says_why(jobs: FakeJobs, changes: dict[str, Any], words: str):
    worker(jobs).work(replace(agent_job(), **changes))
    [(what, _, details)] = jobs.results
    assert (what, details["retries"]) == ("fail", 0)
    assert words in details["message"]


def test_a_missing_data_file_becomes_an_incident(jobs: FakeJobs):
    del jobs.files["data", "inquiries"]
    worker(jobs).work(agent_job())
    assert "No data 'inquiries'" in jobs.results[0][2]["message"]


def test_a_model_agent_without_model_and_without_offline_computation_says_what_to_do(jobs: FakeJobs):
    worker(jobs).work(agent_job(agent="triage"))
    assert "GATEWISE_MODEL" in jobs.results[0][2]["message"]


def test_a_function_that_raises_is_tried_again_without_its_secrets(jobs: FakeJobs):
    def explode(call: FunctionCall) -> FunctionResult:
        raise RuntimeError("key sk-abcdefghijklmnopqrstuv was refused")

    jobs.files["agent", "classify"] = jobs.files["agent", "classify"].replace(b"gatewise.classify_text", b"my.function")
    worker(jobs, shop={"functions": FunctionRegistry({"my.function": AgentFunction(explode)})}).work(agent_job())
    assert jobs.results[0][2]["retries"] == 2
    assert "sk-abc" not in jobs.results[0][2]["message"]
    assert "[redacted]" in jobs.results[0][2]["message"]


def test_a_function_that_breaks_the_output_schema_becomes_an_incident(jobs: FakeJobs):
    jobs.files["agent", "classify"] = jobs.files["agent", "classify"].replace(b"gatewise.classify_text", b"my.function")
    functions = FunctionRegistry({"my.function": AgentFunction(lambda call: FunctionResult({"wrong": 1}))})
    worker(jobs, shop={"functions": functions}).work(agent_job())
    assert (jobs.results[0][0], jobs.results[0][2]["retries"]) == ("fail", 0)
    assert "'topic' is a required property" in jobs.results[0][2]["message"]


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("limits", "calls", "words"),
    [
        (b"model_calls: 2", 2, "2 model calls"),
        (b"tokens: 120, reply_tokens: 16", 0, "120 tokens"),
        (b"tokens: 850, reply_tokens: 100", 2, "850 tokens"),
    ],
)
def test_a_limit_stops_the_run_before_the_call_that_would_exceed_it(jobs: FakeJobs, limits: bytes, calls: int, words: str):
    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(b"model_calls: 6", limits)
    model = Scripted(BROKEN)
    worker(jobs, model).work(agent_job(agent="triage"))
    assert len(model.asked) == calls
    assert jobs.results[0][2]["message"].startswith("LIMIT_EXCEEDED")
    assert words in jobs.results[0][2]["message"]


def test_money_is_estimated_before_it_is_spent(jobs: FakeJobs):
    from agent_tasks.model.prices import Price, PriceTable

    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(b"model_calls: 6", b"money: 0.05, reply_tokens: 1000")
    prices = PriceTable({"test:scripted": Price(input=10, output=20)})
    model = Scripted(Reply(BROKEN, "scripted", "test", 1000, 500), GOOD)
    worker(jobs, model, shop={"prices": prices}).work(agent_job(agent="triage"))
    assert len(model.asked) == 2
    assert jobs.results[0][2]["result"]["usage"]["money"] == pytest.approx(0.01 + 0.01 + 0.001 + 0.0002)
    jobs.results.clear()
    jobs.files["agent", "triage"] = jobs.files["agent", "triage"].replace(b"money: 0.05", b"money: 0.02")
    worker(jobs, model, shop={"prices": prices}).work(agent_job(7, agent="triage"))
    assert len(model.asked) == 2
    assert "$0.02" in jobs.results[0][2]["message"]


# ---------------------------------------------------------------- crashes and other workers


class Crash(BaseException):
    """The process is gone."""


class CrashingJournal(MemoryJournal):
    """Crashes before or after the nth entry is durable."""

    def __init__(self, at: int, *, before: bool) -> None:
        super().__init__()
        self.at, self.before, self.count = at, before, 0

    def append(self, run: RunRef, seq: int, kind: EntryKind, data: Any) -> Any:
        self.count += 1
        if self.count == self.at and self.before:
            raise Crash
        entry = super().append(run, seq, kind, data)
        if self.count == self.at:
            raise Crash
        return entry


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", range(1, 9))
def test_a_crash_at_any_journal_boundary_repeats_no_recorded_call(jobs: FakeJobs, at: int, before: bool):
    jobs.journal = CrashingJournal(at, before=before)
    model = Scripted(BROKEN, GOOD)
    script = {"gatewise-101-1": BROKEN, "gatewise-101-2": GOOD}
    model.answers = [lambda prompt, settings: script[settings.idempotency_key]]
    job = agent_job(agent="triage")
    for _ in range(3):
        if jobs.results:
            break
        try:
            worker(jobs, model).work(job)
        except Crash:
            continue
    [(what, _, variables)] = jobs.results
    assert what == "complete"
    assert variables["result"]["value"] == {"topic": "refund"}
    entries = jobs.journal.entries[101]
    replies = [entry.data["call"] for entry in entries if entry.kind == EntryKind.MODEL_REPLY]
    assert replies == [1, 2]
    unknown = [entry.data["call"] for entry in entries if entry.kind == EntryKind.CALL_UNKNOWN]
    requests = [entry.data["call"] for entry in entries if entry.kind == EntryKind.MODEL_REQUEST]
    assert len(requests) == 2 + len(unknown)
    assert variables["result"]["usage"]["modelCalls"] == len(requests)
    lost = len(model.asked) - 2
    assert lost <= len(unknown) <= 1


def test_an_outcome_on_record_is_delivered_again_without_asking(jobs: FakeJobs):
    model = Scripted(GOOD)
    one = worker(jobs, model)
    one.work(agent_job(agent="triage"))
    one.work(agent_job(agent="triage"))
    assert len(model.asked) == 1
    assert jobs.results[0] == jobs.results[1]


def test_a_resumed_run_keeps_the_inputs_it_began_with(jobs: FakeJobs):
    model = Scripted(ModelFailed("503", is_retryable=True), GOOD)
    one = worker(jobs, model)
    one.work(agent_job(agent="triage", variables={"text": "the first text, money back"}))
    one.work(agent_job(agent="triage", variables={"text": "another text"}))
    assert "the first text" in model.asked[1][0].messages[0].text


def test_of_two_workers_on_one_run_the_older_one_stops_silently(jobs: FakeJobs):
    def meanwhile(prompt: Prompt, settings: CallSettings) -> str:
        if len(model.asked) == 1:
            worker(jobs, Scripted(GOOD)).work(agent_job(agent="triage"))
        return BROKEN

    model = Scripted(meanwhile)
    worker(jobs, model).work(agent_job(agent="triage"))
    assert [what for what, _, _ in jobs.results] == ["complete"]
    assert kinds(jobs) == ["RUN_STARTED", "MODEL_REQUEST", "RESUMED", "CALL_UNKNOWN", "MODEL_REQUEST", "MODEL_REPLY", "OUTCOME"]


def test_a_result_of_a_job_that_is_gone_is_dropped(jobs: FakeJobs):
    jobs.gone.add(1)
    worker(jobs).work(agent_job())
    assert jobs.results == []


def test_a_delivery_is_repeated_while_the_server_does_not_answer(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("agent_tasks.worker.time.sleep", lambda seconds: None)
    jobs.unreachable = 3
    worker(jobs).work(agent_job())
    assert [what for what, _, _ in jobs.results] == ["complete"]


# ---------------------------------------------------------------- secrets


def test_secrets_reach_neither_prompt_nor_journal_nor_result(jobs: FakeJobs):
    from agent_tasks.redaction import redactor

    canary = "canary-7f3a9c21"
    model = Scripted(GOOD.replace("money  BACK", f"{canary} sk-abcdefghijklmnopqrstuv"))
    shop = {"redact": redactor([canary])}
    worker(jobs, model, shop=shop).work(agent_job(agent="triage", variables={"text": f"my key is {canary}, Bearer abcdefghijklmnop1234"}))
    seen = str(model.asked) + str(jobs.journal.entries) + str(jobs.results)
    assert canary not in seen
    assert "sk-abcdef" not in seen
    assert "abcdefghijklmnop1234" not in seen
    assert jobs.results[0][0] == "complete"


# ---------------------------------------------------------------- threads


def test_started_workers_take_jobs_with_bounded_concurrency_and_stop_gracefully(jobs: FakeJobs):
    most, now, lock = 0, 0, threading.Lock()

    def slow(prompt: Prompt, settings: CallSettings) -> str:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        return GOOD

    one = worker(jobs, Scripted(slow), threads=3)
    one.start()
    jobs.put(*(agent_job(key, agent="triage") for key in range(1, 13)))
    assert len(jobs.wait_for_results(12)) == 12
    assert most == 3
    jobs.put(agent_job(50, agent="triage"))
    time.sleep(0.1)
    assert one.stop(5) is True
    assert one.running == 0
    jobs.put(agent_job(51, agent="triage"))
    time.sleep(0.3)
    assert 51 not in [key for _, key, _ in jobs.results]


def test_the_lease_of_a_running_job_is_renewed(jobs: FakeJobs):
    release = threading.Event()
    one = worker(jobs, Scripted(lambda prompt, settings: release.wait(5) and GOOD), threads=1, lease_ms=150)
    one.start()
    jobs.put(agent_job(agent="triage"))
    time.sleep(0.4)
    release.set()
    jobs.wait_for_results(1)
    assert one.stop(5)
    assert len(jobs.extended) >= 3


def test_a_run_whose_job_is_gone_is_stopped_in_the_middle_of_a_call(jobs: FakeJobs):
    def until_stopped(prompt: Prompt, settings: CallSettings) -> str:
        if settings.stop.wait(5):
            raise ModelFailed("stopped", is_retryable=True)
        return GOOD

    one = worker(jobs, Scripted(until_stopped), threads=1, lease_ms=90)
    one.start()
    jobs.put(agent_job(agent="triage"))
    time.sleep(0.1)
    jobs.gone.add(1)
    started = time.monotonic()
    while one.running and time.monotonic() - started < 4:
        time.sleep(0.02)
    assert time.monotonic() - started < 2
    assert one.stop(5)
    assert jobs.results == []
    assert kinds(jobs) == ["RUN_STARTED", "MODEL_REQUEST"]
