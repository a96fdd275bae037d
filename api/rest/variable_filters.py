"""Which instances have these variables? For searches that filter by variables of the instance."""

from collections.abc import Mapping
from typing import Any

from api.rest.problems import BadRequest
from api.rest.searches import MAXIMUM_LIMIT, Field, Search, read_filter
from engine.runtime.facade import Engine
from engine.store.rows import Page

_FIELDS = {"name": Field("name"), "value": Field("value")}


def instances_with(engine: Engine, search: Search | None, member: str) -> tuple[Search | None, list[int] | None]:
    """The search without the filter's `member`, and the keys of the instances whose root variables match all of it.
    None: the filter has no such member."""
    wanted = (search.filter or {}).get(member) if search else None
    if search is None or wanted is None:
        return search, None
    rest = {name: value for name, value in (search.filter or {}).items() if name != member}
    return search.model_copy(update={"filter": rest}), _keys(engine, wanted, member)


def _keys(engine: Engine, wanted: Any, member: str) -> list[int]:
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 20 or not all(_is_pair(item) for item in wanted):
        raise BadRequest(f"filter.{member} is a list of 1 to 20 objects with 'name' and 'value' (JSON text, or operators on it).")
    common: set[int] | None = None
    for item in wanted:
        condition = read_filter(item, _FIELDS)
        found = engine.search("variable", condition, (), Page(limit=MAXIMUM_LIMIT))
        if found.total > MAXIMUM_LIMIT:
            raise BadRequest(f"More than {MAXIMUM_LIMIT} variables match filter.{member}: narrow it down.")
        keys = {row.process_instance_key for row in found.items if row.scope_key == row.process_instance_key}
        common = keys if common is None else common & keys
    return sorted(common or ())


def _is_pair(item: Any) -> bool:
    return isinstance(item, Mapping) and item.keys() == {"name", "value"}
