"""Who receives a message or a signal? Correlation, buffering and broadcast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Conflict, NotFound, Rejected
from engine.model import Create, ElementKey, Refused, SubscriptionKey, Trigger
from engine.runtime import requests
from engine.runtime.execution import Execution
from engine.store.cells import InstanceCell, SubscriptionCell
from engine.store.json_text import dumps
from engine.store.routing import Receiver, Routing
from engine.store.steps import Step
from engine.store.times import micros


@dataclass(frozen=True, slots=True)
class Messages:
    """`engine.runtime.execution.Delivery`."""

    routing: Routing

    def publish(
        self, execution: Execution, name: str, correlation_key: str, ttl_ms: int, message_id: str | None, variables: Mapping[str, Any]
    ) -> int:
        """Each process receives it once: by a waiting instance if there is one, else by a start event. It then waits for others."""
        changes, now = execution.workspace.changes, micros(execution.now)
        key = execution.workspace.keys.next()
        received: set[str] = set()
        for receiver in self.routing.receivers("message", name, correlation_key):
            if receiver.process_id not in received and self._reach(execution, receiver, variables) is not None:
                received.add(receiver.process_id)
        if ttl_ms > 0:
            expires = now + ttl_ms * 1000
            changes.insert("message", (key,), [key, name, correlation_key, message_id, expires, dumps(dict(variables))])
            execution.next_due = expires if execution.next_due is None else min(expires, execution.next_due)
            for process_id in received:
                changes.insert("message_receipt", (key, process_id), [key, process_id])
        return key

    def correlate(self, execution: Execution, request: requests.Correlate) -> tuple[int, int]:
        """One receiver: the instance that waits longest, else a start event."""
        key = execution.workspace.keys.next()
        without = request.correlation_key is None
        for receiver in self.routing.receivers("message", request.name, request.correlation_key, any_key=without):
            instance = self._reach(execution, receiver, request.variables)
            if instance is not None:
                return key, instance
        with_key = "" if without else f" with the correlation key {request.correlation_key!r}"
        raise NotFound(f"Nothing waits for the message {request.name!r}{with_key}: publish it with a time to live to let it wait.")

    def broadcast(self, execution: Execution, name: str, variables: Mapping[str, Any]) -> int:
        for receiver in self.routing.receivers("signal", name, any_key=True):
            self._reach(execution, receiver, variables)
        return execution.workspace.keys.next()

    def look_for_buffered(self, execution: Execution, cell: InstanceCell, subscription: SubscriptionCell) -> None:
        changes = execution.workspace.changes
        for message in self.routing.buffered(subscription.name, subscription.correlation_key, cell.process_id, micros(execution.now)):
            receiver = Receiver(
                cell.key,
                subscription.key,
                subscription.element,
                subscription.event,
                subscription.name,
                subscription.correlation_key,
                subscription.interrupting,
                cell.definition_key,
                cell.process_id,
            )
            if self._reach(execution, receiver, message.variables) is None:
                return
            changes.insert("message_receipt", (message.key, cell.process_id), [message.key, cell.process_id])
            if subscription.interrupting:
                return

    def _reach(self, execution: Execution, receiver: Receiver, variables: Mapping[str, Any]) -> int | None:
        """The instance that received it. None: the receiver is gone, or suspended."""
        workspace = execution.workspace
        if receiver.instance == 0:
            return execution.start(receiver.definition, Create(dict(variables), receiver.event)).key
        cell = workspace.cell(receiver.instance)
        if cell is None or cell.suspended_at is not None or receiver.element is None:
            return None
        owner = workspace.element(cell, receiver.element)
        if owner is None:
            return None
        subscription = workspace.waits(cell, owner).subscriptions.get(receiver.key)
        if subscription is None:
            return None

        def consume(step: Step) -> None:
            if subscription.interrupting:
                execution.writer.waits.drop_subscription(step, workspace.waits(cell, owner), subscription)
                workspace.waits_changed(cell, owner)

        command = Trigger(ElementKey(receiver.element), SubscriptionKey(receiver.key), receiver.event, variables)
        mark = workspace.changes.mark()
        try:
            execution.step(
                cell, command, [receiver.element], before=consume, facts={"received": receiver.name, "subscription": receiver.key}
            )
        except Refused:
            workspace.changes.undo(mark)
            return None
        return cell.key


def publish(execution: Execution, messages: Messages, request: requests.Publish) -> int:
    if request.ttl_ms < 0:
        raise Rejected("The time to live of a message is 0 or more milliseconds.")
    if request.message_id and messages.routing.has_message(request.name, request.correlation_key, request.message_id):
        raise Conflict(f"A message {request.name!r} with the id {request.message_id!r} waits already: it was published before.")
    key = messages.publish(execution, request.name, request.correlation_key, request.ttl_ms, request.message_id or None, request.variables)
    execution.settle()
    return key


def correlate(execution: Execution, messages: Messages, request: requests.Correlate) -> tuple[int, int]:
    answer = messages.correlate(execution, request)
    execution.settle()
    return answer


def broadcast(execution: Execution, messages: Messages, request: requests.Broadcast) -> int:
    key = messages.broadcast(execution, request.name, request.variables)
    execution.settle()
    return key
