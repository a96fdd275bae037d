"""Are findings of the BPMN schema told in plain words, with element and line?"""

import pytest
from support.diagram_text import HEAD, straight

from bpmn import Problem, parse


def problem(data: bytes) -> Problem:
    (found,) = parse(data, file="a.bpmn").problems
    return found


@pytest.mark.parametrize(
    ("work", "severity", "rule", "words"),
    [
        ('<task id="work" colour="red"/>', "warning", "schema", 'no attribute "colour"'),
        ('<task id="work"><shape/></task>', "error", "unknown-element", "<shape>"),
        ('<task id="work" startQuantity="many"/>', "error", "schema", '"many" is not a possible value of "startQuantity"'),
        ('<task id="work"><outgoing>f2</outgoing><documentation/></task>', "warning", "schema", "does not expect it"),
        ('<task id="work">hello</task>', "warning", "schema", "Character content"),
    ],
)
def test_findings_name_the_element(work: str, severity: str, rule: str, words: str) -> None:
    found = problem(straight(work))
    assert (found.severity, found.rule, found.element_id, found.line) == (severity, rule, "work", 5)
    assert words in found.message and "{" not in found.message


def test_an_element_that_would_be_lost_is_an_error() -> None:
    found = problem(straight('<task id="work"><task id="inner"/></task>'))
    assert (found.severity, found.rule, found.element_id) == ("error", "misplaced-element", "inner")


def test_a_missing_target_namespace_is_a_warning() -> None:
    found = problem(straight('<task id="work"/>', head=HEAD.replace(' targetNamespace="test"', "")))
    assert (found.severity, found.line) == ("warning", 1) and "targetNamespace" in found.message


def test_an_unknown_root_element_is_refused() -> None:
    found = problem(straight('<task id="work"/>', after='<gadget id="g"/>'))
    assert (found.severity, found.rule, found.element_id, found.line) == ("error", "unknown-element", "g", 10)
