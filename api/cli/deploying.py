"""`gatewise deploy`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.exits import progress
from api.cli.inputs import find_files
from api.cli.output import Json, print_json, print_table
from api.cli.remote import DEFAULT_URL, Password, Token, Url, UserName, server
from api.file_problems import problem_line

_KINDS = {
    "processDefinition": ("process", "processDefinitionId", "processDefinitionVersion", "processDefinitionKey"),
    "decisionDefinition": ("decision", "decisionDefinitionId", "version", "decisionDefinitionKey"),
    "form": ("form", "formId", "version", "formKey"),
    "resource": ("file", "resourceId", "version", "resourceKey"),
}


def add_to(app: typer.Typer) -> None:
    app.command()(deploy)


def deploy(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with *.bpmn, *.dmn, *.form, *.agent.yaml and *.data.yaml.")],
    url: Url = DEFAULT_URL,
    user: UserName = None,
    password: Password = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Deploys files together: all of them, or none with all their problems."""
    files = [(Path(name).name, content) for name, content in find_files(paths)]
    progress.print(f"Deploying {len(files)} file{'s' if len(files) != 1 else ''} …")
    with server(url, user, password, token) as remote:
        answer = remote.upload("/v2/deployments", files)
    for warning in answer.get("warnings", ()):
        progress.print(problem_line(warning), markup=False)
    if as_json:
        print_json(answer)
        return
    rows = [
        (kind, item[member][id], item[member][version], item[member][key])
        for item in answer["deployments"]
        for member, (kind, id, version, key) in _KINDS.items()
        if item.get(member)
    ]
    print_table(("kind", "id", "version", "key"), rows, empty="Nothing was deployed.")
