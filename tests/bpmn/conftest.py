"""How do the tests of the reader get from a few lines of a diagram to what was read?"""

from collections.abc import Callable

import pytest
from support.diagram_text import straight

import bpmn.checks
from bpmn import parse
from bpmn.model import FlowNode, ProcessDefinition

Found = set[tuple[str, str, str | None, int | None]]


@pytest.fixture
def all_elements_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is tested apart from what the kernel runs."""
    monkeypatch.setattr(bpmn.checks, "check_coverage", lambda *_: None)


@pytest.fixture
def process(all_elements_run: None) -> Callable[..., ProcessDefinition]:
    """Reads a file that has no errors."""

    def read(data: bytes) -> ProcessDefinition:
        parsed = parse(data, file="test.bpmn")
        assert parsed.errors == ()
        (definition,) = parsed.processes
        return definition

    return read


@pytest.fixture
def work(process: Callable[..., ProcessDefinition]) -> Callable[..., FlowNode]:
    """Reads the element `work` between a start and an end event."""

    def read(element: str, rest: str = "", after: str = "") -> FlowNode:
        return process(straight(element, rest, after)).nodes["work"]

    return read


@pytest.fixture
def found(all_elements_run: None) -> Callable[..., Found]:
    """The problems of a file as (severity, rule, element id, line)."""

    def read(data: bytes) -> Found:
        return {(p.severity, p.rule, p.element_id, p.line) for p in parse(data, file="test.bpmn").problems}

    return read
