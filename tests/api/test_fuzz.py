"""Does anything drawn from the interface's own description, and from what breaks programs, make the server fail?"""

import json
import random
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from support.diagrams import process
from support.rest_server import deploy

CALLS = 1500
SCALARS: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63 - 1,
    2**63,
    2**64 - 1,
    -(2**63),
    0.1,
    -1e308,
    "",
    "a",
    "=1 + ",
    "=x",
    "<default>",
    "$like",
    "*",
    "%_\\",
    "\u202e",
    "🙂" * 50,
    "\ufffe",
    "2030-01-01",
    "2030-01-01T00:00:00Z",
    "9999-12-31T23:59:59+23:59",
    "0001-01-01T00:00:00-23:59",
    "ACTIVE",
    "x" * 5000,
    "'; DROP TABLE job; --",
    "{{7*7}}",
    [],
    {},
    [[]],
    {"$in": []},
    {"$eq": None},
    {"$like": "\\"},
    {"$gt": "", "$lt": "z"},
]


class Fuzzer:
    """Draws requests. Half of the values are of the described type, half are not."""

    def __init__(self, document: Mapping[str, Any], keys: list[str], fitting: Mapping[str, list[str]], seed: int) -> None:
        self.schemas, self.fitting = document["components"]["schemas"], fitting
        self.keys, self.draw = keys, random.Random(seed)
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if path.startswith("/v2/") and path not in ("/v2/clock", "/v2/clock/reset", "/v2/deployments")
        ]

    def request(self) -> tuple[str, str, Any]:
        method, path, operation = self.draw.choice(self.operations)
        fitting = self.fitting.get(path.split("/")[2], self.keys)  # mostly a key of the kind that the path asks for
        address = path.replace("{key}", self.draw.choice(self.keys if self.draw.random() < 0.3 else fitting))
        for name in ("username", "kind", "resource_id"):
            address = address.replace("{" + name + "}", self.draw.choice(["agent", "nobody", "x" * 300, "%00", "a%2fb"]))
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        return method, address, self.value(content, 0) if content else None

    def value(self, schema: Mapping[str, Any], depth: int) -> Any:
        draw = self.draw
        if draw.random() < 0.12:
            return draw.choice(SCALARS)
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            return self.value(draw.choice(schema["anyOf"]), depth)
        if "enum" in schema:
            return draw.choice(schema["enum"])
        match schema.get("type"):
            case "object" if "properties" in schema:
                required = schema.get("required", ())
                chosen = [name for name in schema["properties"] if name in required or draw.random() < 0.4]
                value = {name: self.value(schema["properties"][name], depth + 1) for name in chosen}
                if "filter" in value and isinstance(value["filter"], dict):
                    value["filter"] = self.filter()
                if "requestTimeout" in value:
                    value["requestTimeout"] = -1
                return value
            case "object":
                return {draw.choice(["a", "b", "", "x" * 300, "$or", "ä"]): draw.choice(SCALARS) for _ in range(draw.randrange(3))}
            case "array":
                return [self.value(schema.get("items", {}), depth + 1) for _ in range(draw.randrange(3))]
            case "integer" | "number":
                return draw.choice([0, 1, 5, 100, -1, 2**31, 2**53])
            case "boolean":
                return draw.random() < 0.5
            case "string" if schema.get("pattern"):
                return draw.choice(self.keys)
            case "string":
                return draw.choice([s for s in SCALARS if isinstance(s, str)])
            case _:
                return draw.choice(SCALARS)

    def filter(self) -> dict[str, Any]:
        names = [
            "processInstanceKey",
            "state",
            "name",
            "elementId",
            "startDate",
            "type",
            "hasIncident",
            "variables",
            "$or",
            "version",
            "value",
        ]
        return {self.draw.choice(names): self.draw.choice(SCALARS) for _ in range(self.draw.randrange(3))}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_drawn_request_makes_the_server_fail(client: httpx.Client, seed: int) -> None:
    diagram = process("fuzz").start("s").service_task("w", type="fuzz").user_task("t").end("e")
    deploy(client, ("fuzz.bpmn", diagram.xml()))
    body = {"processDefinitionId": "fuzz", "variables": {"a": 1}}
    created = [client.post("/v2/process-instances", json=body).json() for _ in range(3)]
    keys = [*(c["processInstanceKey"] for c in created), created[0]["processDefinitionKey"], "1", "0"]
    for what, name in (("jobs", "jobKey"), ("element-instances", "elementInstanceKey"), ("variables", "variableKey")):
        keys.extend(item[name] for item in client.post(f"/v2/{what}/search", json={"page": {"limit": 5}}).json()["items"])
    fitting = {"process-instances": keys[:3], "process-definitions": [created[0]["processDefinitionKey"]]}
    for what, name in (("jobs", "jobKey"), ("element-instances", "elementInstanceKey"), ("variables", "variableKey")):
        fitting[what] = [item[name] for item in client.post(f"/v2/{what}/search", json={"page": {"limit": 5}}).json()["items"]]
    fuzzer = Fuzzer(client.get("/openapi.json").json(), keys, fitting, seed)
    answered: dict[int, int] = {}
    for number in range(CALLS // 3):
        if number % 25 == 0:  # what was drawn before may have cancelled or deleted what there was
            fitting["process-instances"][number // 25 % 3] = client.post("/v2/process-instances", json=body).json()["processInstanceKey"]
        method, address, value = fuzzer.request()
        content = None if value is None else json.dumps(value).encode()
        answer = client.request(method, address, content=content, headers={"Content-Type": "application/json"})
        answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (
            f"seed {seed}: {method} {address} {json.dumps(value)[:1000]} → {answer.status_code} {answer.text[:300]}"
        )
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
    assert answered.get(200, 0) + answered.get(204, 0) > CALLS / 30, answered  # not everything is refused at the door
