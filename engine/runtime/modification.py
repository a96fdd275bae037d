"""How are all tokens of an element moved to another one? Each active instance of the source ends, the target begins in its scope."""

from engine.errors import Conflict
from engine.model import Activation, ElementKey, Move
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.runtime.instances import active


def move_elements(execution: Execution, request: requests.MoveElements) -> None:
    """Raises `Conflict` when nothing of a source is active."""
    workspace = execution.workspace
    cell = active(execution, request.key)
    workspace.element(cell, cell.key)
    elements = [cell.elements[key] for key in workspace.load_children(cell, [cell.key], deep=True)]
    terminate: list[ElementKey] = []
    activate: list[tuple[Activation, ElementKey | None]] = []
    for source, target in request.moves:
        found = [element for element in elements if element.element_id == source]
        if not found:
            raise Conflict(f"Nothing of '{source}' is active in process instance {cell.key}.")
        bodies = {element.key for element in found}
        for element in found:
            if element.parent in bodies:
                continue  # a round of a loop moves with its body
            terminate.append(ElementKey(element.key))
            activate.append((Activation(target), None if element.parent is None else ElementKey(element.parent)))
    execution.step(cell, Move(tuple(terminate), tuple(activate)), [cell.key, *(e.key for e in elements)])
    execution.settle()
