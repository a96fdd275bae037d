"""How does an operator move the tokens of a running instance? Terminates and activates elements, in the right scopes."""

from bpmn.model import ElementType
from engine.kernel.placement import place
from engine.kernel.process import end_process
from engine.kernel.step import Step
from engine.kernel.termination import terminate
from engine.model import ChildEnded, ElementInstance, Ended, Move, NotifyParent, Refused, StateNeeded


def move(step: Step, command: Move) -> None:
    """Begins what shall begin, then ends what shall end. A scope that is left empty ends too, as does an instance."""
    _load(step)
    for scope, argument in place(step, command.activate):
        step.count(scope, 1)
        step.then("activate", scope, argument)
    for key in command.terminate:
        instance = step.state.elements.get(key)
        if instance is None:
            raise Refused(f"No active element instance {key}: it was completed or cancelled.")
    for key in command.terminate:
        instance = step.state.elements.get(key)
        if instance is not None:  # else it lay in a scope that has just ended
            _terminate(step, instance)


def _terminate(step: Step, instance: ElementInstance) -> None:
    """A scope without anything left inside ends as well, outward."""
    at: ElementInstance = instance
    while at.parent is not None:
        scope = step.parent(at)
        terminate(step, at)
        if step.count(scope, -1):
            if scope.type is ElementType.MULTI_INSTANCE_BODY:
                scope.data["lost"] = scope.data.get("lost", 0) + 1
                step.touch(scope)
            return
        at = scope
    variables = dict(step.state.variables[at.key])
    terminate(step, at)
    if step.state.parent_element is not None:
        step.effects.append(NotifyParent(ChildEnded(step.state.parent_element, Ended.TERMINATED, variables)))
    end_process(step, Ended.TERMINATED)


def _load(step: Step) -> None:
    """A modification may concern any place: everything active is loaded, once."""
    root = step.root()
    if root.key not in step.state.children_loaded:
        raise StateNeeded(children_of=(root.key,), deep=True)
