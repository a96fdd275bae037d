"""How is an instance suspended and resumed? By its root, with all instances it called.

A suspended instance keeps its wait states: its jobs are not offered, its timers wait and catch up, messages go to others or stay in the
buffer, signals pass by. Cancelling, modifying and migrating it and setting its variables stay possible.
"""

from engine.errors import Conflict, Rejected
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.runtime.instances import active
from engine.store.cells import InstanceCell
from engine.store.steps import Step
from engine.store.times import micros


def suspend(execution: Execution, request: requests.SuspendInstance) -> None:
    root = _root(execution, request.key)
    if root.suspended_at is not None:
        raise Conflict(f"Process instance {root.key} is suspended already.")
    for cell in tree(execution, root):
        _mark(execution, cell, micros(execution.now), execution.open_step(cell, "SuspendInstance"))
    execution.settle()


def resume(execution: Execution, request: requests.ResumeInstance) -> None:
    """Timers that are late fire, and messages that waited are received."""
    root = _root(execution, request.key)
    if root.suspended_at is None:
        raise Conflict(f"Process instance {root.key} is not suspended.")
    for cell in tree(execution, root):
        step = execution.open_step(cell, "ResumeInstance")
        _wake(execution, cell, step)
        _mark(execution, cell, None, step)
    execution.settle()


def tree(execution: Execution, root: InstanceCell) -> list[InstanceCell]:
    """The root and all active instances it called, directly or not, outermost first."""
    workspace = execution.workspace
    rows = workspace.database.rows(
        workspace.connection,
        "WITH RECURSIVE called AS (SELECT key FROM process_instance WHERE key = ? UNION "
        "SELECT p.key FROM called JOIN process_instance p ON p.parent_process_instance_key = called.key) SELECT key FROM called",
        (root.key,),
    )
    keys = [root.key, *(row[0] for row in rows), *(row[0] for row in workspace.changes.pending("process_instance") if row[8] == root.key)]
    cells = (workspace.cell(key) for key in dict.fromkeys(keys))
    return sorted((cell for cell in cells if cell is not None and cell.state == "ACTIVE"), key=lambda cell: (cell.depth, cell.key))


def _root(execution: Execution, key: int) -> InstanceCell:
    cell = active(execution, key)
    if cell.parent_instance is not None:
        raise Rejected(f"Process instance {key} was called by another one: suspend or resume its root {cell.root}.")
    return cell


def _mark(execution: Execution, cell: InstanceCell, suspended_at: int | None, step: Step) -> None:
    changes = execution.workspace.changes
    changes.assign(cell, "suspended_at", suspended_at)
    changes.update("process_instance", (cell.key,), suspended_at=suspended_at)
    step.touches_user_tasks = True
    execution.close(step)


def _wake(execution: Execution, cell: InstanceCell, step: Step) -> None:
    """What waited is looked at again: workers hear of jobs, subscriptions of messages, the alarm of timers."""
    workspace = execution.workspace
    workspace.element(cell, cell.key)
    keys = workspace.load_children(cell, [cell.key], deep=True)
    owners = [cell.elements[key] for key in (cell.key, *keys)]
    workspace.load_waits([(cell, owner) for owner in owners])
    for owner in owners:
        waits = workspace.waits(cell, owner)
        step.job_types.update(job.type for job in waits.jobs.values())
        step.opened.extend(one for one in waits.subscriptions.values() if one.kind == "message")
    rows = workspace.database.rows(workspace.connection, "SELECT min(due) FROM timer WHERE process_instance_key = ?", (cell.key,))
    step.next_due = rows[0][0]
