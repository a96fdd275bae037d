"""Which elements at which positions does the kernel run? What is not in these tables is refused by name."""

ELEMENTS: frozenset[str] = frozenset(
    [
        "task",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "userTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "exclusiveGateway",
        "parallelGateway",
    ]
)

# Marks of an element beyond its kind.
MARKS: frozenset[str] = frozenset(["multiInstance"])

START, EVENT_SUB_PROCESS_START, CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY, THROW, END = (
    "start event",
    "start event of an event sub-process",
    "intermediate catch event",
    "interrupting boundary event",
    "non-interrupting boundary event",
    "intermediate throw event",
    "end event",
)

EVENTS: dict[str, frozenset[str]] = {
    "none": frozenset({START, THROW, END}),
    "timer": frozenset({START, CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY}),
    "message": frozenset({START, CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY}),
    "error": frozenset({BOUNDARY, END}),
    "terminate": frozenset({END}),
}
