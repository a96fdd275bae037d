"""Do the files of the customer inquiry example fit together?"""

import json
from pathlib import Path

import pytest
import yaml

from bpmn import parse
from forms import parse_form
from rules.dmn import parse_decisions

FOLDER = Path(__file__).parents[2] / "examples" / "customer_inquiry"
PLAIN = {
    "topic": "product",
    "topicConfidence": 0.9,
    "coverage": 0.5,
    "amount": None,
    "tier": "standard",
    "missing": [],
    "warnings": [],
    "rounds": 0,
}


def test_the_diagram_has_no_problems_and_all_it_names_is_in_the_folder() -> None:
    parsed = parse((FOLDER / "inquiry.bpmn").read_bytes(), file="inquiry.bpmn")
    there = {
        "agent": {yaml.safe_load(file.read_text())["id"] for file in FOLDER.glob("*.agent.yaml")},
        "form": {json.loads(file.read_text())["id"] for file in FOLDER.glob("*.form")},
        "decision": set(parse_decisions((FOLDER / "risk.dmn").read_bytes()).decisions),
    }

    assert parsed.problems == ()
    assert [process.id for process in parsed.processes] == ["customer_inquiry"]
    assert [reference for reference in parsed.references if reference.id not in there[reference.kind]] == []
    assert {reference.id for reference in parsed.references if reference.kind == "agent"} == there["agent"]


def test_every_user_task_says_what_completing_it_will_do() -> None:
    (process,) = parse((FOLDER / "inquiry.bpmn").read_bytes(), file="inquiry.bpmn").processes
    user_tasks = [node for node in process.nodes.values() if node.type == "USER_TASK"]

    assert len(user_tasks) == 4
    assert [node.id for node in user_tasks if not node.properties.get("gatewise:consequence", "").endswith(".")] == []


@pytest.mark.parametrize(
    ("facts", "route", "risk"),
    [
        ({}, "quick_review", "low"),
        ({"topic": "refund"}, "specialist", "high"),
        ({"topic": "refund", "missing": ["orderNumber"]}, "clarification", "high"),
        ({"topic": "legal", "missing": ["orderNumber"]}, "specialist", "high"),
        ({"topic": "complaint"}, "specialist", "high"),
        ({"missing": ["products"], "rounds": 1}, "clarification", "low"),
        ({"missing": ["products"], "rounds": 2}, "specialist", "low"),
        ({"topicConfidence": 0.59}, "specialist", "low"),
        ({"topicConfidence": 0.6, "coverage": 0.2}, "quick_review", "low"),
        ({"coverage": 0.19}, "specialist", "low"),
        ({"topicConfidence": 0.2, "coverage": 0.1}, "clarification", "low"),
        ({"topicConfidence": 0.2, "coverage": 0.1, "rounds": 2}, "specialist", "low"),
        ({"topicConfidence": None, "coverage": None}, "specialist", "low"),
        ({"amount": 500}, "specialist", "high"),
        ({"amount": 500, "tier": "gold"}, "quick_review", "low"),
        ({"amount": 1000, "tier": "gold"}, "specialist", "high"),
        ({"topic": "billing", "amount": 200}, "specialist", "medium"),
        ({"topic": "billing", "amount": 199.99}, "quick_review", "low"),
        ({"warnings": ["very_long"]}, "specialist", "medium"),
        ({"warnings": ["instructions_to_the_system"], "missing": ["orderNumber"]}, "specialist", "high"),
        ({"topicConfidence": None, "tier": None, "missing": None, "rounds": None}, "specialist", "low"),
    ],
    ids=str,
)
def test_the_decision_sends_an_inquiry_where_policy_wants_it(facts: dict[str, object], route: str, risk: str) -> None:
    model = parse_decisions((FOLDER / "risk.dmn").read_bytes(), file="risk.dmn")

    result = model.evaluate("inquiry_route", {**PLAIN, **facts})

    assert result.failure is None
    assert isinstance(result.value, dict)
    assert (result.value["route"], result.value["risk"]) == (route, risk)
    assert len(result.evaluated[-1].matched) == 1


def test_forms_show_what_strangers_wrote_only_in_disabled_fields() -> None:
    for file in FOLDER.glob("*.form"):
        schema = parse_form(file.read_bytes()).schema
        texts = [component["text"] for component in schema["components"] if component["type"] == "text"]

        assert [text for text in texts if "inquiry." in text or "answers" in text or "facts." in text] == []


def test_the_classifier_learns_from_none_of_the_inquiries() -> None:
    samples = {item["text"].casefold() for item in yaml.safe_load((FOLDER / "inquiry_samples.data.yaml").read_text())["items"]}
    inquiries = json.loads((FOLDER / "inquiries.json").read_text())["inquiries"]

    assert len(inquiries) == 60
    assert len({inquiry["id"] for inquiry in inquiries}) == 60
    assert sum(inquiry["label"]["nasty"] is not None for inquiry in inquiries) == 6
    assert [inquiry["id"] for inquiry in inquiries if inquiry["text"].casefold() in samples] == []
