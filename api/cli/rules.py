"""`gatewise feel` and `gatewise decide`: what does an expression or a decision give? Decisions in a file need no server."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, progress, stop
from api.cli.inputs import Var, find_files, read_variables
from api.cli.output import Json, print_json
from api.cli.remote import DEFAULT_URL, Password, Token, Url, UserName, server
from api.file_problems import problem_line

Input = Annotated[
    str | None, typer.Option("--input", "--variables", help="Variables: a JSON object, or @FILE with one, or @- for standard input.")
]


def add_to(app: typer.Typer) -> None:
    app.command()(feel)
    app.command()(decide)


def feel(
    expression: Annotated[str, typer.Argument(help="A FEEL expression, with or without the leading '='.")],
    variables: Input = None,
    var: Var = None,
    as_json: Json = False,
) -> None:
    """Evaluates a FEEL expression; says on standard error why something in it is null."""
    from rules.feel import FeelError, compile_expression, to_json

    given = read_variables(variables, var)
    try:
        found = compile_expression(expression.strip().removeprefix("="), names=tuple(given)).explain(given)
    except FeelError as error:
        stop(Exit.FAILED, str(error))
    for warning in found.warnings:
        progress.print(warning, style="yellow", markup=False)
    print_json({"result": to_json(found.value), "warnings": list(found.warnings)} if as_json else to_json(found.value))


def decide(
    what: Annotated[str, typer.Argument(metavar="FILE|ID", help="A .dmn file (with --decision), or the id of the decision.")],
    decision: Annotated[str | None, typer.Option(help="The id of the decision, when FILE is given first.")] = None,
    file: Annotated[Path | None, typer.Option(help="Evaluate it from this .dmn file, without a server.")] = None,
    variables: Input = None,
    var: Var = None,
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Evaluates a decision and shows which rules matched."""
    given = read_variables(variables, var)
    if decision is None:
        decision = what
    elif file is None:
        file = Path(what)
    else:
        stop(Exit.USAGE, "Give the file once: first, or with --file.")
    answer = _from_file(decision, file, given) if file else _from_server(decision, given, url, user, password, token)
    if as_json:
        print_json(answer)
    else:
        for line in answer["rules"]:
            progress.print(line, markup=False)
        print_json(answer["value"])
    if answer["failure"]:
        stop(Exit.FAILED, answer["failure"])


def _from_file(decision: str, file: Path, given: dict[str, Any]) -> dict[str, Any]:
    from rules.dmn import DmnError, parse_decision_files
    from rules.feel import to_json

    ((name, _),) = found = find_files([file])
    try:
        model = parse_decision_files(dict(_with_imports(found, file.parent)))[name]
    except DmnError as error:
        for p in error.problems:
            found = {"file": p.file or name, "line": p.line, "severity": p.severity, "elementId": p.element_id}
            found |= {"message": p.message, "advice": p.advice}
            progress.print(problem_line(found), markup=False)
        stop(Exit.FAILED, f"{name} cannot be used.")
    if model.find(decision) is None:
        stop(Exit.NOT_FOUND, f"{name} has no decision '{decision}': it has {', '.join(model.decisions) or 'none'}.")
    result = model.evaluate(decision, given)
    rules = [f"{part.id}: rule {rule.index}: {rule.text}" for part in result.evaluated for rule in part.matched]
    return {"decision": decision, "value": to_json(result.value), "failure": result.failure, "rules": rules}


def _with_imports(files: list[tuple[str, bytes]], folder: Path) -> list[tuple[str, bytes]]:
    """The file and those beside it that it imports, and that they import."""
    from rules.dmn import read_imports

    ((_, content),) = files
    known, wanted = {read_imports(content)[0]}, set(read_imports(content)[1])
    if not wanted:
        return files
    beside = {read_imports(data)[0]: (name, data) for name, data in find_files(sorted(folder.glob("*.dmn")))}
    result = list(files)
    while missing := sorted(wanted - known):
        known.add(missing[0])
        if missing[0] in beside:
            result.append(beside[missing[0]])
            wanted |= read_imports(beside[missing[0]][1])[1]
    return result


def _from_server(decision: str, given: dict[str, Any], *access: Any) -> dict[str, Any]:
    with server(*access) as remote:
        answer = remote.post("/v2/decision-definitions/evaluation", {"decisionDefinitionId": decision, "variables": given})
    rules = [
        f"{part['decisionDefinitionId']}: rule {rule['ruleIndex']}: {rule['text']}"
        for part in answer["evaluatedDecisions"]
        for rule in part["matchedRules"]
    ]
    return {"decision": decision, "value": json.loads(answer["output"]), "failure": answer["failureMessage"], "rules": rules}
