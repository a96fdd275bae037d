"""How is a decision evaluated that somebody asks for, outside of any instance?"""

from engine.errors import NotFound, Rejected
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.store.decisions import decision_row
from engine.store.queries import decision_instance_row
from engine.store.rows import DecisionInstanceRow
from engine.store.times import micros
from rules.dmn import DecisionResult


def evaluate(execution: Execution, request: requests.EvaluateDecision) -> tuple[DecisionResult, DecisionInstanceRow]:
    connection, key = execution.workspace.connection, request.decision_key
    if key is None:
        if request.decision_id is None:
            raise Rejected("Say which decision to evaluate: by its id or by its key.")
        key = execution.definitions.decision_key(connection, request.decision_id)
        if key is None:
            raise NotFound(f"No decision {request.decision_id!r} is deployed: deploy its file first.")
    decision = execution.definitions.decision(connection, key)
    result = decision.model.evaluate(decision.id, request.variables, now=execution.now)
    row = decision_row(execution.workspace.keys.next(), result, micros(execution.now), definition=key)
    execution.workspace.changes.insert("decision_instance", (0, row[1]), row)
    return result, decision_instance_row((*row, None, None))
