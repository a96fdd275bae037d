"""What can go wrong with a FEEL expression.

FeelError                  an evaluation that cannot go on
├── FeelSyntaxError        the text is not FEEL; carries line, column and a hint
├── FeelBudgetError        the evaluation used up its steps, size or depth
└── FeelAssertionError     `assert()` was not met
"""


class FeelError(Exception):
    """An expression could not be compiled or evaluated."""


class FeelSyntaxError(FeelError):
    """The text is not a FEEL expression. Line and column count from 1, `position` from 0."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, position: int = 0, hint: str = "") -> None:
        self.message = message
        self.line = line
        self.column = column
        self.position = position
        self.hint = hint
        text = f"{message} (line {line}, column {column})"
        super().__init__(f"{text}; {hint}" if hint else text)


class FeelBudgetError(FeelError):
    """The evaluation used up its budget of steps, size or depth."""


class FeelAssertionError(FeelError):
    """An `assert()` in the expression was not met."""
