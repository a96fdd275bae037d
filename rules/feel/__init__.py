"""What does this FEEL text mean? Compiles FEEL (DMN 1.5 chapter 10) once; the result is evaluated many times."""

from rules.feel.errors import FeelAssertionError, FeelBudgetError, FeelError, FeelSyntaxError
from rules.feel.expression import Evaluation, Expression, UnaryTests, compile_expression, compile_unary_tests

__all__ = [
    "Evaluation",
    "Expression",
    "FeelAssertionError",
    "FeelBudgetError",
    "FeelError",
    "FeelSyntaxError",
    "UnaryTests",
    "compile_expression",
    "compile_unary_tests",
]
