"""Where in the token list is the parser, and what does it complain about?"""

from __future__ import annotations

from rules.feel.errors import FeelSyntaxError
from rules.feel.names import KnownNames, normalized
from rules.feel.scanner import Token, scan, syntax_error

MAX_DEPTH = 180
_NAME_SYMBOLS = frozenset({"+", "-", "*", "/", ".", "'", "**"})


class Cursor:
    """The tokens of a text, read one after the other."""

    def __init__(self, text: str, known: KnownNames, members: KnownNames) -> None:
        self.text = text
        self.tokens = scan(text)
        self.index = 0
        self.token: Token = self.tokens[0]
        self.depth = 0
        self.known = known
        self.members = members

    def advance(self, count: int = 1) -> Token:
        """Step over `count` tokens; gives the first of them."""
        passed = self.token
        self.index = min(self.index + count, len(self.tokens) - 1)
        self.token = self.tokens[self.index]
        return passed

    def peek(self, distance: int = 1) -> Token:
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def at_op(self, *symbols: str) -> bool:
        return self.token.kind == "op" and self.token.text in symbols

    def at_word(self, word: str) -> bool:
        return self.token.kind == "name" and self.token.text == word

    def expect_op(self, symbol: str, purpose: str) -> Token:
        if not self.at_op(symbol):
            raise self.unexpected(f"'{symbol}' {purpose}")
        return self.advance()

    def expect_word(self, word: str, purpose: str) -> Token:
        if not self.at_word(word):
            raise self.unexpected(f"'{word}' {purpose}")
        return self.advance()

    def skip_comma(self) -> bool:
        """Step over a comma, if there is one."""
        found = self.at_op(",")
        if found:
            self.advance()
        return found

    def unexpected(self, wanted: str) -> FeelSyntaxError:
        """The error that something else than `wanted` is here."""
        token = self.token
        if token.kind == "end":
            return syntax_error(self.text, token.start, f"Expected {wanted}, but the expression ends")
        return syntax_error(self.text, token.start, f"Expected {wanted}, found {_shown(token)}", self._hint())

    def new_name(self, ends: tuple[str, ...], purpose: str) -> str:
        """A name being defined: everything up to one of `ends`."""
        if self.token.kind in ("string", "quoted"):
            return normalized(self.advance().text)
        first = self.token
        if first.kind != "name":
            raise self.unexpected(purpose)
        last = self.advance()
        while self._continues_name() and self.token.text not in ends:
            last = self.advance()
        return normalized(self.text[first.start : last.end])

    def named_argument(self) -> str | None:
        """The name before `:` when an argument is named; moves behind the colon."""
        distance = 0
        while True:
            token = self.peek(distance)
            if token.kind == "op" and token.text == ":" and distance:
                break
            if not (token.kind in ("name", "quoted") or (distance and _part_of_name(token))):
                return None
            distance += 1
        first = self.token
        last = self.peek(distance - 1)
        name = first.text if first.kind == "quoted" else normalized(self.text[first.start : last.end])
        self.advance(distance + 1)
        return name

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise syntax_error(self.text, self.token.start, f"More than {MAX_DEPTH} levels of nesting", "name the inner parts")

    def _continues_name(self) -> bool:
        return self.token.kind == "name" or _part_of_name(self.token)

    def _hint(self) -> str:
        token, before = self.token, self.tokens[self.index - 1] if self.index else None
        if token.kind == "op" and before is not None and before.text == "=" and token.text == "=":
            return "FEEL compares with a single '='"
        if token.kind == "name" and before is not None and before.kind in ("name", "quoted"):
            close = self.known.similar(f"{before.text} {token.text}")
            return close or f"a name with spaces that is not known here is written `{before.text} {token.text}`"
        return ""


def _part_of_name(token: Token) -> bool:
    return token.kind in ("name", "number") or (token.kind == "op" and token.text in _NAME_SYMBOLS)


def _shown(token: Token) -> str:
    return f'"{token.text}"' if token.kind == "string" else f"'{token.text}'"
