"""Which XML namespaces a diagram file may carry, and how its tags are taken apart."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DMN_PREFIX = "https://www.omg.org/spec/DMN/"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
OPERATON = "http://operaton.org/schema/1.0/bpmn"
FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
MODELER = "http://camunda.org/schema/modeler/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

B = f"{{{BPMN}}}"
Z = f"{{{ZEEBE}}}"

_B_LENGTH = len(B)


def bpmn_name(tag: str) -> str:
    """The local name of a BPMN tag; empty for a tag of another namespace."""
    return tag[_B_LENGTH:] if tag.startswith(B) else ""


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
