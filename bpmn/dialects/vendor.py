"""Where do vendors keep what they add: attributes and elements in their own namespaces?"""

from collections.abc import Iterator

from bpmn.namespaces import ACTIVITI, CAMUNDA, FLOWABLE, OPERATON, B, local_name, namespace
from bpmn.xml import Element

VENDORS = (CAMUNDA, OPERATON, FLOWABLE, ACTIVITI)


def vendor_attribute(element: Element, name: str) -> str | None:
    """The trimmed value of an attribute in any vendor's namespace; None when absent or empty."""
    for space in VENDORS:
        value = element.get(f"{{{space}}}{name}")
        if value and value.strip():
            return value.strip()
    return None


def vendor_elements(element: Element, *names: str) -> Iterator[Element]:
    """The vendor's elements below `bpmn:extensionElements`, of the given names, else all."""
    container = element.find(B + "extensionElements")
    for child in container if container is not None else ():
        if is_vendor(child) and (not names or local_name(child.tag) in names):
            yield child


def inner(element: Element, name: str) -> Iterator[Element]:
    """The vendor's child elements of that name."""
    return (child for child in element if is_vendor(child) and local_name(child.tag) == name)


def is_vendor(element: Element) -> bool:
    return namespace(element.tag) in VENDORS
