"""Is this file well-formed XML that is safe to read?"""

import re
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from bpmn.model import Problem

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may at most be: bytes, elements, and elements inside elements."""

    size: int = 10_000_000
    elements: int = 200_000
    depth: int = 200


DEFAULT_LIMITS = Limits()

_SPACE = b" \t\r\n"


def read_xml(data: bytes, *, file: str = "", limits: Limits = DEFAULT_LIMITS) -> Element | Problem:
    """The root element, without comments and processing instructions; or the one problem that stops all reading.

    Nothing outside the bytes is read: no DTD, no entities, no network.
    """

    def problem(rule: str, message: str, advice: str, line: int | None = None) -> Problem:
        return Problem("error", file, message, advice, line=line, rule=rule)

    if not data.strip(b"\0" + _SPACE):
        return problem("empty-file", "The file is empty.", "Save the diagram again and upload that file.")
    if len(data) > limits.size:
        return problem(
            "file-too-large",
            f"The file has {len(data):,} bytes; at most {limits.size:,} are read.",
            "Split the diagram into several processes that call each other.",
        )
    doctype_line = _doctype_line(data)
    if doctype_line is not None:
        return _doctype_problem(file, doctype_line)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return _syntax_problem(error, file, limits)
    except (etree.LxmlError, ValueError, LookupError) as error:
        return problem("malformed-xml", f"The file cannot be read as XML: {error}", "Save the diagram again as XML in UTF-8.")
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        return _doctype_problem(file, 1)
    return _over_limit(root, file, limits) or root


def line_of(element: Element) -> int | None:
    """The 1-based line of the element's start tag."""
    return element.sourceline


def text_of(element: Element | None) -> str:
    """The trimmed text of an element; empty when there is none."""
    return "" if element is None else (element.text or "").strip()


def _doctype_problem(file: str, line: int) -> Problem:
    return Problem(
        "error",
        file,
        "The file has a DOCTYPE declaration; such files are refused because they can pull in other files.",
        "Remove the <!DOCTYPE …> line; BPMN files need none.",
        line=line,
        rule="doctype",
    )


def _doctype_line(data: bytes) -> int | None:
    """The line of a DOCTYPE before the root element. Wide encodings are looked at without their zero bytes."""
    head = data.replace(b"\0", b"") if b"\0" in data[:4096] else data
    position = head.find(b"<")
    while position >= 0:
        if head.startswith(b"<?", position):
            end, size = head.find(b"?>", position), 2
        elif head.startswith(b"<!--", position):
            end, size = head.find(b"-->", position), 3
        elif head[position : position + 9].upper() == b"<!DOCTYPE":
            return head.count(b"\n", 0, position) + 1
        else:
            return None
        position = head.find(b"<", end + size) if end >= 0 else -1
    return None


def _syntax_problem(error: etree.XMLSyntaxError, file: str, limits: Limits) -> Problem:
    message = re.sub(r", line \d+, column \d+.*$", "", str(error.msg or error), flags=re.S)
    line = error.lineno or None
    if "depth" in message.lower():
        return _too_deep(file, limits, line)
    return Problem(
        "error",
        file,
        f"The file is not well-formed XML: {message}.",
        "Open the file in a BPMN editor and save it again, or mend the XML at this line.",
        line=line,
        rule="malformed-xml",
    )


def _too_deep(file: str, limits: Limits, line: int | None) -> Problem:
    return Problem(
        "error",
        file,
        f"Elements are nested more than {limits.depth} deep.",
        "Move inner sub-processes into processes of their own and call them.",
        line=line,
        rule="too-deep",
    )


def _over_limit(root: Element, file: str, limits: Limits) -> Problem | None:
    total, level, depth = 1, [root], 1
    while level:
        level = [child for element in level for child in element]
        total += len(level)
        depth += 1
        if total > limits.elements:
            return Problem(
                "error",
                file,
                f"The file has more than {limits.elements:,} elements.",
                "Split the diagram into several processes that call each other.",
                rule="too-many-elements",
            )
        if level and depth > limits.depth:
            return _too_deep(file, limits, line_of(level[0]))
    return None
