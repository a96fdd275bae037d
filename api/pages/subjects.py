"""What tells a user task from others of its kind?

The element property `gatewise:subject` says it (FEEL with a leading "=", seen from the task); without it, the subject or
title of what an agent proposed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.pages.data import every, value_of
from api.pages.diagrams import Diagram, diagram_of
from engine.errors import GatewiseError
from engine.runtime.facade import Engine
from engine.store.rows import UserTaskRow

LONGEST = 200
_NAMES = ("subject", "title")


def subjects_of(engine: Engine, tasks: Sequence[UserTaskRow]) -> dict[int, str]:
    """By the key of the task; tasks about which nothing is known are left out."""
    diagrams = {task.definition_key: diagram_of(engine, task.definition_key, task.process_id) for task in tasks}
    proposed = _proposed(engine, tasks, diagrams)
    found: dict[int, str] = {}
    for task in tasks:
        noted = diagrams[task.definition_key].note(task.element_id, "subject")
        subject = _evaluated(engine, noted, task) if noted else proposed.get(task.process_instance_key, "")
        if subject:
            found[task.key] = subject[:LONGEST]
    return found


def _evaluated(engine: Engine, noted: str, task: UserTaskRow) -> str:
    if not noted.startswith("="):
        return noted
    try:
        value = engine.evaluate_expression(noted, scope_key=task.element_instance_key).value
    except GatewiseError:
        return ""
    return "" if value is None or isinstance(value, (list, dict)) else str(value)


def _proposed(engine: Engine, tasks: Sequence[UserTaskRow], diagrams: Mapping[int, Diagram]) -> dict[int, str]:
    """By process instance: the subject in the result of the last agent of the diagram that has one."""
    rank = {agent.result: place for diagram in diagrams.values() for place, agent in enumerate(diagram.agents())}
    if not rank:
        return {}
    instances = sorted({task.process_instance_key for task in tasks})
    wanted = {"process_instance_key": {"$in": instances}, "name": {"$in": sorted(rank)}}
    best: dict[int, tuple[int, str]] = {}
    for row in every(engine, "variable", wanted):
        subject = _subject_in(value_of(row.value))
        if subject and rank[row.name] >= best.get(row.process_instance_key, (-1, ""))[0]:
            best[row.process_instance_key] = (rank[row.name], subject)
    return {key: subject for key, (_, subject) in best.items()}


def _subject_in(outcome: Any) -> str:
    value = outcome.get("value") if isinstance(outcome, Mapping) else None
    if not isinstance(value, Mapping):
        return ""
    return next((str(value[name]) for name in _NAMES if isinstance(value.get(name), str) and value[name]), "")
