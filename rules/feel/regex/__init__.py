"""What does an XPath regular expression match (DMN 1.5 §10.3.4.3; XPath functions §5.6, XML Schema part 2 appendix G)?

Python's `re` has another syntax and may run forever on hostile patterns. Here a pattern is parsed by the book; matching takes
`re` only where its cost is bounded, else a machine that visits each (instruction, position) once.
"""

from rules.feel.regex.pattern import Found, Pattern, compile_pattern

__all__ = ["Found", "Pattern", "compile_pattern"]
