"""May this process write this SQLite file? One process at a time: SQLite 3.7.0 to 3.51.2 can corrupt a WAL that several write.

https://sqlite.org/wal.html#walresetbug
"""

import fcntl
import os
from pathlib import Path

from engine.errors import StorageUnavailable


class OneWriter:
    """An advisory lock on a file beside the database, held while the process lives; a killed process frees it."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises `StorageUnavailable` when another process holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StorageUnavailable(
                f"The database {self._path.with_suffix('').name} is in use by process {owner}. "
                "Stop it, or use PostgreSQL, which many processes may share."
            ) from problem
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
