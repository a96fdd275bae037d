"""What is written down of a step? The facts of one history record, gathered while its effects are applied."""

from hashlib import sha256
from typing import Any

from engine.store.json_text import LARGE, dumps

SHOWN = 2048  # characters of a value that history shows; longer ones are named by their hash and begin


class Facts:
    __slots__ = ("action", "decisions", "elements", "flows", "incidents", "variables", "waits")

    def __init__(self) -> None:
        self.elements: list[dict[str, Any]] = []
        self.variables: list[dict[str, Any]] = []
        self.flows: list[str] = []
        self.waits: list[dict[str, Any]] = []
        self.decisions: list[int] = []
        self.incidents: list[dict[str, Any]] = []
        self.action: dict[str, Any] | None = None

    def element(self, key: int, id: str, type: str, what: str) -> None:
        self.elements.append({"key": key, "id": id, "type": type, "is": what})

    def variable(self, scope: int, name: str, value: Any, text: str) -> None:
        if len(text) > SHOWN:
            digest = sha256(text.encode()).hexdigest()
            self.variables.append({"scope": scope, "name": name, "sha256": digest, "begins": text[:200]})
        else:
            self.variables.append({"scope": scope, "name": name, "value": value})

    def to_text(self) -> str:
        found: dict[str, Any] = {}
        if self.action:
            found["action"] = self.action
        if self.elements:
            found["elements"] = self.elements
        if self.flows:
            found["flows"] = self.flows
        if self.variables:
            found["variables"] = self.variables
        if self.waits:
            found["waits"] = self.waits
        if self.decisions:
            found["decisions"] = self.decisions
        if self.incidents:
            found["incidents"] = self.incidents
        return dumps(found)


def stored_value(text: str) -> tuple[str | None, str | None]:
    """(value, sha256) as a variable's row keeps it: a large value is stored once, by its content."""
    if len(text) <= LARGE:
        return text, None
    return None, sha256(text.encode()).hexdigest()
