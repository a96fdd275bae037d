"""Is the text one of the few shapes that most cells of decision tables have? Then it needs no scanner and no parser."""

from __future__ import annotations

import re
from typing import cast

from rules.feel.numbers import number
from rules.feel.syntax import CompareOp, Literal, Node, RangeLiteral, Tests, UnaryRange

_NUMBER = r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?"
_STRING = re.compile(r'"[^"\\]*"')
_PLAIN = re.compile(_NUMBER)
_COMPARISON = re.compile(rf"(<=|>=|!=|<|>|=)\s*({_NUMBER})")
_RANGE = re.compile(rf"([\[\](])\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*([\[\])])")


def short_expression(text: str) -> Node | None:
    """The tree of a string or number, None for other texts."""
    if _STRING.fullmatch(text):
        return Literal(text[1:-1])
    return Literal(number(text)) if _PLAIN.fullmatch(text) else None


def short_tests(text: str) -> Tests | None:
    """The tree of a cell that is `-`, a string, a number, a comparison with a number or a range of numbers."""
    if text == "-":
        return Tests(())
    literal = short_expression(text)
    if literal is not None:
        return Tests((literal,))
    found = _COMPARISON.fullmatch(text)
    if found is not None:
        return Tests((UnaryRange(cast(CompareOp, found[1]), Literal(number(found[2]))),))
    found = _RANGE.fullmatch(text)
    if found is not None:
        return Tests((RangeLiteral(Literal(number(found[2])), Literal(number(found[3])), found[1] == "[", found[4] == "]"),))
    return None
