"""Which items does a batch operation have? The instances (or their incidents) that match a filter when it is asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import Rejected
from engine.runtime import batches
from engine.store.queries import Queries
from engine.store.rows import Page

LARGEST = 100_000
_PAGE = 5_000
_IN = 500

_ROOT: Mapping[str, Any] = {"parent_process_instance_key": {"$exists": False}}
_ACTIVE: Mapping[str, Any] = {"state": "ACTIVE"}
_SUITABLE: Mapping[str, Mapping[str, Any]] = {
    batches.CANCEL: {**_ROOT, **_ACTIVE},
    batches.DELETE: {**_ROOT, "state": {"$neq": "ACTIVE"}},
    batches.MIGRATE: _ACTIVE,
    batches.MODIFY: _ACTIVE,
    batches.RESOLVE: {**_ACTIVE, "has_incident": True},
    batches.SUSPEND: {**_ROOT, **_ACTIVE, "suspended_at": {"$exists": False}},
    batches.RESUME: {**_ROOT, **_ACTIVE, "suspended_at": {"$exists": True}},
}

Item = tuple[int, int]  # its key, and that of its instance


def select(queries: Queries, kind: str, filter: Mapping[str, Any]) -> tuple[Item, ...]:
    """Raises `Rejected` for an unknown kind or filter, and for more items than one batch may have."""
    suitable = _SUITABLE.get(kind)
    if suitable is None:
        raise Rejected(f"There is no batch operation {kind!r}: use {', '.join(_SUITABLE)}.")
    instances = _keys(queries, "process_instance", {**suitable, "$or": [dict(filter)]})
    items: Iterator[Item] = _incidents(queries, list(instances)) if kind == batches.RESOLVE else ((key, key) for key, _ in instances)
    found: list[Item] = []
    for item in items:
        found.append(item)
        if len(found) > LARGEST:
            raise Rejected(f"More than {LARGEST} items match: narrow the filter and ask for several batches.")
    return tuple(found)


def _incidents(queries: Queries, instances: list[Item]) -> Iterator[Item]:
    for start in range(0, len(instances), _IN):
        keys = [key for key, _ in instances[start : start + _IN]]
        yield from _keys(queries, "incident", {**_ACTIVE, "process_instance_key": {"$in": keys}})


def _keys(queries: Queries, entity: str, filter: Mapping[str, Any]) -> Iterator[Item]:
    after: str | None = None
    while True:
        page = queries.search(entity, filter, (("key", "asc"),), Page(limit=_PAGE, after=after), count=False)
        for row in page.items:
            yield row.key, getattr(row, "process_instance_key", row.key)
        after = page.end_cursor
        if len(page.items) < _PAGE or after is None:
            return
