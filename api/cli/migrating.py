"""`gatewise migrate`: running instances go on in another version."""

from typing import Annotated, Any

import typer

from api.cli.choosing import Incidents, Keys, Process, Version, Yes, carry_through, chosen, confirm, one_by_one
from api.cli.exits import Exit, stop
from api.cli.output import Json, print_json, print_table, print_text
from api.cli.remote import DEFAULT_URL, Password, Server, Token, Url, UserName, server


def add_to(app: typer.Typer) -> None:
    app.command()(migrate)


def migrate(
    keys: Keys = None,
    process: Process = None,
    version: Version = None,
    incidents: Incidents = False,
    to: Annotated[int | None, typer.Option("--to", help="The version to migrate to; the newest without it.")] = None,
    target: Annotated[str | None, typer.Option(help="The key of the definition to migrate to, instead of --to.")] = None,
    mapping: Annotated[list[str] | None, typer.Option("--map", help="OLD=NEW: an element that has another id there. Repeat it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which instances can be migrated, and why others cannot.")] = False,
    yes: Yes = False,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Migrates running instances to another version. Elements keep their ids unless --map says otherwise."""
    instructions = [_instruction(text) for text in mapping or ()]
    wanted = None if keys else chosen(process, version, incidents)
    with server(url, user, password, token) as remote:
        plan = {
            "targetProcessDefinitionKey": target or _target(remote, process or _process_of(remote, keys), to),
            "mappingInstructions": instructions,
        }
        if dry_run:
            _judge(remote, keys, wanted, plan, as_json)
        elif wanted is None:
            one_by_one(remote, keys or [], "/v2/process-instances/{key}/migration", plan, "migrated")
        else:
            confirm(remote, "Migrate", wanted, yes)
            carry_through(remote, "/v2/process-instances/migration", {"filter": wanted, "migrationPlan": plan}, as_json)


def _instruction(text: str) -> dict[str, str]:
    source, equals, target = text.partition("=")
    if not (source and equals and target):
        stop(Exit.USAGE, f"--map {text!r} must look like OLD=NEW.")
    return {"sourceElementId": source, "targetElementId": target}


def _process_of(remote: Server, keys: list[str] | None) -> str:
    if not keys:
        stop(Exit.USAGE, "Say which process it is with --process, or give the definition to migrate to with --target.")
    return remote.get(f"/v2/process-instances/{keys[0]}")["processDefinitionId"]


def _target(remote: Server, process: str, version: int | None) -> str:
    wanted: dict[str, Any] = {"processDefinitionId": process} | ({"isLatestVersion": True} if version is None else {"version": version})
    found = remote.search("process-definitions", wanted, limit=1)["items"]
    if not found:
        stop(Exit.NOT_FOUND, f"No process '{process}' is deployed{'' if version is None else f' in version {version}'}.")
    return found[0]["processDefinitionKey"]


def _judge(remote: Server, keys: list[str] | None, wanted: dict[str, Any] | None, plan: dict[str, Any], as_json: bool) -> None:
    """Fails when an instance cannot be migrated."""
    if wanted is None:
        verdicts = [remote.post(f"/v2/process-instances/{key}/migration/verdict", plan) for key in keys or ()]
        refused = [verdict for verdict in verdicts if not verdict["isPossible"]]
        found = {
            "totalItems": len(verdicts),
            "judgedItems": len(verdicts),
            "possibleItems": len(verdicts) - len(refused),
            "refused": refused,
        }
    else:
        found = remote.post("/v2/process-instances/migration/verdict", {"filter": wanted, "migrationPlan": plan})
    if as_json:
        print_json(found)
    else:
        rest = found["totalItems"] - found["judgedItems"]
        print_text(
            f"{found['possibleItems']} of {found['judgedItems']} can be migrated{f'; {rest} more were not looked at' if rest else ''}."
        )
        rows = [(one["processInstanceKey"], o["elementId"], o["reason"]) for one in found["refused"] for o in one["obstacles"]]
        if rows:
            print_table(("instance", "element", "why not"), rows, empty="")
    if found["refused"]:
        raise typer.Exit(int(Exit.FAILED))
