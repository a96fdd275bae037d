"""How is a pattern matched in bounded time? A backtracking machine that visits each (instruction, position) once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from rules.feel.regex.characters import Holds
from rules.feel.regex.grammar import Anchor, BackReference, Character, Choice, Group, Part, Repeat, Sequence
from rules.feel.run import UndefinedError

_MAX_INSTRUCTIONS = 20_000

CHARACTER, SPLIT, JUMP, SAVE, START, END, REFER, MATCH = range(8)


@dataclass(slots=True)
class Instruction:
    """`first` is tried before `second`; for SAVE the slot, for REFER the group."""

    kind: int
    first: int = 0
    second: int = 0
    holds: Holds | None = None


class Machine:
    """The program of a pattern."""

    def __init__(self, part: Part, groups: int, *, multiline: bool, ignore_case: bool) -> None:
        self.groups = groups
        self.multiline = multiline
        self.ignore_case = ignore_case
        self.refers = False
        self.program: list[Instruction] = []
        self._emit(Group(part, 0))
        self._add(Instruction(MATCH))

    def search(self, text: str, start: int, spend: Callable[[int], None]) -> tuple[int, ...] | None:
        """The leftmost match from `start` on: start and end of each group, -1 where it took no part."""
        visited: set[object] = set()
        for begin in range(start, len(text) + 1):
            found = self._run(text, begin, visited, spend)
            if found is not None:
                return found
        return None

    def _run(self, text: str, begin: int, visited: set[object], spend: Callable[[int], None]) -> tuple[int, ...] | None:
        program, size, steps = self.program, len(text), 0
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, begin, (-1,) * (2 * self.groups + 2))]
        while stack:
            counter, position, saved = stack.pop()
            while True:
                key = (counter, position, saved) if self.refers else counter * (size + 1) + position
                if key in visited:
                    break
                visited.add(key)
                steps += 1
                if steps % 512 == 0:
                    spend(512)
                instruction = program[counter]
                kind = instruction.kind
                if kind == CHARACTER:
                    if position >= size or not instruction.holds(text[position]):  # type: ignore[misc]
                        break
                    position += 1
                    counter += 1
                elif kind == SPLIT:
                    stack.append((instruction.second, position, saved))
                    counter = instruction.first
                elif kind == JUMP:
                    counter = instruction.first
                elif kind == SAVE:
                    slot = instruction.first
                    saved = (*saved[:slot], position, *saved[slot + 1 :])
                    counter += 1
                elif kind == START:
                    if not (position == 0 or (self.multiline and position < size and text[position - 1] == "\n")):
                        break
                    counter += 1
                elif kind == END:
                    if not (position == size or (self.multiline and text[position] == "\n")):
                        break
                    counter += 1
                elif kind == REFER:
                    end = self._referred(text, position, saved, instruction.first)
                    if end < 0:
                        break
                    position = end
                    counter += 1
                else:
                    spend(steps % 512)
                    return saved
        spend(steps % 512)
        return None

    def _referred(self, text: str, position: int, saved: tuple[int, ...], group: int) -> int:
        first, last = saved[2 * group], saved[2 * group + 1]
        if first < 0 or last < 0:
            return position
        wanted, found = text[first:last], text[position : position + last - first]
        same = wanted == found or (self.ignore_case and wanted.lower() == found.lower())
        return position + last - first if same else -1

    def _emit(self, part: Part) -> None:
        match part:
            case Character():
                self._add(Instruction(CHARACTER, holds=part.holds))
            case Anchor():
                self._add(Instruction(START if part.at_start else END))
            case BackReference():
                self.refers = True
                self._add(Instruction(REFER, part.group))
            case Sequence():
                for inner in part.parts:
                    self._emit(inner)
            case Choice():
                self._emit_choice(part)
            case Group():
                if part.number is None:
                    self._emit(part.body)
                else:
                    self._add(Instruction(SAVE, 2 * part.number))
                    self._emit(part.body)
                    self._add(Instruction(SAVE, 2 * part.number + 1))
            case Repeat():
                self._emit_repeat(part)
            case _:
                assert_never(part)

    def _emit_choice(self, part: Choice) -> None:
        ends: list[Instruction] = []
        for option in part.options[:-1]:
            split = self._add(Instruction(SPLIT))
            split.first = len(self.program)
            self._emit(option)
            ends.append(self._add(Instruction(JUMP)))
            split.second = len(self.program)
        self._emit(part.options[-1])
        for end in ends:
            end.first = len(self.program)

    def _emit_repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self._emit(part.body)
        if part.most is None:
            split = self._add(Instruction(SPLIT))
            begin = len(self.program)
            self._emit(part.body)
            self._add(Instruction(JUMP, begin - 1))
            self._aim(split, begin, len(self.program), part.greedy)
            return
        splits: list[tuple[Instruction, int]] = []
        for _ in range(part.most - part.least):
            split = self._add(Instruction(SPLIT))
            splits.append((split, len(self.program)))
            self._emit(part.body)
        for split, begin in splits:
            self._aim(split, begin, len(self.program), part.greedy)

    @staticmethod
    def _aim(split: Instruction, inside: int, after: int, greedy: bool) -> None:
        split.first, split.second = (inside, after) if greedy else (after, inside)

    def _add(self, instruction: Instruction) -> Instruction:
        if len(self.program) >= _MAX_INSTRUCTIONS:
            raise UndefinedError("the regular expression repeats too much")
        self.program.append(instruction)
        return instruction
