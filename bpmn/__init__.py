"""What does this diagram file mean, and what is wrong with it?"""

from bpmn.checks import check_structure
from bpmn.checks.ignored import check_ignored
from bpmn.dialects import dialect_of
from bpmn.document import check_ids, check_references, is_bpmn, read_processes, shared_definitions, unusual_names
from bpmn.model import Problem, ProcessDefinition
from bpmn.parsed import Parsed, Reference
from bpmn.problems import Problems
from bpmn.reading import Reading
from bpmn.schema import check_schema
from bpmn.xml import DEFAULT_LIMITS, Limits, read_xml

__all__ = ["DEFAULT_LIMITS", "Limits", "Parsed", "Problem", "ProcessDefinition", "Reference", "parse"]


def parse(data: bytes, *, file: str, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Reads a BPMN 2.0 file. Never raises for what is in the file: everything wrong is a `Problem`, all of them at once."""
    root = read_xml(data, file=file, limits=limits)
    if isinstance(root, Problem):
        return Parsed(problems=(root,))
    problems = Problems(file)
    if not is_bpmn(root, problems):
        return Parsed(problems=problems.in_order())
    check_ids(root, problems)
    reading = Reading(problems, shared_definitions(root), dialect=dialect_of(root), names=unusual_names(root))
    definitions = read_processes(root, reading)
    for definition, structure in definitions:
        check_structure(definition, structure, problems)
    check_references(root, problems)
    check_ignored(root, problems)
    check_schema(root, problems)
    return Parsed(
        processes=() if problems.has_errors else tuple(definition for definition, _ in definitions),
        problems=problems.in_order(),
        references=tuple(reading.references),
        dialect=reading.dialect,
        changes=tuple(dict.fromkeys(reading.changes)),
    )
