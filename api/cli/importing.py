"""What becomes of each element of a file that another engine's editor wrote? The report of `gatewise lint --import`."""

from typing import Any

from api.cli.exits import progress
from api.cli.output import print_json, print_text
from api.file_problems import problem_json, problem_line


def report_imports(files: list[tuple[str, bytes]], *, as_json: bool) -> bool:
    """Prints a verdict per element; whether every file can run."""
    from bpmn.dialects.report import Verdict, import_report

    reports = [import_report(content, file=name) for name, content in files]
    if as_json:
        print_json({"files": [_as_json(report) for report in reports]})
        return all(report.is_runnable for report in reports)
    for report in reports:
        counts = report.counts
        print_text(f"{report.file} ({report.dialect}): " + ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict))
        for problem in report.problems:
            print_text("  " + problem_line(problem_json(problem)))
        for entry in report.entries:
            if entry.verdict is not Verdict.AS_IS:
                name = f" “{entry.name}”" if entry.name else ""
                print_text(f"  line {entry.line}: {entry.type} {entry.element_id}{name}: {entry.verdict.value}")
                for note in entry.notes:
                    print_text(f"    {note}")
    runnable = sum(report.is_runnable for report in reports)
    progress.print(f"{len(reports)} files: {runnable} run, {len(reports) - runnable} do not run as they are.")
    return runnable == len(reports)


def _as_json(report: Any) -> dict[str, Any]:

    return {
        "file": report.file,
        "dialect": report.dialect,
        "isRunnable": report.is_runnable,
        "counts": {verdict.value: count for verdict, count in report.counts.items()},
        "problems": [problem_json(problem) for problem in report.problems],
        "elements": [
            {"id": e.element_id, "type": e.type, "name": e.name, "line": e.line, "verdict": e.verdict.value, "notes": list(e.notes)}
            for e in report.entries
        ],
    }
