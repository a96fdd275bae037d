"""What waits for the processor, and what has it counted?"""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from engine.runtime import requests
from engine.runtime.inputs import Actor, Notice


@dataclass(slots=True)
class Waiting:
    """One request until it is answered. `is_set_aside`: a lock is held elsewhere; it is tried again at `not_before`."""

    request: requests.Request
    actor: Actor
    done: threading.Lock  # held until it is answered
    future: "Future[Any] | None" = None  # for those who do not wait
    not_before: float = 0.0
    give_up: float = 0.0
    answer: Any = None
    failure: BaseException | None = None
    notices: list[Notice] = field(default_factory=list[Notice])
    next_due: int | None = None
    is_set_aside: bool = False


@dataclass(slots=True)
class Metrics:
    """Counted since the start. `rows`: inserted, updated and deleted ones; `commits`: each one a sync."""

    commands: int = 0
    refused: int = 0
    commits: int = 0
    rows: int = 0
    largest_batch: int = 0
    waiting: int = 0
