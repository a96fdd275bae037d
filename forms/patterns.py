"""Does a text match the pattern of a form field? Answered in bounded time, whatever the pattern.

Patterns are those of JavaScript without back-references and look-behind. They run as a non-backtracking automaton
(Thompson's simulation), so that no pattern and no input can hang the server; `compile_pattern` refuses what it cannot run.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from forms.pattern_syntax import (
    Alternatives,
    Boundary,
    Characters,
    Concatenation,
    Look,
    Node,
    PatternError,
    Repeat,
    TextEnd,
    TextStart,
    parse_pattern,
)

MAX_INSTRUCTIONS: Final = 5_000
MAX_STEPS: Final = 500_000


@dataclass(frozen=True, slots=True)
class _Split:
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Consume:
    characters: Characters


@dataclass(frozen=True, slots=True)
class _Assert:
    node: TextStart | TextEnd | Boundary


@dataclass(frozen=True, slots=True)
class _LookAhead:
    program: "Pattern"
    negative: bool


@dataclass(frozen=True, slots=True)
class _Matched:
    pass


_Instruction: TypeAlias = _Split | _Consume | _Assert | _LookAhead | _Matched


class TooManyStepsError(Exception):
    """The text is too long for this pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    instructions: tuple[_Instruction, ...]

    def matches(self, text: str) -> bool:
        """True when the pattern is found anywhere in the text, as `RegExp.test` does. Raises TooManyStepsError."""
        return _run(self, text, 0, [MAX_STEPS], {}, anchored=False)


@lru_cache(maxsize=512)
def compile_pattern(source: str) -> Pattern:
    """Raises PatternError with a plain reason when the pattern is malformed, too large or uses what is not supported."""
    return _program(parse_pattern(source), [MAX_INSTRUCTIONS])


def _program(node: Node, room: list[int]) -> Pattern:
    code: list[_Instruction] = []
    _emit(node, code, room)
    code.append(_Matched())
    return Pattern(tuple(code))


def _emit(node: Node, code: list[_Instruction], room: list[int]) -> None:
    room[0] -= 1
    if room[0] < 0:
        raise PatternError("it is too large")
    match node:
        case Characters():
            code.append(_Consume(node))
        case TextStart() | TextEnd() | Boundary():
            code.append(_Assert(node))
        case Look():
            code.append(_LookAhead(_program(node.body, room), node.negative))
        case Concatenation():
            for part in node.parts:
                _emit(part, code, room)
        case Alternatives():
            _emit_alternatives(node, code, room)
        case Repeat():
            _emit_repeat(node, code, room)


def _emit_alternatives(node: Alternatives, code: list[_Instruction], room: list[int]) -> None:
    split = len(code)
    code.append(_Split(()))
    starts: list[int] = []
    exits: list[int] = []
    for choice in node.choices:
        starts.append(len(code))
        _emit(choice, code, room)
        exits.append(len(code))
        code.append(_Split(()))
    code[split] = _Split(tuple(starts))
    for position in exits:
        code[position] = _Split((len(code),))


def _emit_repeat(node: Repeat, code: list[_Instruction], room: list[int]) -> None:
    for _ in range(node.minimum):
        _emit(node.body, code, room)
    if node.maximum is None:
        loop = len(code)
        code.append(_Split(()))
        _emit(node.body, code, room)
        code.append(_Split((loop,)))
        code[loop] = _Split((loop + 1, len(code)))
        return
    skips: list[int] = []
    for _ in range(node.maximum - node.minimum):
        skips.append(len(code))
        code.append(_Split(()))
        _emit(node.body, code, room)
    for position in skips:
        code[position] = _Split((position + 1, len(code)))


_Known: TypeAlias = dict[tuple[int, int], bool]


def _run(pattern: Pattern, text: str, start: int, budget: list[int], known: _Known, *, anchored: bool) -> bool:
    code = pattern.instructions
    waiting: set[int] = set()
    for position in range(start, len(text) + 1):
        if not anchored or position == start:
            waiting.add(0)
        if not waiting:
            return False
        active = _closure(pattern, waiting, text, position, budget, known)
        if active is None:
            return True
        if position == len(text):
            return False
        character = text[position]
        waiting = {index + 1 for index in active if isinstance(step := code[index], _Consume) and step.characters.includes(character)}
    return False


def _closure(pattern: Pattern, waiting: set[int], text: str, position: int, budget: list[int], known: _Known) -> set[int] | None:
    """The instructions reachable without reading a character; None when the match is complete."""
    code = pattern.instructions
    seen: set[int] = set()
    stack = list(waiting)
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        budget[0] -= 1
        if budget[0] < 0:
            raise TooManyStepsError
        step = code[index]
        match step:
            case _Matched():
                return None
            case _Split():
                stack.extend(step.targets)
            case _Assert() if _holds(step.node, text, position):
                stack.append(index + 1)
            case _LookAhead() if _looks_ahead(step, text, position, budget, known):
                stack.append(index + 1)
            case _:
                pass
    return seen


def _looks_ahead(step: _LookAhead, text: str, position: int, budget: list[int], known: _Known) -> bool:
    place = (id(step), position)
    if place not in known:
        known[place] = _run(step.program, text, position, budget, known, anchored=True) != step.negative
    return known[place]


def _holds(node: TextStart | TextEnd | Boundary, text: str, position: int) -> bool:
    match node:
        case TextStart():
            return position == 0
        case TextEnd():
            return position == len(text)
        case Boundary():
            before = position > 0 and _is_word(text[position - 1])
            after = position < len(text) and _is_word(text[position])
            return (before != after) != node.negative


def _is_word(character: str) -> bool:
    return character == "_" or (character.isascii() and character.isalnum())
