"""Who does the work of a service, send, script or business rule task in a vendor's dialect?"""

import re

from bpmn.dialects.vendor import inner, vendor_attribute, vendor_elements
from bpmn.extensions import Extensions
from bpmn.model import Binding, IoMapping, ResourceRef
from bpmn.namespaces import B
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of

_CODE = ("class", "delegateExpression", "expression")
_BINDINGS = {"latest": Binding.LATEST, "deployment": Binding.DEPLOYMENT, "versionTag": Binding.VERSION_TAG}
_ROWS = "flatten([decisionRows])[item != null]"
_ENTRIES = (
    f"flatten(for row in {_ROWS} return if get entries(row) = null then row else get entries(row)[value != null].value)[item != null]"
)
_RESULTS = {
    "singleEntry": f"{{entries: {_ENTRIES}, result: if count(entries) <= 1 then entries[1] else assert(null, false)}}.result",
    "singleResult": f"{{rows: {_ROWS}, result: if count(rows) <= 1 then rows[1] else assert(null, false)}}.result",
    "collectEntries": _ENTRIES,
    "resultList": _ROWS,
}


def read_work(element: Element, kind: str, ext: Extensions, reading: Reading) -> None:
    """A decision is evaluated; everything else becomes a job of its topic, else of its element id."""
    holder = element
    if kind in ("intermediateThrowEvent", "endEvent"):
        message = element.find(B + "messageEventDefinition")
        if message is None:
            return
        holder = message
    if ext.says_something:
        return
    if kind == "businessRuleTask" and (decision := vendor_attribute(element, "decisionRef")):
        _read_decision(element, decision, ext, reading)
        return
    topic, code = vendor_attribute(holder, "topic"), [name for name in _CODE if vendor_attribute(holder, name)]
    service = vendor_attribute(holder, "type")
    connector = next(vendor_elements(holder, "connector"), None)
    script = element.find(B + "script")
    if holder is not element and not (topic or code or service or connector is not None):
        return
    ext.says_something = True
    ext.job_type = (reading.value(topic, holder, "topic", juel=True) if topic else None) or element.get("id")
    for name in code:
        ext.headers[name] = vendor_attribute(holder, name) or ""
    if service and service != "external":
        ext.headers["type"] = service
    if connector is not None:
        ext.headers["connectorId"] = "".join(text_of(part) for part in inner(connector, "connectorId"))
    if result := vendor_attribute(element, "resultVariable") or vendor_attribute(element, "resultVariableName"):
        ext.headers["resultVariable"] = result
    _read_fields(holder, ext)
    _read_retries(element, ext)
    if not topic:
        parts = ["its script"] * (script is not None) + ["its connector"] * (connector is not None)
        becomes_job(element, " and ".join(f"its {name}" for name in code) or "".join(parts[:1]), reading)


def becomes_job(element: Element, instead_of: str, reading: Reading) -> None:
    """Notes that a job of the element's own id stands in for work that nothing here runs."""
    job_type = element.get("id")
    if instead_of:
        reading.changed(element, f'a job of type "{job_type}" takes the place of {instead_of}')
        return
    reading.problems.warning(
        "no-binding",
        element,
        f'{sentence(title(element))} does not say who does the work; it becomes a job of type "{job_type}".',
        "Write a job type in the properties panel (zeebe:taskDefinition), or let a job worker take jobs of this type.",
    )
    reading.changed(element, f'becomes a job of type "{job_type}"')


def _read_decision(element: Element, decision: str, ext: Extensions, reading: Reading) -> None:
    binding = vendor_attribute(element, "decisionRefBinding") or "latest"
    if binding not in _BINDINGS:
        reading.problems.error(
            "bad-binding",
            element,
            f'{sentence(title(element))} binds its decision by "{binding}", which does not exist here.',
            "Bind to latest, deployment or a version tag.",
        )
        return
    ext.says_something = True
    resource_id = reading.value(decision, element, "decision id", juel=True)
    if resource_id is None:
        return
    ext.decision = ResourceRef(resource_id, _BINDINGS[binding], vendor_attribute(element, "decisionRefVersionTag"))
    target = vendor_attribute(element, "resultVariable") or "decisionResult"
    source = _RESULTS.get(vendor_attribute(element, "mapDecisionResult") or "")
    if source is None:
        ext.result_variable = target
        return
    ext.result_variable = "decisionRows"
    expression = reading.compile(source, element, "result mapping")
    if expression is not None:
        ext.outputs.insert(0, IoMapping(expression, target))


def _read_fields(holder: Element, ext: Extensions) -> None:
    """Injected fields become headers: constants as they stand, expressions as text."""
    for field in vendor_elements(holder, "field"):
        value = field.get("stringValue") or field.get("expression") or ""
        for tag in ("string", "expression"):
            value = value or "".join(text_of(part) for part in inner(field, tag))
        ext.headers[field.get("name") or ""] = value


def _read_retries(element: Element, ext: Extensions) -> None:
    cycle = vendor_attribute(element, "failedJobRetryTimeCycle") or "".join(
        text_of(part) for part in vendor_elements(element, "failedJobRetryTimeCycle")
    )
    if match := re.match(r"R(\d+)/", cycle):
        ext.retries = match[1]
