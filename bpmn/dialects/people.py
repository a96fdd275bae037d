"""Who works a user task, until when, and with which form, in a vendor's dialect?"""

from bpmn.dialects.vendor import vendor_attribute, vendor_elements
from bpmn.extensions import Extensions
from bpmn.model import Binding, FormRef, ResourceRef, Value
from bpmn.reading import Reading
from bpmn.xml import Element

_BINDINGS = {"deployment": Binding.DEPLOYMENT, "latest": Binding.LATEST}


def read_people(element: Element, ext: Extensions, reading: Reading) -> None:
    def value(name: str, what: str) -> Value | None:
        return reading.value(vendor_attribute(element, name), element, what, juel=True)

    ext.assignee = ext.assignee or value("assignee", "assignee")
    ext.candidate_users = ext.candidate_users or value("candidateUsers", "candidate users")
    ext.candidate_groups = ext.candidate_groups or value("candidateGroups", "candidate groups")
    ext.due_date = ext.due_date or value("dueDate", "due date")
    ext.follow_up_date = ext.follow_up_date or value("followUpDate", "follow-up date")
    ext.priority = ext.priority or value("priority", "priority")
    for _ in vendor_elements(element, "taskListener"):
        reading.left_out(element, "a task listener", "Model what it does as a service task, or as a zeebe:taskListener.")


def read_form(element: Element, ext: Extensions, reading: Reading) -> None:
    """A form of the same deployment by `formRef`; any other key is an external reference."""
    if ext.form is not None:
        return
    if form_id := reading.value(vendor_attribute(element, "formRef"), element, "form id", juel=True):
        binding = _BINDINGS.get(vendor_attribute(element, "formRefBinding") or "latest")
        if binding is None:
            reading.changed(element, "its form is bound to a version number; the newest version of the form is used")
        ext.form = FormRef(linked=ResourceRef(form_id, binding or Binding.LATEST))
    elif key := vendor_attribute(element, "formKey"):
        ext.form = FormRef(external=reading.value(key, element, "form key", juel=True))
        reading.changed(element, f'its form "{key}" is an external reference; link a form file by its id to show it in the task list')
    elif next(vendor_elements(element, "formData", "formProperty"), None) is not None:
        reading.left_out(element, "a generated form", "Draw the form with form-js and link it by its id; until then the task has no form.")
