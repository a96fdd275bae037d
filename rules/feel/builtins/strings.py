"""What can be done with strings (DMN 1.5 §10.3.4.3)? Positions count code points."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from rules.feel.builtins.signature import Builtin, parameters
from rules.feel.regex import compile_pattern
from rules.feel.run import Run, UndefinedError
from rules.feel.types import ANY_LIST, BOOLEAN, NUMBER, STRING
from rules.feel.values import type_name


def substring(string: str, start: Decimal, length: Decimal | None = None) -> str:
    first = int(start)
    if first == 0 or abs(first) > len(string):
        raise UndefinedError(f"no position {start} in a string of {len(string)}")
    first = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[first:]
    size = int(length)
    if size < 1:
        raise UndefinedError(f"the length {length} is less than 1")
    return string[first : first + size]


def string_length(string: str) -> Decimal:
    return Decimal(len(string))


def upper_case(string: str) -> str:
    return string.upper()


def lower_case(string: str) -> str:
    return string.lower()


def substring_before(string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


def substring_after(string: str, match: str) -> str:
    _, found, after = string.partition(match) if match else ("", "", string)
    return after if found or not match else ""


def contains(string: str, match: str) -> bool:
    return match in string


def starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


def ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


def replace(run: Run, input_: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    compiled = compile_pattern(pattern, flags or "")
    if compiled.search("", 0, run.spend) is not None:
        raise UndefinedError(f"'{pattern}' matches the empty string")
    parts = [replacement] if "q" in (flags or "") else _replacement(replacement, compiled.groups)
    result: list[str] = []
    position = 0
    for found in compiled.all(input_, run.spend):
        result.append(input_[position : found.start])
        result.extend(part if isinstance(part, str) else found.group(input_, part) for part in parts)
        position = found.end
    return "".join([*result, input_[position:]])


def matches(run: Run, input_: str, pattern: str, flags: str | None = None) -> bool:
    return compile_pattern(pattern, flags or "").search(input_, 0, run.spend) is not None


def split(run: Run, string: str, delimiter: str) -> list[object]:
    result: list[object] = []
    start = 0
    for found in compile_pattern(delimiter, "").all(string, run.spend):
        if found.end == found.start:
            raise UndefinedError(f"'{delimiter}' matches the empty string")
        result.append(string[start : found.start])
        start = found.end
    return [*result, string[start:]]


def extract(run: Run, string: str, pattern: str) -> list[object]:
    return [found.group(string, 0) for found in compile_pattern(pattern, "").all(string, run.spend)]


def string_join(list_: list[object], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None) -> str:
    for item in list_:
        if item is not None and not isinstance(item, str):
            raise UndefinedError(f"cannot join a {type_name(item)}")
    return (prefix or "") + (delimiter or "").join(cast(str, item) for item in list_ if item is not None) + (suffix or "")


def _replacement(text: str, groups: int) -> list[str | int]:
    """The replacement in literal parts and group numbers; `$12` is group 1 and a 2 where there are fewer than 12 groups."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if character == "\\":
            if text[position : position + 1] not in ("\\", "$"):
                raise UndefinedError("in a replacement, \\ stands before \\ or $")
            parts.append(text[position])
            position += 1
        elif character == "$":
            if not text[position : position + 1].isdecimal():
                raise UndefinedError("in a replacement, $ stands before the number of a group")
            number = int(text[position])
            position += 1
            while text[position : position + 1].isdecimal() and number * 10 + int(text[position]) <= groups:
                number = number * 10 + int(text[position])
                position += 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(character)
    return parts


_TWO = parameters("string:string", "match:string")
FUNCTIONS = (
    Builtin("substring", parameters("string:string", "start position:number", "length:number?"), substring, STRING),
    Builtin("string length", parameters("string:string"), string_length, NUMBER),
    Builtin("upper case", parameters("string:string"), upper_case, STRING),
    Builtin("lower case", parameters("string:string"), lower_case, STRING),
    Builtin("substring before", _TWO, substring_before, STRING),
    Builtin("substring after", _TWO, substring_after, STRING),
    Builtin(
        "replace", parameters("input:string", "pattern:string", "replacement:string", "flags:string?*"), replace, STRING, needs_run=True
    ),
    Builtin("contains", _TWO, contains, BOOLEAN),
    Builtin("starts with", _TWO, starts_with, BOOLEAN),
    Builtin("ends with", _TWO, ends_with, BOOLEAN),
    Builtin("matches", parameters("input:string", "pattern:string", "flags:string?*"), matches, BOOLEAN, needs_run=True),
    Builtin("split", parameters("string:string", "delimiter:string"), split, ANY_LIST, needs_run=True),
    Builtin("extract", parameters("string:string", "pattern:string"), extract, ANY_LIST, needs_run=True),
    Builtin("string join", parameters("list:list", "delimiter:string?*", "prefix:string?*", "suffix:string?*"), string_join, STRING),
)
