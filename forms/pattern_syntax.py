"""What does a JavaScript regular expression say? Reads the source into a tree (ECMAScript §22.2.1, without back-references)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

MAX_REPEAT: Final = 1_000
MAX_DEPTH: Final = 50
MAX_LENGTH: Final = 1_000

_DIGIT: Final = ((48, 57),)
_WORD: Final = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final = (
    (9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
    (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_CLASSES: Final = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_LINE_ENDS: Final = ((10, 10), (13, 13), (0x2028, 0x2029))
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}

Ranges: TypeAlias = tuple[tuple[int, int], ...]


class PatternError(ValueError):
    """The pattern cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of the ranges, or (negative) out of none of them."""

    ranges: Ranges
    negative: bool = False

    def includes(self, character: str) -> bool:
        code = ord(character)
        return any(low <= code <= high for low, high in self.ranges) != self.negative


@dataclass(frozen=True, slots=True)
class TextStart:
    pass


@dataclass(frozen=True, slots=True)
class TextEnd:
    pass


@dataclass(frozen=True, slots=True)
class Boundary:
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    body: "Node"
    negative: bool


@dataclass(frozen=True, slots=True)
class Concatenation:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Alternatives:
    choices: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    body: "Node"
    minimum: int
    maximum: int | None


Node: TypeAlias = Characters | TextStart | TextEnd | Boundary | Look | Concatenation | Alternatives | Repeat


def parse_pattern(source: str) -> Node:
    if len(source) > MAX_LENGTH:
        raise PatternError(f"it is longer than {MAX_LENGTH} characters")
    reader = _Reader(source)
    node = reader.alternatives(0)
    if not reader.at_end:
        raise PatternError(f"unmatched ')' at position {reader.position + 1}")
    return node


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.source)

    def peek(self, text: str) -> bool:
        return self.source.startswith(text, self.position)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.position += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at_end:
            raise PatternError("it ends too early")
        self.position += 1
        return self.source[self.position - 1]

    def alternatives(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise PatternError("its groups are nested too deeply")
        choices = [self.sequence(depth)]
        while self.take("|"):
            choices.append(self.sequence(depth))
        return choices[0] if len(choices) == 1 else Alternatives(tuple(choices))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while not self.at_end and not self.peek("|") and not self.peek(")"):
            parts.append(self.repeated(self.atom(depth)))
        return parts[0] if len(parts) == 1 else Concatenation(tuple(parts))

    def repeated(self, atom: Node) -> Node:
        start = self.position
        counts = self.quantifier()
        if counts is None:
            return atom
        if isinstance(atom, TextStart | TextEnd | Boundary):
            raise PatternError(f"nothing to repeat at position {start + 1}")
        self.take("?")
        if self.position < len(self.source) and self.source[self.position] in "*+?":
            raise PatternError(f"nothing to repeat at position {self.position + 1}")
        return Repeat(atom, *counts)

    def quantifier(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return counts
        if not self.peek("{"):
            return None
        closing = self.source.find("}", self.position)
        inside = self.source[self.position + 1 : closing] if closing > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low.isascii() and low.isdigit()) or not (high == "" or (high.isascii() and high.isdigit())):
            return None  # JavaScript reads such a brace as a plain character
        self.position = closing + 1
        minimum = int(low)
        maximum = int(high) if high else (None if comma else minimum)
        if minimum > MAX_REPEAT or (maximum or 0) > MAX_REPEAT:
            raise PatternError(f"it repeats more than {MAX_REPEAT} times")
        if maximum is not None and maximum < minimum:
            raise PatternError(f"the numbers in {{{inside}}} are out of order")
        return minimum, maximum

    def atom(self, depth: int) -> Node:
        start = self.position + 1
        character = self.next()
        match character:
            case "^":
                return TextStart()
            case "$":
                return TextEnd()
            case ".":
                return Characters(_LINE_ENDS, negative=True)
            case "(":
                return self.group(depth, start)
            case "[":
                return self.character_class()
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise PatternError(f"nothing to repeat at position {start}")
            case _:
                return _one(character)

    def group(self, depth: int, start: int) -> Node:
        look: bool | None = None
        if self.take("?=") or self.peek("?!"):
            look = self.take("?!")
        elif self.peek("?<=") or self.peek("?<!"):
            raise PatternError("look-behind is not supported")
        elif self.take("?<"):
            while self.next() != ">":
                pass
        elif not self.take("?:") and self.peek("?"):
            raise PatternError(f"unknown group at position {start}")
        body = self.alternatives(depth + 1)
        if not self.take(")"):
            raise PatternError(f"the group at position {start} is not closed")
        return body if look is None else Look(body, look)

    def escape(self) -> Node:
        character = self.next()
        if character in "bB":
            return Boundary(negative=character == "B")
        if character in "123456789" or character == "k":
            raise PatternError("back-references are not supported")
        if character in "pP":
            raise PatternError("Unicode property escapes are not supported")
        if character.lower() in _CLASSES:
            return Characters(_CLASSES[character.lower()], negative=character.isupper())
        return _one(self.escaped_character(character))

    def escaped_character(self, character: str) -> str:
        if character in _CONTROLS:
            return _CONTROLS[character]
        length = {"x": 2, "u": 4}.get(character, 0)
        digits = self.source[self.position : self.position + length]
        if length and len(digits) == length and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            self.position += length
            return chr(int(digits, 16))
        return character

    def character_class(self) -> Node:
        negative = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.take("]"):
            low = self.class_member()
            if not isinstance(low, str):
                ranges.extend(low)
                continue
            if self.peek("-") and not self.peek("-]"):
                self.next()
                high = self.class_member()
                if not isinstance(high, str):
                    ranges.extend(((ord(low), ord(low)), (45, 45), *high))
                    continue
                if ord(high) < ord(low):
                    raise PatternError(f"the range {low}-{high} is out of order")
                ranges.append((ord(low), ord(high)))
            else:
                ranges.append((ord(low), ord(low)))
        return Characters(tuple(ranges), negative)

    def class_member(self) -> str | Ranges:
        character = self.next()
        if character != "\\":
            return character
        character = self.next()
        if character == "b":
            return "\b"
        if character in _CLASSES:
            return _CLASSES[character]
        if character.lower() in _CLASSES:
            return _outside(_CLASSES[character.lower()])
        return self.escaped_character(character)


def _one(character: str) -> Characters:
    return Characters(((ord(character), ord(character)),))


def _outside(ranges: Ranges) -> Ranges:
    edges = [-1, *(edge for low, high in ranges for edge in (low - 1, high + 1)), 0x10FFFF]
    edges[0] = 0
    pairs = [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
    return tuple((low, high) for low, high in pairs if low <= high)
