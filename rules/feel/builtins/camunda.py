"""Which functions do Camunda's editors offer beside those of DMN?"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from decimal import Decimal
from typing import cast

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.conversion import to_feel, to_text
from rules.feel.errors import FeelAssertionError
from rules.feel.numbers import number
from rules.feel.run import UndefinedError
from rules.feel.types import ANY, BOOLEAN, NUMBER, STRING


def not_(negand: object) -> bool | None:
    """Negation (DMN 1.5 §10.3.4.2)."""
    return (not negand) if type(negand) is bool else None


def get_or_else(value: object, default: object) -> object:
    return default if value is None else value


def is_defined(value: object) -> bool:
    return value is not None


def is_empty(list_: list[object]) -> bool:
    return not list_


def is_blank(string: str) -> bool:
    return not string.strip()


def trim(string: str) -> str:
    return string.strip()


def assert_(value: object, condition: object, cause: str | None = None) -> object:
    if condition is not True:
        raise FeelAssertionError(cause or "The condition is not fulfilled")
    return value


def to_base64(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "replace")).decode()


def to_json_text(value: object) -> str:
    try:
        return _json(value)
    except RecursionError:
        raise UndefinedError("the value is nested too deeply") from None


def _json(value: object) -> str:
    match value:
        case None | bool() | Decimal():
            return to_text(value)
        case list():
            return f"[{','.join(map(_json, cast(list[object], value)))}]"
        case dict():
            entries = cast(dict[str, object], value).items()
            return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{_json(entry)}" for name, entry in entries) + "}"
        case _:
            return json.dumps(to_text(value), ensure_ascii=False)


def from_json_text(value: str) -> object:
    try:
        return to_feel(json.loads(value, parse_float=number, parse_int=number, parse_constant=_no_constant))
    except (ValueError, ArithmeticError, RecursionError):
        raise UndefinedError("the text is no JSON") from None


def _no_constant(text: str) -> object:
    raise ValueError(text)


def random_uuid() -> str:
    return str(uuid.uuid4())


def random_number() -> Decimal:
    return Decimal(secrets.randbelow(10**17)).scaleb(-17)


def from_ai(value: object, *_hints: object) -> object:
    """The value an agent gave; description, type, schema and options are for the agent."""
    return value


FUNCTIONS = (
    Builtin("not", parameters("negand"), not_, BOOLEAN),
    Builtin("get or else", parameters("value", "default"), get_or_else),
    Builtin("is defined", parameters("value"), is_defined, BOOLEAN),
    Builtin("is empty", parameters("list:list"), is_empty, BOOLEAN),
    Builtin("is blank", parameters("string:string"), is_blank, BOOLEAN),
    Builtin("trim", parameters("string:string"), trim, STRING),
    Builtin("assert", parameters("value", "condition", "cause:string?*"), assert_, ANY),
    Builtin("to base64", parameters("value:string"), to_base64, STRING),
    Builtin("to json", parameters("value"), to_json_text, STRING),
    Builtin("from json", parameters("value:string"), from_json_text),
    Builtin("uuid", (), random_uuid, STRING, pure=False),
    Builtin("random number", (), random_number, NUMBER, pure=False),
    Builtin("fromAi", parameters("value", "description:any?", "type:any?", "schema:any?", "options:any?"), from_ai),
)
