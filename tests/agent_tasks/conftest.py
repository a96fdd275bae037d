"""Agents and data that several tests use."""

import pytest
from support.agent_jobs import FakeJobs

SAMPLES = {
    "refund": ["I want my money back", "please refund my payment", "give me a refund for the order", "when do I get my money back", "refund the amount", "return and refund please"],  # noqa: E501
    "billing": ["the invoice is wrong", "why is there a fee on my invoice", "I was charged twice", "my bill is too high", "invoice number missing", "wrong amount on the bill"],  # noqa: E501
    "technical": ["the app crashes", "I cannot log in", "error when opening the app", "the device does not start", "login fails with an error", "app freezes on start"],  # noqa: E501
}  # fmt: skip

FUNCTION_AGENT = b"""\
id: classify
name: Inquiry classifier
responsibility: Decides the topic of an inquiry.
owner: service@example.com
kind: function
input: {type: object, required: [text], properties: {text: {type: string}}}
output: {type: object, required: [topic], properties: {topic: {type: string}}}
function: gatewise.classify_text
config: {samples: inquiries, label: topic}
"""

MODEL_AGENT = b"""\
id: triage
name: Triage
responsibility: Decides the topic of an inquiry.
owner: service@example.com
kind: model
instructions: You classify inquiries of customers.
input: {type: object, required: [text], properties: {text: {type: string}}}
output: {type: object, required: [topic], additionalProperties: false, properties: {topic: {type: string, enum: [refund, billing, other]}}}
limits: {model_calls: 6, call_seconds: 5, seconds: 60}
on_failure: {retries: 2, backoff_seconds: 1}
"""


def samples_file() -> bytes:
    lines = [f'  - {{text: "{text}", topic: {topic}}}' for topic, texts in SAMPLES.items() for text in texts]
    return ("id: inquiries\nitems:\n" + "\n".join(lines) + "\n").encode()


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs({("agent", "classify"): FUNCTION_AGENT, ("agent", "triage"): MODEL_AGENT, ("data", "inquiries"): samples_file()})
