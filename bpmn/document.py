"""Which processes and shared definitions does a BPMN document have, and which of them run?"""

from bpmn.definitions import read_process
from bpmn.model import ProcessDefinition
from bpmn.namespaces import BPMN, DMN_PREFIX, B, Z, bpmn_name, local_name, namespace
from bpmn.problems import Problems, title, words
from bpmn.reading import Reading, local_reference, sentence
from bpmn.structure import FLOW_NODES, GLOBAL_TASKS, Structure, around_global_task, take_apart
from bpmn.xml import Element, text_of

_NAMING = tuple(Z + name for name in ("input", "output", "loopCharacteristics", "adHoc", "calledDecision", "script"))
_REFERRING = {
    B + "participant": ("processRef",),
    B + "messageFlow": ("sourceRef", "targetRef", "messageRef"),
    B + "association": ("sourceRef", "targetRef"),
    B + "dataObjectReference": ("dataObjectRef",),
    B + "dataStoreReference": ("dataStoreRef",),
    B + "lane": (),
}
_SHARED = frozenset({"message", "signal", "error", "escalation"})


def is_bpmn(root: Element, problems: Problems) -> bool:
    """Whether this is a BPMN 2.0 document at all; if not, the problem says what it is instead."""
    if root.tag == B + "definitions":
        return True
    space, name = namespace(root.tag), local_name(root.tag)
    if space.startswith(DMN_PREFIX) or "/DMN/" in space:
        message, advice = "This is a DMN file with decisions, not a BPMN diagram.", "Save it with the ending .dmn and upload it again."
    elif space == BPMN:
        message, advice = f"The outermost element is <{name}>, not <definitions>.", "Save the whole diagram from a BPMN editor."
    elif name.lower() == "html":
        message, advice = "This is a web page, not a BPMN diagram.", "Download the diagram file itself."
    else:
        message = f"This is not a BPMN 2.0 file: its outermost element is <{name}>" + (
            f" of {space}." if space else " without a namespace."
        )
        advice = f"Save the diagram as BPMN 2.0 XML (namespace {BPMN})."
    problems.error("not-bpmn", None, message, advice, line=root.sourceline)
    return False


def shared_definitions(root: Element) -> dict[tuple[str, str], Element]:
    """Messages, signals, errors, escalations and reusable event definitions by tag and id."""
    found: dict[tuple[str, str], Element] = {}
    for child in root:
        tag, element_id = bpmn_name(child.tag), child.get("id")
        if element_id and tag in _SHARED:
            found[tag, element_id] = child
        elif element_id and tag.endswith("EventDefinition"):
            found["eventDefinition", element_id] = child
    return found


def unusual_names(root: Element) -> frozenset[str]:
    """The variable names with spaces or symbols that the file itself makes; FEEL must know them to read them."""
    found: set[str] = set()
    for element in root.iter(*_NAMING):
        for attribute in ("target", "resultVariable", "inputElement", "outputCollection"):
            name = (element.get(attribute) or "").strip()
            if name and not name.replace(".", "_").isidentifier():
                found.add(name)
    return frozenset(found)


def check_references(root: Element, problems: Problems) -> None:
    """References that carry no flow: what they point at must exist, or they mean nothing (a warning)."""
    ids = {element.get("id") for element in root.iter(f"{B}*")}
    for element in root.iter(*_REFERRING):
        references = [element.get(attribute) for attribute in _REFERRING[element.tag]]
        references += [text_of(child) for child in element.iterfind(B + "flowNodeRef")]
        for reference in references:
            if reference and local_reference(reference) not in ids:
                problems.warning(
                    "dangling-reference",
                    element,
                    f'{sentence(title(element))} refers to "{reference}", which the file does not contain.',
                    "Remove it, or draw it again.",
                )


def check_ids(root: Element, problems: Problems) -> None:
    """Every id of the document must be there once."""
    first: dict[str, Element] = {}
    for element in root.iter(f"{B}*"):
        element_id = element.get("id")
        if not element_id:
            continue
        other = first.setdefault(element_id, element)
        if other is element:
            continue
        if bpmn_name(element.tag) == "process" and bpmn_name(other.tag) == "process":
            problems.error(
                "duplicate-process",
                element,
                f'Two processes of the file have the id "{element_id}" (the other one is at line {other.sourceline}).',
                "Give one of them another id.",
            )
        else:
            problems.error(
                "duplicate-id",
                element,
                f'The id "{element_id}" is used twice: by this {words(bpmn_name(element.tag))} and by the '
                f"{words(bpmn_name(other.tag))} at line {other.sourceline}.",
                "Give one of them another id.",
            )


def read_processes(root: Element, reading: Reading) -> list[tuple[ProcessDefinition, Structure]]:
    """The definitions that could be read, with the structure each came from."""
    structures: list[Structure] = []
    seen: set[str] = set()
    for process in executable_processes(root, reading.problems):
        process_id = process.get("id")
        if not process_id:
            reading.problems.error("missing-id", process, "A process has no id.", "Give the process an id.", line=process.sourceline)
        elif process_id not in seen:
            seen.add(process_id)
            structures.append(take_apart(process, process_id, reading.problems))
    if structures:
        tasks = {task.get("id") or "": task for task in root if bpmn_name(task.tag) in GLOBAL_TASKS}
        structures += [around_global_task(task, task_id) for task_id, task in tasks.items() if task_id and task_id not in seen]
    read = [(read_process(structure, reading), structure) for structure in structures]
    return [(definition, structure) for definition, structure in read if definition is not None]


def executable_processes(root: Element, problems: Problems) -> list[Element]:
    """Those marked executable; where no process of the file has a mark, those that have elements."""
    processes = root.findall(B + "process")
    marked = [process for process in processes if process.get("isExecutable") in ("true", "1")]
    if marked:
        return marked
    unmarked = [
        process
        for process in processes
        if process.get("isExecutable") is None and any(bpmn_name(child.tag) in FLOW_NODES for child in process)
    ]
    for process in unmarked:
        problems.warning(
            "not-marked-executable",
            process,
            f'The process "{process.get("id")}" is not marked as executable; it is taken as executable.',
            'Tick "Executable" in the properties panel (isExecutable="true").',
        )
    if not unmarked:
        problems.error(
            "no-executable-process",
            processes[0] if processes else None,
            "The file has no executable process." if processes else "The file has no process.",
            'Tick "Executable" in the properties panel of the process that should run (isExecutable="true").',
            line=root.sourceline if not processes else None,
        )
    return unmarked
