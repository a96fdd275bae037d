"""May this process write this SQLite file? One process at a time: SQLite 3.7.0 to 3.51.2 can corrupt a WAL that several write.

https://sqlite.org/wal.html#walresetbug
"""

import os
import sys
from pathlib import Path

from engine.errors import StorageUnavailable


class OneWriter:
    """An advisory lock on a file beside the database, held while the process lives; a killed process frees it."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises `StorageUnavailable` when another process holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError as problem:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StorageUnavailable(
                f"The database {self._path.with_suffix('').name} is in use by process {owner}. "
                "Stop it, or use PostgreSQL, which many processes may share."
            ) from problem
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int) -> None:
    """Raises OSError when another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # a byte behind the text, which others may then read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
