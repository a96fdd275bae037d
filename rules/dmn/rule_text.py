"""How does a rule of a decision table read? `amount > 1000 and tier = "new" → specialist`."""

from __future__ import annotations

from rules.dmn.elements import DecisionTable

_OPERATORS = ("<", ">", "=", "!=")


def rule_text(table: DecisionTable, rule: int) -> str:
    """The rule as a sentence; columns that match everything are left out."""
    element = table.rules[rule]
    conditions = [
        condition(clause.label or clause.expression, cell)
        for clause, cell in zip(table.inputs, element.inputs, strict=False)
        if cell not in ("", "-")
    ]
    outputs = [
        text.strip('"') if len(table.outputs) == 1 else f"{clause.name or clause.label} = {text.strip(chr(34))}"
        for clause, text in zip(table.outputs, element.outputs, strict=False)
    ]
    return f"{' and '.join(conditions) or 'always'} → {', '.join(outputs)}"


def condition(label: str, cell: str) -> str:
    """One cell with its column: `amount > 1000`, `tier in ("a", "b")`."""
    if "?" in cell:
        return cell.replace("?", label)
    if cell.startswith(_OPERATORS) and "," not in cell:
        operator = cell[:2] if cell[:2] in ("<=", ">=", "!=") else cell[:1]
        return f"{label} {operator} {cell[len(operator) :].strip()}"
    if cell.startswith("not(") and cell.endswith(")"):
        return f"{label} not in ({cell[4:-1].strip()})"
    if cell[:1] in "[](" and ".." in cell:
        return f"{label} in {cell}"
    if "," in cell and not (cell.startswith('"') and cell.count('"') == 2):
        return f"{label} in ({cell})"
    return f"{label} = {cell}"
