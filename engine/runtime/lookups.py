"""What may the kernel look up while it advances? The deployed decisions, forms and processes, seen from one definition."""

from datetime import datetime

from sqlalchemy import Connection

from bpmn.model import FormRef, ResourceRef
from engine.model import DefinitionKey, Variables
from engine.runtime.definitions import Definitions, LoadedDefinition
from rules.dmn import DecisionResult


class Lookups:
    """`engine.model.Resources` for one instance in one transaction. `decided` gives the definition key of each result."""

    def __init__(self, definitions: Definitions, connection: Connection, seen_from: LoadedDefinition) -> None:
        self._definitions = definitions
        self._connection = connection
        self._deployment = seen_from.deployment_key
        self.decided: list[tuple[DecisionResult, int]] = []

    def decide(self, ref: ResourceRef, decision_id: str, context: Variables, now: datetime) -> DecisionResult | None:
        key = self._definitions.bound(self._connection, "decision_definition", ref, decision_id, self._deployment)
        if key is None:
            return None
        result = self._definitions.decision(self._connection, key).model.evaluate(decision_id, context, now=now)
        self.decided.append((result, key))
        return result

    def form_key(self, ref: FormRef, form_id: str) -> int | None:
        if ref.linked is None:
            return None
        return self._definitions.bound(self._connection, "form", ref.linked, form_id, self._deployment)

    def process(self, ref: ResourceRef, process_id: str) -> DefinitionKey | None:
        key = self._definitions.bound(self._connection, "process", ref, process_id, self._deployment)
        return None if key is None else DefinitionKey(key)
