"""Messages and signals from outside, and what waits for them."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field as Member

from api.rest.context import EngineHere, InstanceReader, Publisher, actor
from api.rest.json_body import JsonRoute
from api.rest.searches import TENANT_FIELD, Field, PageInfo, Search, find, page_info
from api.rest.wire import TENANT, Answer, Ask, Key, Name, Tenant, Variables
from engine.store.rows import SubscriptionRow

router = APIRouter(tags=["Messages and signals"], route_class=JsonRoute)

FIELDS = {
    "messageSubscriptionKey": Field("key", "key"),
    "messageName": Field("name"),
    "correlationKey": Field("correlation_key"),
    "elementId": Field("element_id"),
    "elementInstanceKey": Field("element_instance_key", "key"),
    "processInstanceKey": Field("process_instance_key", "key"),
    "processDefinitionKey": Field("definition_key", "key"),
    "processDefinitionId": Field("process_id"),
    "lastUpdatedDate": Field("creation_date", "date"),
    "messageSubscriptionState": Field(None, constant="CREATED"),
    "tenantId": TENANT_FIELD,
}


class Publication(Ask):
    """Waits `timeToLive` milliseconds for a receiver. A message whose `messageId` is still waiting is refused."""

    name: Name
    correlation_key: str = Member(default="", max_length=1024)
    time_to_live: int = Member(default=0, ge=0, le=2**53)
    message_id: str | None = Member(default=None, max_length=1024)
    variables: Variables | None = None
    tenant_id: Tenant = None


class Correlation(Ask):
    """Without `correlationKey` the name alone decides, for one receiver."""

    name: Name
    correlation_key: str | None = Member(default=None, max_length=1024)
    variables: Variables | None = None
    tenant_id: Tenant = None


class Broadcast(Ask):
    signal_name: Name
    variables: Variables | None = None
    tenant_id: Tenant = None


class Published(Answer):
    message_key: Key
    tenant_id: str = TENANT


class Correlated(Answer):
    message_key: Key
    process_instance_key: Key
    tenant_id: str = TENANT


class Signalled(Answer):
    signal_key: Key
    tenant_id: str = TENANT


class MessageSubscription(Answer):
    message_subscription_key: Key
    message_subscription_state: str = "CREATED"
    message_subscription_type: str
    message_name: str
    correlation_key: str | None
    element_id: str
    element_instance_key: Key | None
    process_instance_key: Key | None
    root_process_instance_key: Key | None = None
    process_definition_key: Key | None
    process_definition_id: str
    process_definition_name: str | None = None
    process_definition_version: int | None = None
    last_updated_date: datetime
    tool_name: str | None = None
    tool_properties: dict[str, str] = Member(default_factory=dict)
    inbound_connector_type: str | None = None
    business_id: str | None = None
    tenant_id: str = TENANT


class MessageSubscriptions(Answer):
    items: list[MessageSubscription]
    page: PageInfo


@router.post("/messages/publication")
def publish_message(engine: EngineHere, user: Publisher, body: Publication) -> Published:
    key = engine.publish_message(
        body.name, body.correlation_key, body.time_to_live, body.message_id or None, body.variables or {}, actor=actor(user)
    )
    return Published(message_key=key)


@router.post("/messages/correlation")
def correlate_message(engine: EngineHere, user: Publisher, body: Correlation) -> Correlated:
    """Answers with the instance that received the message or began with it; 404 when nothing waits for it."""
    message, instance = engine.correlate_message(body.name, body.correlation_key or None, body.variables or {}, actor=actor(user))
    return Correlated(message_key=message, process_instance_key=instance)


@router.post("/signals/broadcast")
def broadcast_signal(engine: EngineHere, user: Publisher, body: Broadcast) -> Signalled:
    return Signalled(signal_key=engine.broadcast_signal(body.signal_name, body.variables or {}, actor=actor(user)))


@router.post("/message-subscriptions/search")
def search_message_subscriptions(engine: EngineHere, _user: InstanceReader, search: Search | None = None) -> MessageSubscriptions:
    found = find(engine, "message_subscription", search, FIELDS, only={"kind": "message"})
    return MessageSubscriptions(items=[_answer(row) for row in found.items], page=page_info(found))


def _answer(row: SubscriptionRow) -> MessageSubscription:
    return MessageSubscription(
        message_subscription_key=row.key,
        message_subscription_type="START_EVENT" if row.process_instance_key is None else "PROCESS_EVENT",
        message_name=row.name,
        correlation_key=row.correlation_key,
        element_id=row.element_id,
        element_instance_key=row.element_instance_key,
        process_instance_key=row.process_instance_key,
        process_definition_key=row.definition_key,
        process_definition_id=row.process_id,
        last_updated_date=row.creation_date,
    )
