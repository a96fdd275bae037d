"""How does a vendor's `${…}` expression read in FEEL?"""

import re

from rules.feel import FeelSyntaxError
from rules.juel import to_feel

JUEL = re.compile(r"[$#]\{")
_EXPRESSION = re.compile(r"[$#]\{[^}]*\}")
_QUOTED_OR_COUNTER = re.compile(r"""'[^']*'|"[^"]*"|(?<![\w.])(?:nrOf(Active|Completed|Terminated)?Instances|(loopCounter))\b""")


def translate(text: str) -> str:
    """FEEL text without leading `=`. Raises ValueError when the expression has no meaning in FEEL."""
    try:
        return to_feel(_EXPRESSION.sub(lambda match: _rename(match[0], "(loopCounter - 1)"), text))
    except FeelSyntaxError as error:
        raise ValueError(f"{error.message} (column {error.column})") from None


def with_bpmn_counters(feel: str) -> str:
    """FEEL in a vendor's file may use the vendor's names of the counters of a multi-instance activity."""
    return _rename(feel, "loopCounter") if "nrOf" in feel else feel


def _rename(text: str, loop_counter: str) -> str:
    """BPMN 2.0 table 10.30 has other names for the counters; and our loopCounter counts from 1 where theirs counts from 0."""

    def name(match: re.Match[str]) -> str:
        if match[0][0] in "'\"":
            return match[0]
        return loop_counter if match[2] else f"numberOf{match[1] or ''}Instances"

    return _QUOTED_OR_COUNTER.sub(name, text)
