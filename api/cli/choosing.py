"""Which instances does a command mean: those named by their keys, or all that match? And how does an operation on many end?"""

import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, progress, stop
from api.cli.output import print_json, print_table, print_text
from api.cli.remote import Server

Keys = Annotated[list[str] | None, typer.Argument(help="The keys of the instances. Without keys: all that match the options.")]
Process = Annotated[str | None, typer.Option(help="All instances of this process.")]
Version = Annotated[int | None, typer.Option(help="Of this version of the process.")]
Incidents = Annotated[bool, typer.Option("--incidents", help="Only those with an incident.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing many instances.")]

_PAUSE = 0.2
_SHOWN = 20


def chosen(process: str | None, version: int | None, incidents: bool) -> dict[str, Any]:
    """The filter of the options; the command ends when there is none."""
    wanted = {"processDefinitionId": process, "processDefinitionVersion": version, "hasIncident": incidents or None}
    found = {name: value for name, value in wanted.items() if value is not None}
    if not found:
        stop(Exit.USAGE, "Name instances by their keys, or choose them with --process, --version or --incidents.")
    return found


def confirm(remote: Server, what: str, filter: dict[str, Any], yes: bool) -> None:
    """Asks with the number of instances that match."""
    if yes:
        return
    total = remote.search("process-instances", filter, limit=0)["page"]["totalItems"]
    if not typer.confirm(f"{total} instances match. {what} those that can be?", err=True):
        stop(Exit.FAILED, "Nothing was changed.")


def carry_through(remote: Server, path: str, body: dict[str, Any], as_json: bool) -> None:
    """Begins a batch operation, waits for its end and shows it; what failed makes the command fail."""
    key = remote.post(path, body)["batchOperationKey"]
    batch = remote.get(f"/v2/batch-operations/{key}")
    while batch["endDate"] is None:
        if batch["state"] == "SUSPENDED":
            stop(Exit.FAILED, f"The batch operation {key} was suspended.")
        time.sleep(_PAUSE)
        batch = remote.get(f"/v2/batch-operations/{key}")
    failed = remote.search("batch-operation-items", {"batchOperationKey": key, "state": "FAILED"}, limit=_SHOWN)["items"]
    if as_json:
        print_json({**batch, "failedItems": failed})
    else:
        done, total = batch["operationsCompletedCount"], batch["operationsTotalCount"]
        print_text(f"{done} of {total} done (batch operation {key}, {batch['state'].lower()}).")
        if failed:
            print_table(("instance", "why not"), [(item["processInstanceKey"], item["errorMessage"]) for item in failed], empty="")
    if batch["operationsFailedCount"]:
        stop(Exit.FAILED, f"{batch['operationsFailedCount']} failed.")


def one_by_one(remote: Server, keys: Sequence[str], path: str, body: dict[str, Any] | None, done: str) -> None:
    """`path` has {key}; the first refusal ends the command."""
    for key in keys:
        remote.post(path.format(key=key), body)
        progress.print(f"{key}: {done}", markup=False)
