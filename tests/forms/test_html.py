"""Is the page without JavaScript complete, labelled, escaped, and read back as it was meant?"""

from html.parser import HTMLParser
from typing import Any

import pytest
from support.form_files import choice, form, group, number, rows, text

from forms import Form, changed_lists, field_label, initial_values, render_html, validate_html

EVIL = "<script>alert(1)</script>\" onload='x' {{ 7*7 }} **bold** [x](javascript:1)"


class Page(HTMLParser):
    """The tags of a page with their attributes, and the post that a browser would send for it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.opened: list[str] = []
        self.post: dict[str, list[str]] = {}
        self.select: str | None = None
        self.textarea: str | None = None
        self.feed(html)
        assert self.opened == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag not in ("input", "br", "hr", "img"):
            self.opened.append(tag)
        name = found.get("name")
        if tag == "input" and name and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.post.setdefault(name, []).append(found.get("value") or "")
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and ("selected" in found or self.select not in self.post):
            self.post[self.select] = [found.get("value") or ""]
        if tag == "textarea" and name:
            self.textarea = name
            self.post[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.post[self.textarea][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag
        if tag == "textarea":
            self.textarea = None

    def with_id(self, element_id: str) -> dict[str, str | None]:
        return next(attributes for _, attributes in self.tags if attributes.get("id") == element_id)


def page(opened: Form, variables: dict[str, Any], errors: dict[str, str] | None = None) -> Page:
    return Page(str(render_html(opened, initial_values(opened, variables), errors, variables=variables)))


ALL = form(
    text("name", description="Your name", validate={"required": True}),
    {**text("body"), "type": "textarea"},
    number("amount", decimalDigits=2, validate={"min": 0}),
    {**text("agree"), "type": "checkbox"},
    choice("tier", "gold", 5, True),
    choice("way", "a", "b", kind="radio"),
    choice("tags", "x", "y", kind="checklist"),
    {**text("day"), "type": "datetime", "subtype": "date", "dateLabel": "Day"},
    {**text("at"), "type": "datetime", "subtype": "datetime", "timeSerializingFormat": "utc_offset"},
    group("customer", text("email", validate={"validationType": "email"})),
    rows("items", text("what"), number("count")),
)
VALUES = {
    "name": "Eve",
    "body": "two\nlines",
    "amount": 12.5,
    "agree": True,
    "tier": 5,
    "way": "b",
    "tags": ["y"],
    "day": "2026-03-31",
    "at": "2026-03-31T14:30+02:00",
    "customer": {"email": "eve@example.com"},
    "items": [{"what": "lamp", "count": 1}, {"what": "", "count": None}],
}


def test_what_is_drawn_and_posted_unchanged_comes_back_unchanged() -> None:
    submission = validate_html(ALL, page(ALL, VALUES).post, variables=VALUES)

    assert submission.errors == {}
    assert submission.values == {**VALUES, "at": "2026-03-31T12:30+00:00"}


def test_every_input_has_a_label_and_groups_have_legends() -> None:
    drawn = page(ALL, VALUES)
    labelled = {attributes.get("for") for tag, attributes in drawn.tags if tag == "label"}
    inputs = [attributes for tag, attributes in drawn.tags if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden"]

    assert [attributes for attributes in inputs if attributes.get("id") not in labelled] == []
    assert len({attributes["id"] for attributes in inputs}) == len(inputs)
    assert sum(tag == "legend" for tag, _ in drawn.tags) == sum(tag == "fieldset" for tag, _ in drawn.tags)


def test_descriptions_and_errors_are_tied_to_their_input() -> None:
    drawn = page(ALL, VALUES, {"name": "Fill in this field.", "items.1.count": "Enter a number."})

    assert drawn.with_id("form-name")["aria-describedby"] == "form-name-description form-name-error"
    assert drawn.with_id("form-name")["aria-invalid"] == "true"
    assert drawn.with_id("form-items-1-count")["aria-describedby"] == "form-items-1-count-error"
    assert drawn.with_id("form-name-error")


@pytest.mark.parametrize(
    "field",
    [
        text("v", label="{{v}}", description="={{v}}" if False else "=v"),
        {**text("v"), "type": "textarea"},
        choice("v", EVIL),
        choice("v", EVIL, kind="radio"),
        {"type": "text", "id": "t", "text": "# Hello {{v}}\n- *{{v}}*\n\n[link]({{v}})"},
        {"type": "text", "id": "t", "text": "=v"},
        {"type": "html", "id": "t", "content": "<p onclick='x'>{{v}}</p><script>x</script><a href='javascript:1'>a</a><p>open"},
        {"type": "image", "id": "t", "source": "=v", "alt": "=v"},
        {"type": "iframe", "id": "t", "url": "=v"},
        {"type": "table", "id": "t", "label": "{{v}}", "dataSource": "=[{a: v}]", "columns": [{"label": EVIL, "key": "a"}]},
    ],
    ids=lambda field: str(field)[:50],
)
def test_values_never_become_markup(field: dict[str, Any]) -> None:
    opened = form(field)

    drawn = page(opened, {"v": EVIL}, {"v": EVIL})

    assert not [tag for tag, _ in drawn.tags if tag == "script"]
    assert not [name for _, attributes in drawn.tags for name in attributes if name.startswith("on")]
    assert not [
        value
        for _, attributes in drawn.tags
        for value in (attributes.get("href"), attributes.get("src"))
        if value and "javascript" in value
    ]
    assert not [tag for tag, _ in drawn.tags if tag == "strong"]


def test_texts_show_markdown_and_values() -> None:
    opened = form(
        {
            "type": "text",
            "id": "t",
            "text": "## Order\n**{{order.id}}** has {{#loop order.items}}{{this}}, {{/loop}}{{#if order.paid}}paid{{/if}}\n\n- a\n- [b](https://x.example)",
        }
    )

    html = str(render_html(opened, {}, variables={"order": {"id": "A<1", "items": [1, 2], "paid": True}}))

    assert "<h3>Order</h3>" in html
    assert "<strong>A&lt;1</strong> has 1, 2, paid" in html
    assert '<li><a href="https://x.example"' in html


def test_a_field_opened_by_the_answers_comes_back_to_be_filled_in() -> None:
    opened = form(choice("decision", "approve", "edit", kind="radio"), text("reply", readonly='=decision != "edit"'))
    variables = {"reply": "as drafted", "decision": None}
    drawn = page(opened, variables)
    assert drawn.with_id("form-reply")["disabled"] == "disabled"

    submission = validate_html(opened, {**drawn.post, "decision": ["edit"]}, variables=variables)
    again = Page(str(render_html(opened, submission.values, submission.errors, variables=variables)))

    assert set(submission.errors) == {"reply"}
    assert "disabled" not in again.with_id("form-reply")
    assert validate_html(opened, {**again.post, "reply": ["mine"]}, variables=variables).values == {"decision": "edit", "reply": "mine"}


def test_a_refused_post_is_drawn_again_with_its_disabled_fields() -> None:
    opened = form(group("inquiry", text("text", disabled=True)), text("name", validate={"required": True}))
    variables = {"inquiry": {"text": "Where is my parcel?"}}

    submission = validate_html(opened, {"name": [""]}, variables=variables)
    again = render_html(opened, submission.values, submission.errors, variables=variables)

    assert "Where is my parcel?" in again
    assert "inquiry.text" not in submission.errors


def test_errors_can_be_listed_by_the_labels_of_their_fields() -> None:
    nested = form(group("reply", text("subject")), rows("items", text("what")), {**text("note"), "label": "{{x}}"})

    assert [field_label(nested, key) for key in ("reply.subject", "items.1.what", "items", "note", "nobody", "")] == [
        "Subject",
        "What (row 2)",
        "items",
        "note",
        "nobody",
        "",
    ]


def test_unticked_boxes_are_read_as_unticked() -> None:
    drawn = page(ALL, VALUES)
    post = {name: value for name, value in drawn.post.items() if name not in ("agree", "tags")}

    values = validate_html(ALL, post, variables=VALUES).values

    assert values["agree"] is False
    assert values["tags"] == []


def test_rows_are_added_and_removed_without_script() -> None:
    post = page(ALL, VALUES).post

    added = changed_lists(ALL, {**post, "_change": ["add items"], "name": ["changed"]}, variables=VALUES)
    removed = changed_lists(ALL, {**post, "_change": ["remove items 0"]}, variables=VALUES)

    assert added is not None and len(added["items"]) == 3 and added["name"] == "changed"
    assert removed is not None and [row["what"] for row in removed["items"]] == [""]
    assert changed_lists(ALL, post, variables=VALUES) is None


def test_names_that_are_not_in_the_form_are_errors_but_the_pages_own_are_not() -> None:
    post = {**page(ALL, VALUES).post, "admin": ["1"], "_csrf": ["t"], "action": ["complete"]}

    assert set(validate_html(ALL, post, variables=VALUES, ignore={"action"}).errors) == {"admin"}


@pytest.mark.parametrize(
    "post", [None, {}, {"items.#": ["999999999"]}, {"items.#": ["-1"]}, {"name": [object()]}, {"_change": ["add x.y.z"]}, {"_change": [""]}]
)
def test_hostile_posts_give_errors_never_exceptions(post: Any) -> None:
    validate_html(ALL, post)
    changed_lists(ALL, post)
