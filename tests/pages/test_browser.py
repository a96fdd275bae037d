"""Can a person do the main job with a browser: sign in, read, decide, and see where it went?"""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support import approval_files as files

pytestmark = pytest.mark.browser


def marks_on_diagram(page: Page, marker: str) -> set[str]:
    return set(page.eval_on_selector_all(f".djs-element.{marker}", "nodes => nodes.map(node => node.dataset.elementId)"))


def expect_marked(page: Page, element_id: str, marker: str) -> None:
    expect(page.locator(f'.djs-element[data-element-id="{element_id}"].{marker}').first).to_be_attached()


def test_a_person_approves_one_reply_and_rejects_another(site: Any, visit: Any) -> None:
    approved, rejected = site.start_inquiry("Grace Hopper"), site.start_inquiry("Alan Turing")
    ada, olga = visit("ada"), visit("olga")

    # Given the task list, with the overdue approvals that Ada's group may decide
    page = ada.page
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    row = page.get_by_role("row").filter(has=page.locator(f'a[href="/tasks/{site.task_of(approved)}"]'))
    expect(row).to_contain_text("Approve the reply")
    expect(row).to_contain_text("Grace Hopper, 250")
    expect(row).to_contain_text("Overdue")
    expect(row).to_contain_text("High")
    expect(row).to_contain_text("specialists")

    # When she opens one, she reads the proposal, the confidence, the evidence, the rule and what her decision will do
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Proposed by the agent")).to_be_visible()
    expect(page.locator(".proposal-text")).to_contain_text("Dear Grace Hopper,")
    expect(page.get_by_role("meter", name="Confidence")).to_have_attribute("aria-valuenow", "64")
    expect(page.get_by_text("Below the threshold of 80 %")).to_be_visible()
    evidence = page.get_by_role("region", name="Evidence")
    expect(evidence).to_contain_text("Article KB-014")
    expect(evidence).to_contain_text("Damaged goods are refunded in full.")
    rules = page.get_by_role("region", name="What the rules say")
    expect(rules).to_contain_text("medium")
    expect(rules).to_contain_text("Rule 2")
    expect(page.get_by_role("region", name="What your decision will do")).to_contain_text("Approving sends the reply to the customer.")

    # And claims it, approves, and it is gone from her list
    page.get_by_role("button", name="Claim this task").click()
    expect(page.get_by_text("Assigned to you")).to_be_visible()
    page.locator(".fjs-container").get_by_label("Approve").check()
    page.get_by_role("button", name="Send decision").click()
    expect(page.get_by_text("Done. The process goes on.")).to_be_visible()
    expect(page.locator(f'a[href="/tasks/{approved}"]')).to_have_count(0)

    # And rejects the other
    ada.open(f"/tasks/{site.task_of(rejected)}")
    page.locator(".fjs-container").get_by_label("Reject").check()
    page.locator(".fjs-container").get_by_label("Reason").fill("Too expensive")
    page.get_by_role("button", name="Send decision").click()
    expect(page.get_by_text("Done. The process goes on.")).to_be_visible()

    # Then both went the right way, in the data and in the diagram
    assert json.loads(site.variable(approved, "decision")) == "approve"
    assert json.loads(site.variable(rejected, "reason")) == "Too expensive"
    olga.open(f"/instances/{approved}")
    expect_marked(olga.page, "send", "is-active")
    expect_marked(olga.page, "to_send", "is-taken")
    assert "to_rejected" not in marks_on_diagram(olga.page, "is-taken")
    expect(olga.page.get_by_text("Completed “Approve the reply”")).to_be_visible()
    olga.open(f"/instances/{rejected}")
    expect_marked(olga.page, "rejected", "is-completed")
    expect_marked(olga.page, "to_rejected", "is-taken")
    assert marks_on_diagram(olga.page, "is-active") == set()
    assert "to_send" not in marks_on_diagram(olga.page, "is-taken")
    assert ada.complaints == olga.complaints == []


def test_the_same_form_works_without_javascript(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Edsger Dijkstra")
    ada = visit("ada", java_script_enabled=False)
    page = ada.open(f"/tasks/{site.task_of(key)}")
    expect(page.get_by_role("meter", name="Confidence")).to_have_attribute("aria-valuenow", "64")
    expect(page.get_by_text("Decide about the reply to Edsger Dijkstra.")).to_be_visible()

    # Given an answer that is incomplete, the field says so and nothing is lost
    page.get_by_label("Reason").fill("Half an answer")
    page.get_by_role("button", name="Send decision").click()
    expect(page.get_by_role("alert")).to_contain_text("1 field to correct")
    expect(page.locator(".gw-error")).to_have_text("Choose an option.")
    expect(page.get_by_label("Reason")).to_have_value("Half an answer")
    assert site.engine.search("user_task", {"process_instance_key": key, "state": "CREATED"}).total == 1

    # When it is mended, then the task is done
    page.get_by_label("Reason").fill("Not true")
    page.get_by_label("Reject").check()
    page.get_by_role("button", name="Send decision").click()
    expect(page.get_by_text("Done. The process goes on.")).to_be_visible()
    assert json.loads(site.variable(key, "decision")) == "reject"
    assert site.engine.get("process_instance", key).state == "COMPLETED"


def test_form_js_says_what_is_missing_before_anything_is_sent(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Barbara Liskov")
    ada = visit("ada")
    page = ada.open(f"/tasks/{site.task_of(key)}")
    expect(page.locator(".fjs-container")).to_be_visible()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Send decision").click()
    expect(page.locator(".fjs-form-field-error")).to_be_visible()
    assert posts == []


def test_the_server_checks_what_a_tampered_page_sends(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Mallory")
    ada = visit("ada")
    page = ada.open(f"/tasks/{site.task_of(key)}")
    expect(page.locator(".fjs-container")).to_be_visible()
    page.evaluate(
        """() => { const field = document.querySelector('input[name=submission]'); field.disabled = false;
             field.value = JSON.stringify({decision: 'grant everything', isAdmin: true});
             document.querySelector('#task-form').submit(); }"""
    )
    expect(page.get_by_role("alert")).to_contain_text("to correct")
    expect(page.locator(".fjs-form-field-error")).to_have_count(1)
    assert site.engine.search("user_task", {"process_instance_key": key, "state": "CREATED"}).total == 1


def test_the_instance_page_follows_the_instance_by_itself(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Katherine Johnson")
    olga = visit("olga")
    page = olga.open(f"/instances/{key}")
    expect_marked(page, "approve", "is-active")
    expect(page.locator('.badge-on-diagram-active[data-element="approve"]')).to_have_text("1")
    waiting = page.get_by_role("region", name="Waiting for")
    expect(waiting.get_by_role("link", name="a decision by specialists")).to_be_visible()
    page.evaluate("() => { window.untouched = true }")

    site.engine.complete_user_task(site.task_of(key), {"decision": "approve"}, actor=site_actor("ada"))

    expect_marked(page, "send", "is-active")
    expect(waiting).to_contain_text("Send the reply")
    expect(page.get_by_text("Completed “Approve the reply”")).to_be_visible()
    site.work("send-reply", {}, key)
    expect(page.locator("#head")).to_contain_text("Completed")
    expect_marked(page, "sent", "is-completed")
    assert page.evaluate("() => window.untouched") is True, "the page was loaded again"
    assert olga.complaints == []


def test_new_tasks_appear_in_the_list_by_themselves(site: Any, visit: Any) -> None:
    ada = visit("ada")
    page = ada.open("/tasks?view=groups&sort=newest")
    key = site.start_inquiry("Radia Perlman")
    expect(page.locator(f'a[href="/tasks/{site.task_of(key)}"]')).to_be_visible()


def test_an_operator_sees_an_incident_and_tries_again(site: Any, visit: Any) -> None:
    key = site.engine.create_instance(process_id="reply", variables={"customer": "Ken", "amount": 1}, actor=site_actor("ada")).key
    job = next(j for j in _jobs(site, "draft-reply") if j.process_instance_key == key)
    site.engine.fail_job(job.key, 0, "The case system did not answer", lease=job.lease, actor=site_actor("mail"))
    olga = visit("olga")
    page = olga.open("/instances?view=incidents")
    page.get_by_role("link", name=str(key)).click()
    incidents = page.get_by_role("region", name="Incidents")
    expect(incidents).to_contain_text("The case system did not answer")
    expect(page.locator('.badge-on-diagram-incident[data-element="draft"]')).to_be_visible()
    expect_marked(page, "draft", "has-incident")
    incidents.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It was tried again.")).to_be_visible()
    expect(page.get_by_role("region", name="Incidents")).to_have_count(0)
    site.work("draft-reply", {"draft": files.outcome("Dear Ken")}, key)


def test_an_operator_cancels_an_instance_after_a_question(site: Any, visit: Any) -> None:
    key = site.start_inquiry("Tony Hoare")
    olga = visit("olga")
    page = olga.open(f"/instances/{key}")
    page.get_by_role("link", name="Cancel this instance").click()
    expect(page.get_by_role("heading", name="Cancel this instance?")).to_be_visible()
    assert site.engine.get("process_instance", key).state == "ACTIVE"
    page.get_by_role("button", name="Cancel the instance").click()
    expect(page.get_by_text("The instance was cancelled.")).to_be_visible()
    assert site.engine.get("process_instance", key).state == "TERMINATED"


def test_an_analyst_deploys_is_told_what_is_wrong_and_starts_the_process(site: Any, visit: Any) -> None:
    ana = visit("ana")
    page = ana.open("/deploy")
    good = files.diagram(process_id="started", name="Started by form", start_form=True)
    broken = good.replace(b'targetRef="rate"', b'targetRef="nowhere"')
    page.get_by_label("Files").set_input_files({"name": "broken.bpmn", "mimeType": "application/xml", "buffer": broken})
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_text("Nothing was deployed:")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="nowhere").first).to_contain_text("broken.bpmn")
    assert site.engine.search("process_definition", {"process_id": "started"}).total == 0

    page.get_by_label("Files").set_input_files({"name": "started.bpmn", "mimeType": "application/xml", "buffer": good})
    page.get_by_role("button", name="Deploy").click()
    page.get_by_role("link", name="Started by form").click()
    expect(page.locator(".djs-element").first).to_be_attached()
    page.get_by_role("link", name="Start", exact=True).last.click()

    form = page.locator(".fjs-container")
    page.get_by_role("button", name="Start").click()
    expect(form.locator(".fjs-form-field-error")).to_be_visible()
    form.get_by_label("Customer").fill("Frances Allen")
    form.get_by_label("Amount").fill("12")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("The process was started.")).to_be_visible()
    key = int(re.findall(r"\d+", page.url.split("/instances/")[1])[0])
    assert json.loads(site.variable(key, "amount")) == 12
    assert ana.complaints == [] or all("422" in each for each in ana.complaints)


def site_actor(name: str) -> Any:
    from engine.runtime.inputs import Actor

    return Actor(name, "worker" if name == "mail" else "user")


def _jobs(site: Any, type: str) -> Any:
    return site.engine.activate_jobs(type=type, worker="mail", timeout_ms=60_000, max_jobs=100, actor=site_actor("mail"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bpmn_io_logo_is_visible_and_uncovered(site: Any, visit: Any, scheme: str) -> None:
    key = site.start_inquiry("Ada Lovelace")
    root = visit("root", color_scheme=scheme)
    for path, logo in ((f"/instances/{key}", ".bjs-powered-by"), (f"/tasks/{site.task_of(key)}", ".fjs-powered-by-link")):
        page = root.open(path)
        found = page.locator(logo)
        found.scroll_into_view_if_needed()
        expect(found.locator("svg")).to_be_visible()
        on_top = found.evaluate(
            """logo => { const {x, y, width, height} = logo.getBoundingClientRect();
                 return logo.contains(document.elementFromPoint(x + width / 2, y + height / 2)); }"""
        )
        assert on_top, path
