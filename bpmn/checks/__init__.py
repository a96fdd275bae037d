"""What does BPMN forbid, or what can a process that was read well never mean?"""

from bpmn.checks.covered import check_coverage
from bpmn.model import ProcessDefinition
from bpmn.problems import Problems
from bpmn.structure import Structure


def check_structure(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    check_coverage(definition, structure, problems)
