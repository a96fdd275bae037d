"""How sure may a classifier say it is? Measured on texts it was not trained on.

One temperature for the softmax is fitted to scores of cross-validation (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017): each sample is scored by a model that has not seen it. Accuracy and calibration error are then
measured on the held-out samples, which took part in neither training nor fitting.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agent_tasks.functions.naive_bayes import Classifier, softmax, train

Sample = tuple[str, str]  # text, label
_FOLDS = 5
_BINS = 5


@dataclass(frozen=True, slots=True)
class Quality:
    """Measured on `held_out` samples the model never saw. `calibration_error`: mean gap between confidence and hit rate (ECE)."""

    trained: int
    held_out: int
    accuracy: float
    majority: float  # what always guessing the most frequent label would score
    calibration_error: float
    cross_validated_accuracy: float
    temperature: float


@dataclass(frozen=True, slots=True)
class CalibratedClassifier:
    """`classifier` is trained on all samples once the quality has been measured without the held-out ones."""

    classifier: Classifier
    temperature: float
    quality: Quality

    def probabilities(self, text: str) -> list[tuple[str, float]]:
        """Labels with probability, likeliest first.

        What the model knows nothing of pulls towards the even distribution: a text none of whose words the samples had
        cannot be told with confidence.
        """
        known = self.classifier.known_share(text)
        trust = min(1.0, known / 0.5)
        even = 1 / len(self.classifier.labels)
        found = softmax(self.classifier.scores(text), self.temperature)
        mixed = [trust * p + (1 - trust) * even for p in found]
        return sorted(zip(self.classifier.labels, mixed, strict=True), key=lambda pair: (-pair[1], pair[0]))


def train_calibrated(samples: Sequence[Sample], *, holdout: float = 0.2) -> CalibratedClassifier:
    """Trains on a fixed split, measures on the rest, then trains on everything with the temperature found."""
    kept, held_out = split(samples, holdout)
    scored = _cross_validated(kept)
    temperature = _fit_temperature(scored)
    judge = CalibratedClassifier(train(kept), temperature, _NO_QUALITY)
    quality = _measure(judge, kept, held_out, scored, temperature)
    return CalibratedClassifier(train(samples), temperature, quality)


_NO_QUALITY = Quality(0, 0, 0, 0, 0, 0, 1)


def split(samples: Sequence[Sample], holdout: float) -> tuple[list[Sample], list[Sample]]:
    """A split that depends on the texts alone: per label, those whose hash is smallest are held out.

    Samples with the same text stay on the same side. Each label keeps at least two samples for training.
    """
    by_label: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        by_label[sample[1]][hashlib.sha256(sample[0].strip().casefold().encode()).hexdigest()].append(sample)
    kept: list[Sample] = []
    held_out: list[Sample] = []
    for label in sorted(by_label):
        hashes = sorted(by_label[label])
        out = min(round(len(hashes) * holdout), max(0, len(hashes) - 2))
        for index, digest in enumerate(hashes):
            (held_out if index < out else kept).extend(by_label[label][digest])
    return kept, held_out


def _cross_validated(samples: Sequence[Sample]) -> list[tuple[list[float], int]]:
    """For each sample that can be judged: scores by a model trained without its fold, and the index of the true label."""
    folds: dict[int, list[Sample]] = defaultdict(list)
    by_label: dict[str, int] = defaultdict(int)
    for sample in sorted(samples, key=lambda s: hashlib.sha256(f"fold {s[0]}".encode()).digest()):
        folds[by_label[sample[1]] % _FOLDS].append(sample)
        by_label[sample[1]] += 1
    scored: list[tuple[list[float], int]] = []
    for fold, judged in folds.items():
        others = [sample for index, rest in folds.items() if index != fold for sample in rest]
        if len({label for _, label in others}) < len(by_label):
            continue
        model = train(others)
        scored += [(model.scores(text), model.labels.index(label)) for text, label in judged]
    return scored


def _fit_temperature(scored: Sequence[tuple[list[float], int]]) -> float:
    """The temperature of least negative log likelihood, by golden-section search over its logarithm."""
    if not scored:
        return 1.0

    def loss(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        return -sum(math.log(max(1e-12, softmax(scores, temperature)[truth])) for scores, truth in scored)

    low, high = math.log(1e-3), math.log(1e2)
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)


def _measure(
    judge: CalibratedClassifier,
    kept: Sequence[Sample],
    held_out: Sequence[Sample],
    scored: Sequence[tuple[list[float], int]],
    temperature: float,
) -> Quality:
    answers = [(judge.probabilities(text)[0], label) for text, label in held_out]
    hits = [(confidence, guess == label) for (guess, confidence), label in answers]
    frequency: dict[str, int] = defaultdict(int)
    for _, label in held_out:
        frequency[label] += 1
    inside = sum(max(range(len(s)), key=s.__getitem__) == truth for s, truth in scored)
    return Quality(
        trained=len(kept),
        held_out=len(held_out),
        accuracy=round(sum(hit for _, hit in hits) / len(hits), 4) if hits else 0.0,
        majority=round(max(frequency.values()) / len(held_out), 4) if held_out else 0.0,
        calibration_error=round(calibration_error(hits), 4),
        cross_validated_accuracy=round(inside / len(scored), 4) if scored else 0.0,
        temperature=round(temperature, 5),
    )


def calibration_error(hits: Sequence[tuple[float, bool]], bins: int = _BINS) -> float:
    """Expected calibration error over equally filled bins of (confidence, was right)."""
    if not hits:
        return 0.0
    ranked = sorted(hits)
    size = max(1, math.ceil(len(ranked) / bins))
    gap = 0.0
    for start in range(0, len(ranked), size):
        part = ranked[start : start + size]
        gap += abs(sum(c for c, _ in part) / len(part) - sum(h for _, h in part) / len(part)) * len(part)
    return gap / len(ranked)
