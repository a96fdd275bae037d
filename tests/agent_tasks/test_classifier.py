"""The text classifier: learns, says how sure it is, and is measured on texts it has not seen."""

import time

import pytest

from agent_tasks.errors import FunctionFailed
from agent_tasks.functions.calibration import calibration_error, split, train_calibrated
from agent_tasks.functions.classify_text import classify_text, samples_of
from agent_tasks.functions.naive_bayes import softmax, train
from agent_tasks.functions.registry import DataSet, FunctionCall, FunctionResult

TEXTS = {
    "refund": ["I want my money back", "please refund my payment", "give me a refund", "money back please", "refund the amount", "return and refund", "Ich möchte mein Geld zurück", "bitte das Geld erstatten", "Rückerstattung bitte", "I ask for a full refund of my money"],  # noqa: E501
    "billing": ["the invoice is wrong", "a fee on my invoice", "I was charged twice", "my bill is too high", "invoice is missing", "wrong amount on the bill", "Die Rechnung ist falsch", "zu hohe Rechnung", "eine Gebühr auf meiner Rechnung", "the bill shows a wrong charge"],  # noqa: E501
    "technical": ["the app crashes", "I cannot log in", "error when opening the app", "the device does not start", "login fails with an error", "app freezes on start", "Die App stürzt ab", "Anmeldung geht nicht", "Gerät startet nicht", "an error stops the app"],  # noqa: E501
}  # fmt: skip
ITEMS = [{"text": text, "topic": topic} for topic, texts in TEXTS.items() for text in texts]


class Data:
    def __init__(self, items: list[dict[str, str]]) -> None:
        self.set = DataSet("samples", str(hash(str(items))), items)

    def load(self, data_id: str) -> DataSet:
        return self.set


def classify(text: str, items: list[dict[str, str]] = ITEMS, **config: object) -> FunctionResult:
    return classify_text(FunctionCall({"text": text}, {"samples": "samples", "label": "topic", **config}, Data(items), "key"))


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Can I get my money back?", "refund"),
        ("I would like to be refunded", "refund"),
        ("There is something wrong with the invoices", "billing"),
        ("The app keeps crashing", "technical"),
        ("Meine Rechnungen sind zu hoch", "billing"),
        ("Die Apps stürzen immer ab", "technical"),
        ("wrnog amount on my bil", "billing"),
    ],
)
def test_new_texts_get_the_label_of_similar_ones(text: str, topic: str):
    result = classify(text)
    assert result.value["topic"] == topic
    assert result.confidence_source == "calibrated"
    assert result.evidence


def test_confidence_is_lower_for_what_the_samples_do_not_know():
    known = classify("please refund my money").confidence
    unknown = classify("Xyzzy plugh quux").confidence
    assert known is not None
    assert unknown is not None
    assert unknown < 0.5 < known


def test_probabilities_add_up_to_one_with_the_alternatives():
    result = classify("refund the invoice", alternatives=10)
    assert result.confidence is not None
    assert result.confidence + sum(a["probability"] for a in result.value["alternatives"]) == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize("text", ["", "   ", "!!!", "?"])
def test_a_text_without_words_gets_the_fallback_without_confidence(text: str):
    result = classify(text, fallback="billing")
    assert result.value == {"topic": "billing", "alternatives": []}
    assert (result.confidence, result.risk) == (0.0, "medium")


def test_training_twice_gives_the_same_answer():
    pairs = samples_of(ITEMS, "text", "topic")
    one, two = train_calibrated(pairs), train_calibrated(list(pairs))
    assert one.quality == two.quality
    assert one.probabilities("some text about my invoice") == two.probabilities("some text about my invoice")


def test_held_out_samples_are_never_trained_on_and_do_not_depend_on_order():
    pairs = samples_of(ITEMS, "text", "topic")
    kept, out = split(pairs, 0.2)
    assert len(out) == 6
    assert not set(kept) & set(out)
    assert sorted(kept + out) == sorted(pairs)
    assert {frozenset(x) for x in split(pairs[::-1], 0.2)} == {frozenset(kept), frozenset(out)}


def test_the_same_text_never_stands_on_both_sides():
    kept, out = split([("same text", "a")] * 10 + [(f"t{n}", "a") for n in range(10)] + [(f"u{n}", "b") for n in range(10)], 0.3)
    assert len({text for text, _ in kept} & {text for text, _ in out}) == 0


def test_quality_is_measured_on_the_held_out_samples():
    quality = train_calibrated(samples_of(ITEMS, "text", "topic")).quality
    assert (quality.trained, quality.held_out) == (24, 6)
    assert quality.accuracy > quality.majority
    assert 0 <= quality.calibration_error <= 1


def test_labels_that_say_nothing_are_not_learned_and_not_claimed():
    shuffled = [{"text": f"word{n % 7} thing{n % 5}", "topic": "ab"[n % 2 if n % 3 else (n + 1) % 2]} for n in range(60)]
    result = classify("word1 thing2", shuffled)
    assert result.confidence is not None
    assert result.confidence < 0.75


def test_calibration_error_of_known_cases():
    assert calibration_error([(1.0, True)] * 10) == 0
    assert calibration_error([(1.0, False)] * 10) == 1
    assert calibration_error([(0.5, True), (0.5, False)] * 5, bins=1) == 0
    assert calibration_error([]) == 0


def test_softmax_of_far_scores_is_finite():
    assert softmax([1e6, -1e6], 0.001) == [1.0, pytest.approx(0)]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([{"text": "a", "topic": "x"}] * 8, "at least two"),
        ([{"text": "a", "topic": "x"}] * 8 + [{"text": "b", "topic": "y"}], "fewer than"),
        ([{"text": 1, "topic": "x"}], "Sample 1"),
        ([{"text": "a"}], "Sample 1"),
    ],
)
def test_samples_that_cannot_teach_are_refused(items: list[dict[str, str]], words: str):
    with pytest.raises(FunctionFailed, match=words):
        classify("a", items)


def test_training_on_three_hundred_samples_takes_seconds_at_most():
    items = [
        {"text": f"{item['text']} number {n} of the day with several other words around it", "topic": item["topic"]}
        for n in range(10)
        for item in ITEMS
    ]
    started = time.process_time()
    train(samples_of(items, "text", "topic"))
    assert time.process_time() - started < 2
