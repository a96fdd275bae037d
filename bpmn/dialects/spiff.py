"""What do the `spiffworkflow:` extensions of an element say, as far as they are not Python?"""

from bpmn.extensions import Extensions
from bpmn.model import IoMapping, ResourceRef
from bpmn.namespaces import SPIFF, B, local_name
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of

_LEFT_OUT = {
    "preScript": "a pre-script",
    "postScript": "a post-script",
}


def read_spiff(element: Element, ext: Extensions, reading: Reading) -> None:
    """Service tasks become jobs of their element id with the operator as header; decisions are evaluated."""
    container = element.find(B + "extensionElements")
    for child in container if container is not None else ():
        if not child.tag.startswith(f"{{{SPIFF}}}"):
            continue
        name = local_name(child.tag)
        if name in _LEFT_OUT and text_of(child):
            reading.left_out(element, _LEFT_OUT[name], "Model what it does as a task with a FEEL script.")
        elif name == "serviceTaskOperator" and not ext.says_something:
            _read_operator(child, element, ext, reading)
        elif name == "calledDecisionId" and text_of(child) and not ext.says_something:
            ext.says_something = True
            ext.decision, ext.result_variable = ResourceRef(text_of(child)), "decisionResult"
            reading.changed(element, 'the result of its decision is one variable "decisionResult", not a variable per output')
        elif name == "properties":
            for item in child:
                ext.properties[item.get("name") or ""] = item.get("value") or ""


def _read_operator(operator: Element, element: Element, ext: Extensions, reading: Reading) -> None:
    ext.says_something = True
    ext.job_type = element.get("id")
    ext.headers["operator"] = operator.get("id") or ""
    if result := operator.get("resultVariable"):
        ext.headers["resultVariable"] = result
    for parameter in operator.iter(f"{{{SPIFF}}}parameter"):
        name, value = parameter.get("id"), (parameter.get("value") or "").strip()
        source = (
            reading.infix(value, parameter, f'parameter "{name}"')
            if not value.startswith("=")
            else reading.value(value, parameter, "parameter")
        )
        if value and source is None:
            reading.problems.error(
                "not-feel",
                element,
                f'{sentence(title(element))}: the parameter "{name}" is Python that has no counterpart in FEEL.',
                "Write it as FEEL after a leading =.",
            )
        if name:
            ext.inputs.append(IoMapping(source, name))
    reading.changed(element, f'a job of type "{ext.job_type}" takes the place of the operator "{ext.headers["operator"]}"')
