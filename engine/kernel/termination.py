"""What ends with an element instance that is interrupted? Everything inside it, innermost first (BPMN 2.0 §13.3.2, "Terminating")."""

from bpmn.model import ElementType
from engine.kernel.step import Step
from engine.model import CancelChild, DropItems, ElementInstance, ElementKey, Ended, StateNeeded


def terminate(step: Step, top: ElementInstance) -> None:
    """Ends the instance and all inside it. Its token in the scope around it is the caller's business."""
    for instance in reversed([top, *_inside(step, top)]):
        _end(step, instance)


def terminate_children(step: Step, scope: ElementInstance, *, spare: ElementInstance | None = None) -> None:
    """Ends everything inside the scope; tokens on their way and waiting at joins vanish. The scope then counts `spare` alone."""
    for instance in reversed(_inside(step, scope, spare)):
        _end(step, instance)
    step.drop_arrivals(scope)
    if scope.data.pop("joins", None) is not None:
        step.touch(scope)
    step.count(scope, (0 if spare is None else 1) - scope.data["n"])


def _end(step: Step, instance: ElementInstance) -> None:
    if instance.type is ElementType.CALL_ACTIVITY and "called" in instance.data:
        step.effects.append(CancelChild(instance.key))
    if "items" in instance.data:
        step.effects.append(DropItems(instance.key))
    step.end(instance, Ended.TERMINATED)


def _inside(step: Step, top: ElementInstance, spare: ElementInstance | None = None) -> list[ElementInstance]:
    """All active descendants, outer before inner."""
    if not top.data.get("n"):
        return []
    by_parent: dict[ElementKey | None, list[ElementInstance]] = {}
    for instance in step.state.elements.values():
        by_parent.setdefault(instance.parent, []).append(instance)
    found: list[ElementInstance] = []
    waiting = [top]
    loaded = step.state.children_loaded
    for scope in waiting:
        if scope.data.get("n") and scope.key not in loaded:
            raise StateNeeded(children_of=(top.key,), deep=True)
        inner = [i for i in by_parent.get(scope.key, ()) if i is not spare]
        inner.sort(key=lambda i: i.key)
        found.extend(inner)
        waiting.extend(inner)
    return found
