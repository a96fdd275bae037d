"""What does BPMN forbid, or what can a process that was read well never mean?"""

from bpmn.checks.compensation import check_compensation
from bpmn.checks.covered import check_coverage
from bpmn.checks.events import check_events
from bpmn.checks.gateways import check_gateways
from bpmn.checks.reach import check_reach
from bpmn.checks.scopes import check_scopes
from bpmn.model import ProcessDefinition
from bpmn.problems import Problems
from bpmn.structure import Structure


def check_structure(definition: ProcessDefinition, structure: Structure, problems: Problems) -> None:
    check_coverage(definition, structure, problems)
    check_events(definition, structure, problems)
    check_gateways(definition, structure, problems)
    check_compensation(definition, structure, problems)
    check_scopes(definition, structure, problems)
    check_reach(definition, structure, problems)
