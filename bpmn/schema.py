"""Does the document keep to the BPMN 2.0 schema? Its findings in plain words, beside those of the reader."""

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from lxml import etree

from bpmn.namespaces import B, bpmn_name
from bpmn.problems import Problems, owner_of, title
from bpmn.reading import sentence
from bpmn.structure import CONTAINERS, EVENTS, FLOW_NODES
from bpmn.xml import Element

_LOCK = Lock()  # a schema keeps the findings of its last validation
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_SHOW_MODELER = "Open the file in a BPMN editor and save it again, or mend it at this line."


def check_schema(root: Element, problems: Problems) -> None:
    """Reports what the reader has not already reported as an error of the same element."""
    reported = {(problem.line, problem.element_id) for problem in problems.found if problem.severity == "error"}
    with _LOCK:
        schema = _validator()
        schema.preprocess(root)
        if schema.validator.validate(root):
            return
        findings = [(str(entry.message), int(entry.line), str(entry.path or "")) for entry in schema.validator.error_log]
    for message, line, path in findings:
        at = _at(path, root)
        if (line, owner_of(at).get("id") if at is not None else None) not in reported:
            _report(message, line, at, problems)


@cache
def _validator() -> Any:
    from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator  # type: ignore[import-untyped]

    return BpmnValidator()


@cache
def _known_names() -> frozenset[str]:
    """The names of all elements BPMN has."""
    from SpiffWorkflow.bpmn.parser.BpmnParser import XSD_PATH  # type: ignore[import-untyped]

    names: set[str] = set()
    for name in ("Semantic.xsd", "BPMN20.xsd"):
        schema = etree.parse(str(Path(XSD_PATH).with_name(name))).getroot()
        names.update(element.get("name") or "" for element in schema.iter(f"{_XSD}element"))
    return frozenset(names)


def _at(path: str, root: Element) -> Element | None:
    """The element a finding is about; the path counts children in every namespace."""
    spaces = {str(prefix): str(uri) for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = cast(list[Element], root.getroottree().xpath(path, namespaces=spaces))
    except etree.XPathError:  # a path with a prefix that only an inner element declares
        return None
    return found[0] if found else None


def _report(message: str, line: int, at: Element | None, problems: Problems) -> None:
    plain = re.sub(r"\{[^}\s]*:[^}\s]*\}", "", message).strip()
    subject = sentence(title(at)) if at is not None else "The file"
    add, rule = problems.warning, "schema"
    if "is not expected" in plain and at is not None:
        name = bpmn_name(at.tag)
        if name and name not in _known_names():
            add, rule, text, advice = (
                problems.error,
                "unknown-element",
                f"BPMN has no element <{name}>.",
                "Remove it, or use one that BPMN has.",
            )
        elif _is_lost(at):
            add, rule = problems.error, "misplaced-element"
            text, advice = f"{subject} is at a place where BPMN does not allow it.", "Move it into the process or a sub-process."
        else:
            text, advice = f"{subject} is at a place where the BPMN schema does not expect it.", _SHOW_MODELER
    elif match := re.search(r"attribute '([^']*)' is not allowed", plain):
        text, advice = (
            f'BPMN has no attribute "{match[1]}" on {title(at) if at is not None else "this element"}.',
            "Remove it, or check its spelling.",
        )
    elif match := re.search(r"attribute '([^']*)' is required but missing", plain):
        text, advice = f'{subject} lacks the attribute "{match[1]}".', _SHOW_MODELER
    elif match := re.search(
        r"attribute '([^']*)': '(.*)' is not a valid value of the (?:atomic|list|union|local atomic) type '([^']*)'", plain, re.S
    ):
        if match[3] in ("xs:boolean", "xs:integer", "xs:int"):
            add = problems.error
        text = f'{subject}: "{match[2][:80]}" is not a possible value of "{match[1]}".'
        advice = {"xs:boolean": "Write true or false.", "xs:integer": "Write a whole number.", "xs:int": "Write a whole number."}.get(
            match[3],
            "An id begins with a letter or _ and has no spaces." if match[3] in ("xs:ID", "xs:QName", "xs:IDREF") else _SHOW_MODELER,
        )
    else:
        text, advice = f"{subject} does not keep to the BPMN schema: {plain.partition(': ')[2] or plain}", _SHOW_MODELER
    add(rule, at, text, advice, line=line)


def _is_lost(element: Element) -> bool:
    """Whether the reader never looks where the element is, though it means something."""
    parent = element.getparent()
    around = bpmn_name(parent.tag) if parent is not None else ""
    name = bpmn_name(element.tag)
    if name in FLOW_NODES or name == "sequenceFlow":
        return around not in CONTAINERS and around != "process"
    if name.endswith("EventDefinition"):
        return around not in EVENTS and around != "definitions"
    return name == "process" and (parent is None or parent.tag != B + "definitions")
