"""Function `gatewise.classify_text`: which label does a text have, and how sure is that?"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from agent_tasks.errors import FunctionFailed
from agent_tasks.functions.calibration import CalibratedClassifier, train_calibrated
from agent_tasks.functions.registry import AgentFunction, DataSet, FunctionCall, FunctionResult
from agent_tasks.functions.text import normalized, words

_LEAST_SAMPLES = 4
_MODELS_KEPT = 8


class Config(BaseModel):
    """`label`: the key of a sample that holds its label, and of the value that holds the answer. `text`: the key of its text."""

    model_config = ConfigDict(extra="forbid", strict=True)

    samples: str
    label: str
    text: str = "text"
    holdout: float = Field(default=0.2, ge=0, le=0.5)
    fallback: str | None = None
    minimum_characters: int = Field(default=3, ge=0)
    alternatives: int = Field(default=3, ge=0, le=20)


def classify_text(call: FunctionCall) -> FunctionResult:
    """Inputs: `text`. Value: {<label>: str, alternatives: [{label, probability}]}. Confidence: calibrated probability."""
    config = Config.model_validate(dict(call.config))
    data = call.data.load(config.samples)
    model = _MODELS.get(data, config)
    text = normalized(str(call.inputs.get("text") or ""))
    ranked = model.probabilities(text)
    notes = {"samples": {"id": data.id, "sha256": data.sha256, "count": len(data.items)}, "quality": _as_json(model)}
    if len(text.strip()) < config.minimum_characters or not words(text):
        label = config.fallback or ranked[0][0]
        value = {config.label: label, "alternatives": []}
        return FunctionResult(
            value, 0.0, "measured", "medium", [{"source": "inputs.text", "quote": "", "note": "There is no text to classify."}], notes
        )
    label, probability = ranked[0]
    others = [{"label": other, "probability": round(p, 4)} for other, p in ranked[1 : 1 + config.alternatives]]
    evidence = [{"source": "inputs.text", "quote": word, "weight": weight} for word, weight in model.classifier.telling_words(text, label)]
    return FunctionResult({config.label: label, "alternatives": others}, round(probability, 4), "calibrated", "low", evidence, notes)


def _as_json(model: CalibratedClassifier) -> dict[str, Any]:
    quality = model.quality
    return {name: getattr(quality, name) for name in quality.__dataclass_fields__}


def samples_of(items: Sequence[Mapping[str, Any]], text_key: str, label_key: str) -> list[tuple[str, str]]:
    """(text, label) pairs. Raises `FunctionFailed` naming the first item that has none, or the label with too few."""
    pairs: list[tuple[str, str]] = []
    for index, item in enumerate(items, 1):
        text, label = item.get(text_key), item.get(label_key)
        if not isinstance(text, str) or not isinstance(label, str) or not label:
            raise FunctionFailed(f"Sample {index} must have the texts {text_key!r} and {label_key!r}.")
        pairs.append((normalized(text), label))
    counted: dict[str, int] = {}
    for _, label in pairs:
        counted[label] = counted.get(label, 0) + 1
    if len(counted) < 2:
        raise FunctionFailed("The samples must have at least two different labels.")
    if scarce := sorted(label for label, n in counted.items() if n < _LEAST_SAMPLES):
        raise FunctionFailed(f"The label {scarce[0]!r} has fewer than {_LEAST_SAMPLES} samples: add more.")
    return pairs


class _TrainedModels:
    """Trained models by content of their samples and config, the most recently used kept; each is trained once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, CalibratedClassifier] = OrderedDict()
        self._lock = Lock()

    def get(self, data: DataSet, config: Config) -> CalibratedClassifier:
        settings = orjson.dumps([data.sha256, config.text, config.label, config.holdout])
        key = hashlib.sha256(settings).hexdigest()
        with self._lock:
            if (model := self._kept.get(key)) is None:
                model = train_calibrated(samples_of(data.items, config.text, config.label), holdout=config.holdout)
                self._kept[key] = model
                while len(self._kept) > _MODELS_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return model


_MODELS = _TrainedModels()

FUNCTION = AgentFunction(classify_text, Config, data_keys=("samples",))
