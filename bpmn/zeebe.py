"""What do the `zeebe:` extension elements of an element say?"""

from bpmn.extensions import Extensions
from bpmn.model import Binding, FormRef, IoMapping, JobDefinition, Listener, ResourceRef
from bpmn.namespaces import B, Z
from bpmn.problems import title
from bpmn.reading import Reading, sentence
from bpmn.xml import Element, text_of

EMBEDDED_FORM = "camunda-forms:bpmn:"
EXECUTION_EVENTS = frozenset({"start", "end"})
TASK_EVENTS = frozenset({"creating", "assigning", "updating", "completing", "canceling"})
_TASK_EVENT_ALIASES = {
    "create": "creating",
    "assignment": "assigning",
    "update": "updating",
    "complete": "completing",
    "cancel": "canceling",
}
_Z_LENGTH = len(Z)


def read_zeebe(element: Element, reading: Reading, *, into: Extensions | None = None) -> Extensions:
    """Reads `bpmn:extensionElements` below the element; elements of other vendors are left alone."""
    ext = into if into is not None else Extensions()
    container = element.find(B + "extensionElements")
    if container is None:
        return ext
    for child in container:
        if child.tag.startswith(Z):
            _read(child, ext, reading)
    return ext


def _read(child: Element, ext: Extensions, reading: Reading) -> None:
    match child.tag[_Z_LENGTH:]:
        case "taskDefinition":
            _task_definition(child, ext, reading)
        case "taskHeaders":
            for header in child.iterfind(Z + "header"):
                ext.headers[header.get("key") or ""] = header.get("value") or ""
        case "ioMapping":
            _io_mapping(child, ext, reading)
        case "properties":
            for item in child.iterfind(Z + "property"):
                ext.properties[item.get("name") or ""] = item.get("value") or ""
        case "formDefinition":
            _form_definition(child, ext, reading)
        case "userTaskForm":
            if form_id := _required(child, "id", reading):
                ext.embedded_forms[form_id] = text_of(child)
        case "assignmentDefinition":
            ext.assignee = reading.value(child.get("assignee"), child, "assignee")
            ext.candidate_users = reading.value(child.get("candidateUsers"), child, "candidate users")
            ext.candidate_groups = reading.value(child.get("candidateGroups"), child, "candidate groups")
        case "taskSchedule":
            ext.due_date = reading.value(child.get("dueDate"), child, "due date")
            ext.follow_up_date = reading.value(child.get("followUpDate"), child, "follow-up date")
        case "priorityDefinition":
            ext.priority = reading.value(child.get("priority"), child, "priority")
        case "jobPriorityDefinition":
            ext.job_priority = reading.value(child.get("priority"), child, "job priority")
        case "calledDecision":
            ext.says_something = True
            ext.decision = _resource(child, "decisionId", reading)
            ext.result_variable = _required(child, "resultVariable", reading)
        case "calledElement":
            ext.says_something = True
            ext.called = _resource(child, "processId", reading)
            ext.propagate_child = child.get("propagateAllChildVariables") != "false"
            ext.propagate_parent = child.get("propagateAllParentVariables") != "false"
        case "script":
            ext.says_something = True
            if text := _required(child, "expression", reading):
                ext.script = reading.literal(text, child, "script")
            ext.result_variable = _required(child, "resultVariable", reading)
        case "subscription":
            ext.correlation_key = reading.value(child.get("correlationKey"), child, "correlation key")
        case "conditionalFilter":
            ext.variables = _names(child.get("variableNames"))
            ext.variable_events = _names(child.get("variableEvents"))
        case "executionListeners":
            ext.execution_listeners += _listeners(child, "executionListener", EXECUTION_EVENTS, reading)
        case "taskListeners":
            ext.task_listeners += _listeners(child, "taskListener", TASK_EVENTS, reading)
        case "adHoc":
            ext.active_elements = reading.value(child.get("activeElementsCollection"), child, "collection of active elements")
            _output(child, ext, reading)
        case "loopCharacteristics":
            ext.says_something = bool(child.get("inputCollection"))
            ext.input_collection = reading.value(child.get("inputCollection"), child, "input collection")
            ext.input_element = child.get("inputElement") or None
            _output(child, ext, reading)
        case "versionTag":
            ext.version_tag = child.get("value") or None
        case _:  # userTask is a mark; linkedResources, agentDefinition and modelerTemplate say nothing to the kernel
            pass


def _task_definition(child: Element, ext: Extensions, reading: Reading) -> None:
    ext.says_something = True
    if type_text := _required(child, "type", reading):
        ext.job_type = reading.value(type_text, child, "job type")
    retries = child.get("retries")
    if retries:
        ext.retries = reading.value(retries, child, "number of retries") or "3"
        if isinstance(ext.retries, str) and not ext.retries.isdecimal():
            reading.problems.error(
                "bad-retries",
                child,
                f'The number of retries "{ext.retries}" is not a whole number.',
                "Write a number, as 3, or FEEL after =.",
            )


def _io_mapping(child: Element, ext: Extensions, reading: Reading) -> None:
    for mapping in child:
        tag = mapping.tag[_Z_LENGTH:]
        if tag not in ("input", "output"):
            continue
        target = (mapping.get("target") or "").strip()
        what = f'source of {tag} "{target}"'
        if not target or any(not part.strip() for part in target.split(".")):
            reading.problems.error(
                "mapping-target",
                mapping,
                f'The target "{target}" of an {tag} mapping is not a variable name.',
                "Name the variable to write.",
            )
            continue
        mappings = ext.inputs if tag == "input" else ext.outputs
        mappings.append(IoMapping(reading.value(mapping.get("source"), mapping, what), target))


def _form_definition(child: Element, ext: Extensions, reading: Reading) -> None:
    form_id, key, external = child.get("formId"), child.get("formKey"), child.get("externalReference")
    if form_id:
        ext.form = FormRef(linked=_resource(child, "formId", reading))
    elif external:
        ext.form = FormRef(external=reading.value(external, child, "external reference of the form"))
    elif key and key.startswith(EMBEDDED_FORM):
        ext.form = FormRef(embedded_key=key.removeprefix(EMBEDDED_FORM))
    elif key:
        ext.form = FormRef(external=reading.value(key, child, "form key"))
    else:
        reading.problems.error(
            "empty-form", child, "The form definition names no form.", "Choose a form (formId), an external reference, or remove it."
        )


def _resource(child: Element, attribute: str, reading: Reading) -> ResourceRef | None:
    """A reference by id with its binding."""
    text = _required(child, attribute, reading)
    resource_id = reading.value(text, child, words_of(attribute)) if text else None
    if resource_id is None:
        return None
    binding, tag = child.get("bindingType") or "latest", child.get("versionTag") or None
    if binding not in set(Binding):
        reading.problems.error(
            "bad-binding", child, f'"{binding}" is not a binding type.', "Choose latest, deployment or versionTag as the binding type."
        )
        return None
    if binding == Binding.VERSION_TAG and not tag:
        reading.problems.error(
            "bad-binding", child, "The binding by version tag has no version tag.", "Write the version tag, or bind to latest."
        )
    return ResourceRef(resource_id, Binding(binding), tag if binding == Binding.VERSION_TAG else None)


def words_of(attribute: str) -> str:
    return {"decisionId": "decision id", "processId": "process id", "formId": "form id"}.get(attribute, attribute)


def _listeners(child: Element, tag: str, events: frozenset[str], reading: Reading) -> list[Listener]:
    found: list[Listener] = []
    for item in child.iterfind(Z + tag):
        event = item.get("eventType") or ""
        event = _TASK_EVENT_ALIASES.get(event, event) if tag == "taskListener" else event
        job_type = reading.value(_required(item, "type", reading), item, "type of the listener")
        if event not in events:
            reading.problems.error(
                "bad-listener",
                item,
                f'A listener has no event type "{event}".',
                f"Choose one of {', '.join(sorted(events))} as its event type.",
            )
        elif job_type is not None:
            retries = reading.value(item.get("retries"), item, "number of retries") or "3"
            headers = {header.get("key") or "": header.get("value") or "" for header in item.iterfind(f"{Z}taskHeaders/{Z}header")}
            found.append(Listener(event, JobDefinition(job_type, retries, headers)))
    return found


def _output(child: Element, ext: Extensions, reading: Reading) -> None:
    collection, element = (child.get("outputCollection") or "").strip(), (child.get("outputElement") or "").strip()
    ext.output_collection = collection or None
    if element:
        ext.output_element = reading.literal(element, child, "output element")
    if bool(collection) != bool(element):
        reading.problems.error(
            "output-collection",
            child,
            "An output collection and an output element belong together; one of them is missing.",
            "Write both, or neither.",
        )


def _required(child: Element, attribute: str, reading: Reading) -> str | None:
    text = (child.get(attribute) or "").strip()
    if text and text != "=":
        return text
    parent = child.getparent()
    owner = parent.getparent() if parent is not None else None
    name = child.tag[_Z_LENGTH:]
    reading.problems.error(
        "missing-attribute",
        child,
        f'{sentence(title(owner if owner is not None else child))}: zeebe:{name} has no "{attribute}".',
        f"Fill in {attribute} in the properties panel.",
    )
    return None


def _names(text: str | None) -> frozenset[str]:
    return frozenset(name.strip() for name in (text or "").split(",") if name.strip())
