"""What does the diagram of a test look like? A fluent builder that writes BPMN 2.0 XML with zeebe extensions.

    process().start().service_task("work").gateway("ok?").when("=done").end("good").at("ok?").otherwise().end("bad").definition()

Every call adds an element and draws a flow to it from the one before (the cursor). `at(id)` moves the cursor, `to(id)` draws a flow to
an element that exists, `when(condition)` and `otherwise()` mark the next flow, `sub_process(id)` … `done()` puts what is between inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from bpmn import parse
from bpmn.model import ProcessDefinition

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions" targetNamespace="http://example.org/diagrams">\n'
)

Io = Mapping[str, str]  # target name → source (`=` FEEL)


@dataclass
class _Node:
    id: str
    tag: str
    scope: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    extensions: list[str] = field(default_factory=list[str])
    body: list[str] = field(default_factory=list[str])
    incoming: list[str] = field(default_factory=list[str])
    outgoing: list[str] = field(default_factory=list[str])


@dataclass
class _Flow:
    id: str
    source: str
    target: str
    scope: str
    condition: str | None


class Diagram:
    """One process. Ids are made fit for XML by replacing what an NCName may not hold."""

    def __init__(self, process_id: str = "process", name: str | None = None) -> None:
        self.id, self.name = process_id, name
        self._nodes: dict[str, _Node] = {}
        self._flows: list[_Flow] = []
        self._associations: list[tuple[str, str, str]] = []
        self._roots: dict[str, str] = {}
        self._extensions: list[str] = []
        self._scopes: list[str] = [process_id]
        self._cursor: str | None = None
        self._condition: str | None = None
        self._default = False
        self._flow_id: str | None = None

    # ------------------------------------------------------------ moving the cursor

    def at(self, element_id: str) -> Diagram:
        """Go on from there, inside the scope it lies in."""
        self._cursor = element_id
        self._scopes = self._path(self._nodes[element_id].scope)
        return self

    def within(self, scope_id: str) -> Diagram:
        """Go on inside a sub-process, connected to nothing."""
        self._cursor = None
        self._scopes = self._path(scope_id)
        return self

    def apart(self) -> Diagram:
        """The next element is connected to nothing."""
        self._cursor = None
        return self

    def to(self, element_id: str) -> Diagram:
        self._connect(element_id)
        self._cursor = None
        return self

    def when(self, condition: str) -> Diagram:
        self._condition = condition
        return self

    def otherwise(self) -> Diagram:
        self._default = True
        return self

    def flow(self, flow_id: str) -> Diagram:
        """Names the next flow; else it is called source__target."""
        self._flow_id = flow_id
        return self

    def done(self) -> Diagram:
        """Closes the innermost sub-process; the cursor stands on it."""
        self._cursor = self._scopes.pop()
        return self

    # ------------------------------------------------------------ events

    def start(
        self, element_id: str = "start", *, interrupting: bool = True, form: str | None = None, outputs: Io | None = None, **event: object
    ) -> Diagram:
        self._cursor = None
        attributes = {} if interrupting else {"isInterrupting": "false"}
        node = self._add("startEvent", element_id, attributes)
        if form:
            node.extensions.append(f"<zeebe:formDefinition formId={quoteattr(form)} />")
        return self._finish(node, outputs=outputs, event=event)

    def end(
        self, element_id: str = "end", *, inputs: Io | None = None, outputs: Io | None = None, type: str | None = None, **event: object
    ) -> Diagram:
        node = self._add("endEvent", element_id)
        self._job(node, type)
        self._finish(node, inputs=inputs, outputs=outputs, event=event)
        self._cursor = None
        return self

    def catch(self, element_id: str, *, outputs: Io | None = None, **event: object) -> Diagram:
        return self._finish(self._add("intermediateCatchEvent", element_id), outputs=outputs, event=event)

    def throw(
        self, element_id: str, *, inputs: Io | None = None, outputs: Io | None = None, type: str | None = None, **event: object
    ) -> Diagram:
        node = self._add("intermediateThrowEvent", element_id)
        self._job(node, type)
        return self._finish(node, inputs=inputs, outputs=outputs, event=event)

    def boundary(self, element_id: str, on: str, *, interrupting: bool = True, outputs: Io | None = None, **event: object) -> Diagram:
        self._cursor = None
        self._scopes = self._path(self._nodes[on].scope)
        attributes = {"attachedToRef": on} | ({} if interrupting else {"cancelActivity": "false"})
        return self._finish(self._add("boundaryEvent", element_id, attributes), outputs=outputs, event=event)

    # ------------------------------------------------------------ activities

    def task(self, element_id: str, tag: str = "task", **options: object) -> Diagram:
        return self._activity(self._add(tag, element_id), options)

    def service_task(
        self,
        element_id: str,
        *,
        type: str | None = None,
        retries: str | None = None,
        headers: Io | None = None,
        tag: str = "serviceTask",
        **options: object,
    ) -> Diagram:
        node = self._add(tag, element_id)
        self._job(node, type or element_id, retries)
        if headers:
            entries = "".join(f"<zeebe:header key={quoteattr(k)} value={quoteattr(v)} />" for k, v in headers.items())
            node.extensions.append(f"<zeebe:taskHeaders>{entries}</zeebe:taskHeaders>")
        return self._activity(node, options)

    def agent_task(self, element_id: str, *, agent: str | None = None, result: str | None = None, **options: object) -> Diagram:
        headers = {"agentId": agent or element_id} | ({"resultVariable": result} if result else {})
        return self.service_task(element_id, type="gatewise.agent", headers=headers, **options)

    def user_task(
        self,
        element_id: str,
        *,
        assignee: str | None = None,
        candidate_users: str | None = None,
        candidate_groups: str | None = None,
        due: str | None = None,
        follow_up: str | None = None,
        priority: str | None = None,
        form: str | None = None,
        **options: object,
    ) -> Diagram:
        node = self._add("userTask", element_id)
        node.extensions.append("<zeebe:userTask />")
        if form:
            node.extensions.append(f"<zeebe:formDefinition formId={quoteattr(form)} />")
        self._tag(node, "assignmentDefinition", assignee=assignee, candidateUsers=candidate_users, candidateGroups=candidate_groups)
        self._tag(node, "taskSchedule", dueDate=due, followUpDate=follow_up)
        self._tag(node, "priorityDefinition", priority=priority)
        return self._activity(node, options)

    def script_task(self, element_id: str, expression: str, result: str, **options: object) -> Diagram:
        node = self._add("scriptTask", element_id)
        self._tag(node, "script", expression=expression, resultVariable=result)
        return self._activity(node, options)

    def decision_task(self, element_id: str, decision: str, result: str, **options: object) -> Diagram:
        node = self._add("businessRuleTask", element_id)
        self._tag(node, "calledDecision", decisionId=decision, resultVariable=result)
        return self._activity(node, options)

    def receive_task(
        self, element_id: str, message: str, *, correlation_key: str | None = None, instantiate: bool = False, **options: object
    ) -> Diagram:
        node = self._add("receiveTask", element_id, {"messageRef": self._message(message, correlation_key)})
        if instantiate:
            node.attributes["instantiate"] = "true"
        return self._activity(node, options)

    def call(
        self, element_id: str, process: str, *, all_parent: bool | None = None, all_child: bool | None = None, **options: object
    ) -> Diagram:
        node = self._add("callActivity", element_id)
        self._tag(
            node,
            "calledElement",
            processId=process,
            propagateAllChildVariables=None if all_child is None else str(all_child).lower(),
            propagateAllParentVariables=None if all_parent is None else str(all_parent).lower(),
        )
        return self._activity(node, options)

    def sub_process(self, element_id: str, *, transaction: bool = False, **options: object) -> Diagram:
        """Opens it: what follows lies inside, until `done()`."""
        self._activity(self._add("transaction" if transaction else "subProcess", element_id), options)
        self._scopes.append(element_id)
        self._cursor = None
        return self

    def event_sub_process(self, element_id: str, **options: object) -> Diagram:
        self._cursor = None
        self._activity(self._add("subProcess", element_id, {"triggeredByEvent": "true"}), options)
        self._scopes.append(element_id)
        self._cursor = None
        return self

    def ad_hoc(
        self,
        element_id: str,
        *,
        type: str | None = None,
        active: str | None = None,
        collect: tuple[str, str] | None = None,
        completion: str | None = None,
        cancel_remaining: bool = True,
        sequential: bool = False,
        **options: object,
    ) -> Diagram:
        attributes = {} if cancel_remaining else {"cancelRemainingInstances": "false"}
        if sequential:
            attributes["ordering"] = "Sequential"
        node = self._add("adHocSubProcess", element_id, attributes)
        self._job(node, type)
        self._tag(
            node,
            "adHoc",
            activeElementsCollection=active,
            outputCollection=collect[0] if collect else None,
            outputElement=collect[1] if collect else None,
        )
        self._activity(node, options)
        if completion:
            node.body.append(f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{escape(completion)}</bpmn:completionCondition>')
        self._scopes.append(element_id)
        self._cursor = None
        return self

    # ------------------------------------------------------------ gateways

    def gateway(self, element_id: str) -> Diagram:
        self._add("exclusiveGateway", element_id)
        return self

    def parallel(self, element_id: str) -> Diagram:
        self._add("parallelGateway", element_id)
        return self

    def inclusive(self, element_id: str) -> Diagram:
        self._add("inclusiveGateway", element_id)
        return self

    def event_gateway(self, element_id: str, *, instantiate: bool = False) -> Diagram:
        self._add("eventBasedGateway", element_id, {"instantiate": "true"} if instantiate else {})
        return self

    def complex(self, element_id: str, *, activation: str | None = None) -> Diagram:
        node = self._add("complexGateway", element_id)
        if activation:
            node.body.append(f'<bpmn:activationCondition xsi:type="bpmn:tFormalExpression">{escape(activation)}</bpmn:activationCondition>')
        return self

    def compensation(self, activity_id: str, handler_id: str, **options: object) -> Diagram:
        """A compensation boundary event on the activity with a service task as its handler. The cursor does not move."""
        before, scopes = self._cursor, self._scopes
        self.boundary(f"{activity_id}_compensation", on=activity_id, compensate=True)
        self._cursor = None
        self.service_task(handler_id, **options)
        self._nodes[handler_id].attributes["isForCompensation"] = "true"
        self._associations.append((f"{activity_id}_compensation", handler_id, self._nodes[handler_id].scope))
        self._cursor, self._scopes = before, scopes
        return self

    # ------------------------------------------------------------ results

    def xml(self) -> bytes:
        """The BPMN file."""
        process = self._scope_xml(self.id)
        roots = "".join(f"  {root}\n" for root in self._roots.values())
        name = f" name={quoteattr(self.name)}" if self.name else ""
        extensions = f"<bpmn:extensionElements>{''.join(self._extensions)}</bpmn:extensionElements>" if self._extensions else ""
        head = f'{_HEAD}{roots}  <bpmn:process id="{self.id}"{name} isExecutable="true">{extensions}\n'
        return f"{head}{process}  </bpmn:process>\n</bpmn:definitions>\n".encode()

    def definition(self) -> ProcessDefinition:
        """The parsed process; fails with all problems when the parser refuses it."""
        parsed = parse(self.xml(), file=f"{self.id}.bpmn")
        errors = [f"{p.element_id}: {p.message}" for p in parsed.problems if p.severity == "error"]
        assert not errors, "\n".join(errors) + "\n" + self.xml().decode()
        return parsed.processes[0]

    # ------------------------------------------------------------ writing

    def _path(self, scope: str) -> list[str]:
        path = [scope]
        while path[0] != self.id:
            path.insert(0, self._nodes[path[0]].scope)
        return path

    def _add(self, tag: str, element_id: str, attributes: Mapping[str, str] | None = None) -> _Node:
        assert re.fullmatch(r"[A-Za-z_][\w.-]*", element_id), f"'{element_id}' cannot be an id"
        assert element_id not in self._nodes, f"'{element_id}' exists already"
        node = self._nodes[element_id] = _Node(element_id, tag, self._scopes[-1], dict(attributes or {}))
        if self._cursor is not None:
            self._connect(element_id)
        self._cursor = element_id
        return node

    def _connect(self, target: str) -> None:
        source = self._cursor
        assert source is not None, "nothing to draw a flow from: use at(id)"
        flow_id = self._flow_id or f"{source}__{target}"
        if any(flow.id == flow_id for flow in self._flows):
            flow_id = f"{flow_id}_{len(self._flows)}"
        self._flows.append(_Flow(flow_id, source, target, self._nodes[source].scope, self._condition))
        self._nodes[source].outgoing.append(flow_id)
        self._nodes[target].incoming.append(flow_id)
        if self._default:
            self._nodes[source].attributes["default"] = flow_id
        self._condition, self._default, self._flow_id = None, False, None

    def _activity(self, node: _Node, options: Mapping[str, object]) -> Diagram:
        rest = dict(options)
        inputs, outputs = rest.pop("inputs", None), rest.pop("outputs", None)
        self._io(node, inputs, outputs)  # type: ignore[arg-type]
        for_compensation = rest.pop("for_compensation", False)
        if for_compensation:
            node.attributes["isForCompensation"] = "true"
        name = rest.pop("name", None)
        if name:
            node.attributes["name"] = str(name)
        listeners = rest.pop("listeners", None)
        if listeners:
            entries = "".join(f"<zeebe:executionListener eventType={quoteattr(e)} type={quoteattr(t)} />" for e, t in listeners)  # type: ignore[union-attr]
            node.extensions.append(f"<zeebe:executionListeners>{entries}</zeebe:executionListeners>")
        task_listeners = rest.pop("task_listeners", None)
        if task_listeners:
            entries = "".join(f"<zeebe:taskListener eventType={quoteattr(e)} type={quoteattr(t)} />" for e, t in task_listeners)  # type: ignore[union-attr]
            node.extensions.append(f"<zeebe:taskListeners>{entries}</zeebe:taskListeners>")
        self._loop(node, rest)
        assert not rest, f"unknown options {sorted(rest)}"
        return self

    def _loop(self, node: _Node, rest: dict[str, object]) -> None:
        """Either each="=items" or times="=3", with element, sequential, collect=(variable, expression) and until; or the standard loop
        by repeat_while, maximum and test_before."""
        each, times = rest.pop("each", None), rest.pop("times", None)
        element, sequential = rest.pop("element", None), rest.pop("sequential", False)
        collect, until = rest.pop("collect", None), rest.pop("until", None)
        repeat, maximum, test_before = rest.pop("repeat_while", None), rest.pop("maximum", None), rest.pop("test_before", False)
        if each is not None or times is not None:
            parts: list[str] = []
            if each is not None:
                values = {"inputCollection": each, "inputElement": element}
                if collect:
                    values["outputCollection"], values["outputElement"] = collect  # type: ignore[misc]
                attributes = "".join(f" {k}={quoteattr(str(v))}" for k, v in values.items() if v is not None)
                parts.append(f"<bpmn:extensionElements><zeebe:loopCharacteristics{attributes} /></bpmn:extensionElements>")
            if times is not None:
                parts.append(f'<bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">{escape(str(times))}</bpmn:loopCardinality>')
            if until is not None:
                parts.append(f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{escape(str(until))}</bpmn:completionCondition>')
            mark = ' isSequential="true"' if sequential else ""
            node.body.append(f"<bpmn:multiInstanceLoopCharacteristics{mark}>{''.join(parts)}</bpmn:multiInstanceLoopCharacteristics>")
        elif repeat is not None or maximum is not None:
            attributes = (' testBefore="true"' if test_before else "") + (f' loopMaximum="{maximum}"' if maximum is not None else "")
            condition = (
                ""
                if repeat is None
                else f'<bpmn:loopCondition xsi:type="bpmn:tFormalExpression">{escape(str(repeat))}</bpmn:loopCondition>'
            )
            node.body.append(f"<bpmn:standardLoopCharacteristics{attributes}>{condition}</bpmn:standardLoopCharacteristics>")

    def _finish(self, node: _Node, *, inputs: Io | None = None, outputs: Io | None = None, event: Mapping[str, object]) -> Diagram:
        self._io(node, inputs, outputs)
        rest = dict(event)
        key = rest.pop("correlation_key", None)
        parallel = bool(rest.pop("all_of", False))
        parts: list[str] = []
        for kind, value in rest.items():
            for one in value if isinstance(value, list | tuple) else [value]:  # type: ignore[union-attr]
                if one not in (None, False):
                    parts.append(self._event_definition(kind, one, key, f"{node.id}_event_{len(parts)}"))
        if parallel:
            node.attributes["parallelMultiple"] = "true"
        node.body.extend(parts)
        return self

    def _event_definition(self, kind: str, value: object, key: object, definition_id: str) -> str:
        formal = 'xsi:type="bpmn:tFormalExpression"'
        start = f'<bpmn:{{}}EventDefinition id="{definition_id}"'
        text = escape(str(value))
        match kind:
            case "timer" | "date" | "cycle":
                tag = {"timer": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}[kind]
                return f"{start.format('timer')}><bpmn:{tag} {formal}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"
            case "message":
                return f'{start.format("message")} messageRef="{self._message(str(value), key)}" />'
            case "signal":
                return f'{start.format("signal")} signalRef="{self._root("signal", str(value))}" />'
            case "error" | "escalation":
                if value is True:
                    return f"{start.format(kind)} />"
                return f'{start.format(kind)} {kind}Ref="{self._root(kind, str(value))}" />'
            case "condition":
                return f"{start.format('conditional')}><bpmn:condition {formal}>{text}</bpmn:condition></bpmn:conditionalEventDefinition>"
            case "link":
                return f"{start.format('link')} name={quoteattr(str(value))} />"
            case "compensate":
                return f"{start.format('compensate')}{'' if value is True else f' activityRef={quoteattr(str(value))}'} />"
            case "cancel" | "terminate":
                return f"{start.format(kind)} />"
            case _:
                raise AssertionError(f"unknown event {kind}")

    def _message(self, name: str, correlation_key: object) -> str:
        root_id = f"message_{_word(name)}_{_word(str(correlation_key or ''))}".rstrip("_")
        subscription = ""
        if correlation_key is not None:
            subscription = (
                f"<bpmn:extensionElements><zeebe:subscription correlationKey={quoteattr(str(correlation_key))} /></bpmn:extensionElements>"
            )
        self._roots[root_id] = f'<bpmn:message id="{root_id}" name={quoteattr(name)}>{subscription}</bpmn:message>'
        return root_id

    def _root(self, kind: str, value: str) -> str:
        root_id = f"{kind}_{_word(value)}"
        code = "" if kind == "signal" else f" {kind}Code={quoteattr(value)}"
        self._roots[root_id] = f'<bpmn:{kind} id="{root_id}" name={quoteattr(value)}{code} />'
        return root_id

    def _io(self, node: _Node, inputs: Io | None, outputs: Io | None) -> None:
        if not inputs and not outputs:
            return
        parts = [
            f"<zeebe:{tag} source={quoteattr(source)} target={quoteattr(target)} />"
            for tag, mappings in (("input", inputs), ("output", outputs))
            for target, source in (mappings or {}).items()
        ]
        node.extensions.append(f"<zeebe:ioMapping>{''.join(parts)}</zeebe:ioMapping>")

    def _job(self, node: _Node, job_type: str | None, retries: str | None = None) -> None:
        if job_type is not None:
            self._tag(node, "taskDefinition", type=job_type, retries=retries)

    def _tag(self, node: _Node, tag: str, **attributes: str | None) -> None:
        given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None)
        if given:
            node.extensions.append(f"<zeebe:{tag}{given} />")

    def _scope_xml(self, scope: str) -> str:
        nodes = "".join(self._node_xml(node) for node in self._nodes.values() if node.scope == scope)
        flows = "".join(self._flow_xml(flow) for flow in self._flows if flow.scope == scope)
        associations = "".join(
            f'<bpmn:association id="{source}_{target}" associationDirection="One" sourceRef="{source}" targetRef="{target}" />\n'
            for source, target, where in self._associations
            if where == scope
        )
        return nodes + flows + associations

    def _node_xml(self, node: _Node) -> str:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())
        extensions = f"<bpmn:extensionElements>{''.join(node.extensions)}</bpmn:extensionElements>" if node.extensions else ""
        flows = "".join(f"<bpmn:incoming>{f}</bpmn:incoming>" for f in node.incoming) + "".join(
            f"<bpmn:outgoing>{f}</bpmn:outgoing>" for f in node.outgoing
        )
        last = [part for part in node.body if part.startswith("<bpmn:completionCondition")] if node.tag == "adHocSubProcess" else []
        body = "".join(part for part in node.body if part not in last)
        inside = self._scope_xml(node.id) + "".join(last)
        return f'    <bpmn:{node.tag} id="{node.id}"{attributes}>{extensions}{flows}{body}{inside}</bpmn:{node.tag}>\n'

    def _flow_xml(self, flow: _Flow) -> str:
        if flow.condition is None:
            return f'    <bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}" />\n'
        condition = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(flow.condition)}</bpmn:conditionExpression>'
        return (
            f'    <bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}">{condition}</bpmn:sequenceFlow>\n'
        )


def process(process_id: str = "process", name: str | None = None) -> Diagram:
    """A new diagram; begin with `.start()`."""
    return Diagram(process_id, name)


def _word(text: str) -> str:
    return re.sub(r"\W", "_", text)


__all__ = ["Diagram", "process"]
