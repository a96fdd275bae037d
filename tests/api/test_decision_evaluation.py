"""Are decisions evaluated exactly over HTTP, and is it recorded why?"""

import json

import httpx
from support.decision_files import decision, definitions, input_data, literal, table
from support.rest_server import deploy

EXACT = definitions(
    input_data("amount", "number"),
    input_data("day", "date"),
    decision("third of amount", literal("amount / 3"), inputs=["amount"]),
    decision("sum of amounts", literal("amount + 0.1"), inputs=["amount"]),
    decision("next day", literal('{day: day + @"P1D", weekday: day of week(day)}'), inputs=["day"]),
    '<decisionService id="both" name="Both of them"><outputDecision href="#sum_of_amounts"/><outputDecision href="#next_day"/>'
    '<inputData href="#amount"/><inputData href="#day"/></decisionService>',
    namespace="urn:exact",
).replace(b'id="file"', b'id="exact"')
ROUTE = definitions(
    input_data("risk", "string"),
    input_data("confidence", "number"),
    decision(
        "route",
        table(
            [("risk", "string"), ("confidence", "number")],
            ["out"],
            [['"low"', ">= 0.85", '"automatic"', "trusted"], ['"low"', "< 0.85", '"person"', ""], ['not("low")', "-", '"specialist"', ""]],
        ),
        inputs=["risk", "confidence"],
    ),
    decision("unknown rate", literal("rates.missing * 2")),
    namespace="urn:route",
).replace(b'id="file"', b'id="routes"')


def evaluate(client: httpx.Client, name: str, variables: str) -> dict:
    body = f'{{"decisionDefinitionId": "{name}", "variables": {variables}}}'
    answer = client.post("/v2/decision-definitions/evaluation", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_numbers_keep_all_their_digits(client: httpx.Client) -> None:
    deploy(client, ("exact.dmn", EXACT))
    assert evaluate(client, "sum_of_amounts", '{"amount": 12345678901234567890.12}')["output"] == "12345678901234567890.22"
    assert evaluate(client, "third_of_amount", '{"amount": 1}')["output"] == "0.3333333333333333333333333333333333"


def test_dates_are_text_that_the_type_of_the_input_explains(client: httpx.Client) -> None:
    deploy(client, ("exact.dmn", EXACT))
    assert json.loads(evaluate(client, "next_day", '{"day": "2024-02-28"}')["output"]) == {"day": "2024-02-29", "weekday": "Thursday"}


def test_a_decision_service_is_evaluated_by_its_id(client: httpx.Client) -> None:
    deploy(client, ("exact.dmn", EXACT))
    value = json.loads(evaluate(client, "both", '{"amount": 0.2, "day": "2024-02-28"}')["output"])
    assert value["sum of amounts"] == 0.3
    assert value["next day"]["day"] == "2024-02-29"


def test_numbers_that_no_rule_can_hold_are_refused(client: httpx.Client) -> None:
    body = '{"decisionDefinitionId": "route", "variables": {"confidence": 1e7000}}'
    answer = client.post("/v2/decision-definitions/evaluation", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_the_record_of_a_decision_shows_rules_inputs_and_the_reasons_of_nulls(client: httpx.Client) -> None:
    deploy(client, ("routes.dmn", ROUTE))
    key = evaluate(client, "route", '{"risk": "low", "confidence": 0.9}')["decisionEvaluationKey"]
    (found,) = client.post("/v2/decision-instances/search", json={"filter": {"decisionEvaluationKey": key}}).json()["items"]
    assert (found["state"], found["result"], found["decisionDefinitionType"]) == ("EVALUATED", '"automatic"', "DECISION_TABLE")
    details = client.get(f"/v2/decision-instances/{key}").json()
    assert [(given["inputName"], given["inputValue"]) for given in details["evaluatedInputs"]] == [("risk", '"low"'), ("confidence", "0.9")]
    (rule,) = details["matchedRules"]
    assert (rule["ruleIndex"], rule["annotations"]) == (1, ["trusted"])
    assert "confidence >= 0.85" in rule["text"]
    answer = evaluate(client, "unknown_rate", "{}")
    assert answer["output"] == "null"
    reasons = client.get(f"/v2/decision-instances/{answer['decisionEvaluationKey']}").json()["evaluatedDecisions"][0]["warnings"]
    assert any("rates" in reason for reason in reasons)
