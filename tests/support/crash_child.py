"""What does the process do that a crash test kills? Drives one engine and writes down every acknowledged change, synced.

    python -m support.crash_child DATABASE_URL LOG SEED

Each line of the log is JSON: {"did": "create" | "complete" | "message", …}, written after the engine answered.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading

from sqlalchemy import Connection

from engine.errors import Conflict, NotFound
from engine.runtime import Actor, Engine
from engine.store.database import Database

ACTOR = Actor("child")


def main() -> None:
    url, path, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    writing = threading.Lock()

    def note(**what: object) -> None:
        with writing:
            os.write(log, json.dumps(what).encode() + b"\n")
            os.fsync(log)

    if os.environ.get("GATEWISE_SABOTAGE") == "forget-commits":
        forget_commits(seed)
    with Engine(url) as engine:
        note(did="started")
        threads = [threading.Thread(target=drive, args=(engine, random.Random(seed * 100 + n), note, n), daemon=True) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def forget_commits(seed: int) -> None:
    """The negative control: some commits are acknowledged and rolled back."""
    dice, commit = random.Random(seed), Database._commit

    def sometimes(self: Database, connection: Connection) -> None:
        if dice.random() < 0.2:
            connection.rollback()
        else:
            commit(self, connection)

    Database._commit = sometimes  # type: ignore[method-assign]


def drive(engine: Engine, dice: random.Random, note: object, number: int) -> None:
    assert callable(note)
    counter = 0
    while True:
        counter += 1
        match dice.randrange(4):
            case 0:
                created = engine.create_instance(process_id="process", variables={"id": f"{os.getpid()}-{number}-{counter}"}, actor=ACTOR)
                note(did="create", key=created.key)
            case 1:
                order = f"{os.getpid()}-{number}-{counter}"
                engine.publish_message("order", "", 0, None, {"order": order}, actor=ACTOR)
                note(did="message", order=order)
            case _:
                for job in engine.activate_jobs(type="work", worker="w", timeout_ms=1, max_jobs=3, actor=ACTOR):
                    try:
                        engine.complete_job(job.key, {f"done_{job.element_id}": job.key}, actor=ACTOR)
                    except (NotFound, Conflict):
                        continue
                    note(did="complete", key=job.key)


if __name__ == "__main__":
    main()
