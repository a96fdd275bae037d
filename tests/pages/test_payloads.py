"""Does foreign text stay text: names, labels, what agents write, what people send?"""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support import approval_files as files

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</script><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>click</a> [click](javascript:alert(1))",
    "<b data-hx-get='/probe' data-hx-trigger='load' hx-get='/probe' hx-trigger='load' hx-on:load='alert(1)'>x</b>",
    "<form action='/probe'><button>x</button></form><meta http-equiv=refresh content='0;url=/probe'>",
    "{{7*7}} {% raw %} ${7*7}",
    "' autofocus onfocus='alert(1)",
    "<style>body{display:none}</style><base href='//evil.example/'>",
)
NASTY = " ".join(PAYLOADS)


@pytest.fixture(scope="module")
def nasty_instance(site: Any) -> int:
    site.deploy(
        nasty_bpmn=files.diagram(
            process_id="nasty", name=f"Process {NASTY}", task_name=f"Task {NASTY}", documentation=NASTY, consequence=f"Does {NASTY}"
        ),
    )
    draft = files.outcome(f"Dear {NASTY}", quote=NASTY)
    draft["value"] |= {NASTY: [NASTY, {"more": NASTY}]}
    draft["evidence"].append({"source": NASTY, "title": NASTY, "quote": NASTY})
    key = site.start_inquiry(NASTY, process_id="nasty", draft=draft)
    site.engine.set_variables(key, {"note": NASTY, "html": {"a": {"b": [NASTY]}}}, actor=_actor())
    return key


@pytest.mark.parametrize("with_script", [True, False])
def test_payloads_are_shown_as_text(site: Any, visit: Any, nasty_instance: int, with_script: bool) -> None:
    site.deploy(approval_form=files.approval_form(text=f"{NASTY} {{{{customer}}}}", decision_label=NASTY))
    root = visit("root", java_script_enabled=with_script)
    probes: list[str] = []
    root.page.on("request", lambda request: probes.append(request.url) if "probe" in request.url or "evil" in request.url else None)
    task = site.task_of(nasty_instance)
    definition = site.engine.get("process_instance", nasty_instance).definition_key
    for path in (
        "/tasks?view=all",
        f"/tasks?text={PAYLOADS[2]}&view={PAYLOADS[0]}&process={PAYLOADS[9]}",
        f"/tasks/{task}",
        "/instances?view=all",
        f"/instances?key={PAYLOADS[1]}",
        f"/instances/{nasty_instance}",
        f"/instances/{nasty_instance}/cancel",
        "/start",
        f"/start/{definition}",
        "/processes",
        f"/processes/{definition}",
        f"/sign-in?next={PAYLOADS[5]}",
        "/?said=<script>alert(1)</script>",
    ):
        page = root.open(path)
        page.wait_for_load_state("networkidle" if not with_script else "load")
        if with_script:
            page.wait_for_timeout(300)
        assert foreign_elements(page) == [], path
        expect(page.locator("main")).to_be_visible()
    assert probes == []
    violations = [each for each in root.complaints if "Content Security Policy" in each or each.startswith("dialog")]
    assert violations == []
    site.deploy(approval_form=files.approval_form())


def test_payloads_in_refused_input_are_shown_as_text(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Ida Rhodes")
    ada = visit("ada", java_script_enabled=False)
    page = ada.open(f"/tasks/{site.task_of(key)}")
    page.get_by_label("Reason").fill(PAYLOADS[1][:20])
    page.get_by_role("button", name="Send decision").click()
    expect(page.get_by_label("Reason")).to_have_value(PAYLOADS[1][:20])
    assert foreign_elements(page) == []


def foreign_elements(page: Page) -> list[str]:
    """What no page of ours has in its content: it would come from a payload."""
    selectors = (
        'script:not([type="application/json"])',
        "iframe",
        "[onerror]",
        "[onload]",
        "[onfocus]",
        "style",
        "base",
        "meta",
        'a[href^="javascript"]',
        'form[action="/probe"]',
    )
    everywhere = ", ".join(f"main {each}" for each in selectors)
    found: list[str] = page.eval_on_selector_all(everywhere, "found => found.map(element => element.outerHTML.slice(0, 200))")
    return found


def _actor() -> Any:
    from engine.runtime.inputs import Actor

    return Actor("ada")
