"""What does this FEEL text mean? Compiles FEEL (DMN 1.5 chapter 10) once; the result is evaluated many times."""

from rules.feel.conversion import to_feel, to_json, to_python, to_text
from rules.feel.durations import DaysTimeDuration, YearsMonthsDuration
from rules.feel.errors import FeelAssertionError, FeelBudgetError, FeelError, FeelSyntaxError
from rules.feel.expression import Evaluation, Expression, UnaryTests, compile_expression, compile_unary_tests
from rules.feel.json_text import read_json_text, to_json_text
from rules.feel.moments import add_duration, parse_duration

__all__ = [
    "DaysTimeDuration",
    "Evaluation",
    "Expression",
    "FeelAssertionError",
    "FeelBudgetError",
    "FeelError",
    "FeelSyntaxError",
    "UnaryTests",
    "YearsMonthsDuration",
    "add_duration",
    "compile_expression",
    "compile_unary_tests",
    "parse_duration",
    "read_json_text",
    "to_feel",
    "to_json",
    "to_json_text",
    "to_python",
    "to_text",
]
