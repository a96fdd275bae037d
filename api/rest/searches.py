"""Which rows does a search ask for? Translates {filter, sort, page} with public names into the engine's terms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Field as Member
from pydantic import TypeAdapter

from api.rest.problems import BadRequest
from api.rest.wire import MAXIMUM_KEY, TENANT, Answer, Ask, read_key, utc
from engine.runtime.facade import Engine
from engine.store.rows import Found, Page

MAXIMUM_LIMIT = 10_000
_MAXIMUM_VALUES, _MAXIMUM_BRANCHES = 1000, 50
_OPERATORS = {"$eq", "$neq", "$in", "$notIn", "$like", "$exists", "$gt", "$gte", "$lt", "$lte"}
_NOTHING = {"key": -1}  # a filter that no row matches
_datetime = TypeAdapter(datetime)


class Sort(Ask):
    field: str = Member(max_length=100)
    order: Literal["ASC", "DESC", "asc", "desc"] = "ASC"


class PageRequest(Ask):
    """Either `from` (offset) or `after` (the `endCursor` of the page before)."""

    from_: int = Member(default=0, ge=0, le=MAXIMUM_KEY, validation_alias="from")
    limit: int = Member(default=100, ge=0, le=MAXIMUM_LIMIT)
    after: str | None = Member(default=None, max_length=1000)
    before: str | None = Member(default=None, max_length=1000)


class Search(Ask):
    """`filter`: {field: value} or {field: {"$eq", "$neq", "$in", "$notIn", "$like", "$exists", "$gt", "$gte", "$lt", "$lte": value}}."""

    filter: dict[str, Any] | None = None
    sort: list[Sort] | None = Member(default=None, max_length=10)
    page: PageRequest | None = None


class PageInfo(Answer):
    total_items: int
    has_more_total_items: bool = False
    start_cursor: str | None = None
    end_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an answer. `column` is the engine's name of it; None: the same value, `constant`, for all rows.

    `stored`: shown values that stand for other values of the column, possibly several.
    """

    column: str | None
    kind: Literal["key", "text", "int", "bool", "date"] = "text"
    constant: Any = None
    stored: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def shown(self, value: str) -> str:
        """The value that callers see for one of the column."""
        return next((shown for shown, stored in self.stored.items() if value in stored), value)


TENANT_FIELD = Field(None, constant=TENANT)
Fields = Mapping[str, Field]


def find(engine: Engine, entity: str, search: Search | None, fields: Fields, *, only: Mapping[str, Any] | None = None) -> Found[Any]:
    """Runs a search. `only` is a filter of ours that the caller cannot widen."""
    search = search or Search()
    wanted = read_filter(search.filter or {}, fields)
    return engine.search(entity, _both(wanted, only or {}), read_sort(search.sort or [], fields), read_page(search.page))


def page_info(found: Found[Any]) -> PageInfo:
    return PageInfo(total_items=found.total, end_cursor=found.end_cursor)


def read_page(page: PageRequest | None) -> Page:
    page = page or PageRequest()
    if page.before is not None:
        raise BadRequest("Paging backwards ('before') is not offered: use 'after', or 'from' with 'limit'.")
    return Page(offset=page.from_, limit=page.limit, after=page.after)


def read_sort(sort: list[Sort], fields: Fields) -> list[tuple[str, str]]:
    result: list[tuple[str, str]] = []
    for item in sort:
        found = _field(item.field, fields, "sort")
        if found.column is not None:
            result.append((found.column, item.order.lower()))
    return result


def read_filter(wanted: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Raises BadRequest for unknown fields and operators, for values of the wrong kind and for more than 1000 values."""
    if _size(wanted) > _MAXIMUM_VALUES:
        raise BadRequest(f"The filter compares more than {_MAXIMUM_VALUES} values: ask in several searches.")
    return _read_filter(wanted, fields)


def _size(condition: Any) -> int:
    """How many values a filter compares."""
    if isinstance(condition, Mapping):
        return sum(map(_size, condition.values()))
    return sum(map(_size, condition)) if isinstance(condition, list) else 1


def _read_filter(wanted: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "$or":
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise BadRequest("filter.$or is a list of filters.")
            if len(value) > _MAXIMUM_BRANCHES:
                raise BadRequest(f"filter.$or has more than {_MAXIMUM_BRANCHES} branches: use $in, or ask in several searches.")
            result["$or"] = [_read_filter(item, fields) for item in value]
            continue
        found = _field(name, fields, "filter")
        condition = _condition(name, value, found.kind)
        if found.column is not None:
            result[found.column] = _as_stored(condition, found.stored) if found.stored else condition
        elif not _holds(condition, found.constant):
            return dict(_NOTHING)
    return result


def _field(name: str, fields: Fields, where: str) -> Field:
    found = fields.get(name)
    if found is None:
        raise BadRequest(f"{where} has no field '{name[:100]}': use {', '.join(sorted(fields))}.")
    return found


def _condition(name: str, value: Any, kind: str) -> Any:
    if value is None:
        return {"$exists": False}
    if not isinstance(value, dict):
        return convert(f"filter.{name}", value, kind)
    if not value or not value.keys() <= _OPERATORS:
        raise BadRequest(f"filter.{name} has an unknown operator: use {', '.join(sorted(_OPERATORS))}.")
    result: dict[str, Any] = {}
    for operator, operand in value.items():
        place = f"filter.{name}.{operator}"
        if operator in ("$in", "$notIn"):
            if not isinstance(operand, list):
                raise BadRequest(f"{place} is a list of values.")
            result[operator] = [convert(place, item, kind) for item in operand]
        else:
            expected = "bool" if operator == "$exists" else "text" if operator == "$like" else kind
            result[operator] = convert(place, operand, expected)
    return result


def _as_stored(condition: Any, stored: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """A condition on shown values as one on those of the column."""

    def all_of(values: Any) -> list[str]:
        return [inner for value in values for inner in stored.get(value, (value,))]

    result: dict[str, Any] = {}
    for operator, operand in (condition if isinstance(condition, dict) else {"$eq": condition}).items():
        match operator:
            case "$eq" | "$in":
                wanted = all_of([operand] if operator == "$eq" else operand)
                result["$in"] = [value for value in wanted if value in result["$in"]] if "$in" in result else wanted
            case "$neq" | "$notIn":
                result["$notIn"] = [*result.get("$notIn", ()), *all_of([operand] if operator == "$neq" else operand)]
            case _:
                result[operator] = operand
    return result


def convert(place: str, value: Any, kind: str) -> Any:
    """The engine's value of a public one. Raises BadRequest."""
    try:
        match kind:
            case "key":
                return read_key(value)
            case "int" if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAXIMUM_KEY:
                return value
            case "bool" if isinstance(value, bool):
                return value
            case "date" if isinstance(value, str):
                return utc(_datetime.validate_python(value))
            case "text" if isinstance(value, str):
                return value
            case _:
                pass
    except (ValueError, OverflowError):
        pass
    names = {"key": "a key (a string of digits)", "int": "a whole number", "bool": "true or false", "date": "a date-time (ISO 8601)"}
    raise BadRequest(f"{place} must be {names.get(kind, 'a text')}.")


def _holds(condition: Any, constant: Any) -> bool:
    """Does a condition hold for a value that is the same for all rows?"""
    if not isinstance(condition, dict):
        return condition == constant
    tests = {
        "$eq": lambda x: x == constant,
        "$neq": lambda x: x != constant,
        "$in": lambda x: constant in x,
        "$notIn": lambda x: constant not in x,
        "$exists": lambda x: x == (constant is not None),
    }
    return all(tests[operator](operand) if operator in tests else True for operator, operand in condition.items())


def _both(wanted: dict[str, Any], only: Mapping[str, Any]) -> dict[str, Any]:
    """A filter that both filters must pass, also when they name the same fields."""
    if not only:
        return wanted
    if not wanted.keys() & only.keys():
        return {**wanted, **only}
    if "$or" not in only:
        return {**only, "$or": [wanted]}
    rest = {name: value for name, value in only.items() if name != "$or"}
    return {**rest, "$or": [{**branch, "$or": [wanted]} for branch in only["$or"]]}
