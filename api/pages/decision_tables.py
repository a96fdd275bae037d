"""What do the tables of a decision file say, for people to read?"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

HIT_POLICIES = {
    "UNIQUE": "exactly one rule may match",
    "FIRST": "the first rule that matches decides",
    "ANY": "several rules may match, all with the same result",
    "PRIORITY": "the rule with the most important result decides",
    "COLLECT": "the results of all rules that match are collected",
    "RULE ORDER": "the results of all rules that match, in the order of the rules",
    "OUTPUT ORDER": "the results of all rules that match, the most important first",
}


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """`rows`: the cells of each rule, inputs first, then outputs, then the author's remark. `text`: a decision that is an expression."""

    id: str
    name: str
    is_asked: bool
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]
    text: str = ""
    needs: tuple[str, ...] = ()


def decision_tables(xml: str, decision_id: str) -> list[DecisionTable]:
    """The decision that was asked for first, then the others of its file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml.encode(), parser)
    names = {each.get("id"): each.get("name") or each.get("id") or "" for each in root.iter("{*}decision", "{*}inputData")}
    tables = [_table(each, decision_id, names) for each in root.iter("{*}decision")]
    return sorted(tables, key=lambda table: not table.is_asked)


def _table(decision: etree._Element, decision_id: str, names: dict[str | None, str]) -> DecisionTable:
    table = decision.find("{*}decisionTable")
    expression = decision.find("{*}literalExpression")
    policy = "" if table is None else table.get("hitPolicy", "UNIQUE")
    if table is not None and table.get("aggregation"):
        policy = f"{policy} {table.get('aggregation')}"
    return DecisionTable(
        id=decision.get("id") or "",
        name=decision.get("name") or decision.get("id") or "",
        is_asked=decision.get("id") == decision_id,
        hit_policy=HIT_POLICIES.get(policy.split(" ")[0] if policy.startswith("COLLECT") else policy, policy),
        inputs=()
        if table is None
        else tuple(each.get("label") or _text(each.find("{*}inputExpression")) for each in table.findall("{*}input")),
        outputs=() if table is None else tuple(each.get("label") or each.get("name") or "Result" for each in table.findall("{*}output")),
        rows=() if table is None else tuple(_row(rule) for rule in table.findall("{*}rule")),
        text="" if expression is None else _text(expression),
        needs=tuple(_needs(decision, names)),
    )


def _row(rule: etree._Element) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    remarks = [_text(each) for each in rule.findall("{*}annotationEntry")]
    described = rule.find("{*}description")
    if described is not None and described.text:
        remarks.append(described.text.strip())
    return (
        tuple(_text(each) or "any" for each in rule.findall("{*}inputEntry")),
        tuple(_text(each) for each in rule.findall("{*}outputEntry")),
        " · ".join(remark for remark in remarks if remark),
    )


def _needs(decision: etree._Element, names: dict[str | None, str]) -> Iterator[str]:
    for requirement in decision.findall("{*}informationRequirement"):
        for target in requirement:
            yield names.get((target.get("href") or "").lstrip("#"), (target.get("href") or "").lstrip("#"))


def _text(element: etree._Element | None) -> str:
    text = None if element is None else element.findtext("{*}text")
    text = (text or "").strip()
    return "" if text == "-" else text
