"""The pure parts: what follows a failure, how confidence becomes risk, what is masked, which functions there are."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_tasks.definition.agent_file import ConfidencePolicy, Limits, OnFailure
from agent_tasks.errors import FunctionFailed, InputRefused, LimitExceeded
from agent_tasks.failure import Failure, RaiseIncident, ThrowBpmnError, TryAgain, decide
from agent_tasks.functions.registry import AgentFunction, FunctionCall, FunctionRegistry, FunctionResult
from agent_tasks.limits import check_before_call, seconds_left
from agent_tasks.outcome import RISKS, Outcome, Usage, judged, verified_evidence
from agent_tasks.redaction import MASK, known_secrets, redactor

# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("is_retryable", "before", "job_retries", "policy", "expected"),
    [
        (True, 0, 3, OnFailure(), TryAgain(2, 5000, "X: why")),
        (True, 1, 2, OnFailure(), TryAgain(1, 10_000, "X: why")),
        (True, 2, 9, OnFailure(), RaiseIncident("X: why")),
        (True, 0, 1, OnFailure(), RaiseIncident("X: why")),
        (False, 0, 3, OnFailure(), RaiseIncident("X: why")),
        (True, 0, 3, OnFailure(retries=0), RaiseIncident("X: why")),
        (False, 0, 3, OnFailure(then="error", error_code="E"), ThrowBpmnError("E", "X: why")),
        (True, 0, 3, OnFailure(then="error", error_code="E"), TryAgain(2, 5000, "X: why")),
        (True, 15, 30, OnFailure(retries=20, backoff_seconds=100), TryAgain(29, 3_600_000, "X: why")),
    ],
)
def test_what_follows_a_failure(is_retryable: bool, before: int, job_retries: int, policy: OnFailure, expected: object):
    assert decide(Failure("X", "why", is_retryable, before), policy, job_retries) == expected


@given(st.booleans(), st.integers(0, 100), st.integers(0, 100), st.integers(0, 20))
def test_retries_always_come_to_an_end(is_retryable: bool, before: int, job_retries: int, retries: int):
    match decide(Failure("X", "m", is_retryable, before), OnFailure(retries=retries), job_retries):
        case TryAgain(left, backoff_ms, _):
            assert is_retryable
            assert 0 < left < job_retries
            assert before < retries
            assert 0 <= backoff_ms <= 3_600_000
        case other:
            assert isinstance(other, RaiseIncident)


def test_a_provider_that_asks_to_wait_is_given_the_time():
    assert decide(Failure("X", "m", True, 0, 42.5), OnFailure(), 3) == TryAgain(2, 42_500, "X: m")
    assert decide(Failure("X", "m", True, 0, 1.0), OnFailure(), 3) == TryAgain(2, 5000, "X: m")


def test_codes_of_errors_are_readable():
    assert InputRefused("x").code == "INPUT_REFUSED"


# ---------------------------------------------------------------- confidence and risk


def outcome(**changes: Any) -> Outcome:
    return Outcome(**{"value": {}, "confidence": 0.7, "confidence_source": "calibrated", "risk": "low", **changes})


POLICY = ConfidencePolicy(medium_risk_below=0.8, high_risk_below=0.5, self_reported_at_most=0.6)


@pytest.mark.parametrize(
    ("given_outcome", "policy", "confidence", "risk"),
    [
        (outcome(), POLICY, 0.7, "medium"),
        (outcome(confidence=0.8), POLICY, 0.8, "low"),
        (outcome(confidence=0.4), POLICY, 0.4, "high"),
        (outcome(confidence=0.99, confidence_source="self_reported"), POLICY, 0.6, "medium"),
        (outcome(confidence=None), POLICY, None, "low"),
        (outcome(confidence=None), POLICY.model_copy(update={"required": True}), None, "high"),
        (outcome(risk="high", confidence=0.99), POLICY, 0.99, "high"),
        (outcome(risk="nonsense"), ConfidencePolicy(), 0.7, "high"),
        (outcome(confidence=float("nan")), ConfidencePolicy(), None, "low"),
        (outcome(confidence=0.99, confidence_source="self_reported"), ConfidencePolicy(), 0.9, "low"),
    ],
)
def test_confidence_becomes_risk(given_outcome: Outcome, policy: ConfidencePolicy, confidence: float | None, risk: str):
    found = judged(given_outcome, policy)
    assert (found.confidence, found.risk) == (confidence, risk)


@given(
    st.floats(0, 1), st.sampled_from(["calibrated", "measured", "self_reported"]), st.sampled_from(RISKS), st.floats(0, 1), st.floats(0, 1)
)
def test_a_policy_never_lowers_risk_and_never_raises_confidence(confidence: float, source: str, risk: str, medium: float, high: float):
    policy = ConfidencePolicy(medium_risk_below=max(medium, high), high_risk_below=min(medium, high))
    found = judged(outcome(confidence=confidence, confidence_source=source, risk=risk), policy)
    assert found.confidence is not None
    assert found.confidence <= confidence
    assert RISKS.index(found.risk) >= RISKS.index(risk)


def test_evidence_is_verified_against_all_inputs():
    inputs = {"text": "I want\n my MONEY back", "more": [{"note": "paid 120"}], "n": 7}
    found = verified_evidence([{"quote": q} for q in ("want my money", "paid  120", "7", "never said", "")], inputs)
    assert [item["verified"] for item in found] == [True, True, True, False, False]


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("limits", "used", "words"),
    [
        (Limits(model_calls=2), Usage(model_calls=2), "2 model calls"),
        (Limits(seconds=10), Usage(seconds=10), "10 s"),
        (Limits(tokens=100), Usage(input_tokens=50, output_tokens=45), "100 tokens"),
        (Limits(money=0.1), Usage(money=0.096), r"\$0.1"),
    ],
)
def test_the_call_that_would_exceed_a_limit_is_not_made(limits: Limits, used: Usage, words: str):
    with pytest.raises(LimitExceeded, match=words):
        check_before_call("a", limits, used, Usage(1, 5, 5, 0.005))
    check_before_call("a", limits, Usage(), Usage(1, 5, 5, 0.005))


def test_a_call_has_the_time_that_the_run_has_left():
    assert seconds_left(Limits(seconds=100, call_seconds=60), Usage()) == 60
    assert seconds_left(Limits(seconds=100, call_seconds=60), Usage(seconds=70)) == 30


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnop1234", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "AKIAABCDEFGHIJKLMNOP", "xoxb-1234567890-abc",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghij", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",  # noqa: E501
    ],
)  # fmt: skip
def test_texts_that_look_like_credentials_are_masked(secret: str):
    found = redactor()({"a": [f"before {secret} after"], secret: 1})
    assert secret not in str(found)
    assert found["a"][0] == f"before {MASK} after"


def test_ordinary_texts_are_left_alone():
    text = "Order A-10234, invoice RE-2024-17, ask-me-anything, https://shop.example/path?x=1, 4711 0815"
    assert redactor()({"t": text, "n": 1.5, "b": True, "x": None}) == {"t": text, "n": 1.5, "b": True, "x": None}


def test_a_password_in_an_address_is_masked_and_the_rest_stays():
    assert redactor()("postgresql://ann:secret@db/x") == f"postgresql://{MASK}@db/x"


def test_secrets_of_the_environment_are_known_by_their_names():
    environment = {"OPENAI_API_KEY": "value-one-1", "MY_TOKEN": "value-two-2", "DB_PASSWORD": "short", "PATH": "/usr/bin/value"}
    assert known_secrets(environment) == ["value-one-1", "value-two-2"]
    assert redactor(known_secrets(environment))("x value-one-1 y") == f"x {MASK} y"


# ---------------------------------------------------------------- functions of installed packages


def test_functions_of_installed_packages_are_found_by_their_entry_points(monkeypatch: pytest.MonkeyPatch):
    points = [
        EntryPoint("shop.price", f"{__name__}:price", "gatewise.functions"),
        EntryPoint("shop.entry", f"{__name__}:ENTRY", "gatewise.functions"),
        EntryPoint("shop.broken", f"{__name__}:TEXT", "gatewise.functions"),
        EntryPoint("gatewise.classify_text", f"{__name__}:price", "gatewise.functions"),
    ]
    found = {"shop.price": price, "shop.entry": ENTRY, "shop.broken": TEXT}
    monkeypatch.setattr(EntryPoint, "load", lambda self: found[self.name])
    monkeypatch.setattr("agent_tasks.functions.registry.entry_points", lambda group: [p for p in points if p.group == group])
    registry = FunctionRegistry({"gatewise.classify_text": ENTRY})
    assert registry.names() == ["gatewise.classify_text", "shop.broken", "shop.entry", "shop.price"]
    function = registry.find("shop.price")
    assert function is not None
    assert function.run is price
    assert registry.find("shop.entry") is ENTRY
    assert registry.find("gatewise.classify_text") is ENTRY  # ours cannot be replaced
    assert registry.find("os.system") is None
    with pytest.raises(FunctionFailed, match=r"shop\.broken"):
        registry.find("shop.broken")


def price(call: FunctionCall) -> FunctionResult:
    return FunctionResult({"price": 1})


ENTRY = AgentFunction(price)
TEXT = "no function"
