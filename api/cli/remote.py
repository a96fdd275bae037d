"""How does the command line talk to a server? Over its REST interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import httpx
import typer

from api.cli.exits import Exit, progress, stop
from api.file_problems import problem_line

Url = Annotated[str, typer.Option("--url", envvar="GATEWISE_URL", help="The server's address.")]
UserName = Annotated[str | None, typer.Option("--user", envvar="GATEWISE_USER", help="User name; the password is asked for when missing.")]
Password = Annotated[str | None, typer.Option("--password", envvar="GATEWISE_PASSWORD", help="Password. Better in the environment.")]
Token = Annotated[str | None, typer.Option("--token", envvar="GATEWISE_TOKEN", help="Bearer token. Better in the environment.")]

DEFAULT_URL = "http://127.0.0.1:8080"


class Server:
    """One server; every refusal ends the command with its reason and exit code."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str) -> Any:
        return self._call("GET", path)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self._call("POST", path, json=body, **more)

    def put(self, path: str, body: Any) -> Any:
        return self._call("PUT", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def upload(self, path: str, files: list[tuple[str, bytes]]) -> Any:
        return self._call("POST", path, files=[("resources", (name, content)) for name, content in files])

    def search(self, what: str, filter: dict[str, Any], *, sort: list[dict[str, str]] | None = None, limit: int = 50) -> dict[str, Any]:
        return self.post(f"/v2/{what}/search", {"filter": filter, "sort": sort or [], "page": {"limit": limit}})

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = self._client.request(method, path, **arguments)
        except httpx.HTTPError as error:
            stop(Exit.UNREACHABLE, f"No server answers at {self._client.base_url}: {error}. Start one with 'gatewise serve' or give --url.")
        if not answer.is_success:
            _refuse(answer)
        return answer.json() if answer.content else None


def ask_password(user: str, given: str | None) -> str:
    """The password given, else asked for."""
    return given if given is not None else typer.prompt(f"Password of {user}", hide_input=True, err=True)


@contextmanager
def server(url: str, user: str | None, password: str | None, token: str | None) -> Iterator[Server]:
    headers, auth = {}, None
    if token:
        headers["Authorization"] = f"Bearer {token}"
    elif user:
        auth = httpx.BasicAuth(user, ask_password(user, password))
    try:
        client = httpx.Client(base_url=url, headers=headers, auth=auth, timeout=90, trust_env=False)
    except (ValueError, httpx.InvalidURL) as error:
        stop(Exit.USAGE, f"--url {url!r} is not an address: {error}.")
    with client:
        yield Server(client)


def _refuse(answer: httpx.Response) -> NoReturn:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") if isinstance(problem, dict) else None
    for found in problem.get("problems", ()) if isinstance(problem, dict) else ():
        progress.print(problem_line(found), markup=False)
    code = {401: Exit.NOT_PERMITTED, 403: Exit.NOT_PERMITTED, 404: Exit.NOT_FOUND, 502: Exit.UNREACHABLE, 504: Exit.UNREACHABLE}
    stop(code.get(answer.status_code, Exit.FAILED), detail or f"The server answered {answer.status_code} {answer.reason_phrase}.")
