"""How is a problem of a file shown, as JSON and in one line?"""

from collections.abc import Mapping
from typing import Any

from bpmn.model import Problem


def problem_json(found: Problem) -> dict[str, Any]:
    """One problem of a file (`bpmn.model.Problem`) as JSON."""
    return {
        "severity": found.severity,
        "file": found.file,
        "message": found.message,
        "advice": found.advice,
        "elementId": found.element_id,
        "line": found.line,
        "rule": found.rule,
    }


def problem_line(found: Mapping[str, Any]) -> str:
    """A problem given as JSON in one line, as compilers write them."""
    place = ":".join(str(part) for part in (found.get("file"), found.get("line")) if part)
    element = f" [{found['elementId']}]" if found.get("elementId") else ""
    advice = f" {found['advice']}" if found.get("advice") else ""
    return f"{place}: {found.get('severity')}:{element} {found.get('message')}{advice}"
