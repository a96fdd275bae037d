"""What does one journal entry add to the figures of its run?"""

from collections.abc import Mapping
from typing import Any

from agent_tasks.journal.entries import EntryKind


def added(kind: EntryKind, data: Mapping[str, Any]) -> dict[str, int | float]:
    """Columns of the run to which the entry adds, with how much."""
    match kind:
        case EntryKind.MODEL_REQUEST:
            return {"model_calls": 1}
        case EntryKind.MODEL_REPLY:
            return {
                "input_tokens": int(data.get("inputTokens", 0)),
                "output_tokens": int(data.get("outputTokens", 0)),
                "money": float(data.get("money", 0)),
                "seconds": float(data.get("seconds", 0)),
            }
        case EntryKind.CALL_FAILED | EntryKind.FUNCTION_RESULT:
            return {"seconds": float(data.get("seconds", 0))}
        case EntryKind.TRY_FAILED:
            return {"failures": 1}
        case EntryKind.FAILURE:
            return {"failures": 1}
        case _:
            return {}


def assigned(kind: EntryKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the run that the entry sets."""
    match kind:
        case EntryKind.RUN_STARTED:
            return {"mode": data.get("mode"), "model": data.get("model")}
        case EntryKind.RESUMED:
            return {"worker": data.get("worker", "")}
        case EntryKind.OUTCOME:
            names = {"confidence": "confidence", "confidence_source": "confidenceSource", "risk": "risk"}
            return {"status": "COMPLETED", **{column: data.get(key) for column, key in names.items()}}
        case EntryKind.FAILURE:
            return {"status": "FAILED", "error": f"{data.get('code')}: {data.get('message')}"}
        case _:
            return {}
