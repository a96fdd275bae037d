"""Are passwords, sessions and tokens kept safely?"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.auth import AccountError, Accounts, Permission, TooManyAttempts, permissions_of
from api.auth.attempts import Attempts
from api.auth.sessions import Sessions
from api.auth.tokens import Tokens
from engine.store.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/users.db" if request.param == "sqlite" else request.getfixturevalue("cluster").new_database()
    database = Database(url)
    database.open()
    yield database
    database.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    accounts = Accounts(database)
    accounts.add("ann", "a long password", roles=["person"], groups=["claims"])
    return accounts


def everything_stored(database: Database) -> str:
    with database.reading() as connection:
        rows = [database.rows(connection, f"SELECT * FROM {table}") for table in ("auth_user", "auth_session", "auth_token")]
    return repr(rows)


def test_the_right_password_gives_the_account_and_a_wrong_one_nothing(accounts: Accounts) -> None:
    found = accounts.verify("ann", "a long password")
    assert found is not None
    assert (found.username, found.roles, found.groups) == ("ann", ("person",), ("claims",))
    assert accounts.verify("ann", "a long passwore") is None
    assert accounts.verify("nobody", "a long password") is None


def test_an_unknown_user_takes_as_long_as_a_wrong_password(accounts: Accounts) -> None:
    def seconds(name: str) -> float:
        best = 9.0
        for _ in range(3):
            began = time.perf_counter()
            accounts.verify(name, "wrong password")
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds("nobody") > seconds("ann") / 3


def test_a_password_is_stored_as_argon2id_only(accounts: Accounts, database: Database) -> None:
    row = accounts.get("ann")
    assert row is not None
    assert row.password_hash is not None
    assert row.password_hash.startswith("$argon2id$")
    assert "a long password" not in everything_stored(database)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\0b", "a\nb", "x" * 257])
def test_unusable_user_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="user name"):
        accounts.add(name, "a long password")


def test_a_name_is_given_once_and_roles_must_exist(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="already"):
        accounts.add("ann", "a long password")
    with pytest.raises(AccountError, match="no role 'boss'"):
        accounts.add("carl", "a long password", roles=["boss"])
    with pytest.raises(AccountError, match="too short"):
        accounts.add("carl", "short")


def test_a_session_is_known_by_its_id_and_its_id_is_not_stored(accounts: Accounts, database: Database) -> None:
    sessions = Sessions(database, idle=60, lifetime=60)
    session_id = sessions.begin("ann")
    found = sessions.find(session_id)
    assert found is not None
    assert found.account.username == "ann"
    assert session_id not in everything_stored(database)
    assert sessions.find(session_id + "x") is None
    sessions.end(session_id)
    assert sessions.find(session_id) is None


def test_a_session_ends_with_its_lifetime_and_when_idle(accounts: Accounts, database: Database) -> None:
    assert Sessions(database, idle=60, lifetime=0).find(Sessions(database, idle=60, lifetime=0).begin("ann")) is None
    idle = Sessions(database, idle=0, lifetime=60)
    assert idle.find(idle.begin("ann")) is None


def test_a_new_password_and_switching_off_end_the_sessions(accounts: Accounts, database: Database) -> None:
    sessions = Sessions(database, idle=60, lifetime=60)
    first = sessions.begin("ann")
    accounts.set_password("ann", "another password")
    assert sessions.find(first) is None
    second = sessions.begin("ann")
    accounts.change("ann", is_active=False)
    assert sessions.find(second) is None
    assert accounts.verify("ann", "another password") is None


def test_a_token_names_its_user_until_revoked_and_is_stored_as_a_hash(accounts: Accounts, database: Database) -> None:
    tokens = Tokens(database)
    token = tokens.create("ann", name="laptop")
    found = tokens.find(token)
    assert found is not None
    assert found.username == "ann"
    assert token not in everything_stored(database)
    tokens.revoke(token)
    assert tokens.find(token) is None
    again = tokens.create("ann")
    tokens.revoke_all("ann")
    assert tokens.find(again) is None
    with pytest.raises(AccountError, match="no user"):
        tokens.create("nobody")


def test_removing_a_user_removes_what_signs_in(accounts: Accounts, database: Database) -> None:
    token, session_id = Tokens(database).create("ann"), Sessions(database, idle=60, lifetime=60).begin("ann")
    accounts.remove("ann")
    assert accounts.get("ann") is None
    assert Tokens(database).find(token) is None
    assert Sessions(database, idle=60, lifetime=60).find(session_id) is None


def test_attempts_are_limited_by_name_and_by_address() -> None:
    attempts = Attempts(per_pair=3, per_address=5, per_name=4, window=60)
    for _ in range(3):
        attempts.check("ann", "1.1.1.1")
        attempts.failed("ann", "1.1.1.1")
    with pytest.raises(TooManyAttempts) as error:
        attempts.check("ann", "1.1.1.1")
    assert error.value.retry_after
    attempts.check("ann", "2.2.2.2")  # her own machine is not locked out by somebody else's guesses
    attempts.failed("ann", "2.2.2.2")
    with pytest.raises(TooManyAttempts):
        attempts.check("ann", "4.4.4.4")
    attempts.check("bob", "1.1.1.1")
    attempts.failed("bob", "1.1.1.1")
    attempts.failed("carl", "1.1.1.1")
    with pytest.raises(TooManyAttempts):
        attempts.check("dora", "1.1.1.1")
    attempts.check("dora", "3.3.3.3")


def test_attempts_are_forgotten_after_a_while_and_on_success() -> None:
    attempts = Attempts(per_pair=1, per_address=5, window=0.05)
    attempts.failed("ann", "1.1.1.1")
    time.sleep(0.06)
    attempts.check("ann", "1.1.1.1")
    attempts.failed("ann", "1.1.1.1")
    attempts.succeeded("ann", "1.1.1.1")
    attempts.check("ann", "1.1.1.1")


def test_roles_give_permissions_and_unknown_roles_give_none() -> None:
    assert permissions_of(["admin"]) == frozenset(Permission)
    assert permissions_of(["boss"]) == frozenset()
    assert Permission.DEPLOY in permissions_of(["person", "analyst"])
    assert Permission.DEPLOY not in permissions_of(["person"])
