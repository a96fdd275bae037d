"""Does axe-core find anything wrong on any page, in light and in dark, on a wide screen and on a phone?"""

from typing import Any

import pytest
from support import approval_files as files

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def places(site: Any) -> dict[str, str]:
    """Every page, by a name."""
    site.deploy(forms_bpmn=files.diagram(process_id="with_form", name="With a start form", start_form=True))
    waiting = site.start_inquiry("Grace Hopper")
    stuck = site.engine.create_instance(process_id="reply", variables={"customer": "Ken", "amount": 1}, actor=_actor("ada")).key
    job = next(
        each
        for each in site.engine.activate_jobs(type="draft-reply", worker="mail", timeout_ms=60_000, max_jobs=100, actor=_actor("mail"))
        if each.process_instance_key == stuck
    )
    site.engine.fail_job(job.key, 0, "No answer", lease=job.lease, actor=_actor("mail"))

    def latest(entity: str, **only: str) -> int:
        return site.engine.search(entity, {"is_latest": True, **only}).items[0].key

    return {
        "tasks": "/tasks?view=all",
        "no tasks": "/tasks?view=mine",
        "task": f"/tasks/{site.task_of(waiting)}",
        "instances": "/instances?view=all",
        "instance": f"/instances/{waiting}",
        "incident": f"/instances/{stuck}",
        "cancel": f"/instances/{waiting}/cancel",
        "start": "/start",
        "start form": f"/start/{latest('process_definition', process_id='with_form')}",
        "start variables": f"/start/{latest('process_definition', process_id='reply')}",
        "processes": "/processes",
        "process": f"/processes/{latest('process_definition', process_id='reply')}",
        "decision": f"/decisions/{latest('decision_definition')}",
        "deploy": "/deploy",
        "not found": "/tasks/1",
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site: Any, visit: Any, axe: str, places: dict[str, str], scheme: str, width: int) -> None:
    root = visit("root", color_scheme=scheme, viewport={"width": width, "height": 900})
    found = {name: _violations(root.open(path), axe) for name, path in places.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_without_script_and_before_sign_in(
    site: Any, browser: Any, visit: Any, axe: str, places: dict[str, str], scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    assert _violations(page, axe) == []
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert _violations(page, axe) == []
    context.close()

    # The plain form, which people see without JavaScript, with an error at its field: form-js is kept from loading.
    root = visit("root", color_scheme=scheme)
    root.page.route("**/static/form.js*", lambda route: route.abort())
    page = root.open(places["task"])
    page.get_by_role("button", name="Send decision").click()
    page.get_by_role("alert").wait_for()
    assert _violations(page, axe) == []


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_page_scrolls_sideways(site: Any, visit: Any, places: dict[str, str], width: int) -> None:
    root = visit("root", viewport={"width": width, "height": 900})
    for name, path in places.items():
        page = root.open(path)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), name


def test_the_keyboard_reaches_content_and_decision(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Joan Clarke")
    ada = visit("ada")
    page = ada.open(f"/tasks/{site.task_of(key)}")
    page.locator(".fjs-container").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.type === 'radio'"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    while page.evaluate("() => document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Done. The process goes on.").wait_for()
    assert site.variable(key, "decision") == '"approve"'


def _violations(page: Any, axe: str) -> list[str]:
    page.wait_for_load_state("load")
    if page.locator("[data-rich-form]").count() and page.locator("[data-plain-fields]").count() == 0:
        page.locator(".fjs-container").wait_for()
    if page.locator("[data-canvas]").count():
        page.locator(".djs-element").first.wait_for(state="attached")
    found: list[str] = page.evaluate(
        axe
        + "; axe.run().then(result => result.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))"
    )
    return found


def _actor(name: str) -> Any:
    from engine.runtime.inputs import Actor

    return Actor(name, "worker" if name == "mail" else "user")
