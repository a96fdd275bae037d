"""What is doubtful in a decision table? Gaps, overlaps, rules that never decide, values that are not allowed."""

from rules.dmn.lint.findings import Finding
from rules.dmn.lint.table_lint import lint_table

__all__ = ["Finding", "lint_table"]
