"""Which instances is a transaction working on? Loads their cells, remembers them for the next transactions, and writes the changes."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.model import DefinitionKey as DefinitionKeyOf
from engine.model import ElementInstance, ElementKey, InstanceKey, InstanceState
from engine.store.cells import ElementCell, InstanceCell, Waits
from engine.store.changes import Changes
from engine.store.database import Database, marks
from engine.store.json_text import loads
from engine.store.keys import KeyBlocks
from engine.store.loading import (
    chunks,
    load_chains,
    load_children,
    load_instances,
    load_items,
    load_variables,
    load_waits,
)

_REMEMBERED_ELEMENTS = 20_000


class LockedElsewhere(Exception):
    """Another process works on the instance: try the command again a little later."""


class Workspace:
    """One per processor. Between `begin` and `flush` it belongs to one transaction.

    On SQLite this process is the only writer, so what was loaded stays true. On PostgreSQL every instance tree is locked by its root's
    row before its first use in a transaction, and loaded anew when its revision says that another process changed it.
    """

    def __init__(self, database: Database, keys: KeyBlocks) -> None:
        self.database = database
        self.keys = keys
        self.changes = Changes()
        self._cells: OrderedDict[int, InstanceCell] = OrderedDict()
        self._connection: Connection | None = None
        self._locked_roots: set[int] = set()
        self._used: dict[int, None] = {}
        self._dirty_waits: dict[tuple[int, int], ElementCell] = {}
        self.ended: set[int] = set()  # element instances that ended in this transaction: stored as active until the flush
        self._rows = 0

    # ------------------------------------------------------------ the transaction

    @property
    def connection(self) -> Connection:
        assert self._connection is not None, "outside of a transaction"
        return self._connection

    def begin(self, connection: Connection) -> None:
        self._connection = connection
        self.keys.begin(connection)

    def flush(self) -> None:
        """Writes what changed so far. The transaction goes on."""
        for (instance, element), cell in self._dirty_waits.items():
            owner = self._cells.get(instance)
            if cell.waits is not None and owner is not None and element in owner.elements:
                self.changes.update("element_instance", (instance, element), waits=cell.waits.to_text())
        self._dirty_waits.clear()
        self._rows += self.changes.flush(self.database, self.connection)

    def count_rows(self, count: int) -> None:
        """Rows written by a statement of its own."""
        self._rows += count

    def take_row_count(self) -> int:
        """How many rows were written since it was asked last."""
        count, self._rows = self._rows, 0
        return count

    def committed(self) -> None:
        self._shrink()
        self._end()
        self.keys.committed()

    def rolled_back(self) -> None:
        """Nothing in memory is sure any more: all is loaded anew."""
        self.changes.forget()
        self.forget_all()
        self._end()
        self.keys.discard()

    def forget_all(self) -> None:
        """Everything is loaded anew when it is needed next."""
        self._cells.clear()

    def _end(self) -> None:
        self._connection = None
        self._locked_roots.clear()
        self._used.clear()
        self._dirty_waits.clear()
        self.ended.clear()

    def _shrink(self) -> None:
        """Forgets finished instances, and those used longest ago."""
        for key in self._used:
            cell = self._cells.get(key)
            if cell is not None and cell.state != "ACTIVE":
                del self._cells[key]
        total = sum(1 + len(cell.elements) for cell in self._cells.values()) if len(self._cells) > 1000 else 0
        while total > _REMEMBERED_ELEMENTS:
            _, cell = self._cells.popitem(last=False)
            total -= 1 + len(cell.elements)

    # ------------------------------------------------------------ instances

    def cell(self, key: int) -> InstanceCell | None:
        """The instance, locked and current; None: there is none. Raises `LockedElsewhere`."""
        cell = self._cells.get(key)
        if cell is not None and key in self._used:
            return cell
        if cell is None or not self.database.is_sqlite:
            cell = self._load(key, cell)
            if cell is None:
                return None
        self._cells[key] = cell
        self._cells.move_to_end(key)
        self._used[key] = None
        return cell

    def _load(self, key: int, known: InstanceCell | None) -> InstanceCell | None:
        found = [known] if known is not None else load_instances(self.database, self.connection, [key])
        if not found:
            return None
        if self.database.is_sqlite:
            return found[0]
        self._lock(found[0].root)
        current = load_instances(self.database, self.connection, [key])[0]
        if known is not None and known.revision == current.revision:
            known.incidents = current.incidents  # counted for called instances too, without a step of this one
            return known
        return current

    def _lock(self, root: int) -> None:
        if root in self._locked_roots:
            return
        if not self.database.rows(self.connection, "SELECT key FROM process_instance WHERE key = ? FOR UPDATE SKIP LOCKED", (root,)):
            raise LockedElsewhere(root)
        self._locked_roots.add(root)

    def lock_all(self, keys: Iterable[int]) -> dict[int, InstanceCell]:
        """Those whose tree could be locked, current: they may be used in this transaction."""
        if self.database.is_sqlite:
            locked = self.view(keys)
        else:
            roots = {key: cell.root for key in keys if (cell := self._cells.get(key)) is not None}
            unknown = load_instances(self.database, self.connection, [key for key in keys if key not in roots])
            roots.update((cell.key, cell.root) for cell in unknown)
            for some in chunks(sorted(set(roots.values()) - self._locked_roots)):
                sql = f"SELECT key FROM process_instance WHERE key IN ({marks(len(some))}) ORDER BY key FOR UPDATE SKIP LOCKED"  # noqa: S608
                self._locked_roots.update(row[0] for row in self.database.rows(self.connection, sql, some))
            locked = self.view(key for key, root in roots.items() if root in self._locked_roots)
        self._used.update((key, None) for key in locked)
        return locked

    def view(self, keys: Iterable[int]) -> dict[int, InstanceCell]:
        """Instances as they are stored now, not locked."""
        found: dict[int, InstanceCell] = {}
        unsure: list[int] = []
        for key in keys:
            cell = self._cells.get(key)
            if cell is not None and (self.database.is_sqlite or key in self._used):
                found[key] = cell
            else:
                unsure.append(key)
        for current in load_instances(self.database, self.connection, unsure):
            known = self._cells.get(current.key)
            if known is None or known.revision != current.revision:
                known = self._cells[current.key] = current
            known.incidents = current.incidents
            found[current.key] = known
        return found

    def add(self, cell: InstanceCell) -> None:
        """A new instance."""
        self.changes.put(self._cells, cell.key, cell)
        self._used[cell.key] = None
        self._locked_roots.add(cell.root)

    def children_of_element(self, cell: InstanceCell, element: int) -> list[int]:
        """The active process instances that a call activity started."""
        stored = self.database.rows(
            self.connection,
            "SELECT key FROM process_instance WHERE parent_process_instance_key = ? AND parent_element_instance_key = ? "
            "AND state = 'ACTIVE' ORDER BY key",
            (cell.key, element),
        )
        started = [row[0] for row in stored] + [row[0] for row in self.changes.pending("process_instance") if row[7] == element]
        return [key for key in started if key not in self._used or self._cells[key].state == "ACTIVE"]

    def known(self, key: int) -> InstanceCell | None:
        """The instance if it is in memory; it may not be current."""
        return self._cells.get(key)

    def used(self) -> Iterable[InstanceCell]:
        """The instances of this transaction."""
        return (cell for key in self._used if (cell := self._cells.get(key)) is not None)

    # ------------------------------------------------------------ elements

    def load_elements(self, wanted: Sequence[tuple[InstanceCell, int]]) -> None:
        """Element instances with the scopes around them, and their variables, for many instances at once."""
        missing = [(cell.key, key) for cell, key in wanted if key not in cell.elements]
        cells = {cell.key: cell for cell, _ in wanted}
        if missing:
            for instance, element in load_chains(self.database, self.connection, missing):
                if element.key not in self.ended:
                    cells[instance].elements.setdefault(element.key, element)
        scopes: dict[tuple[int, int], None] = {}
        for cell, key in wanted:
            for element in chain(cell, key):
                if element.key not in cell.variables:
                    scopes[cell.key, element.key] = None
        self._load_variables(cells, list(scopes))

    def _load_variables(self, cells: dict[int, InstanceCell], scopes: list[tuple[int, int]]) -> None:
        if not scopes:
            return
        for instance, scope in scopes:
            cells[instance].variables[scope] = {}
        for instance, scope, name, value in load_variables(self.database, self.connection, scopes):
            cells[instance].variables[scope][name] = value

    def element(self, cell: InstanceCell, key: int) -> ElementCell | None:
        """The active element instance, its chain loaded; None: it is gone."""
        if key not in cell.elements or key not in cell.variables:
            self.load_elements([(cell, key)])
        return cell.elements.get(key)

    def load_children(self, cell: InstanceCell, scopes: Sequence[int], deep: bool) -> list[int]:
        """Loads the active children (`deep`: all descendants) of scopes; their keys."""
        if any(scope not in cell.children for scope in scopes) or deep:
            for element in load_children(self.database, self.connection, cell.key):
                if element.key not in self.ended:
                    cell.elements.setdefault(element.key, element)
            for key in cell.elements:
                cell.children.setdefault(key, {})
            for element in cell.elements.values():
                if element.parent is not None and element.parent in cell.children:
                    cell.children[element.parent][element.key] = None
        found: list[int] = []
        waiting = list(scopes)
        while waiting:
            inside = [key for key in cell.children[waiting.pop()] if key in cell.elements]
            found.extend(inside)
            if deep:
                waiting.extend(inside)
        self._load_variables({cell.key: cell}, [(cell.key, key) for key in found if key not in cell.variables])
        return found

    def waits(self, cell: InstanceCell, element: ElementCell) -> Waits:
        if element.waits is None:
            load_waits(self.database, self.connection, [(cell.key, element)])
        assert element.waits is not None
        return element.waits

    def load_waits(self, wanted: Sequence[tuple[InstanceCell, ElementCell]]) -> None:
        missing = {(cell.key, element.key): element for cell, element in wanted if element.waits is None}
        if missing:
            load_waits(self.database, self.connection, [(instance, element) for (instance, _), element in missing.items()])

    def is_deleted(self, table: str, instance: int, key: int) -> bool:
        return self.changes.is_deleted(table, (instance, key))

    def waits_changed(self, cell: InstanceCell, element: ElementCell) -> None:
        """The keys of the open waits are stored with the element instance: to be written anew."""
        self._dirty_waits[cell.key, element.key] = element

    def state(
        self, cell: InstanceCell, elements: Iterable[int], children_of: Iterable[int], items: dict[Any, Any], lists: set[Any]
    ) -> InstanceState:
        """A fresh state for the kernel with copies of the element instances and of the variables' dicts."""
        state = InstanceState(
            InstanceKey(cell.key),
            DefinitionKeyOf(cell.definition_key),
            parent_element=None if cell.parent_element is None else ElementKey(cell.parent_element),
            parent_instance=None if cell.parent_instance is None else InstanceKey(cell.parent_instance),
            depth=cell.depth,
            items=dict(items),
            items_loaded=set(lists),
        )
        for key in elements:
            element = cell.elements.get(key)
            if element is None:
                continue
            named = ElementKey(key)
            state.elements[named] = ElementInstance(
                named,
                element.element_id,
                element.type,
                None if element.parent is None else ElementKey(element.parent),
                element.started_at,
                loads(element.data) if element.data else {},
            )
            state.variables[named] = dict(cell.variables[key])
        state.children_loaded.update(ElementKey(key) for key in children_of)
        return state

    def items(self, cell: InstanceCell, owner: int, name: str, position: int | None) -> dict[tuple[int, str, int], Any]:
        """Stored items, with those not yet written."""
        found = load_items(self.database, self.connection, cell.key, owner, name, position)
        for row in self.changes.pending("item"):
            if row[0] == cell.key and row[1] == owner and row[2] == name and position in (None, row[3]):
                found[owner, name, row[3]] = loads(row[4])
        return found


def chain(cell: InstanceCell, key: int) -> list[ElementCell]:
    """The element instance and the scopes around it, inside out."""
    found: list[ElementCell] = []
    elements = cell.elements
    element = elements.get(key)
    while element is not None:
        found.append(element)
        parent = element.parent
        element = None if parent is None else elements.get(parent)
    return found
