"""What does a JUEL expression of Camunda 7 mean in FEEL? Translates the subset without method calls; the rest is refused with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rules.feel.builtins import BUILTINS
from rules.feel.errors import FeelSyntaxError
from rules.feel.scanner import quote, syntax_error

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<op>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/", "mod": "%"}
_POWERS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_FEEL = {"||": "or", "&&": "and", "==": "="}
_REMAINDER = "(function(dividend, divisor) dividend - divisor * round down(dividend / divisor, 0))"
_QUOTED = frozenset(
    ["if", "for", "some", "every", "function", "in", "between", "instance", "then", "else", "return", "satisfies", "item", "partial"]
    + [word for name in BUILTINS for word in (name, name.partition(" ")[0])]
)
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["number", "name", "string", "op", "end"]
    text: str
    at: int


def is_juel(text: str) -> bool:
    """Whether the text holds a JUEL expression, `${…}` or `#{…}`."""
    return "${" in text or "#{" in text


def to_feel(text: str) -> str:
    """The FEEL expression, without leading `=`, that means the same. Text around `${…}` is joined as string.

    Raises FeelSyntaxError, with line and column in `text`, for what is not in the subset: method calls, assignments, lambdas, …
    """
    stripped = text.strip()
    parts: list[str] = []
    position = 0
    while True:
        begin = _opening(text, position)
        literal = text[position:] if begin < 0 else text[position:begin]
        if literal and not (literal.isspace() and stripped.startswith(("${", "#{")) and stripped.endswith("}")):
            parts.append(quote(literal))
        if begin < 0:
            break
        reader = _Reader(text, begin + 2)
        translated = reader.whole()
        parts.append(translated)
        position = reader.token.at + 1
    if len(parts) == 1:
        return _bare(parts[0])
    return " + ".join(part if part.startswith('"') else f"string({part})" for part in parts)


def _bare(text: str) -> str:
    """The text without parentheses around the whole."""
    if not text.startswith("("):
        return text
    depth = 0
    in_string = False
    for position, letter in enumerate(text):
        if letter == '"' and (position == 0 or text[position - 1] != "\\"):
            in_string = not in_string
        depth += 0 if in_string else (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if position == len(text) - 1 else text
    return text


def _opening(text: str, position: int) -> int:
    found = [place for place in (text.find("${", position), text.find("#{", position)) if place >= 0]
    return min(found, default=-1)


class _Reader:
    """Reads one `${…}` and writes FEEL."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        self.depth = 0
        self.token = self._scan()

    def whole(self) -> str:
        result = self._ternary()
        if not self._at("}"):
            raise self._unexpected("an operator or '}'")
        return result

    def _ternary(self) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise syntax_error(self.text, self.token.at, "The expression is nested too deeply")
        condition = self._binary(0)
        if self._at("?"):
            self._advance()
            then = self._ternary()
            self._expect(":")
            condition = f"if {condition} then {then} else {self._ternary()}"
            condition = f"({condition})"
        self.depth -= 1
        return condition

    def _binary(self, power: int) -> str:
        left = self._unary()
        while self.token.kind == "op" and _POWERS.get(self.token.text, 0) > power:
            op = self._advance().text
            right = self._binary(_POWERS[op])
            left = f"{_REMAINDER}({left}, {right})" if op == "%" else f"({left} {_FEEL.get(op, op)} {right})"
        return left

    def _unary(self) -> str:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise syntax_error(self.text, self.token.at, "The expression is nested too deeply")
        if self._at("!"):
            self._advance()
            result = f"({self._unary()} != true)"
        elif self._at("-"):
            self._advance()
            result = f"-{self._unary()}"
        elif self.token.kind == "name" and self.token.text == "empty":
            self._advance()
            tested = self._unary()
            result = f'get or else({tested} = null or {tested} = "" or {tested} = [] or {tested} = {{}}, false)'
        else:
            result = self._path()
        self.depth -= 1
        return result

    def _path(self) -> str:
        result = self._operand()
        while self.token.kind == "op" and self.token.text in (".", "[", "("):
            opening = self._advance()
            if opening.text == ".":
                member = self._advance()
                if member.kind != "name":
                    raise syntax_error(self.text, member.at, "Expected a name after '.'")
                result = f"{result}.{_name(member.text)}"
            elif opening.text == "[":
                result = self._index(result)
            else:
                raise syntax_error(
                    self.text, opening.at, "Method calls are not translated", "compute the value in a FEEL expression or a job instead"
                )
        return result

    def _index(self, base: str) -> str:
        key = self._advance()
        self._expect("]")
        if key.kind == "string":
            return f"get value({base}, {quote(_unquoted(key.text))})"
        if key.kind == "number" and key.text.isdigit():
            return f"{base}[{int(key.text) + 1}]"
        raise syntax_error(self.text, key.at, "Only a number or a string can stand in [ ]", "write the index as literal")

    def _operand(self) -> str:
        token = self._advance()
        match token.kind:
            case "number":
                return token.text
            case "string":
                return quote(_unquoted(token.text))
            case "name":
                return token.text if token.text in ("true", "false", "null") else _name(token.text)
            case "op" if token.text == "(":
                inner = self._ternary()
                self._expect(")")
                return f"({inner})"
            case _:
                raise syntax_error(self.text, token.at, f"Expected a value, found '{token.text}'" if token.text else "Expected a value")

    def _at(self, symbol: str) -> bool:
        return self.token.kind == "op" and self.token.text == symbol

    def _expect(self, symbol: str) -> None:
        if not self._at(symbol):
            raise self._unexpected(f"'{symbol}'")
        self._advance()

    def _unexpected(self, wanted: str) -> FeelSyntaxError:
        found = f", found '{self.token.text}'" if self.token.text else ", but the expression ends"
        return syntax_error(self.text, self.token.at, f"Expected {wanted}{found}")

    def _advance(self) -> _Token:
        passed = self.token
        if not (passed.kind == "op" and passed.text == "}"):
            self.token = self._scan()
        return passed

    def _scan(self) -> _Token:
        while True:
            if self.position >= len(self.text):
                return _Token("end", "", len(self.text))
            found = _TOKEN.match(self.text, self.position)
            if found is None:
                raise syntax_error(self.text, self.position, f"Unexpected character {self.text[self.position]!r}")
            at, self.position = self.position, found.end()
            text = found.group()
            match found.lastgroup:
                case "space":
                    continue
                case "name":
                    return _Token("op", _WORDS[text], at) if text in _WORDS else _Token("name", text, at)
                case "number":
                    return _Token("number", text, at)
                case "string":
                    return _Token("string", text, at)
                case _:
                    return _Token("op", text, at)


def _name(name: str) -> str:
    return f"`{name}`" if name in _QUOTED or "$" in name else name


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)
