"""What is refused while an instance is suspended? Everything that would move it on by itself; an operator may still change it."""

from engine.errors import Conflict
from engine.model import (
    ActivateAdHoc,
    Command,
    CompleteJob,
    CompleteUserTask,
    FireTimer,
    Retry,
    ThrowError,
    Trigger,
)
from engine.store.cells import InstanceCell
from engine.store.times import moment

_MOVES_ON = (CompleteJob, CompleteUserTask, ThrowError, FireTimer, Trigger, Retry, ActivateAdHoc)


def refuse_if_suspended(cell: InstanceCell, command: Command) -> None:
    """Raises `Conflict`."""
    if cell.suspended_at is not None and isinstance(command, _MOVES_ON):
        since = moment(cell.suspended_at).isoformat(timespec="seconds")
        raise Conflict(f"Process instance {cell.key} is suspended since {since}: resume its root {cell.root} first.")
