"""`gatewise start` and `gatewise instances`."""

import json
from typing import Annotated, Any

import typer

from api.cli.inputs import Var, Variables, read_variables
from api.cli.output import Json, print_json, print_table, print_text
from api.cli.remote import DEFAULT_URL, Password, Server, Token, Url, UserName, server


def add_to(app: typer.Typer) -> None:
    app.command()(start)
    app.command()(instances)


def start(
    process: Annotated[str, typer.Argument(help="The id of the process.")],
    variables: Variables = None,
    var: Var = None,
    version: Annotated[int | None, typer.Option(help="The version; the newest without it.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is completed and print its variables.")] = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Starts a process instance and prints its key."""
    body: dict[str, Any] = {"processDefinitionId": process, "variables": read_variables(variables, var)}
    if version is not None:
        body["processDefinitionVersion"] = version
    if wait:
        body |= {"awaitCompletion": True, "requestTimeout": 60_000}
    with server(url, user, password, token) as remote:
        answer = remote.post("/v2/process-instances", body)
    if as_json:
        print_json(answer)
    else:
        print_text(answer["processInstanceKey"])
        if wait:
            print_table(("variable", "value"), list(answer["variables"].items()), empty="It has no variables.")


def instances(
    key: Annotated[str | None, typer.Argument(help="Show this instance in full.")] = None,
    process: Annotated[str | None, typer.Option(help="Only of this process.")] = None,
    state: Annotated[str | None, typer.Option(help="ACTIVE, COMPLETED or TERMINATED.")] = None,
    incidents: Annotated[bool, typer.Option("--incidents", help="Only those with an incident.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 20,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Lists process instances, or shows one."""
    with server(url, user, password, token) as remote:
        if key is not None:
            _show(remote, key, as_json)
            return
        wanted: dict[str, Any] = {"processDefinitionId": process, "state": state and state.upper(), "hasIncident": incidents or None}
        found = remote.search(
            "process-instances",
            {name: value for name, value in wanted.items() if value is not None},
            sort=[{"field": "startDate", "order": "DESC"}],
            limit=limit,
        )
    if as_json:
        print_json(found)
        return
    names = ("processInstanceKey", "processDefinitionId", "processDefinitionVersion", "state", "hasIncident")
    rows = [(*(item[name] for name in names), _time(item["startDate"])) for item in found["items"]]
    print_table(("key", "process", "version", "state", "incident", "started"), rows, empty="No instances.")


def _show(remote: Server, key: str, as_json: bool) -> None:
    instance = remote.get(f"/v2/process-instances/{key}")
    wanted = {"processInstanceKey": key}
    elements = remote.search("element-instances", wanted, sort=[{"field": "startDate", "order": "ASC"}], limit=500)["items"]
    variables = remote.search("variables", {**wanted, "scopeKey": key}, sort=[{"field": "name", "order": "ASC"}], limit=500)["items"]
    incidents = remote.search("incidents", {**wanted, "state": "ACTIVE"}, limit=500)["items"]
    if as_json:
        print_json({**instance, "elementInstances": elements, "variables": variables, "incidents": incidents})
        return
    print_text(f"{instance['processDefinitionId']} version {instance['processDefinitionVersion']}: {instance['state']}")
    print_table(
        ("element", "type", "state", "began", "ended"),
        [(e["elementName"], e["type"], e["state"], _time(e["startDate"]), _time(e["endDate"])) for e in elements],
        empty="No elements.",
    )
    print_table(("variable", "value"), [(v["name"], _value(v)) for v in variables], empty="No variables.")
    if incidents:
        print_table(("incident", "element", "kind", "message"), [_incident(i) for i in incidents], empty="")


def _incident(found: dict[str, Any]) -> tuple[Any, ...]:
    return (found["incidentKey"], found["elementId"], found["kind"], found["errorMessage"])


def _value(variable: dict[str, Any]) -> Any:
    return variable["value"] if variable["isTruncated"] else json.loads(variable["value"])


def _time(text: str | None) -> str | None:
    return text[:19].replace("T", " ") if text else None
