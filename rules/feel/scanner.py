"""Which tokens is a FEEL text made of (DMN 1.5 §10.3.1.2)?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rules.feel.errors import FeelSyntaxError

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
_SPACES = r"\s\u0085\u00A0\u1680\u180E\u2000-\u200B\u2028\u2029\u202F\u205F\u3000\uFEFF"
_TOKEN = re.compile(
    rf"""
    (?P<space>   [{_SPACES}]+ | //[^\r\n\u2028\u2029]* | /\*(?:[^*]|\*(?!/))*\*/ )
  | (?P<number>  (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<name>    [{_START}][{_PART}]* )
  | (?P<at>      @[{_SPACES}]*"(?:[^"\\]|\\.)*" )
  | (?P<string>  "(?:[^"\\]|\\.)*" )
  | (?P<quoted>  `[^`]+` )
  | (?P<op>      \*\* | \.\. | <= | >= | != | -> | [-+*/=<>()\[\]{{}},:.'] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
_FOREIGN = {
    "!": "FEEL negates with not(…)",
    "&": "FEEL joins conditions with 'and'",
    "|": "FEEL joins conditions with 'or'",
    ";": "FEEL separates with ','",
    "%": "use modulo(dividend, divisor)",
    "$": "an expression needs no ${…} here",
    "^": "FEEL raises to a power with **",
}

Kind = Literal["name", "number", "string", "at", "quoted", "op", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; `text` is the decoded content of strings, at-literals and quoted names."""

    kind: Kind
    text: str
    start: int
    end: int


def scan(text: str) -> list[Token]:
    """All tokens of the text, the last one of kind `end`."""
    tokens: list[Token] = []
    position, size, match = 0, len(text), _TOKEN.match
    while position < size:
        found = match(text, position)
        if found is None:
            raise _unreadable(text, position)
        end = found.end()
        kind = found.lastgroup
        if kind != "space":
            tokens.append(_token(kind, found.group(), position, end))
        position = end
    tokens.append(Token("end", "", size, size))
    return tokens


def syntax_error(text: str, position: int, message: str, hint: str = "") -> FeelSyntaxError:
    """The error with line and column of `position` in `text`."""
    before = text[:position]
    line = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    return FeelSyntaxError(message, line=line, column=column, position=position, hint=hint)


def unescape(body: str) -> str:
    """The characters a string literal stands for; surrogate pairs become one code point."""
    if "\\" not in body:
        return body
    decoded = _ESCAPE.sub(_escape, body)
    if any("\ud800" <= c <= "\udfff" for c in decoded):
        decoded = decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return decoded


def quote(value: str) -> str:
    """The string as a FEEL literal."""
    body = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f'"{body}"'


def _token(kind: str | None, text: str, start: int, end: int) -> Token:
    match kind:
        case "string":
            return Token("string", unescape(text[1:-1]), start, end)
        case "at":
            return Token("at", unescape(text[text.index('"') + 1 : -1]), start, end)
        case "quoted":
            return Token("quoted", text[1:-1], start, end)
        case "number":
            return Token("number", text, start, end)
        case "name":
            return Token("name", text, start, end)
        case _:
            return Token("op", text, start, end)


def _escape(found: re.Match[str]) -> str:
    short, long, simple = found.groups()
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, "\\" + simple)
    code = int(short or long, 16)
    return chr(code) if code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"


def _unreadable(text: str, position: int) -> FeelSyntaxError:
    character = text[position]
    if character == '"':
        return syntax_error(text, position, "The string is not closed", 'end it with "')
    if character == "`":
        return syntax_error(text, position, "The quoted name is not closed", "end it with `")
    if text.startswith("/*", position):
        return syntax_error(text, position, "The comment is not closed", "end it with */")
    if character == "@":
        return syntax_error(text, position, "After @ comes a quoted date, time or duration", 'for example @"2025-01-31"')
    return syntax_error(text, position, f"Unexpected character {character!r}", _FOREIGN.get(character, ""))
