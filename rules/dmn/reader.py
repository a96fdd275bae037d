"""How does decision XML become elements? Reads DMN 1.1 to 1.6; structure only, nothing is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from rules.dmn import boxed_reader
from rules.dmn.elements import (
    BoxedFunction,
    DecisionElement,
    Definitions,
    Element,
    FunctionItem,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    ServiceElement,
    Variable,
)
from rules.dmn.errors import DmnError, DmnProblem
from rules.dmn.xml import Node, child, children, local_name, place, text_of

_MAX_BYTES = 20_000_000


def read_definitions(data: bytes) -> Definitions:
    """The elements of a decision file; raises DmnError when it is no DMN file at all."""
    root = _root(data)
    if local_name(root) != "definitions" or "DMN" not in (etree.QName(root).namespace or "").upper():
        raise _refused("This is no DMN file", "The outermost element has to be <definitions> of DMN 1.3, 1.4 or 1.5.", root)
    return Definitions(
        id=root.get("id", ""),
        name=root.get("name", ""),
        namespace=root.get("namespace", ""),
        imports=tuple(_import(node) for node in children(root, "import")),
        items=tuple(_item(node) for node in children(root, "itemDefinition")),
        elements=tuple(_elements(root)),
    )


def _root(data: bytes) -> Node:
    if len(data) > _MAX_BYTES:
        raise _refused("The file is too large", f"A decision file may have {_MAX_BYTES // 1_000_000} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as failure:
        raise DmnError(
            (DmnProblem("error", f"The XML is malformed: {failure.msg}", "Save it again from the modeler.", None, failure.lineno),)
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused("A DOCTYPE is not allowed", "Remove the <!DOCTYPE …> line.", root)
    return cast(Node, root)


def _refused(message: str, advice: str, node: Node | None = None) -> DmnError:
    return DmnError((DmnProblem("error", message, advice, None, None if node is None else node.sourceline),))


def _elements(root: Node) -> Iterator[Element]:
    for node in root.iterchildren():
        match local_name(node):
            case "inputData":
                yield InputData(_id(node), _name(node), _variable(node), place(node))
            case "decision":
                yield _decision(node)
            case "businessKnowledgeModel":
                yield _knowledge_model(node)
            case "decisionService":
                yield _service(node)
            case _:
                pass


def _decision(node: Node) -> DecisionElement:
    return DecisionElement(
        id=_id(node),
        name=_name(node),
        variable=_variable(node),
        place=place(node),
        expression=boxed_reader.contained(node),
        inputs=_references(node, "informationRequirement", "requiredInput"),
        decisions=_references(node, "informationRequirement", "requiredDecision"),
        knowledge=_references(node, "knowledgeRequirement", "requiredKnowledge"),
        version_tag=_version_tag(node),
    )


def _knowledge_model(node: Node) -> KnowledgeModel:
    logic = child(node, "encapsulatedLogic")
    function = None if logic is None else boxed_reader.function(logic)
    if function is None:
        body = boxed_reader.contained(node)
        function = None if body is None else BoxedFunction((), body, place(node))
    return KnowledgeModel(
        _id(node), _name(node), _variable(node), function, place(node), _references(node, "knowledgeRequirement", "requiredKnowledge")
    )


def _service(node: Node) -> ServiceElement:
    def hrefs(kind: str) -> tuple[str, ...]:
        return tuple(found.get("href", "") for found in children(node, kind))

    return ServiceElement(
        _id(node),
        _name(node),
        _variable(node),
        place(node),
        hrefs("outputDecision"),
        hrefs("encapsulatedDecision"),
        hrefs("inputDecision"),
        hrefs("inputData"),
    )


def _references(node: Node, requirement: str, kind: str) -> tuple[str, ...]:
    return tuple(required.get("href", "") for holder in children(node, requirement) for required in children(holder, kind))


def _variable(node: Node) -> Variable:
    variable = child(node, "variable")
    if variable is None:
        return Variable(_name(node))
    return Variable(" ".join(variable.get("name", "").split()) or _name(node), boxed_reader.type_ref(variable))


def _version_tag(node: Node) -> str | None:
    extensions = child(node, "extensionElements")
    tag = None if extensions is None else child(extensions, "versionTag")
    return node.get("{http://camunda.org/schema/1.0/dmn}versionTag") if tag is None else tag.get("value")


def _item(node: Node) -> ItemDefinition:
    function = child(node, "functionItem")
    return ItemDefinition(
        name=_name(node),
        place=place(node),
        type_ref=boxed_reader.type_ref(node),
        components=tuple(_item(component) for component in children(node, "itemComponent")),
        is_collection=node.get("isCollection") in ("true", "1"),
        allowed=_text(child(node, "allowedValues")),
        constraint=_text(child(node, "typeConstraint")),
        function=None if function is None else _function_item(function),
    )


def _function_item(node: Node) -> FunctionItem:
    parameters = tuple(Variable(_name(parameter), boxed_reader.type_ref(parameter)) for parameter in children(node, "parameters"))
    return FunctionItem(parameters, node.get("outputTypeRef"))


def _text(node: Node | None) -> str | None:
    return None if node is None else text_of(node)


def _import(node: Node) -> Import:
    return Import(_name(node), node.get("namespace", ""), node.get("locationURI"), node.get("importType", ""), place(node))


def _id(node: Node) -> str:
    return node.get("id") or _name(node)


def _name(node: Node) -> str:
    return " ".join(node.get("name", "").split()) or node.get("id", "")
