"""`gatewise cancel`, `suspend`, `resume`, `delete`, `move`, `resolve`, `set` and `batches`: what an operator does to running instances."""

from typing import Annotated, Any

import typer

from api.cli.choosing import Incidents, Keys, Process, Version, Yes, carry_through, chosen, confirm, one_by_one
from api.cli.exits import Exit, stop
from api.cli.inputs import Var, Variables, read_variables
from api.cli.output import Json, print_json, print_table
from api.cli.remote import DEFAULT_URL, Password, Token, Url, UserName, server

_SIMPLE = (
    ("cancel", "cancellation", "cancelled", "Cancels instances: one by one, or all that match."),
    ("suspend", "suspension", "suspended", "Keeps instances from moving on until they are resumed."),
    ("resume", "resumption", "resumed", "Lets suspended instances go on; late timers fire."),
    ("delete", "deletion", "deleted", "Deletes ended instances with their history. For administrators."),
)


def add_to(app: typer.Typer) -> None:
    for name, path, done, help in _SIMPLE:
        app.command(name, help=help)(_on_instances(name, path, done))
    app.command()(move)
    app.command()(resolve)
    app.command("set")(set_variables)
    app.command()(batches)


def _on_instances(name: str, path: str, done: str) -> Any:
    def command(
        keys: Keys = None,
        process: Process = None,
        version: Version = None,
        incidents: Incidents = False,
        yes: Yes = False,
        url: Url = DEFAULT_URL,
        user: UserName = None,
        password: Password = None,
        token: Token = None,
        as_json: Json = False,
    ) -> None:
        wanted = None if keys else chosen(process, version, incidents)
        with server(url, user, password, token) as remote:
            if wanted is None:
                one_by_one(remote, keys or [], f"/v2/process-instances/{{key}}/{path}", None, done)
                return
            confirm(remote, name.capitalize(), wanted, yes)
            carry_through(remote, f"/v2/process-instances/{path}", {"filter": wanted}, as_json)

    return command


def move(
    source: Annotated[str, typer.Option("--from", help="The id of the element whose tokens move.")],
    target: Annotated[str, typer.Option("--to", help="The id of the element they move to.")],
    keys: Keys = None,
    process: Process = None,
    version: Version = None,
    incidents: Incidents = False,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Moves tokens from one element to another: what is active there ends, and the target begins in the same scope."""
    wanted = None if keys else chosen(process, version, incidents)
    with server(url, user, password, token) as remote:
        if wanted is None:
            instruction = {
                "sourceElementInstruction": {"sourceType": "byId", "sourceElementId": source},
                "targetElementId": target,
                "ancestorScopeInstruction": {"ancestorScopeType": "sourceParent"},
            }
            one_by_one(remote, keys or [], "/v2/process-instances/{key}/modification", {"moveInstructions": [instruction]}, "moved")
            return
        confirm(remote, "Move the tokens of", wanted, yes)
        moves = [{"sourceElementId": source, "targetElementId": target}]
        carry_through(remote, "/v2/process-instances/modification", {"filter": wanted, "moveInstructions": moves}, as_json)


def resolve(
    keys: Annotated[list[str] | None, typer.Argument(help="The keys of the incidents. Without keys: all of the chosen instances.")] = None,
    instance: Annotated[str | None, typer.Option(help="All incidents of this instance and of those it called.")] = None,
    process: Process = None,
    version: Version = None,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Resolves incidents: what failed is tried again."""
    wanted = None if keys or instance else chosen(process, version, True)
    with server(url, user, password, token) as remote:
        if keys:
            one_by_one(remote, keys, "/v2/incidents/{key}/resolution", None, "resolved")
        elif instance:
            carry_through(remote, f"/v2/process-instances/{instance}/incident-resolution", {}, as_json)
        elif wanted is not None:
            confirm(remote, "Resolve the incidents of", wanted, yes)
            carry_through(remote, "/v2/process-instances/incident-resolution", {"filter": wanted}, as_json)


def set_variables(
    key: Annotated[str, typer.Argument(help="The key of the instance, or of an element instance in it.")],
    variables: Variables = None,
    var: Var = None,
    local: Annotated[bool, typer.Option("--local", help="In that very scope; else each where it is visible from.")] = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
) -> None:
    """Sets variables of a running instance."""
    values = read_variables(variables, var)
    if not values:
        stop(Exit.USAGE, "Give the variables with --var NAME=VALUE or --variables.")
    with server(url, user, password, token) as remote:
        remote.put(f"/v2/element-instances/{key}/variables", {"variables": values, "local": local})


def batches(
    key: Annotated[str | None, typer.Argument(help="Show the items of this batch operation.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 20,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Lists operations on many instances, or the items of one."""
    with server(url, user, password, token) as remote:
        if key is not None:
            remote.get(f"/v2/batch-operations/{key}")
            found = remote.search("batch-operation-items", {"batchOperationKey": key}, limit=limit)
        else:
            found = remote.search("batch-operations", {}, sort=[{"field": "startDate", "order": "DESC"}], limit=limit)
    if as_json:
        print_json(found)
    elif key is not None:
        rows = [(item["itemKey"], item["processInstanceKey"], item["state"], item["errorMessage"]) for item in found["items"]]
        print_table(("item", "instance", "state", "why not"), rows, empty="No items.")
    else:
        names = ("batchOperationKey", "batchOperationType", "state", "actorId")
        numbers = ("operationsTotalCount", "operationsCompletedCount", "operationsFailedCount")
        rows = [tuple(item[name] for name in names + numbers) for item in found["items"]]
        print_table(("key", "operation", "state", "by", "items", "done", "failed"), rows, empty="No batch operations.")
