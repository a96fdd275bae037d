"""Which values does a page show: variables seen from an element, values by name, whole result lists?"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from engine.runtime.facade import Engine
from engine.store.rows import Page

_PAGE = 500


def every(
    engine: Engine, entity: str, filter: Mapping[str, Any], sort: tuple[tuple[str, str], ...] = (), *, at_most: int = 5_000
) -> Iterator[Any]:
    """All rows of a search, page by page, up to a bound."""
    after: str | None = None
    seen = 0
    while seen < at_most:
        found = engine.search(entity, filter, sort, Page(limit=min(_PAGE, at_most - seen), after=after))
        yield from found.items
        seen += len(found.items)
        after = found.end_cursor
        if len(found.items) < _PAGE or after is None:
            return


def variables_at(engine: Engine, instance_key: int, element_instance_key: int) -> dict[str, Any]:
    """The variables an element sees: its own, then those of the scopes around it."""
    by_scope: dict[int, dict[str, Any]] = {}
    for row in every(engine, "variable", {"process_instance_key": instance_key}):
        by_scope.setdefault(row.scope_key, {})[row.name] = value_of(row.value)
    visible: dict[str, Any] = {}
    scope: int | None = element_instance_key
    while scope is not None and scope != instance_key:
        visible = {**by_scope.get(scope, {}), **visible}
        element = engine.get("element_instance", scope)
        scope = element.scope_key if element else None
    return {**by_scope.get(instance_key, {}), **visible}


def value_of(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
