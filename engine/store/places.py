"""Where is the job, user task or incident with this key? Finds its element instance and its instance, few statements for many."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.store.cells import ElementCell, InstanceCell, JobCell, UserTaskCell
from engine.store.database import marks
from engine.store.loading import chunks
from engine.store.workspace import Workspace

_REMEMBERED = 100_000

Where = tuple[int, int]  # (instance, element instance)


class Places:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._database = workspace.database
        self._where: dict[tuple[str, int], Where] = {}
        self._fresh_jobs: set[int] = set()

    def begin(self) -> None:
        """A new transaction: other processes may have leased jobs since."""
        self._fresh_jobs.clear()
        if len(self._where) > _REMEMBERED:
            self._where.clear()

    def forget_all(self) -> None:
        self._where.clear()

    def prepare(self, addressed: Iterable[tuple[str, int] | None]) -> None:
        """Loads what many commands will need, in few statements: the wait states (table, key) with all around them."""
        keys: dict[str, list[int]] = {}
        for one in addressed:
            if one is not None and not (self._database.is_sqlite and self._is_known(one)):
                keys.setdefault(one[0], []).append(one[1])
        places = [place for table, some in keys.items() for place in self.locate(table, some).values()]
        if not places:
            return
        cells = self._workspace.lock_all({instance for instance, _ in places})
        wanted = [(cells[instance], element) for instance, element in places if instance in cells]
        self._workspace.load_elements(wanted)
        self._workspace.load_waits([(cell, cell.elements[element]) for cell, element in wanted if element in cell.elements])
        if "job" in keys and not self._database.is_sqlite:
            self._refresh_jobs(keys["job"])

    def _is_known(self, wait: tuple[str, int]) -> bool:
        """The wait state's element instance is in memory with its waits."""
        where = self._where.get(wait)
        cell = None if where is None else self._workspace.known(where[0])
        if where is None or cell is None:
            return False
        element = cell.elements.get(where[1])
        return element is not None and element.waits is not None and where[1] in cell.variables

    def _refresh_jobs(self, keys: Sequence[int]) -> None:
        """Leases are written by activations in other processes, which do not lock the instance."""
        for some in chunks(keys):
            sql = (
                "SELECT key, process_instance_key, element_instance_key, state, retries, worker, lease, deadline, due FROM job "  # noqa: S608
                f"WHERE key IN ({marks(len(some))}) ORDER BY key FOR UPDATE"
            )
            for key, instance, element, *fields in self._database.rows(self._workspace.connection, sql, some):
                self._fresh_jobs.add(key)
                cell = self._workspace.known(instance)
                owner = cell.elements.get(element) if cell is not None else None
                job = owner.waits.jobs.get(key) if owner is not None and owner.waits is not None else None
                if job is not None:
                    job.state, job.retries, job.worker, job.lease, job.deadline, job.due = fields

    def remember(self, table: str, key: int, instance: int, element: int) -> None:
        self._where[table, key] = (instance, element)

    def locate(self, table: str, keys: Iterable[int]) -> dict[int, tuple[int, int]]:
        """(instance, element) of jobs, user tasks, incidents, timers or subscriptions, by key. Those that do not exist are missing."""
        found: dict[int, tuple[int, int]] = {}
        missing: list[int] = []
        for key in keys:
            known = self._where.get((table, key))
            if known is None:
                missing.append(key)
            else:
                found[key] = known
        for some in chunks(missing):
            sql = f"SELECT key, process_instance_key, element_instance_key FROM {table} WHERE key IN ({marks(len(some))})"  # noqa: S608
            for key, instance, element in self._database.rows(self._workspace.connection, sql, some):
                found[key] = (instance, element)
        return found

    def locate_scope(self, key: int) -> int | None:
        """The instance that an element instance belongs to; a process instance is its own scope."""
        if self._workspace.known(key) is not None:
            return key
        for cell in self._workspace.used():
            if key in cell.elements:
                return cell.key
        for sql in (
            "SELECT process_instance_key FROM element_instance WHERE key = ?",
            "SELECT key FROM process_instance WHERE key = ?",
        ):
            rows = self._database.rows(self._workspace.connection, sql, (key,))
            if rows:
                return rows[0][0]
        return None

    def job(self, key: int) -> tuple[InstanceCell, ElementCell, JobCell] | None:
        """An open job with its element instance."""
        place = self._place("job", key)
        if place is None:
            return None
        cell, element = place
        job = self._workspace.waits(cell, element).jobs.get(key)
        if job is None:
            return None
        if not self._database.is_sqlite and key not in self._fresh_jobs and not self._workspace.changes.has_update("job", (cell.key, key)):
            self._refresh_jobs([key])
        return cell, element, job

    def user_task(self, key: int) -> tuple[InstanceCell, ElementCell, UserTaskCell] | None:
        place = self._place("user_task", key)
        if place is None:
            return None
        cell, element = place
        task = self._workspace.waits(cell, element).user_tasks.get(key)
        return None if task is None else (cell, element, task)

    def _place(self, table: str, key: int) -> tuple[InstanceCell, ElementCell] | None:
        where = self._where.get((table, key)) or self.locate(table, [key]).get(key)
        if where is None:
            return None
        return self.place(*where)

    def place(self, instance: int, element: int) -> tuple[InstanceCell, ElementCell] | None:
        cell = self._workspace.cell(instance)
        if cell is None:
            return None
        found = self._workspace.element(cell, element)
        return None if found is None else (cell, found)

    def refresh_leases(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Takes over what an activation wrote: (instance, element, key, state, worker, lease, deadline)."""
        for instance, element, key, state, worker, lease, deadline in rows:
            cell = self._workspace.known(instance)
            owner = cell.elements.get(element) if cell is not None else None
            job = owner.waits.jobs.get(key) if owner is not None and owner.waits is not None else None
            if job is not None:
                job.state, job.worker, job.lease, job.deadline, job.due = state, worker, lease, deadline, None
            self._where["job", key] = (instance, element)
