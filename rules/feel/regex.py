"""What does an XPath regular expression match (DMN 1.5 §10.3.4.3; XPath functions §5.6, XML Schema part 2 appendix G)?"""

from __future__ import annotations

import re
from functools import lru_cache

from rules.feel.run import Undefined


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, flags: str) -> re.Pattern[str]:
    """The pattern, or Undefined."""
    options = 0
    for flag in flags:
        option = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE, "q": 0}.get(flag)
        if option is None:
            raise Undefined(f"no regular expression flag '{flag}'")
        options |= option
    try:
        return re.compile(re.escape(pattern) if "q" in flags else pattern, options)
    except (re.error, OverflowError, RecursionError) as failure:
        raise Undefined(f"'{pattern}' is no regular expression: {failure}") from None
