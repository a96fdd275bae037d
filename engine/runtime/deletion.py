"""How is an ended instance deleted? With its history and all instances it called; who did it stays as a batch operation of one item."""

from engine.errors import Conflict, NotFound, Rejected
from engine.runtime import batches, requests
from engine.runtime.execution import Execution
from engine.store.erasure import erase


def delete(execution: Execution, request: requests.DeleteInstance) -> None:
    workspace = execution.workspace
    rows = workspace.database.rows(
        workspace.connection,
        "SELECT state, parent_process_instance_key, root_process_instance_key FROM process_instance WHERE key = ?",
        (request.key,),
    )
    if not rows:
        raise NotFound(f"No process instance {request.key}.")
    state, parent, root = rows[0]
    if parent is not None:
        raise Rejected(f"Process instance {request.key} was called by another one: delete its root {root}.")
    workspace.cell(request.key)  # takes the lock of its tree
    tree = workspace.database.rows(
        workspace.connection,
        "WITH RECURSIVE called AS (SELECT key, state FROM process_instance WHERE key = ? UNION "
        "SELECT p.key, p.state FROM called JOIN process_instance p ON p.parent_process_instance_key = called.key) "
        "SELECT key, state FROM called",
        (request.key,),
    )
    if state == "ACTIVE" or any(row[1] == "ACTIVE" for row in tree):
        raise Conflict(f"Process instance {request.key} is active: only ended ones can be deleted. Cancel it first.")
    if request.is_recorded:
        batches.record(execution, batches.DELETE, request.key)
    erase(workspace.database, workspace.connection, [row[0] for row in tree])
