"""How are incidents opened, resolved and counted? An instance counts its own and those of the instances it called."""

from engine.model import CloseIncident, OpenIncident
from engine.store.cells import ElementCell, IncidentCell, InstanceCell, Waits
from engine.store.places import Places
from engine.store.steps import Step
from engine.store.times import micros
from engine.store.workspace import Workspace


def owner_of(workspace: Workspace, step: Step, element: int) -> tuple[ElementCell, Waits]:
    """An active element instance whose waits are about to change."""
    owner = step.cell.elements[element]
    waits = workspace.waits(step.cell, owner)
    workspace.waits_changed(step.cell, owner)
    return owner, waits


class IncidentWriter:
    def __init__(self, workspace: Workspace, places: Places) -> None:
        self._workspace = workspace
        self._places = places
        self._changes = workspace.changes

    def open_incident(self, step: Step, effect: OpenIncident, *, job: int | None = None, retry: str | None = None) -> None:
        _, waits = owner_of(self._workspace, step, effect.element)
        cell = step.cell
        self._changes.put(waits.incidents, effect.key, IncidentCell(effect.key, effect.element, effect.kind, job, retry))
        self._places.remember("incident", effect.key, cell.key, effect.element)
        self._changes.insert(
            "incident",
            (cell.key, effect.key),
            [
                cell.key,
                effect.key,
                effect.element,
                effect.element_id,
                effect.kind.value,
                effect.message,
                "ACTIVE",
                job,
                retry,
                micros(step.at),
                None,
                None,
            ],
        )
        self._count_incident(cell, 1)
        step.touches_incidents = True
        step.facts.incidents.append({"key": effect.key, "id": effect.element_id, "kind": effect.kind.value, "message": effect.message})

    def close_incident(self, step: Step, effect: CloseIncident, now: int) -> None:
        place = self._places.locate("incident", [effect.key]).get(effect.key)
        if place is None or place[1] not in step.cell.elements:
            return
        _, waits = owner_of(self._workspace, step, place[1])
        incident = waits.incidents.get(effect.key)
        if incident is not None:
            self.end_incident(step, waits, incident, now)

    def end_incident(self, step: Step, waits: Waits, incident: IncidentCell, now: int) -> None:
        cell = step.cell
        self._changes.drop(waits.incidents, incident.key)
        self._changes.update("incident", (cell.key, incident.key), state="RESOLVED", resolved_at=now, resolved_by=step.actor)
        self._count_incident(cell, -1)
        step.touches_incidents = True
        step.facts.incidents.append({"key": incident.key, "is": "RESOLVED"})

    def _count_incident(self, cell: InstanceCell, change: int) -> None:
        """On the instance and on every instance that called it, directly or not."""
        current: InstanceCell | None = cell
        while current is not None:
            self._changes.assign(current, "incidents", current.incidents + change)
            self._changes.update("process_instance", (current.key,), incidents=current.incidents)
            current = None if current.parent_instance is None else self._workspace.cell(current.parent_instance)
