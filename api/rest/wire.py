"""What do requests and answers have in common? camelCase names, keys as strings, one tenant."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel

TENANT = "<default>"
MAXIMUM_KEY = 2**63 - 1


class Answer(BaseModel):
    """What we send."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True)


class Ask(BaseModel):
    """What we are sent. Unknown members are refused: a misspelled one would silently change the meaning."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def read_key(value: Any) -> int:
    """Raises ValueError for anything but the decimal digits of a key."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAXIMUM_KEY):
        raise ValueError("a key is a string of up to 19 digits")
    return int(text)


def _read_tenant(value: str | None) -> str | None:
    if value not in (None, "", TENANT):
        raise ValueError(f"there is one tenant, '{TENANT}'; leave tenantId out")
    return value


Key = Annotated[
    int,
    BeforeValidator(read_key),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,19}$"}),
]
"""A key: an integer to us, a string to others."""

PathKey = Annotated[int, BeforeValidator(read_key), Path(), WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,19}$"})]
Tenant = Annotated[str | None, AfterValidator(_read_tenant)]
Variables = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=1024)]


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(utc)]
