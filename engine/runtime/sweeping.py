"""What does time end by itself? Leases of silent workers, back-off of failed jobs, and messages that waited long enough."""

from engine.runtime import requests
from engine.runtime.activation import end_leases
from engine.runtime.execution import Execution
from engine.store.times import micros


def sweep(execution: Execution, request: requests.Sweep) -> None:
    workspace = execution.workspace
    workspace.flush()
    execution.notices.update(dict.fromkeys(end_leases(workspace, execution.places, request.until)))
    until = (micros(request.until),)
    workspace.database.run(
        workspace.connection,
        "DELETE FROM message_receipt WHERE message_key IN (SELECT key FROM message WHERE expires_at <= ?)",
        until,
    )
    workspace.database.run(workspace.connection, "DELETE FROM message WHERE expires_at <= ?", until)
