"""Which vendor's dialect is the file written in, and what do that vendor's extensions say in our words?"""

from lxml import etree

from bpmn.dialects.calls import read_call
from bpmn.dialects.data import read_input_output
from bpmn.dialects.leftovers import note_leftovers
from bpmn.dialects.people import read_form, read_people
from bpmn.dialects.repeats import read_repeat
from bpmn.dialects.spiff import read_spiff
from bpmn.dialects.vendor import VENDORS, vendor_attribute
from bpmn.dialects.work import read_work
from bpmn.extensions import Extensions
from bpmn.namespaces import ACTIVITI, CAMUNDA, FLOWABLE, MODELER, OPERATON, SPIFF, ZEEBE, bpmn_name
from bpmn.reading import Reading
from bpmn.xml import Element
from bpmn.zeebe import read_zeebe

_NAMES = {CAMUNDA: "camunda7", OPERATON: "camunda7", FLOWABLE: "flowable", ACTIVITI: "flowable"}
_WORKING = frozenset({"serviceTask", "sendTask", "scriptTask", "businessRuleTask", "intermediateThrowEvent", "endEvent"})


def dialect_of(root: Element) -> str:
    """camunda7 (also Operaton), flowable (also Activiti), spiff, zeebe (Camunda 8 and Gatewise), or plain."""
    spaces = {str(uri) for _, (_, uri) in etree.iterwalk(root, events=("start-ns",))}
    if SPIFF in spaces:
        return "spiff"
    for space in VENDORS:
        if space in spaces:
            return _NAMES[space]
    platform = root.get(f"{{{MODELER}}}executionPlatform") or ""
    return "zeebe" if ZEEBE in spaces or platform.startswith("Camunda Cloud") else "plain"


def read_extensions(element: Element, reading: Reading) -> Extensions:
    """What `zeebe:` elements say; where they say nothing, what the vendor's attributes and elements say."""
    ext = read_zeebe(element, reading)
    if reading.dialect == "spiff":
        read_spiff(element, ext, reading)
    if reading.dialect not in ("camunda7", "flowable"):
        return ext
    kind = bpmn_name(element.tag)
    read_input_output(element, ext, reading)
    if kind in _WORKING:
        read_work(element, kind, ext, reading)
    elif kind == "userTask":
        read_people(element, ext, reading)
    elif kind == "callActivity":
        read_call(element, ext, reading)
    if kind in ("userTask", "startEvent"):
        read_form(element, ext, reading)
    note_leftovers(element, ext, reading)
    return ext


def read_process_extensions(process: Element, reading: Reading) -> Extensions:
    """Version tag, forms, listeners and who may start the process."""
    ext = read_zeebe(process, reading)
    ext.version_tag = ext.version_tag or vendor_attribute(process, "versionTag")
    ext.starter_users = reading.value(vendor_attribute(process, "candidateStarterUsers"), process, "candidate starter users", juel=True)
    ext.starter_groups = reading.value(vendor_attribute(process, "candidateStarterGroups"), process, "candidate starter groups", juel=True)
    if reading.dialect in ("camunda7", "flowable"):
        note_leftovers(process, ext, reading)
    return ext


def read_loop_extensions(multi: Element, reading: Reading) -> Extensions:
    """The extensions below `multiInstanceLoopCharacteristics`, with the collections of plain BPMN and of vendors."""
    ext = read_zeebe(multi, reading)
    if ext.input_collection is None and not ext.says_something:
        read_repeat(multi, ext, reading)
    return ext
