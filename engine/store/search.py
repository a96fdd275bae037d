"""How does a search become SQL? Filters, sort fields, pages and cursors of one entity."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from engine.errors import Rejected
from engine.store.entities import Entity, Field
from engine.store.json_text import dumps, loads
from engine.store.rows import Page
from engine.store.times import micros

_COMPARED = {"$eq": "=", "$neq": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_KNOWN = ", ".join([*_COMPARED, "$in", "$notIn", "$like", "$exists"])
_LARGEST_PAGE = 10_000
_TIES = {"seq": ["process_instance_key", "seq"], "item_key": ["batch_operation_key", "item_key"]}


class Question:
    """The SQL of one search: `count_sql` and `sql` with their values."""

    def __init__(self, name: str, entity: Entity, filter: Mapping[str, Any], sort: Sequence[tuple[str, str]], page: Page) -> None:
        self._name = name
        self._entity = entity
        where, values = self._all_of(filter)
        self.count_sql = f"SELECT count(*) FROM {entity.source} WHERE {where}"  # noqa: S608 - words of our own, values apart
        self.count_values = list(values)
        self._order = self._sorting(sort)
        if page.after is not None:
            behind, more = self._behind(page.after)
            where, values = f"({where}) AND ({behind})", [*values, *more]
        if page.limit < 0 or page.offset < 0 or page.limit > _LARGEST_PAGE:
            raise Rejected(f"A page has 0 to {_LARGEST_PAGE} items and begins at 0 or later.")
        self.names = list(entity.fields)
        columns = ", ".join(field.sql for field in entity.fields.values())
        order = ", ".join(f"{field.sql} {direction}{_NULLS[direction]}" for _, field, direction in self._order)
        self.sql = f"SELECT {columns} FROM {entity.source} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        self.values = [*values, page.limit, 0 if page.after is not None else page.offset]

    # ------------------------------------------------------------ filters

    def _field(self, name: str) -> Field:
        field = self._entity.fields.get(name) or self._entity.extra.get(name)
        if field is None:
            known = ", ".join([*self._entity.fields, *self._entity.extra])
            raise Rejected(f"{self._name} has no field {name!r}. Its fields are: {known}.")
        return field

    def _all_of(self, filter: Mapping[str, Any]) -> tuple[str, list[Any]]:
        parts: list[str] = []
        values: list[Any] = []
        for name, wanted in filter.items():
            if name == "$or":
                part, more = self._any_of(wanted)
            elif self._name == "user_task" and name in ("candidate_group", "candidate_user"):
                part, more = _candidate(name.removeprefix("candidate_"), wanted)
            else:
                part, more = self._one(name, wanted)
            parts.append(part)
            values.extend(more)
        return " AND ".join(parts) or "1 = 1", values

    def _any_of(self, filters: Any) -> tuple[str, list[Any]]:
        if not isinstance(filters, list | tuple):
            raise Rejected("$or takes a list of filters.")
        parts: list[str] = []
        values: list[Any] = []
        for one in cast(Sequence[Mapping[str, Any]], filters):
            part, more = self._all_of(one)
            parts.append(f"({part})")
            values.extend(more)
        return f"({' OR '.join(parts) or '1 = 0'})", values

    def _one(self, name: str, wanted: Any) -> tuple[str, list[Any]]:
        field = self._field(name)
        if not isinstance(wanted, Mapping):
            wanted = {"$eq": wanted}
        operators = cast(Mapping[str, Any], wanted)
        parts: list[str] = []
        values: list[Any] = []
        for operator, value in operators.items():
            part, more = self._operator(name, field, operator, value)
            parts.append(part)
            values.extend(more)
        return " AND ".join(parts) or "1 = 1", values

    def _operator(self, name: str, field: Field, operator: str, value: Any) -> tuple[str, list[Any]]:
        if field.kind == "instance" and (operator == "$exists" or value is None):
            is_none = (operator == "$eq") or (operator == "$exists" and not value)
            return f"{field.sql} {'=' if is_none else '<>'} 0", []
        if operator in ("$eq", "$neq") and value is None:
            return f"{field.sql} IS {'NOT ' if operator == '$neq' else ''}NULL", []
        if operator == "$neq":
            return f"({field.sql} <> ? OR {field.sql} IS NULL)", [self._value(name, field, value)]
        if operator in _COMPARED:
            return f"{field.sql} {_COMPARED[operator]} ?", [self._value(name, field, value)]
        if operator in ("$in", "$notIn"):
            if not isinstance(value, list | tuple | set | frozenset):
                raise Rejected(f"{operator} takes a list of values (field {name!r}).")
            members: list[Any] = [self._value(name, field, member) for member in value]  # pyright: ignore[reportUnknownVariableType]
            if not members:
                return ("1 = 0" if operator == "$in" else "1 = 1"), []
            marks = ", ".join("?" * len(members))
            if operator == "$in":
                return f"{field.sql} IN ({marks})", members
            return f"({field.sql} NOT IN ({marks}) OR {field.sql} IS NULL)", members
        if operator == "$exists":
            return f"{field.sql} IS {'NOT ' if value else ''}NULL", []
        if operator == "$like":
            return f"{field.sql} LIKE ? ESCAPE '\\'", [_like(str(value))]
        raise Rejected(f"The operator {operator!r} is unknown (field {name!r}). Known: {_KNOWN}.")

    def _value(self, name: str, field: Field, value: Any) -> Any:
        try:
            match field.kind:
                case "time":
                    return micros(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
                case "int" | "instance":
                    number = int(value)
                    if not -(2**63) <= number < 2**63:
                        raise ValueError("beyond 64 bits")
                    return number
                case "bool":
                    return bool(value)
                case _:
                    text = str(value)
                    text.encode()
                    return text.replace("\x00", "")
        except (ValueError, TypeError) as problem:
            raise Rejected(f"The field {name!r} of {self._name} cannot be compared with {value!r}: {problem}") from problem

    # ------------------------------------------------------------ order and cursors

    def _sorting(self, sort: Sequence[tuple[str, str]]) -> list[tuple[str, Field, str]]:
        order: list[tuple[str, Field, str]] = []
        for name, direction in sort:
            if direction.lower() not in ("asc", "desc"):
                raise Rejected(f"Sort {name!r} by asc or desc, not {direction!r}.")
            order.append((name, self._field(name), direction.lower()))
        last = order[-1][2] if order else "asc"
        ties = _TIES.get(self._entity.key, [self._entity.key])
        order.extend((name, self._entity.fields[name], last) for name in ties if name not in [n for n, _, _ in order])
        return order

    def cursor(self, row: Sequence[Any]) -> str | None:
        """Where the item stands: the values of the sort fields. None: one of them cannot be selected."""
        if any(name not in self.names for name, _, _ in self._order):
            return None
        values = [row[self.names.index(name)] for name, _, _ in self._order]
        return urlsafe_b64encode(dumps(values).encode()).decode()

    def _behind(self, cursor: str) -> tuple[str, list[Any]]:
        try:
            values: Any = loads(urlsafe_b64decode(cursor.encode()))
            if not isinstance(values, list) or len(values) != len(self._order):  # pyright: ignore[reportUnknownArgumentType]
                raise ValueError("of another search")
        except ValueError as problem:
            raise Rejected("The cursor does not belong to this search: begin again without it.") from problem
        found = cast(list[Any], values)
        alternatives: list[str] = []
        bound: list[Any] = []
        for position, (_, field, direction) in enumerate(self._order):
            parts: list[str] = []
            for (_, equal, _), value in zip(self._order[:position], found, strict=False):
                parts.append(f"{equal.sql} IS NULL" if value is None else f"{equal.sql} = ?")
                bound.extend([] if value is None else [value])
            part, more = _after(field.sql, direction, found[position])
            alternatives.append(f"({' AND '.join([*parts, part])})")
            bound.extend(more)
        return " OR ".join(alternatives), bound


_NULLS = {"asc": " NULLS FIRST", "desc": " NULLS LAST"}


def _after(sql: str, direction: str, value: Any) -> tuple[str, list[Any]]:
    """What comes behind a value in the order; nothing is smaller than null."""
    if direction == "asc":
        return (f"{sql} IS NOT NULL", []) if value is None else (f"{sql} > ?", [value])
    return ("1 = 0", []) if value is None else (f"({sql} < ? OR {sql} IS NULL)", [value])


def _candidate(kind: str, wanted: Any) -> tuple[str, list[Any]]:
    """One of the candidates: a name, or {"$in": names}."""
    members: Any = wanted
    if isinstance(wanted, Mapping):
        operators = cast(Mapping[str, Any], wanted)
        if set(operators) - {"$eq", "$in"}:
            raise Rejected(f"candidate_{kind} is compared with $eq or $in.")
        members = operators.get("$in", [operators["$eq"]] if "$eq" in operators else [])
    names = [str(name) for name in (members if isinstance(members, list | tuple | set | frozenset) else [members])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    marks = ", ".join("?" * len(names)) or "NULL"
    return (
        "EXISTS (SELECT 1 FROM user_task_candidate u WHERE u.process_instance_key = t.process_instance_key "  # noqa: S608
        f"AND u.user_task_key = t.key AND u.kind = ? AND u.name IN ({marks}))",
        [kind, *names],
    )


def _like(pattern: str) -> str:
    """* stands for any text, ? for one character, \\ takes their meaning away."""
    found: list[str] = []
    plain = False
    for character in pattern.replace("\x00", ""):
        if plain:
            found.append("\\" + character if character in "%_\\" else character)
            plain = False
        elif character == "\\":
            plain = True
        elif character in "*?":
            found.append("%" if character == "*" else "_")
        else:
            found.append("\\" + character if character in "%_" else character)
    return "".join(found)
