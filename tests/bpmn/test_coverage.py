"""Does the coverage table speak of things that exist, and is what it leaves out refused?"""

import pytest
from support.diagram_text import straight

from bpmn import parse
from bpmn.coverage import BOUNDARY, CATCH, ELEMENTS, END, EVENT_SUB_PROCESS_START, EVENTS, MARKS, NON_INTERRUPTING_BOUNDARY, START, THROW
from bpmn.structure import EVENTS as EVENT_TAGS
from bpmn.structure import FLOW_NODES

KINDS = {
    "none",
    "timer",
    "message",
    "signal",
    "error",
    "escalation",
    "compensation",
    "conditional",
    "link",
    "cancel",
    "terminate",
    "multiple",
    "parallel multiple",
}


def test_the_table_names_elements_marks_events_and_positions_of_bpmn() -> None:
    assert ELEMENTS <= FLOW_NODES - EVENT_TAGS
    assert {"multiInstance", "standardLoop", "eventSubProcess", "compensationHandler", "startQuantity", "completionQuantity"} >= MARKS
    assert EVENTS.keys() <= KINDS
    positions = {START, EVENT_SUB_PROCESS_START, CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY, THROW, END}
    assert all(places <= positions for places in EVENTS.values())


@pytest.mark.parametrize(
    ("work", "rest", "words"),
    [
        (
            '<task id="work"/>',
            '<boundaryEvent id="b" attachedToRef="work" cancelActivity="false"><errorEventDefinition/></boundaryEvent>',
            "error non",
        ),
        ('<intermediateCatchEvent id="work"><errorEventDefinition/></intermediateCatchEvent>', "", "error intermediate catch event"),
        ('<intermediateCatchEvent id="work"><cancelEventDefinition/></intermediateCatchEvent>', "", "cancel intermediate catch event"),
        (
            '<intermediateThrowEvent id="work"><terminateEventDefinition/></intermediateThrowEvent>',
            "",
            "terminate intermediate throw event",
        ),
    ],
)
def test_a_position_that_bpmn_does_not_have_is_refused_by_name(work: str, rest: str, words: str) -> None:
    (problem,) = parse(straight(work, rest), file="a.bpmn").errors
    assert problem.rule == "not-supported" and words in problem.message
