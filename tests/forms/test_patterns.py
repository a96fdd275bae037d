"""Do patterns match what JavaScript matches, and never hang?"""

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.pattern_syntax import PatternError
from forms.patterns import TooManyStepsError, compile_pattern

SAME_IN_PYTHON = [
    r"^[A-Z]{2}\d{3,5}$",
    r"a|b|cd",
    r"^(?=.*\d)(?=.*[A-Z]).{4,}$",
    r"^(?!foo)\w+$",
    r"\bcat\b",
    r"\Bat",
    r"[^a-c]+",
    r"^$",
    r"(ab)*c?",
    r"^\S+@\S+$",
    r"x{0,2}y",
    r"[\d\-.]+",
    r"^(a|ab)(c|bcd)$",
    r"[\W_]",
    r"^(?:a{2}){2}$",
    r"(a*)*b",
    r"a{,2}",
    r"[^\d\s]{2}",
]


@settings(max_examples=400, deadline=None)
@given(pattern=st.sampled_from(SAME_IN_PYTHON), text=st.text(alphabet="abcdxyAB01 -.@_foct{},", max_size=10))
def test_patterns_agree_with_pythons_engine(pattern: str, text: str) -> None:
    reference = re.compile(pattern.replace("{,", r"\{,"), re.ASCII)  # JavaScript reads {,2} as text

    assert compile_pattern(pattern).matches(text) == bool(reference.search(text))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\u0041", "A", True),
        (r"[\S]", " ", False),
        (r"^.$", "\n", False),
        ("[]", "a", False),
        ("[^]", "\n", True),
        (r"^[\w-]+$", "a-b", True),
    ],
)
def test_javascript_has_its_own_ways(pattern: str, text: str, found: bool) -> None:
    assert compile_pattern(pattern).matches(text) is found


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_that_hang_others_answer_soon(pattern: str) -> None:
    began = time.monotonic()
    with contextlib.suppress(TooManyStepsError):
        compile_pattern(pattern).matches("a" * 20_000 + "!")

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "a{3,1}",
        "*a",
        r"(a)\1",
        "[z-a]",
        "(?<=a)b",
        "a{5000}",
        "((a{900}){900})",
        "[",
        "\\",
        "(" * 60,
        "a**",
        "(?=a{900}){900}",
        "x" * 1001,
    ],
    ids=lambda pattern: pattern[:20],
)
def test_unusable_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
