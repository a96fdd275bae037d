"""`gatewise user`: users, their passwords and tokens, in the database itself or, while a server runs, through it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from api.cli.exits import Exit, stop
from api.cli.output import Json, print_json, print_table, print_text
from api.cli.remote import Password, Token, UserName, server
from api.cli.serving import DatabaseUrl
from api.settings import read_settings

OptionalUrl = Annotated[str | None, typer.Option("--url", help="Do it through the server at this address, as an administrator.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="analyst, operator, worker, person, auditor or admin. Repeat it.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="A group, for tasks that groups may take. Repeat it.")]
NewPassword = Annotated[str | None, typer.Option("--new-password", envvar="GATEWISE_NEW_PASSWORD", help="Asked for when missing.")]


def add_to(app: typer.Typer) -> None:
    users = typer.Typer(help="Adds and lists users; sets passwords; makes tokens.", no_args_is_help=True)
    for command in (add, list_, passwd, token):
        users.command(command.__name__.rstrip("_"))(command)
    app.add_typer(users, name="user")


def add(
    username: Annotated[str, typer.Argument()],
    role: Roles = None,
    group: Groups = None,
    name: Annotated[str | None, typer.Option(help="The name that others see.")] = None,
    email: Annotated[str | None, typer.Option()] = None,
    new_password: NewPassword = None,
    database_url: DatabaseUrl = None,
    url: OptionalUrl = None,
    user: UserName = None,
    password: Password = None,
    bearer: Token = None,
    as_json: Json = False,
) -> None:
    """Adds a user, a person unless --role says otherwise."""
    secret, roles, groups = _new_password(username, new_password), role or ["person"], group or []
    if url:
        with server(url, user, password, bearer) as remote:
            body = {"username": username, "password": secret, "name": name, "email": email, "roles": roles, "groups": groups}
            remote.post("/v2/users", body)
    else:
        from api.auth import Accounts

        with _database(database_url) as database:
            Accounts(database).add(username, secret, roles=roles, groups=groups, display_name=name, email=email)
    _say(as_json, {"username": username, "roles": roles, "groups": groups}, f"Added {username} ({', '.join(roles)}).")


def list_(
    database_url: DatabaseUrl = None,
    url: OptionalUrl = None,
    user: UserName = None,
    password: Password = None,
    bearer: Token = None,
    as_json: Json = False,
) -> None:
    """Lists the users."""
    if url:
        with server(url, user, password, bearer) as remote:
            found = remote.post("/v2/users/search", {"page": {"limit": 10_000}})["items"]
    else:
        from api.auth import Accounts

        with _database(database_url) as database:
            found = [
                {
                    "username": a.username,
                    "name": a.display_name,
                    "email": a.email,
                    "roles": list(a.roles),
                    "groups": list(a.groups),
                    "isActive": a.is_active,
                }
                for a in Accounts(database).all()
            ]
    if as_json:
        print_json(found)
        return
    rows = [(u["username"], u["name"], u["roles"], u["groups"], u["isActive"]) for u in found]
    print_table(("user", "name", "roles", "groups", "active"), rows, empty="There are no users.")


def passwd(
    username: Annotated[str, typer.Argument()],
    new_password: NewPassword = None,
    database_url: DatabaseUrl = None,
    url: OptionalUrl = None,
    user: UserName = None,
    password: Password = None,
    bearer: Token = None,
    as_json: Json = False,
) -> None:
    """Sets a new password; the user's sessions end."""
    secret = _new_password(username, new_password)
    if url:
        with server(url, user, password, bearer) as remote:
            remote.patch(f"/v2/users/{username}", {"password": secret})
    else:
        from api.auth import Accounts

        with _database(database_url) as database:
            Accounts(database).set_password(username, secret)
    _say(as_json, {"username": username}, f"{username} has a new password.")


def token(
    username: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Option(help="What it is for.")] = "token",
    days: Annotated[int | None, typer.Option(min=1, max=3660, help="How long it is valid; for ever without it.")] = None,
    database_url: DatabaseUrl = None,
    url: OptionalUrl = None,
    user: UserName = None,
    password: Password = None,
    bearer: Token = None,
    as_json: Json = False,
) -> None:
    """Makes a bearer token for the REST interface and prints it: it cannot be read again."""
    if url:
        with server(url, user, password, bearer) as remote:
            made = remote.post(f"/v2/users/{username}/tokens", {"name": name, "days": days})["token"]
    else:
        from api.auth import Tokens

        with _database(database_url) as database:
            made = Tokens(database).create(username, name=name, days=days)
    _say(as_json, {"username": username, "token": made}, made)


@contextmanager
def _database(url: str | None) -> Iterator[Any]:
    """The opened database. While a server uses an SQLite file, only that server may change it."""
    from api.auth import AccountError
    from engine.errors import GatewiseError
    from engine.store.database import Database

    try:
        database = Database(read_settings(database_url=url).database_url)
        database.open()
    except GatewiseError as error:
        stop(Exit.FAILED, f"{error} While a server runs, go through it: --url http://127.0.0.1:8080 --user ADMINISTRATOR.")
    try:
        yield database
    except AccountError as error:
        stop(Exit.FAILED, str(error))
    finally:
        database.close()


def _new_password(username: str, given: str | None) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        text = sys.stdin.readline().rstrip("\n")
        return text or stop(Exit.USAGE, "Give the new password with GATEWISE_NEW_PASSWORD, or on standard input.")
    return typer.prompt(f"New password of {username}", hide_input=True, confirmation_prompt=True, err=True)


def _say(as_json: bool, value: dict[str, Any], text: str) -> None:
    if as_json:
        print_json(value)
    else:
        print_text(text)
