"""`gatewise tasks` and `gatewise complete`."""

from typing import Annotated, Any

import typer

from api.cli.inputs import Var, Variables, read_variables
from api.cli.output import Json, print_json, print_table, print_text
from api.cli.remote import DEFAULT_URL, Password, Token, Url, UserName, server


def add_to(app: typer.Typer) -> None:
    app.command()(tasks)
    app.command()(complete)


def tasks(
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to you.")] = False,
    assignee: Annotated[str | None, typer.Option(help="Only those assigned to this user.")] = None,
    group: Annotated[str | None, typer.Option(help="Only those this group may take.")] = None,
    state: Annotated[str, typer.Option(help="CREATED, COMPLETED or CANCELED.")] = "CREATED",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the oldest first.")] = 50,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Lists the user tasks you may see."""
    with server(url, user, password, token) as remote:
        who = remote.get("/v2/authentication/me")["username"] if mine else assignee
        wanted: dict[str, Any] = {"state": state.upper(), "assignee": who, "candidateGroup": group}
        found = remote.search(
            "user-tasks",
            {name: value for name, value in wanted.items() if value is not None},
            sort=[{"field": "creationDate", "order": "ASC"}],
            limit=limit,
        )
    if as_json:
        print_json(found)
        return
    rows = [
        (
            t["userTaskKey"],
            t["name"],
            t["processName"] or t["processDefinitionId"],
            t["assignee"],
            t["candidateGroups"] + t["candidateUsers"],
            t["priority"],
            t["dueDate"] and t["dueDate"][:16].replace("T", " "),
        )
        for t in found["items"]
    ]
    print_table(("key", "task", "process", "assignee", "open to", "priority", "due"), rows, empty="No user tasks.")


def complete(
    key: Annotated[str, typer.Argument(help="The key of the user task.")],
    variables: Variables = None,
    var: Var = None,
    claim: Annotated[bool, typer.Option("--claim", help="Take the task first.")] = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Completes a user task with variables."""
    given = read_variables(variables, var)
    with server(url, user, password, token) as remote:
        if claim:
            me = remote.get("/v2/authentication/me")["username"]
            remote.post(f"/v2/user-tasks/{key}/assignment", {"assignee": me, "allowOverride": False})
        remote.post(f"/v2/user-tasks/{key}/completion", {"variables": given})
        task = remote.get(f"/v2/user-tasks/{key}")
    if as_json:
        print_json(task)
    else:
        print_text(f"{task['name']}: {task['state']}")
