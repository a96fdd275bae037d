"""Which label does a text most likely have, learned from labelled texts?

Complement naive Bayes with length-normalised TF-IDF features (Rennie et al., "Tackling the Poor Assumptions of Naive
Bayes Text Classifiers", ICML 2003): a label's weight of a feature comes from all texts of the *other* labels, which keeps
rare labels from being drowned. Features are words, word pairs and character n-grams inside words; the n-grams carry it
across inflections, compounds, misspellings and related languages. Training is closed-form and deterministic.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent_tasks.functions.text import folded, words

_SMOOTHING = 0.3
_LONGEST_WORD = 40
_MOST_WORDS = 2_000
_STEM = 5
_FAMILY_WEIGHT = {"w": 1.0, "b": 0.4, "c": 1.5}


def features(text: str) -> Counter[str]:
    """Counts of words cut to five letters (`w:`), neighbouring pairs (`b:`) and character n-grams of 3 to 5 (`c:`)."""
    tokens = [_plain(word) for word in words(text)[:_MOST_WORDS]]
    counted: Counter[str] = Counter(f"w:{token[:_STEM]}" for token in tokens)
    counted.update(f"b:{a} {b}" for a, b in pairwise(tokens))
    for token in tokens:
        framed = f"<{token}>"
        for size in (3, 4, 5):
            counted.update(f"c:{framed[i : i + size]}" for i in range(len(framed) - size + 1))
    return counted


def _plain(word: str) -> str:
    """Without accents; a number becomes its length."""
    word = folded(word)[:_LONGEST_WORD]
    return "0" * min(len(word), 8) if word[:1].isdigit() else word


@dataclass(frozen=True, slots=True)
class Classifier:
    """`weights`: by feature, one number per label, in the order of `labels`."""

    labels: tuple[str, ...]
    idf: dict[str, float]
    weights: dict[str, tuple[float, ...]]

    def scores(self, text: str) -> list[float]:
        """One score per label; higher is likelier. Not a probability."""
        return self._sum(_weighted(features(text), self.idf))

    def known_share(self, text: str) -> float:
        """Which share of the text's words the samples had: 0 says that the model knows nothing of it."""
        found = [feature for feature in features(text) if feature.startswith("w:")]
        return sum(feature in self.idf for feature in found) / len(found) if found else 0.0

    def telling_words(self, text: str, label: str, most: int = 5) -> list[tuple[str, float]]:
        """The words of the text that spoke most for a label against the others, with how much."""
        index = self.labels.index(label)
        said: dict[str, str] = {}
        for word in words(text)[:_MOST_WORDS]:
            said.setdefault(f"w:{_plain(word)[:_STEM]}", word)
        found: dict[str, float] = {}
        for feature, amount in _weighted(features(text), self.idf):
            if feature in said:
                row = self.weights[feature]
                others = (sum(row) - row[index]) / max(1, len(row) - 1)
                found[said[feature]] = (row[index] - others) * amount
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [(word, round(weight, 4)) for word, weight in ranked[:most] if weight > 0]

    def _sum(self, vector: list[tuple[str, float]]) -> list[float]:
        scores = [0.0] * len(self.labels)
        for feature, amount in vector:
            for index, weight in enumerate(self.weights[feature]):
                scores[index] += weight * amount
        return scores


def train(samples: Sequence[tuple[str, str]]) -> Classifier:
    """A classifier from (text, label) pairs with at least two labels. Labels are sorted."""
    labels = tuple(sorted({label for _, label in samples}))
    counted = [features(text) for text, _ in samples]
    documents: Counter[str] = Counter()
    for each in counted:
        documents.update(each.keys())
    idf = {feature: math.log((1 + len(samples)) / (1 + n)) + 1 for feature, n in documents.items()}
    of_label: list[dict[str, float]] = [{} for _ in labels]
    total: dict[str, float] = {}
    for each, (_, label) in zip(counted, samples, strict=True):
        own = of_label[labels.index(label)]
        for feature, amount in _weighted(each, idf):
            own[feature] = own.get(feature, 0.0) + amount
            total[feature] = total.get(feature, 0.0) + amount
    everything = sum(total.values()) + _SMOOTHING * len(total)
    rest = [everything - sum(own.values()) for own in of_label]
    raw = {
        feature: [-math.log((amount - own.get(feature, 0.0) + _SMOOTHING) / rest[index]) for index, own in enumerate(of_label)]
        for feature, amount in total.items()
    }
    length = [sum(abs(row[index]) for row in raw.values()) / len(raw) for index in range(len(labels))]
    weights = {feature: tuple(weight / length[index] for index, weight in enumerate(row)) for feature, row in raw.items()}
    return Classifier(labels, idf, weights)


def _weighted(counted: Counter[str], idf: dict[str, float]) -> list[tuple[str, float]]:
    """TF-IDF, each family of features scaled to its own length, so that n-grams do not drown words."""
    found = [(feature, (1 + math.log(count)) * idf[feature]) for feature, count in counted.items() if feature in idf]
    squares: dict[str, float] = {}
    for feature, amount in found:
        squares[feature[0]] = squares.get(feature[0], 0.0) + amount * amount
    return [(feature, _FAMILY_WEIGHT[feature[0]] * amount / math.sqrt(squares[feature[0]])) for feature, amount in found]


def softmax(scores: Sequence[float], temperature: float) -> list[float]:
    highest = max(scores)
    powers = [math.exp(max(-700.0, (score - highest) / temperature)) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]
