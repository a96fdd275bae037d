"""Which of a vendor's extensions have no counterpart here, and what is done instead?"""

from bpmn.dialects.vendor import vendor_attribute, vendor_elements
from bpmn.extensions import Extensions
from bpmn.reading import Reading
from bpmn.xml import Element


def note_leftovers(element: Element, ext: Extensions, reading: Reading) -> None:
    """Says what is left out. Transaction marks (asyncBefore, asyncAfter, exclusive) need nothing: every step is saved."""
    for _ in vendor_elements(element, "executionListener"):
        reading.left_out(
            element, "an execution listener", "Model what it does as a task, or as a zeebe:executionListener done by a job worker."
        )
    if vendor_attribute(element, "initiator"):
        reading.left_out(element, "the initiator variable", "Pass the name of the person as a variable at the start.")
    if vendor_attribute(element, "skipExpression"):
        reading.left_out(element, "a skip expression", "Lead around the task with an exclusive gateway.")
    if next(vendor_elements(element, "errorEventDefinition"), None) is not None:
        reading.left_out(element, "an error expression", "Let the job worker throw the BPMN error.")
    priority = vendor_attribute(element, "taskPriority") or vendor_attribute(element, "jobPriority")
    if priority and ext.job_type is not None and ext.job_priority is None:
        ext.job_priority = reading.value(priority, element, "job priority", juel=True)
