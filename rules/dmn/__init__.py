"""What does this decision file decide? Reads DMN 1.3 to 1.5 once; decisions are evaluated many times."""

from rules.dmn.errors import DmnError, DmnProblem
from rules.dmn.lint import Finding
from rules.dmn.model import Decision, DecisionModel, parse_decision_files, parse_decisions, read_decision_files, read_imports
from rules.dmn.results import DecisionResult, EvaluatedDecision, MatchedRule, NamedValue

__all__ = [
    "Decision",
    "DecisionModel",
    "DecisionResult",
    "DmnError",
    "DmnProblem",
    "EvaluatedDecision",
    "Finding",
    "MatchedRule",
    "NamedValue",
    "parse_decision_files",
    "parse_decisions",
    "read_decision_files",
    "read_imports",
]
