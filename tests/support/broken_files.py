"""Which files must never be deployed, and what the refusal has to name: (file name, content, element id, line, words)."""

import random
from dataclasses import dataclass

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn">\n'
)
TAIL = "</bpmn:definitions>\n"


@dataclass(frozen=True)
class BrokenFile:
    """`element` and `line` are what the refusal must name; None where the file has none to name."""

    about: str
    files: tuple[tuple[str, bytes], ...]
    element: str | None = None
    line: int | None = None


def diagram(*body: str, process: str = "p", head: str = HEAD) -> bytes:
    lines = [f'<bpmn:process id="{process}" isExecutable="true">', *body, "</bpmn:process>"]
    return (head + "\n".join(lines) + "\n" + TAIL).encode()


START = '<bpmn:startEvent id="start"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>'
END = '<bpmn:endEvent id="end"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>'
FLOW1 = '<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />'
FLOW2 = '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end" />'


def straight(work: str, *more: str) -> bytes:
    """Start, the element `work` on line 5 of the file, end."""
    return diagram(START, work, END, FLOW1, FLOW2, *more)


def service(inner: str = '<zeebe:taskDefinition type="x" />', attributes: str = "") -> str:
    return f'<bpmn:serviceTask id="work"{attributes}><bpmn:extensionElements>{inner}</bpmn:extensionElements></bpmn:serviceTask>'


GOOD = straight(service())

DMN_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="http://camunda.org/schema/1.0/dmn">\n'
)


def decision(cell: str, policy: str = "UNIQUE") -> bytes:
    return (
        DMN_HEAD + f'<decision id="risk" name="Risk">\n<decisionTable id="table" hitPolicy="{policy}">\n'
        '<input id="i1"><inputExpression id="e1" typeRef="number"><text>amount</text></inputExpression></input>\n'
        '<output id="o1" name="level" typeRef="string" />\n'
        f'<rule id="r1"><inputEntry id="c1"><text>{cell}</text></inputEntry>'
        '<outputEntry id="c2"><text>"high"</text></outputEntry></rule>\n'
        "</decisionTable>\n</decision>\n</definitions>\n"
    ).encode()


def one(about: str, name: str, content: bytes, element: str | None = None, line: int | None = None) -> BrokenFile:
    return BrokenFile(about, ((name, content),), element, line)


AGENT = '<zeebe:taskDefinition type="gatewise.agent" /><zeebe:taskHeaders><zeebe:header key="agentId" value="nobody" /></zeebe:taskHeaders>'

BROKEN = (
    one("malformed XML", "a.bpmn", GOOD.replace(b"</bpmn:process>", b"</bpmn:proces>"), line=9),
    one("cut off in the middle", "a.bpmn", GOOD[:700]),
    one("a DOCTYPE", "a.bpmn", GOOD.replace(b"<bpmn:definitions", b"<!DOCTYPE x [<!ENTITY e 'v'>]>\n<bpmn:definitions", 1), line=2),
    one("an external entity", "a.bpmn", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', line=1),
    one("an element that BPMN does not know", "a.bpmn", straight('<bpmn:quantumTask id="work" />'), "work", 5),
    one("a flow to nowhere", "a.bpmn", diagram(START, END, '<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="gone" />'), "f1", 6),
    one("a boundary event on nothing", "a.bpmn", straight(service(), '<bpmn:boundaryEvent id="b" attachedToRef="gone"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1M</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>'), "b", 9),
    one("an unknown message reference", "a.bpmn", straight('<bpmn:receiveTask id="work" messageRef="gone" />'), "work", 5),
    one("a condition that is no FEEL", "a.bpmn", diagram(START, '<bpmn:exclusiveGateway id="work" default="f2" />', END, FLOW1, FLOW2, '<bpmn:endEvent id="end2" />', '<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="end2"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=amount &gt; &gt; 3</bpmn:conditionExpression></bpmn:sequenceFlow>'), "f3", 10),
    one("an input mapping that is no FEEL", "a.bpmn", straight(service('<zeebe:taskDefinition type="x" /><zeebe:ioMapping><zeebe:input source="=if" target="a" /></zeebe:ioMapping>')), "work", 5),
    one("a timer that is no duration", "a.bpmn", straight('<bpmn:intermediateCatchEvent id="work"><bpmn:timerEventDefinition id="t"><bpmn:timeDuration>five minutes</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'), "work", 5),
    one("a service task without job type", "a.bpmn", straight('<bpmn:serviceTask id="work" />'), "work", 5),
    one("one id used twice", "a.bpmn", straight(service(), '<bpmn:task id="work" />'), "work", 9),
    one("no start event", "a.bpmn", diagram('<bpmn:endEvent id="end" />', '<bpmn:intermediateThrowEvent id="t"><bpmn:incoming>f1</bpmn:incoming></bpmn:intermediateThrowEvent>', '<bpmn:sequenceFlow id="f1" sourceRef="t" targetRef="t" />', '<bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="end" />')),
    one("nothing that can run", "a.bpmn", GOOD.replace(b'isExecutable="true"', b'isExecutable="false"'), "p", 3),
    one("not BPMN at all", "a.bpmn", b"<html><body>hello</body></html>", line=1),
    one("an empty file", "a.bpmn", b""),
    one("five megabytes of noise", "a.bpmn", random.Random(5).randbytes(5_000_000)),
    one("nested a thousand deep", "a.bpmn", b"<a>" * 5000 + b"</a>" * 5000),
    one("an agent that is not there", "a.bpmn", straight(service(AGENT)), "work", 5),
    one("an agent file with a misspelt key", "a.agent.yaml", b"id: classify\nname: Classify\nkind: function\nfunktion: x\n", line=4),
    one("a decision cell that is no FEEL", "a.dmn", decision("&gt; &gt; 3"), "c1", 7),
    one("an unknown hit policy", "a.dmn", decision("&gt; 3", "SOMETIMES"), "table", 4),
    one("a form that is no JSON", "a.form", b'{"type": "default",\n "components": [\n', line=3),
    one("a form field without a key", "a.form", b'{"type":"default","id":"f","schemaVersion":16,"components":[\n{"type":"textfield","label":"Name","id":"name_field"}]}', "name_field"),
    one("a decision that is not there", "a.bpmn", straight('<bpmn:businessRuleTask id="work"><bpmn:extensionElements><zeebe:calledDecision decisionId="gone" resultVariable="r" /></bpmn:extensionElements></bpmn:businessRuleTask>'), "work", 5),
    one("a form that is not there", "a.bpmn", straight('<bpmn:userTask id="work"><bpmn:extensionElements><zeebe:userTask /><zeebe:formDefinition formId="gone" /></bpmn:extensionElements></bpmn:userTask>'), "work", 5),
    one("a kind of file nobody knows", "a.exe", b"MZ\x00\x01"),
    BrokenFile("two processes with one id", (("a.bpmn", GOOD), ("b.bpmn", GOOD)), "p", 3),
)  # fmt: skip
