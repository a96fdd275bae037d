"""Which process does a call activity call in a vendor's dialect, and which variables go in and out?"""

from bpmn.dialects.vendor import vendor_attribute, vendor_elements
from bpmn.extensions import Extensions
from bpmn.model import Binding, IoMapping, ResourceRef
from bpmn.namespaces import local_name
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element

_BINDINGS = {"latest": Binding.LATEST, "deployment": Binding.DEPLOYMENT, "versionTag": Binding.VERSION_TAG}


def read_call(element: Element, ext: Extensions, reading: Reading) -> None:
    """These dialects pass only what they map."""
    if ext.says_something:
        return
    called = reading.value(element.get("calledElement"), element, "called process", juel=True)
    binding = vendor_attribute(element, "calledElementBinding") or "latest"
    if called is None:
        if vendor_attribute(element, "caseRef"):
            ext.says_something = True
            reading.problems.error(
                "case-call", element, f"{sentence(title(element))} calls a CMMN case.", "Model the case as a process and call that."
            )
        return
    ext.says_something = True
    if binding not in _BINDINGS:
        reading.changed(element, "it calls a version by number; the newest version is called")
    tag = vendor_attribute(element, "calledElementVersionTag")
    ext.called = ResourceRef(called, _BINDINGS.get(binding, Binding.LATEST), tag)
    ext.propagate_parent = vendor_attribute(element, "inheritVariables") == "true"
    ext.propagate_child = False
    for mapping in vendor_elements(element, "in", "out"):
        _read_mapping(mapping, element, ext, reading)


def _read_mapping(mapping: Element, element: Element, ext: Extensions, reading: Reading) -> None:
    direction = local_name(mapping.tag)
    if mapping.get("variables") == "all":
        if direction == "in":
            ext.propagate_parent = True
        else:
            ext.propagate_child = True
        return
    if mapping.get("businessKey"):
        reading.changed(element, "the business key is not handed on; map it as a variable")
        return
    source, expression, target = mapping.get("source"), mapping.get("sourceExpression"), mapping.get("target")
    if not target or not (source or expression):
        reading.problems.error(
            "mapping-target", mapping, f"A variable mapping of the {title(element)} lacks its source or target.", "Complete or remove it."
        )
        return
    if source and not expression:
        value = reading.compile(source, mapping, f'source of "{target}"')
    else:
        value = reading.value(expression, mapping, f'source of "{target}"', juel=True)
    if value is not None:
        (ext.inputs if direction == "in" else ext.outputs).append(IoMapping(value, target))
