"""How does one command change a process instance?"""

from datetime import datetime

from bpmn.model import ProcessDefinition
from engine.model import Command, Effect, InstanceState, Keys, Refused, Resources


def advance(
    definition: ProcessDefinition,
    state: InstanceState,
    command: Command,
    now: datetime,
    *,
    resources: Resources,
    keys: Keys,
    step_budget: int = 10_000,
) -> list[Effect]:
    """Apply `command` and follow the flow until every path waits.

    The effects are in the order in which they happened. Raises `StateNeeded` when more of the instance must be loaded,
    `Refused` when the command does not fit the state; in both cases nothing has changed for the caller.
    """
    raise Refused(f"{type(command).__name__} cannot be applied to process instance {state.key}.")
