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
        "transaction",
        "adHocSubProcess",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    ]
)

# Marks of an element beyond its kind.
MARKS: frozenset[str] = frozenset(
    ["multiInstance", "standardLoop", "eventSubProcess", "compensationHandler", "startQuantity", "completionQuantity"]
)

# Moments of a user task at which its listeners are told.
TASK_LISTENERS: frozenset[str] = frozenset(["creating", "completing"])

START, EVENT_SUB_PROCESS_START, CATCH, BOUNDARY, NON_INTERRUPTING_BOUNDARY, THROW, END = (
    "start event",
    "start event of an event sub-process",
    "intermediate catch event",
    "interrupting boundary event",
    "non-interrupting boundary event",
    "intermediate throw event",
    "end event",
)

_INNER_START = frozenset({EVENT_SUB_PROCESS_START})
_BOUNDARIES = frozenset({BOUNDARY, NON_INTERRUPTING_BOUNDARY})
_THROWS = frozenset({THROW, END})

EVENTS: dict[str, frozenset[str]] = {
    "none": frozenset({START}) | _THROWS,
    "timer": frozenset({START, CATCH}) | _INNER_START | _BOUNDARIES,
    "message": frozenset({START, CATCH}) | _INNER_START | _BOUNDARIES | _THROWS,
    "signal": frozenset({START, CATCH}) | _INNER_START | _BOUNDARIES | _THROWS,
    "error": frozenset({BOUNDARY, END}) | _INNER_START,
    "escalation": _INNER_START | _BOUNDARIES | _THROWS,
    "compensation": frozenset({BOUNDARY}) | _INNER_START | _THROWS,
    "conditional": frozenset({CATCH}) | _INNER_START | _BOUNDARIES,
    "link": frozenset({CATCH, THROW}),
    "cancel": frozenset({BOUNDARY, END}),
    "terminate": frozenset({END}),
    "multiple": frozenset({START, CATCH}) | _INNER_START | _BOUNDARIES | _THROWS,
    "parallel multiple": frozenset({CATCH}) | _INNER_START | _BOUNDARIES,
}
