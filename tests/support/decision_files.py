"""Builds decision files for tests: `table(...)`, `literal(...)`, `model(...)`."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from rules.dmn import DecisionModel, parse_decisions

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def text(content: str) -> str:
    return f"<text>{escape(content)}</text>"


def literal(content: str, type_ref: str = "") -> str:
    return f"<literalExpression{attribute('typeRef', type_ref)}>{text(content)}</literalExpression>"


def attribute(name: str, content: str) -> str:
    return f" {name}={quoteattr(content)}" if content else ""


def table(
    inputs: Sequence[str | tuple[str, str] | tuple[str, str, str]],
    outputs: Sequence[str | tuple[str, str] | tuple[str, str, str]],
    rules: Sequence[Sequence[str]],
    *,
    hit: str = "UNIQUE",
    aggregation: str = "",
    defaults: Sequence[str] = (),
) -> str:
    """Inputs are (expression, type, allowed values), outputs (name, type, allowed values); each rule a row of cells."""
    parts = [f"<decisionTable{attribute('hitPolicy', hit)}{attribute('aggregation', aggregation)}>"]
    for clause in inputs:
        expression, type_ref, values = _filled(clause)
        allowed = f"<inputValues>{text(values)}</inputValues>" if values else ""
        parts.append(f"<input><inputExpression{attribute('typeRef', type_ref)}>{text(expression)}</inputExpression>{allowed}</input>")
    for position, clause in enumerate(outputs):
        name, type_ref, values = _filled(clause)
        allowed = f"<outputValues>{text(values)}</outputValues>" if values else ""
        default = f"<defaultOutputEntry>{text(defaults[position])}</defaultOutputEntry>" if defaults else ""
        parts.append(f"<output{attribute('name', name)}{attribute('typeRef', type_ref)}>{allowed}{default}</output>")
    for number, row in enumerate(rules, 1):
        cells = [f"<inputEntry>{text(cell)}</inputEntry>" for cell in row[: len(inputs)]]
        results = [f"<outputEntry>{text(cell)}</outputEntry>" for cell in row[len(inputs) : len(inputs) + len(outputs)]]
        notes = [f"<annotationEntry>{text(cell)}</annotationEntry>" for cell in row[len(inputs) + len(outputs) :]]
        parts.append(f'<rule id="rule{number}">{"".join(cells + results + notes)}</rule>')
    return "".join(parts) + "</decisionTable>"


def decision(
    name: str, logic: str, *, inputs: Sequence[str] = (), needs: Sequence[str] = (), knows: Sequence[str] = (), type_ref: str = ""
) -> str:
    """A decision whose id is its name with underscores."""
    required = "".join(
        [f'<informationRequirement><requiredInput href="{reference(ref)}"/></informationRequirement>' for ref in inputs]
        + [f'<informationRequirement><requiredDecision href="{reference(ref)}"/></informationRequirement>' for ref in needs]
        + [f'<knowledgeRequirement><requiredKnowledge href="{reference(ref)}"/></knowledgeRequirement>' for ref in knows]
    )
    variable = f"<variable name={quoteattr(name)}{attribute('typeRef', type_ref)}/>"
    return f'<decision id="{id_of(name)}" name={quoteattr(name)}>{variable}{required}{logic}</decision>'


def input_data(name: str, type_ref: str = "") -> str:
    variable = f"<variable name={quoteattr(name)}{attribute('typeRef', type_ref)}/>"
    return f'<inputData id="{id_of(name)}" name={quoteattr(name)}>{variable}</inputData>'


def knowledge(name: str, parameters: Sequence[tuple[str, str]], logic: str) -> str:
    formal = "".join(f"<formalParameter name={quoteattr(key)}{attribute('typeRef', type_)}/>" for key, type_ in parameters)
    return (
        f'<businessKnowledgeModel id="{id_of(name)}" name={quoteattr(name)}><variable name={quoteattr(name)}/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


def item(name: str, base: str = "", *, allowed: str = "", constraint: str = "", collection: bool = False, parts: str = "") -> str:
    return (
        f"<itemDefinition name={quoteattr(name)}{attribute('isCollection', 'true' if collection else '')}>"
        + (f"<typeRef>{base}</typeRef>" if base else "")
        + (f"<allowedValues>{text(allowed)}</allowedValues>" if allowed else "")
        + (f"<typeConstraint>{text(constraint)}</typeConstraint>" if constraint else "")
        + parts
        + "</itemDefinition>"
    )


def definitions(*parts: str, namespace: str = "urn:test") -> bytes:
    body = "\n".join(parts)
    return f'<definitions xmlns="{NAMESPACE}" id="file" name="file" namespace="{namespace}">\n{body}\n</definitions>'.encode()


def model(*parts: str) -> DecisionModel:
    return parse_decisions(definitions(*parts), file="test.dmn")


def id_of(name: str) -> str:
    return name if "#" in name else name.replace(" ", "_")


def reference(ref: str) -> str:
    return ref if "#" in ref else f"#{id_of(ref)}"


def _filled(clause: str | tuple[str, ...]) -> tuple[str, str, str]:
    parts = (clause,) if isinstance(clause, str) else clause
    name, type_ref, values = (*parts, "", "")[:3]
    return name, type_ref, values
