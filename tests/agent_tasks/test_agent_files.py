"""Agent files: what is accepted, what is refused, and at which line."""

import json

import pytest

from agent_tasks.definition import parse_agent, parse_data
from agent_tasks.definition.yaml_lines import Limits, YamlRefused, load_with_lines

FUNCTION_AGENT = """\
id: classify
name: Inquiry classifier
responsibility: Decides the topic of an inquiry.
owner: service@example.com
kind: function
input:
  type: object
  required: [text]
  properties:
    text: {type: string}
output:
  type: object
  required: [topic]
  properties:
    topic: {type: string}
function: gatewise.classify_text
config: {samples: inquiries, label: topic}
"""

MODEL_AGENT = (
    FUNCTION_AGENT.replace("kind: function", "kind: model\nmodel: default").replace(
        "function: gatewise.classify_text\nconfig: {samples: inquiries, label: topic}\n", ""
    )
    + """\
instructions: |
  You classify inquiries.
  {% if text %}There is a text.{% endif %}
offline:
  function: gatewise.classify_text
  config: {samples: inquiries, label: topic}
"""
)


def problems(text: str) -> list[tuple[int | None, str, str]]:
    parsed = parse_agent(text.encode(), file="a.agent.yaml")
    assert parsed.agent is None or not [p for p in parsed.problems if p.severity == "error"]
    return [(p.line, p.rule, p.message + " " + p.advice) for p in parsed.problems]


@pytest.mark.parametrize("text", [FUNCTION_AGENT, MODEL_AGENT])
def test_a_complete_file_defines_an_agent(text: str):
    parsed = parse_agent(text.encode(), file="a.agent.yaml")
    assert parsed.problems == ()
    assert parsed.agent is not None
    assert parsed.agent.id == "classify"
    assert parsed.agent.input_names == ("text",)
    assert parsed.agent.computation() == ("gatewise.classify_text", {"samples": "inquiries", "label": "topic"})


def test_json_is_read_too():
    text = json.dumps(
        {
            "id": "a", "name": "A", "responsibility": "r", "owner": "o", "kind": "function", "function": "gatewise.summarize_text",
            "input": {"type": "object", "properties": {}}, "output": {"type": "object", "properties": {}},
        },
        indent=1,
    )  # fmt: skip
    assert problems(text) == []


def test_an_unknown_key_is_refused_with_its_line_and_the_key_that_was_meant():
    [(line, rule, message)] = problems(FUNCTION_AGENT.replace("owner:", "ownr: x\nowner:"))
    assert (line, rule) == (4, "unknown-key")
    assert "'ownr'" in message
    assert "'owner'" in message


def test_an_unknown_key_inside_a_block_is_refused_with_its_line():
    [(line, rule, message)] = problems(FUNCTION_AGENT + "limits:\n  model_calls: 3\n  tokns: 5\n")
    assert (line, rule) == (20, "unknown-key")
    assert "'tokens'" in message


def test_all_problems_of_a_file_are_reported_at_once():
    text = FUNCTION_AGENT.replace("name: Inquiry classifier\n", "").replace("kind: function", "kind: robot") + "limits: {seconds: -1}\n"
    assert {(line, rule) for line, rule, _ in problems(text)} == {(1, "missing-key"), (4, "value"), (17, "value")}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("id: a\nname: &x b\nowner: *x\n", 3, "Aliases"),
        ("id: a\nid: b\n", 2, "twice"),
        ("id: !!python/object/apply:os.system [ls]\n", 1, "tag"),
        ("id: a\n---\nid: b\n", 2, "more than one document"),
        ("id: a\n  name: b\n", 2, "not valid YAML"),
        ("id: 'a\n", 2, "not valid YAML"),
        ("- a\n- b\n", 1, "mapping"),
        ("<<: {id: a}\n", 1, "Merge keys"),
        ("? [a, b]\n: c\n", 1, "key"),
        ("", 1, "empty"),
        ("id: a\nx: 1e400\n", 2, "too large"),
        ("id: a\nx: 12345678901234567890\n", 2, "too large"),
    ],
)
def test_yaml_that_is_broken_or_dangerous_is_refused_at_its_line(text: str, line: int, words: str):
    [(found, rule, message)] = problems(text)
    assert (found, rule) == (line, "yaml")
    assert words in message


def test_noise_is_refused_without_an_exception():
    assert parse_agent(bytes(range(256)) * 40, file="x").agent is None
    assert "UTF-8" in parse_agent(b"id: \xff\xfe", file="x").problems[0].message
    assert "bytes" in parse_agent(b"x" * 300_000, file="x").problems[0].message


def test_deep_nesting_is_refused_without_recursion():
    with pytest.raises(YamlRefused, match="nested deeper"):
        load_with_lines(b"a: " + b"[" * 100_000)


def test_too_many_values_are_refused():
    with pytest.raises(YamlRefused, match="more than 10 values"):
        load_with_lines(b"a: [1,2,3,4,5,6,7,8,9,10,11]", Limits(nodes=10))


def test_json_with_tabs_and_escapes_means_what_json_means():
    value = {"a": '😀 tab\t quote" slash/ back\\ud83d\\ude00', "b": [1, 2.5, True, None], "c": {"d": "ü"}}
    for text in (json.dumps(value, indent="\t"), json.dumps(value, indent=1, ensure_ascii=False), json.dumps(value).replace("/", "\\/")):
        assert load_with_lines(text.encode()).value == value


def test_scalars_follow_yaml_1_2():
    value = load_with_lines(b"{a: no, b: 2026-03-01, c: 12, d: 1.5, e: true, f: ~, g: '12', h: 1:30, i: 0x1F, j: yes}").value
    assert value == {"a": "no", "b": "2026-03-01", "c": 12, "d": 1.5, "e": True, "f": None, "g": "12", "h": "1:30", "i": "0x1F", "j": "yes"}


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        ("    topic: {type: string}", "    topic: {type: strin}", "schema", "strin"),
        ("    topic: {type: string}", "    topic: {$ref: 'https://example.com/x.json'}", "schema", "outside"),
        ("    topic: {type: string}", "    topic: {type: string, pattern: '(a+)+$'}", "schema", "repeats a repetition"),
        ("    topic: {type: string}", "    topic: {type: string, pattern: '[a'}", "schema", "[a"),
        ("    topic: {type: string}", "    topic: {$ref: '#/$defs/none'}", "schema", "leads nowhere"),
        ("    topic: {type: string}", "    topic: {$ref: '#nobody'}", "schema", "leads nowhere"),
        ("    topic: {type: string}", "    topic: {$ref: '#/properties/topic'}", "schema", "without end"),
        ("    topic: {type: string}", "    topic: {anyOf: [{type: string}, {$ref: '#/properties/topic'}]}", "schema", "without end"),
        ("output:\n  type: object", "output:\n  type: array", "schema", "object"),
        ("gatewise.classify_text", "gatewise.clasify_text", "function", "gatewise.classify_text"),
        ("gatewise.classify_text", "os.system", "function", "no function"),
        ("label: topic}", "label: topic, holdot: 1}", "config", "holdot"),
        ("config: {samples: inquiries, label: topic}", "config: {samples: inquiries}", "config", "label"),
        ("kind: function", "kind: model", "instructions", "instructions"),
        ("kind: function", "kind: function\nmodel: openai:gpt-5", "kind", "model"),
        ("kind: function", "kind: function\non_failure: {then: error}", "on-failure", "error_code"),
        ("kind: function", "kind: function\nconfidence: {high_risk_below: 0.9, medium_risk_below: 0.5}", "confidence", "above"),
    ],
)
def test_rules_between_keys(old: str, new: str, rule: str, words: str):
    assert old in FUNCTION_AGENT
    found = [(line, message) for line, each, message in problems(FUNCTION_AGENT.replace(old, new)) if each == rule]
    assert found
    assert all(line for line, _ in found)
    assert any(words in message for _, message in found)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  {{ secret }}", "secret"),
        ("  {{ text.__class__ }}", "__class__"),
        ("  {{ text.upper() }}", "call"),
        ("  {% include 'x' %}", "include"),
        ("  {{ text | attr('x') }}", "filter"),
        ("  {% if %}", "broken"),
    ],
)
def test_instructions_are_checked_at_their_line(line: str, words: str):
    text = MODEL_AGENT.replace("  You classify inquiries.", f"  You classify inquiries.\n{line}")
    [(found, rule, message)] = problems(text)
    assert rule == "template"
    assert text.splitlines()[found - 1] == line
    assert words in message


def test_a_schema_may_describe_trees():
    tree = "    topic: {$ref: '#/$defs/tree'}\n  $defs:\n    tree: {type: object, properties: {kids: {type: array, items: {$ref: '#/$defs/tree'}}}}"  # noqa: E501
    assert problems(FUNCTION_AGENT.replace("    topic: {type: string}", tree)) == []


def test_a_model_needs_a_provider_in_its_name():
    [(_, rule, _)] = problems(MODEL_AGENT.replace("model: default", "model: gpt-5"))
    assert rule == "model"


def test_the_same_bytes_give_the_same_hash_and_other_bytes_another():
    first, second, third = (
        parse_agent(text.encode(), file="a").agent for text in (FUNCTION_AGENT, FUNCTION_AGENT, FUNCTION_AGENT + "# x\n")
    )
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.sha256 == second.sha256 != third.sha256


def test_a_data_file_has_an_id_and_items():
    parsed = parse_data(b"id: samples\nitems:\n  - {text: a, topic: b}\n", file="s.data.yaml")
    assert parsed.data is not None
    assert parsed.data.items == [{"text": "a", "topic": "b"}]
    refused = parse_data(b"id: samples\nitems:\n  - a\n", file="s.data.yaml")
    assert refused.data is None
    assert refused.problems[0].line == 3
