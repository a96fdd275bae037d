"""A process that works agent jobs until it is killed: `python agent_child.py DATABASE_URL_OR_SERVER_URL KILL_AFTER`.

It kills itself with SIGKILL right after its KILL_AFTER-th journal entry is durable (0: never), so that every boundary can be hit.
The model comes from the environment. Over a database it ends well once a user task waits.
"""

import os
import signal
import sys
import time

from agent_tasks import resource_kinds
from agent_tasks.http_jobs import HttpJobs
from agent_tasks.journal.database import DatabaseJournal
from agent_tasks.worker import run_worker, worker_for_engine
from engine.runtime.facade import Engine

_count = 0


def _deadly(journal: type, kill_after: int) -> None:
    append = journal.append

    def append_then_die(self: object, *arguments: object) -> object:
        global _count
        entry = append(self, *arguments)
        _count += 1
        if _count == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return entry

    journal.append = append_then_die


def main() -> None:
    where, kill_after = sys.argv[1], int(sys.argv[2])
    if where.startswith("http"):
        _deadly(HttpJobs, kill_after)
        run_worker(where, name="child", lease_ms=1500)
        return
    _deadly(DatabaseJournal, kill_after)
    with Engine(where, resource_kinds=resource_kinds()) as engine:
        worker_for_engine(engine, lease_ms=1500).start()
        while engine.search("user_task", {"state": "CREATED"}).total == 0:
            time.sleep(0.05)


main()
