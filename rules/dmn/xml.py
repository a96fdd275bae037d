"""How is DMN's XML walked? By local names, as only the namespace changes between versions."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from rules.dmn.elements import Place

Node = etree._Element  # pyright: ignore[reportPrivateUsage]


def local_name(node: Node) -> str:
    return str(node.tag).rpartition("}")[2]


def children(node: Node, name: str) -> Iterator[Node]:
    """The children with the local name."""
    return (found for found in node.iterchildren() if local_name(found) == name)


def child(node: Node, name: str) -> Node | None:
    """The first child with the local name."""
    return next(children(node, name), None)


def text_of(node: Node) -> str:
    """The text of the <text> child."""
    for part in node.iterchildren():
        if local_name(part) == "text":
            return ("".join(str(piece) for piece in part.itertext()) if len(part) else part.text or "").strip()
    return ""


def place(node: Node) -> Place:
    return Place(node.get("id"), node.sourceline)
