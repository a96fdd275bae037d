"""Variables of instances: searching and reading them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.rest.context import EngineHere, InstanceReader
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Key, PathKey
from engine.errors import NotFound
from engine.store.rows import VariableRow

router = APIRouter(tags=["Variables"], route_class=JsonRoute)

LONG = 8191  # characters of a value that a search shows

FIELDS = {
    "variableKey": Field("key", "key"),
    "name": Field("name"),
    "value": Field("value"),
    "scopeKey": Field("scope_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "tenantId": TENANT_FIELD,
}


class Variable(Answer):
    """`value` is JSON text."""

    variable_key: Key
    name: str
    value: str
    scope_key: Key
    process_instance_key: Key
    root_process_instance_key: Key | None = None
    tenant_id: str = TENANT


class FoundVariable(Variable):
    is_truncated: bool = False


class FoundVariables(Answer):
    items: list[FoundVariable]
    page: PageInfo


TruncateValues = Annotated[bool, Query(alias="truncateValues")]


@router.post("/variables/search")
def search_variables(
    engine: EngineHere, _user: InstanceReader, search: Search | None = None, truncate_values: TruncateValues = True
) -> FoundVariables:
    """Values longer than 8191 characters are cut off unless `truncateValues=false`."""
    found = find(engine, "variable", search, FIELDS)
    return FoundVariables(items=[found_variable(row, truncate_values) for row in found.items], page=page_info(found))


@router.get("/variables/{key}")
def get_variable(engine: EngineHere, _user: InstanceReader, key: PathKey) -> Variable:
    row: VariableRow | None = engine.get("variable", key)
    if row is None:
        raise NotFound(f"No variable {key}: search them at /v2/variables/search.")
    return Variable(
        variable_key=row.key, name=row.name, value=row.value, scope_key=row.scope_key, process_instance_key=row.process_instance_key
    )


def found_variable(row: VariableRow, truncate: bool) -> FoundVariable:
    is_truncated = truncate and len(row.value) > LONG
    return FoundVariable(
        variable_key=row.key,
        name=row.name,
        value=row.value[:LONG] if is_truncated else row.value,
        is_truncated=is_truncated,
        scope_key=row.scope_key,
        process_instance_key=row.process_instance_key,
    )
