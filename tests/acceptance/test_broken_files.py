"""Broken files are refused over HTTP with what, where and what to do, and nothing of them is deployed."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.broken_files import BROKEN, GOOD, BrokenFile
from support.server_process import ServerProcess


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("server")
    with ServerProcess(folder) as server, server.client() as client:
        yield client


def deploy(client: httpx.Client, files: tuple[tuple[str, bytes], ...]) -> httpx.Response:
    return client.post("/v2/deployments", files=[("resources", (name, content, "application/octet-stream")) for name, content in files])


def everything(client: httpx.Client) -> list[int]:
    kinds = ("process-definitions", "decision-definitions")
    return [client.post(f"/v2/{kind}/search", json={}).json()["page"]["totalItems"] for kind in kinds]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.about)
def test_a_broken_file_is_refused_where_it_is_broken(client: httpx.Client, broken: BrokenFile) -> None:
    before = everything(client)

    answer = deploy(client, broken.files)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problems = answer.json()["problems"]
    errors = [problem for problem in problems if problem["severity"] == "error"]
    assert errors, answer.text
    assert all(problem["message"] and problem["advice"] and problem["file"] for problem in errors)
    if broken.element is not None:
        assert broken.element in [problem["elementId"] for problem in errors], errors
    if broken.line is not None:
        at = [problem for problem in errors if broken.element in (None, problem["elementId"])]
        assert broken.line in [problem["line"] for problem in at], errors
    assert everything(client) == before


def test_a_good_file_beside_a_broken_one_is_not_deployed_either(client: httpx.Client) -> None:
    before = everything(client)
    broken = next(broken for broken in BROKEN if broken.about == "a condition that is no FEEL")

    answer = deploy(client, (("good.bpmn", GOOD.replace(b'"p"', b'"q"')), *broken.files))

    assert answer.status_code == 400
    assert everything(client) == before


def test_the_good_file_alone_is_deployed(client: httpx.Client) -> None:
    answer = deploy(client, (("good.bpmn", GOOD),))

    assert answer.status_code == 200, answer.text
    assert answer.json()["deployments"][0]["processDefinition"]["processDefinitionId"] == "p"
