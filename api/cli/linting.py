"""`gatewise lint` and `gatewise parse`: what do files mean, and what is wrong with them? Needs no server."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, progress, stop
from api.cli.importing import report_imports
from api.cli.inputs import find_files
from api.cli.output import Json, print_json, print_text
from api.file_problems import problem_json, problem_line


def add_to(app: typer.Typer) -> None:
    app.command()(lint)
    app.command()(parse)


def lint(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders. The files of one folder belong together.")],
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    imports: Annotated[bool, typer.Option("--import", help="Report per element what becomes of diagrams of other engines.")] = False,
    as_json: Json = False,
) -> None:
    """Checks diagrams, decisions, forms and agents as a deployment would. Exit code 1 when there are errors."""
    if imports:
        diagrams = [file for path in paths for file in find_files([path]) if file[0].endswith((".bpmn", ".xml"))]
        if not report_imports(diagrams, as_json=as_json):
            raise typer.Exit(int(Exit.FAILED))
        return
    groups = [find_files([path]) for path in paths if path.is_dir()]
    single = find_files([path for path in paths if not path.is_dir()])
    problems = [found for group in [*groups, single] if group for found in _check(group)]
    count = sum(len(group) for group in groups) + len(single)
    errors = sum(1 for found in problems if found["severity"] == "error")
    if as_json:
        print_json({"files": count, "errors": errors, "warnings": len(problems) - errors, "problems": problems})
    else:
        for found in problems:
            print_text(problem_line(found))
        progress.print(f"{count} files: {errors} errors, {len(problems) - errors} warnings.")
    if errors or (strict and problems):
        raise typer.Exit(int(Exit.FAILED))


def parse(file: Annotated[Path, typer.Argument(help="A diagram (.bpmn).")], as_json: Json = False) -> None:
    """Shows the flow nodes and sequence flows of a diagram, whatever program wrote it."""
    from bpmn.interchange import contents

    ((name, content),) = find_files([file])
    found = contents(content, file=name)
    if isinstance(found, tuple):
        for problem in found:
            progress.print(problem_line(problem_json(problem)), markup=False)
        stop(Exit.FAILED, f"{name} is not a diagram that can be read.")
    if as_json:
        print_json(found)
        return
    for node in found["flow_nodes"]:
        print_text(f"{node['type']} {node['id']} {node['name'] or ''}")
    for flow in found["sequence_flows"]:
        print_text(f"{flow['source']} → {flow['target']}")


def _check(files: list[tuple[str, bytes]]) -> list[dict[str, Any]]:
    from agent_tasks import resource_kinds
    from engine.runtime.checking import check
    from engine.runtime.inputs import Resource

    checked = check([Resource(name, content) for name, content in files], resource_kinds())
    problems = [problem_json(found) for found in checked.problems]
    if not checked.has_errors:
        problems.extend(_dangling(checked))
    return problems


def _dangling(checked: Any) -> Iterable[dict[str, Any]]:
    """References to what is not among the files: fine when it is deployed already."""
    known = {(kind, id) for kind, id, _ in checked.ids()}
    for diagram in checked.diagrams:
        for reference in diagram.references:
            if (reference.kind, reference.id) not in known:
                yield {
                    "severity": "warning",
                    "file": diagram.resource.name,
                    "message": f"The {reference.kind} '{reference.id}' is not among these files.",
                    "advice": "Add its file, or make sure that it is deployed before.",
                    "elementId": reference.element_id,
                    "line": reference.line,
                    "rule": "reference",
                }
