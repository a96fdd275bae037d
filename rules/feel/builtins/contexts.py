"""What can be done with contexts (DMN 1.5 §10.3.4.7)?"""

from __future__ import annotations

from typing import cast

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.run import UndefinedError
from rules.feel.types import ANY_CONTEXT, ANY_LIST
from rules.feel.values import type_name

Context = dict[str, object]
Keys = list[object]


def get_value(context: Context, key: object) -> object:
    if isinstance(key, str):
        return context.get(key)
    if isinstance(key, list):
        return _nested(context, cast(Keys, key)) if key else None
    raise UndefinedError(f"a {type_name(key)} is no key")


def _nested(value: object, keys: Keys) -> object:
    for key in keys:
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = cast(Context, value).get(key)
    return value


def get_entries(context: Context) -> list[object]:
    return [{"key": key, "value": value} for key, value in context.items()]


def context_(entries: list[object]) -> Context:
    result: Context = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise UndefinedError(f"a {type_name(entry)} is no entry")
        pair = cast(Context, entry)
        key = pair.get("key")
        if not isinstance(key, str) or "value" not in pair:
            raise UndefinedError("an entry has a key, which is a string, and a value")
        if key in result:
            raise UndefinedError(f"two entries have the key '{key}'")
        result[key] = pair["value"]
    return result


def context_put(context: Context, key: str, value: object) -> Context:
    return {**context, key: value}


def context_put_nested(context: Context, keys: Keys, value: object) -> Context:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise UndefinedError("keys are a list of strings, at least one")
    result = dict(context)
    inner = result
    for key in cast(list[str], keys[:-1]):
        nested = inner.get(key, {})
        if not isinstance(nested, dict):
            raise UndefinedError(f"'{key}' is a {type_name(nested)}, not a context")
        inner[key] = copy = dict(cast(Context, nested))
        inner = copy
    inner[cast(str, keys[-1])] = value
    return result


def context_merge(contexts: list[object]) -> Context:
    result: Context = {}
    for entry in contexts:
        if not isinstance(entry, dict):
            raise UndefinedError(f"cannot merge a {type_name(entry)}")
        result.update(cast(Context, entry))
    return result


FUNCTIONS = (
    Builtin("get value", parameters("m:context", "key:string"), get_value),
    Builtin("get value", parameters("context:context", "keys:list"), get_value),
    Builtin("get value", parameters("context:context", "key:string"), get_value),
    Builtin("get entries", parameters("m:context"), get_entries, ANY_LIST),
    Builtin("get entries", parameters("context:context"), get_entries, ANY_LIST),
    Builtin("context", parameters("entries:list"), context_, ANY_CONTEXT),
    Builtin("context put", parameters("context:context", "key:string", "value"), context_put, ANY_CONTEXT),
    Builtin("context put", parameters("context:context", "keys:list", "value"), context_put_nested, ANY_CONTEXT),
    Builtin("context merge", parameters("contexts:list"), context_merge, ANY_CONTEXT),
    Builtin("put", parameters("context:context", "key:string", "value"), context_put, ANY_CONTEXT),
    Builtin("put all", parameters("contexts:list"), context_merge, ANY_CONTEXT, rest=True),
)
