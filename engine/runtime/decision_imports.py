"""Which stored decision files do the files of a deployment import? They are looked up once and kept with the deployment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.runtime.inputs import Resource
from engine.store.database import Database
from rules.dmn import read_imports


@dataclass(frozen=True, slots=True)
class StoredImport:
    """The newest stored version of an imported file that is not deployed together with what imports it."""

    key: int
    id: str
    resource: Resource


def stored_imports(database: Database, connection: Connection, resources: Sequence[Resource]) -> tuple[StoredImport, ...]:
    """What the decision files need besides each other, and what that needs."""
    known: set[str] = set()
    wanted: set[str] = set()
    for resource in resources:
        if resource.name.lower().endswith(".dmn"):
            namespace, imports = read_imports(resource.content)
            known.add(namespace)
            wanted |= imports
    if not wanted - known:
        return ()
    stored = _newest(database, connection)
    found: list[StoredImport] = []
    while missing := sorted(wanted - known):
        known |= {missing[0]}
        if missing[0] in stored:
            item, imports = stored[missing[0]]
            found.append(item)
            wanted |= imports
    return tuple(found)


def _newest(database: Database, connection: Connection) -> dict[str, tuple[StoredImport, frozenset[str]]]:
    """The newest versions of all decision files, by namespace; of several with one namespace the last deployed."""
    rows = database.rows(
        connection,
        "SELECT r.key, r.id, r.name, c.bytes FROM resource r JOIN content c ON c.sha256 = r.sha256 "
        "WHERE r.kind = 'decision' AND r.is_latest ORDER BY r.key",
        (),
    )
    result: dict[str, tuple[StoredImport, frozenset[str]]] = {}
    for key, id, name, data in rows:
        namespace, imports = read_imports(bytes(data))
        result[namespace] = StoredImport(key, id, Resource(f"{name} (stored, {key})", bytes(data))), imports
    return result
