"""Which variables go in and out of an element in a vendor's dialect?"""

import json

from bpmn.dialects.vendor import inner, is_vendor, vendor_elements
from bpmn.extensions import Extensions
from bpmn.juel import JUEL
from bpmn.model import IoMapping, Value
from bpmn.namespaces import local_name
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of


def read_input_output(element: Element, ext: Extensions, reading: Reading) -> None:
    """`inputOutput` (also that of a connector) as mappings, and `properties`."""
    blocks = list(vendor_elements(element, "inputOutput"))
    for connector in vendor_elements(element, "connector"):
        blocks += inner(connector, "inputOutput")
    for block in blocks:
        for parameter in block:
            direction = local_name(parameter.tag)
            if is_vendor(parameter) and direction in ("inputParameter", "outputParameter"):
                mapping = _mapping(parameter, element, reading)
                if mapping is not None:
                    (ext.inputs if direction == "inputParameter" else ext.outputs).append(mapping)
        if next(inner(block, "outputParameter"), None) is not None:
            reading.changed(element, "with output parameters only the mapped variables leave it; other variables of the job stay local")
    for properties in vendor_elements(element, "properties"):
        for item in inner(properties, "property"):
            ext.properties[item.get("name") or item.get("id") or ""] = item.get("value") or ""


def _mapping(parameter: Element, element: Element, reading: Reading) -> IoMapping | None:
    name = (parameter.get("name") or "").strip()
    if not name:
        reading.problems.error(
            "mapping-target", parameter, f"A parameter of the {title(element)} has no name.", "Name the variable that it writes."
        )
        return None
    nested = next((child for child in parameter if is_vendor(child)), None)
    what = f'parameter "{name}"'
    if nested is None:
        source: Value | None = reading.value(parameter.text, parameter, what, juel=True)
        return IoMapping(source, name)
    text = _feel(nested, element, reading)
    expression = reading.compile(text, parameter, what) if text is not None else None
    return None if expression is None else IoMapping(expression, name)


def _feel(value: Element, element: Element, reading: Reading) -> str | None:
    """The FEEL text of a nested value; None when it cannot be one (the problem is reported)."""
    match local_name(value.tag):
        case "list":
            items = [_feel(child, element, reading) for child in value if is_vendor(child)]
            return None if None in items else f"[{', '.join(str(item) for item in items)}]"
        case "map":
            return _feel_map(value, element, reading)
        case "script":
            reading.problems.error(
                "script-in-mapping",
                value,
                f"{sentence(title(element))} computes a variable with a script; scripts of a diagram are never run.",
                "Write it as FEEL, or let a job worker compute it.",
            )
            return None
        case _:
            nested = next((child for child in value if is_vendor(child)), None)
            return _scalar(text_of(value), value, reading) if nested is None else _feel(nested, element, reading)


def _feel_map(value: Element, element: Element, reading: Reading) -> str | None:
    text = "{}"
    for entry in inner(value, "entry"):
        key = _scalar((entry.get("key") or "").strip(), entry, reading)
        content = _feel(entry, element, reading)
        if key is None or content is None:
            return None
        text = f"context put({text}, {key}, {content})"
    return text


def _scalar(text: str, at: Element, reading: Reading) -> str | None:
    if text.startswith("="):
        return f"({text[1:]})"
    if JUEL.search(text):
        translated = reading.translate_juel(text, at, "value")
        return None if translated is None else f"({translated})"
    return json.dumps(text, ensure_ascii=False) if text else "null"
