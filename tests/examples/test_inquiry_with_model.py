"""Does the same example run on a language model, reached over HTTP?"""

from pathlib import Path
from typing import Any

import pytest
from support.model_server import ModelRequest, ModelServer, Step, answer

from api.cli.demo import example_folder, example_resources, working_engine
from api.cli.demo_run import DemoRun, Place, read_inquiries
from api.settings import Settings
from engine.runtime.inputs import Actor

FACTS = {"missing": [], "warnings": [], "languages": ["en"], "largestAmount": None, "summary": "A question."}


def careful_model(request: ModelRequest) -> Step:
    """Answers each agent of the example in the shape that its output schema asks for, from what stands in its request."""
    asked = request.system + request.user
    if "You classify inquiries" in request.system:
        topic = "refund" if "refund" in request.user else "product"
        return answer({"topic": topic}, confidence=0.85)
    if "Summarise the inquiry" in request.system:
        return answer({**FACTS, "orderNumber": "A-10511" if "A-10511" in asked else None}, confidence=0.9)
    if "Draft a reply" in request.system:
        return answer({"subject": "Your question", "body": "Dear customer, here is the answer."}, confidence=0.7)
    raise AssertionError(request.system)


def test_the_example_runs_on_a_language_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tmp_path / "demo.db"
    wanted = {"Q-009": Place.SPECIALIST, "Q-043": Place.QUICK_REVIEW}
    inquiries = [inquiry for inquiry in read_inquiries(example_folder() / "inquiries.json") if inquiry.id in wanted]
    with ModelServer(careful_model) as server:
        monkeypatch.delenv("GATEWISE_MODEL", raising=False)
        monkeypatch.setenv("GATEWISE_MODEL_BASE_URL", server.url)
        with working_engine(Settings(database_url=f"sqlite:///{beside}"), beside) as engine:
            engine.deploy(example_resources(example_folder()), actor=Actor("test", "system"))
            run = DemoRun(engine, inquiries)
            run.start_missing()
            assert run.work_until_rest(stalled_seconds=30)
            places, incidents = run.places(), run.incidents()
            drafts: list[Any] = [run._variable(key, "draft") for key in run.instances.values()]
        asked = len(server.requests)

    assert incidents == []
    assert places == wanted
    assert asked == 6
    assert {draft["value"]["body"] for draft in drafts} == {"Dear customer, here is the answer."}
    assert {draft["confidenceSource"] for draft in drafts} == {"self_reported"}
