"""How do a few lines of XML become the bytes of a diagram file?"""

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="test">\n'
)
PLAIN_HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="defs" targetNamespace="test">\n'


def diagram(body: str, after: str = "", *, head: str = HEAD) -> bytes:
    """One executable process `p`; `body` begins at line 3. `after`: root elements behind the process, as messages."""
    return f'{head}<process id="p" isExecutable="true">\n{body}\n</process>\n{after}\n</definitions>\n'.encode()


def straight(work: str, rest: str = "", after: str = "", *, head: str = HEAD) -> bytes:
    """A start event, the element with the id `work` (it begins at line 5), an end event; then `rest`."""
    body = (
        f'<startEvent id="start"/>\n<sequenceFlow id="f1" sourceRef="start" targetRef="work"/>\n{work}\n'
        f'<sequenceFlow id="f2" sourceRef="work" targetRef="end"/>\n<endEvent id="end"/>\n{rest}'
    )
    return diagram(body, after, head=head)


def service(element_id: str, extensions: str = '<zeebe:taskDefinition type="work"/>', inner: str = "") -> str:
    return f'<serviceTask id="{element_id}"><extensionElements>{extensions}</extensionElements>{inner}</serviceTask>'


def flow(source: str, target: str, condition: str | None = None) -> str:
    inner = "" if condition is None else f"<conditionExpression>{condition}</conditionExpression>"
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
