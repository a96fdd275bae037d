"""How does a vendor's `${…}` expression read in FEEL?"""

import re

# BPMN 2.0 table 10.30 has other names for the counters, and our loopCounter counts from 1 where theirs counts from 0.
_RENAMED = (
    (re.compile(r"\bnrOf(Active|Completed|Terminated)?Instances\b"), r"numberOf\1Instances"),
    (re.compile(r"\bloopCounter\b"), "(loopCounter - 1)"),
)
JUEL = re.compile(r"[$#]\{")
_EXPRESSION = re.compile(r"[$#]\{[^}]*\}")


def translate(text: str) -> str:
    """FEEL text without leading `=`. Raises ValueError when the expression has no meaning in FEEL."""
    try:
        from rules.juel import to_feel
    except ImportError:
        raise ValueError("such expressions are not translated") from None
    return to_feel(_EXPRESSION.sub(_rename, text))


def _rename(match: re.Match[str]) -> str:
    expression = match[0]
    for pattern, replacement in _RENAMED:
        expression = pattern.sub(replacement, expression)
    return expression
