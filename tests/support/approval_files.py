"""Which files make a small approval process: a drafted reply, a decision table, a person, two ends?"""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'id="definitions" targetNamespace="test">\n'
)

# id: x, y, width, height of every shape; from and to of every flow
_SHAPES = {
    "start": (160, 182, 36, 36),
    "draft": (250, 160, 100, 80),
    "rate": (400, 160, 100, 80),
    "approve": (550, 160, 100, 80),
    "way": (700, 175, 50, 50),
    "send": (800, 80, 100, 80),
    "sent": (960, 102, 36, 36),
    "rejected": (832, 262, 36, 36),
}
_FLOWS = {
    "to_draft": ("start", "draft"),
    "to_rate": ("draft", "rate"),
    "to_approve": ("rate", "approve"),
    "to_way": ("approve", "way"),
    "to_send": ("way", "send"),
    "to_sent": ("send", "sent"),
    "to_rejected": ("way", "rejected"),
}


def diagram(
    *,
    process_id: str = "reply",
    name: str = "Reply to a customer",
    task_name: str = "Approve the reply",
    documentation: str = "Read the reply before it goes out.",
    consequence: str = "Approving sends the reply to the customer. Rejecting sends nothing.",
    groups: str = "specialists",
    start_form: bool = False,
) -> bytes:
    """`draft` and `send` are jobs of the types draft-reply and send-reply; `approve` is the user task."""
    started = '<extensionElements><zeebe:formDefinition formId="inquiry"/></extensionElements>' if start_form else ""
    nodes = f"""
<startEvent id="start" name="Inquiry">{started}<outgoing>to_draft</outgoing></startEvent>
<serviceTask id="draft" name="Draft a reply"><extensionElements><zeebe:taskDefinition type="draft-reply"/></extensionElements>
  <incoming>to_draft</incoming><outgoing>to_rate</outgoing></serviceTask>
<businessRuleTask id="rate" name="Rate the risk"><extensionElements>
  <zeebe:calledDecision decisionId="risk" resultVariable="risk"/></extensionElements>
  <incoming>to_rate</incoming><outgoing>to_approve</outgoing></businessRuleTask>
<userTask id="approve" name={quoteattr(task_name)}><documentation>{escape(documentation)}</documentation><extensionElements>
  <zeebe:userTask/><zeebe:formDefinition formId="approval"/><zeebe:assignmentDefinition candidateGroups={quoteattr(groups)}/>
  <zeebe:taskSchedule dueDate="2020-01-01T00:00:00Z"/><zeebe:priorityDefinition priority="80"/>
  <zeebe:properties><zeebe:property name="gatewise:consequence" value={quoteattr(consequence)}/>
  <zeebe:property name="gatewise:threshold" value="0.8"/>
  <zeebe:property name="gatewise:subject" value="=customer + &quot;, &quot; + string(amount)"/></zeebe:properties></extensionElements>
  <incoming>to_approve</incoming><outgoing>to_way</outgoing></userTask>
<exclusiveGateway id="way" name="Approved?" default="to_rejected"><incoming>to_way</incoming>
  <outgoing>to_send</outgoing><outgoing>to_rejected</outgoing></exclusiveGateway>
<serviceTask id="send" name="Send the reply"><extensionElements><zeebe:taskDefinition type="send-reply"/></extensionElements>
  <incoming>to_send</incoming><outgoing>to_sent</outgoing></serviceTask>
<endEvent id="sent" name="Sent"><incoming>to_sent</incoming></endEvent>
<endEvent id="rejected" name="Rejected"><incoming>to_rejected</incoming></endEvent>
"""
    condition = {"to_send": '<conditionExpression xsi:type="tFormalExpression">=decision = "approve"</conditionExpression>'}
    flows = "\n".join(
        f'<sequenceFlow id="{id}" sourceRef="{source}" targetRef="{target}">{condition.get(id, "")}</sequenceFlow>'
        for id, (source, target) in _FLOWS.items()
    )
    process = f'<process id="{process_id}" name={quoteattr(name)} isExecutable="true">{nodes}{flows}</process>\n'
    return f"{_HEAD}{process}{_drawing(process_id)}</definitions>\n".encode()


def _drawing(process_id: str) -> str:
    shapes = "\n".join(
        f'<bpmndi:BPMNShape id="{id}_shape" bpmnElement="{id}"><dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></bpmndi:BPMNShape>'
        for id, (x, y, w, h) in _SHAPES.items()
    )
    edges = "\n".join(
        f'<bpmndi:BPMNEdge id="{id}_edge" bpmnElement="{id}">{_point(source, 1)}{_point(target, 0)}</bpmndi:BPMNEdge>'
        for id, (source, target) in _FLOWS.items()
    )
    return (
        f'<bpmndi:BPMNDiagram id="drawing"><bpmndi:BPMNPlane id="plane" bpmnElement="{process_id}">\n{shapes}\n{edges}\n'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n"
    )


def _point(id: str, side: int) -> str:
    x, y, width, height = _SHAPES[id]
    return f'<di:waypoint x="{x + width * side}" y="{y + height // 2}"/>'


def decision() -> bytes:
    return b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="risks" name="Risks" namespace="test">
  <decision id="risk" name="Risk of the reply"><variable name="risk"/>
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="i1" label="Confidence"><inputExpression><text>draft.confidence</text></inputExpression></input>
      <input id="i2" label="Amount"><inputExpression><text>amount</text></inputExpression></input>
      <output id="o1" name="risk"/>
      <rule id="r1"><inputEntry><text>&lt; 0.5</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"high"</text></outputEntry></rule>
      <rule id="r2"><description>Large sums are looked at twice</description><inputEntry><text>-</text></inputEntry>
        <inputEntry><text>&gt; 100</text></inputEntry><outputEntry><text>"medium"</text></outputEntry></rule>
      <rule id="r3"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def approval_form(*, text: str = "Decide about the reply to **{{customer}}**.", decision_label: str = "Your decision") -> bytes:
    components: list[dict[str, Any]] = [
        {"type": "text", "id": "Text_1", "text": text},
        {
            "type": "radio",
            "id": "Field_decision",
            "key": "decision",
            "label": decision_label,
            "values": [{"label": "Approve", "value": "approve"}, {"label": "Reject", "value": "reject"}],
            "validate": {"required": True},
        },
        {"type": "textfield", "id": "Field_reason", "key": "reason", "label": "Reason", "validate": {"maxLength": 20}},
        {"type": "button", "id": "Button_1", "action": "submit", "label": "Send decision"},
    ]
    return _form("approval", components)


def inquiry_form() -> bytes:
    return _form(
        "inquiry",
        [
            {"type": "textfield", "id": "Field_customer", "key": "customer", "label": "Customer", "validate": {"required": True}},
            {"type": "number", "id": "Field_amount", "key": "amount", "label": "Amount", "validate": {"min": 0}},
        ],
    )


def _form(id: str, components: list[dict[str, Any]]) -> bytes:
    return json.dumps({"type": "default", "schemaVersion": 18, "id": id, "components": components}, indent=1).encode()


def outcome(body: str, *, confidence: float = 0.64, quote: str = "Damaged goods are refunded in full.") -> dict[str, Any]:
    """What an agent hands over."""
    return {
        "value": {"subject": "Your parcel", "body": body},
        "confidence": confidence,
        "confidenceSource": "calibrated",
        "risk": "low",
        "evidence": [{"source": "article:KB-014", "quote": quote, "score": 0.82}],
        "usage": {"modelCalls": 0},
    }
