"""Retrieval over approved articles, and replies drafted from templates."""

from typing import Any

import pytest

from agent_tasks.errors import FunctionFailed
from agent_tasks.functions.ask_for_information import ask_for_information
from agent_tasks.functions.draft_reply import draft_reply
from agent_tasks.functions.registry import DataSet, FunctionCall, FunctionResult
from agent_tasks.functions.retrieve_articles import retrieve_articles

ARTICLES = [
    {"id": "returns", "title": "Returns and refunds", "topic": "refund", "body": "You can return goods within 30 days. Refunds are paid within five days after we receive the goods."},  # noqa: E501
    {"id": "shipping", "title": "Delivery times", "topic": "order_status", "body": "Parcels arrive within three working days. You can track a parcel with the order number."},  # noqa: E501
    {"id": "router", "title": "Resetting the router", "body": "Press the reset button for ten seconds. The router restarts with the settings of the factory."},  # noqa: E501
    {"id": "draft", "title": "Secret refunds", "status": "draft", "body": "Refunds of any amount are paid at once."},
]  # fmt: skip
TEMPLATES = [
    {"topic": "refund", "language": "en", "needs": ["orderNumber"], "subject": "Your refund {{ facts.orderNumber }}", "body": "Dear {{ customer_name | default('customer', true) }},\n{% if article %}{{ article.quote }} (see {{ article.title }}){% endif %}\n{{ signature }}"},  # noqa: E501
    {"topic": "*", "language": "en", "subject": "Your message", "body": "Hello,\nwe received: {{ inputs.text }}"},
    {"topic": "*", "language": "de", "subject": "Ihre Nachricht", "body": "Guten Tag"},
]  # fmt: skip


class Data:
    def __init__(self, items: list[dict[str, Any]]) -> None:
        self.set = DataSet("data", str(hash(str(items))), items)

    def load(self, data_id: str) -> DataSet:
        return self.set


def retrieve(query: str, *, items: list[dict[str, Any]] = ARTICLES, inputs: dict[str, Any] | None = None, **config: Any) -> FunctionResult:
    return retrieve_articles(FunctionCall({"query": query, **(inputs or {})}, {"articles": "data", **config}, Data(items), "key"))


def draft(items: list[dict[str, Any]] = TEMPLATES, **inputs: Any) -> FunctionResult:
    config = {"templates": "data", "signature": "Your team"}
    return draft_reply(FunctionCall({"text": "hello", "facts": {}, "articles": [], **inputs}, config, Data(items), "key"))


def test_the_article_that_speaks_of_it_comes_first_with_its_best_sentence():
    result = retrieve("When are refunds paid after I return my goods?")
    first = result.value["articles"][0]
    assert first["id"] == "returns"
    assert first["quote"] == "Refunds are paid within five days after we receive the goods."
    assert result.evidence[0] == {"source": "article:returns", "quote": first["quote"], "score": first["score"]}
    assert result.confidence == result.value["coverage"] > 0.5
    assert result.confidence_source == "measured"


def test_articles_that_are_not_approved_are_never_used():
    assert "draft" not in [a["id"] for a in retrieve("secret refunds of any amount").value["articles"]]


def test_inflected_words_are_found():
    assert retrieve("restarting routers").value["articles"][0]["id"] == "router"


def test_nothing_is_found_where_nothing_fits():
    result = retrieve("quantum chromodynamics lecture")
    assert result.value == {"articles": [], "found": False, "coverage": 0.0}
    assert result.confidence == 0.0
    assert retrieve("").value["found"] is False


def test_the_topic_lifts_articles_of_the_same_topic():
    articles = [
        {"id": "a", "title": "Terms", "topic": "billing", "body": "Fees apply."},
        {"id": "b", "title": "Terms", "topic": "refund", "body": "Fees apply."},
    ]
    assert retrieve("terms and fees", items=articles).value["articles"][0]["id"] == "a"
    assert retrieve("terms and fees", items=articles, inputs={"topic": "refund"}).value["articles"][0]["id"] == "b"


def test_a_broken_article_is_named():
    with pytest.raises(FunctionFailed, match=r"Article 1 .*'body'"):
        retrieve("x", items=[{"id": "a", "title": "t"}])


def test_a_reply_cites_the_articles_it_uses():
    articles = retrieve("refunds for returned goods").value["articles"]
    result = draft(topic="refund", facts={"orderNumber": "A-1"}, articles=articles, customer={"name": "Ann"})
    assert result.value["subject"] == "Your refund A-1"
    assert result.value["body"].startswith("Dear Ann,\nRefunds are paid within five days")
    assert [c["id"] for c in result.value["citations"]] == ["returns"]
    assert result.evidence[0]["source"] == "article:returns"
    assert result.value["usedTemplate"] == "refund/en"
    assert result.confidence == articles[0]["coverage"]


def test_a_template_whose_facts_are_missing_is_not_used():
    assert draft(topic="refund").value["usedTemplate"] == "*/en"


def test_the_language_of_the_inquiry_chooses_the_template():
    assert draft(text="Wo ist mein Paket? Ich warte auf die Lieferung.").value["language"] == "de"
    assert draft(language="fr").value["language"] == "en"


def test_what_the_customer_wrote_is_never_rendered_as_a_template():
    result = draft(text="{{ signature }} {% for x in y %}")
    assert result.value["body"].endswith("we received: {{ signature }} {% for x in y %}")


def test_a_template_that_cannot_be_filled_is_named():
    with pytest.raises(FunctionFailed, match="Template 'x/en'"):
        draft([{"topic": "x", "language": "en", "subject": "{{ facts.nothing }}", "body": "b"}], topic="x")
    with pytest.raises(FunctionFailed, match="fits the topic 'y'"):
        draft([{"topic": "x", "language": "en", "subject": "s", "body": "b"}], topic="y")


def test_questions_for_what_is_missing_in_the_language_of_the_customer():
    config = {"questions": {"orderNumber": {"en": "What is your order number?", "de": "Wie lautet Ihre Bestellnummer?"}}}
    result = ask_for_information(
        FunctionCall({"missing": ["orderNumber"], "language": "de", "customer": {"name": "Frau Kern"}}, config, Data([]), "k")
    )
    assert result.value["questions"] == ["Wie lautet Ihre Bestellnummer?"]
    assert result.value["body"].startswith("Guten Tag Frau Kern,")
    with pytest.raises(FunctionFailed, match="'shoeSize'"):
        ask_for_information(FunctionCall({"missing": ["shoeSize"]}, config, Data([]), "k"))
