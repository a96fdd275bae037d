"""How is an XPath regular expression structured? Also tells its equivalent for Python's `re`, where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.feel.regex import characters
from rules.feel.regex.characters import Holds
from rules.feel.run import UndefinedError

_SINGLE = {"n": "\n", "r": "\r", "t": "\t"}
_ESCAPABLE = frozenset("\\|.?*+(){}-[]^$")
_META = frozenset("\\|.?*+(){}[]^$")
_QUANTITY = re.compile(r"\{([0-9]{1,6})(?:(,)([0-9]{1,6})?)?\}")
_MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a class; `source` is the class in Python's syntax, when it has it."""

    holds: Holds
    source: str | None


@dataclass(frozen=True, slots=True)
class Anchor:
    at_start: bool


@dataclass(frozen=True, slots=True)
class BackReference:
    group: int


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`number` is None when it does not capture."""

    body: Part
    number: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    body: Part
    least: int
    most: int | None
    greedy: bool


Part = Character | Anchor | BackReference | Sequence | Choice | Group | Repeat


class Grammar:
    """Reads one pattern; raises UndefinedError."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.ignore_case = "i" in flags
        self.dot_all = "s" in flags
        self.text = _without_spaces(pattern) if "x" in flags and "q" not in flags else pattern
        self.literal = "q" in flags
        self.position = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0

    def parse(self) -> Part:
        if self.literal:
            return Sequence(tuple(self._character(letter) for letter in self.text))
        part = self._choice()
        if self.position < len(self.text):
            raise self._wrong(f"'{self.text[self.position]}' closes nothing")
        return part

    def _choice(self) -> Part:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._wrong("too deeply nested")
        options = [self._sequence()]
        while self._peek() == "|":
            self.position += 1
            options.append(self._sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._quantified(self._atom()))
        return Sequence(tuple(parts))

    def _quantified(self, atom: Part) -> Part:
        sign = self._peek()
        if sign in ("?", "*", "+") and sign:
            self.position += 1
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        elif sign == "{":
            found = _QUANTITY.match(self.text, self.position)
            if found is None:
                raise self._wrong("a quantity is written {n}, {n,} or {n,m}")
            self.position = found.end()
            least = int(found[1])
            most = least if found[2] is None else None if found[3] is None else int(found[3])
            if most is not None and most < least:
                raise self._wrong("the quantity goes backwards")
        else:
            return atom
        if isinstance(atom, Anchor):
            raise self._wrong("an anchor cannot be repeated")
        greedy = self._peek() != "?"
        self.position += not greedy
        if self._peek() in ("?", "*", "+", "{") and self._peek():
            raise self._wrong("two quantifiers in a row")
        return Repeat(atom, least, most, greedy)

    def _atom(self) -> Part:
        letter = self._next()
        match letter:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case ".":
                source = "[\\s\\S]" if self.dot_all else "[^\\n\\r]"
                return Character(characters.any_character(dot_all=self.dot_all), source)
            case "^" | "$":
                return Anchor(letter == "^")
            case "\\":
                return self._escape()
            case "?" | "*" | "+" | "{":
                raise self._wrong(f"'{letter}' repeats nothing")
            case "}" | "]":
                raise self._wrong(f"'{letter}' is written \\{letter}")
            case _:
                return self._character(letter)

    def _group(self) -> Part:
        number: int | None = None
        if self.text.startswith("?:", self.position):
            self.position += 2
        elif self._peek() == "?":
            raise self._wrong("'(?' is followed by ':'")
        else:
            self.groups += 1
            number = self.groups
        body = self._choice()
        if self._peek() != ")":
            raise self._wrong("a parenthesis is not closed")
        self.position += 1
        if number is not None:
            self.closed.add(number)
        return Group(body, number)

    def _escape(self) -> Part:
        letter = self._next()
        if letter in "123456789" and letter:
            group = int(letter)
            while self._peek().isascii() and self._peek().isdigit() and group * 10 + int(self._peek()) <= self.groups:
                group = group * 10 + int(self._next())
            if group not in self.closed:
                raise self._wrong(f"there is no group {group} before \\{group}")
            return BackReference(group)
        return self._class_escape(letter) or self._character(self._single(letter))

    def _class_escape(self, letter: str) -> Character | None:
        """`\\d`, `\\p{…}` and the like."""
        if letter in ("p", "P"):
            end = self.text.find("}", self.position)
            if self._peek() != "{" or end < 0:
                raise self._wrong("a category is written \\p{L}")
            holds = characters.property_class(self.text[self.position + 1 : end])
            self.position = end + 1
            return Character(characters.neither(holds) if letter == "P" else holds, None)
        if letter.lower() in ("s", "d", "w", "i", "c") and letter:
            source = {"s": "[ \\t\\n\\r]", "S": "[^ \\t\\n\\r]", "d": "\\d", "D": "\\D"}.get(letter)
            return Character(characters.escape(letter), source)
        return None

    def _single(self, letter: str) -> str:
        if letter in _SINGLE:
            return _SINGLE[letter]
        if letter in _ESCAPABLE:
            return letter
        raise self._wrong(f"there is no escape '\\{letter}'")

    def _class(self) -> Character:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._wrong("too deeply nested")
        negated = self._peek() == "^"
        self.position += negated
        holds: list[Holds] = []
        sources: list[str | None] = []
        removed: Character | None = None
        while True:
            letter = self._next()
            if letter == "":
                raise self._wrong("a character class is not closed")
            if letter == "]":
                break
            if letter == "-" and self._peek() == "[" and holds:
                self.position += 1
                removed = self._class()
                if self._next() != "]":
                    raise self._wrong("a subtracted class is the last part of a class")
                break
            member = self._member(letter)
            holds.append(member.holds)
            sources.append(member.source)
        if not holds:
            raise self._wrong("a character class is empty")
        self.depth -= 1
        result = characters.either(holds)
        if negated:
            result = characters.neither(result)
        if removed is not None:
            return Character(characters.without(result, removed.holds), None)
        source = None if None in sources else f"[{'^' if negated else ''}{''.join(map(_inside, sources))}]"
        return Character(result, source if not any(str(part).startswith("[^") for part in sources) else None)

    def _member(self, letter: str) -> Character:
        if letter == "[":
            raise self._wrong("'[' in a class is written \\[")
        if letter == "\\":
            escaped = self._next()
            found = self._class_escape(escaped)
            if found is not None:
                return found
            first = self._single(escaped)
        else:
            first = letter
        following = self.text[self.position + 1 : self.position + 2]
        if self._peek() == "-" and following not in ("]", "[", ""):
            self.position += 1
            last = self._next()
            if last == "\\":
                last = self._single(self._next())
            if last < first:
                raise self._wrong(f"the range {first}-{last} goes backwards")
            source = f"{_in_class(first)}-{_in_class(last)}"
            return Character(characters.between(first, last, ignore_case=self.ignore_case), source)
        return Character(characters.one(first, ignore_case=self.ignore_case), _in_class(first))

    def _character(self, letter: str) -> Character:
        return Character(characters.one(letter, ignore_case=self.ignore_case), re.escape(letter))

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _next(self) -> str:
        letter = self._peek()
        self.position += 1
        return letter

    def _wrong(self, reason: str) -> UndefinedError:
        return UndefinedError(f"'{self.text}' is no regular expression: {reason}")


def _inside(source: str | None) -> str:
    """The members of a class, without its brackets."""
    text = str(source)
    return text[1:-1] if text.startswith("[") else text


def _in_class(letter: str) -> str:
    return f"\\{letter}" if letter in "\\]^-[&|~" else letter


def _without_spaces(pattern: str) -> str:
    """The pattern without white space outside character classes."""
    result: list[str] = []
    depth = position = 0
    while position < len(pattern):
        letter = pattern[position]
        if letter == "\\" and position + 1 < len(pattern) and (depth or pattern[position + 1] not in " \t\n\r"):
            result.append(pattern[position : position + 2])
            position += 2
            continue
        depth += (letter == "[") - (letter == "]" and depth > 0)
        if depth or letter not in " \t\n\r":
            result.append(letter)
        position += 1
    return "".join(result)
