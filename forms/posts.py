"""What does a browser's form post (texts only) say? Turns it into the data that is validated."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from forms.html_inputs import option_token
from forms.initial import MAX_ROWS, initial_rows, initial_values
from forms.model import MULTIPLE_TYPES, OPTION_TYPES, Field, Form, Submission
from forms.options import options_of
from forms.places import ABSENT, dotted, overlay, read, write
from forms.property_rules import decimal_of
from forms.utc_times import stored_text
from forms.validation import UNKNOWN, open_fields, validate

CHANGE: Final = "_change"
NOW_OPEN: Final = "This can be filled in now: check it and send the form again."


def validate_html(
    form: Form, post: object, *, variables: Mapping[str, Any] | None = None, now: datetime | None = None, ignore: Collection[str] = ()
) -> Submission:
    """Like `validate`, for the post of the page that `render_html` drew.

    A field that the page could not offer, because only the answers opened it, is named as an error, so that the page comes again with it.
    Names with a leading `_` and those in `ignore` are the page's own.
    """
    texts = _texts(post)
    reader = _Reader(form, texts, variables or {})
    data = reader.scope(form.fields, (), variables or {})
    submission = validate(form, data, variables=variables, now=now)
    unseen = {
        name: NOW_OPEN for name, item in open_fields(form, data, variables or {}) if item.type != "filepicker" and not reader.was_sent(name)
    }
    strangers = [name for name in texts if name not in reader.read_names and not name.startswith("_") and name not in ignore]
    return Submission(submission.values, {**unseen, **submission.errors, **{name[:200]: UNKNOWN for name in strangers[:100]}})


def changed_lists(form: Form, post: object, *, variables: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The values to draw again when the post adds or removes a row of a list; None when it was sent to be completed."""
    texts = _texts(post)
    if not texts.get(CHANGE):
        return None
    known = variables or {}
    data = initial_values(form, known)
    overlay(data, _Reader(form, texts, known).scope(form.fields, (), known))
    action, _, rest = texts[CHANGE][0].partition(" ")
    name, _, number = rest.partition(" ")
    rows: Any = data
    for part in name.split("."):
        rows = rows[int(part)] if isinstance(rows, list) and part.isdigit() and int(part) < len(rows) else read(rows, (part,))
    if isinstance(rows, list):
        if action == "add" and len(rows) < MAX_ROWS:
            rows.append({})
        elif action == "remove" and number.isdigit() and int(number) < len(rows):
            del rows[int(number)]
    return data


def _texts(post: object) -> dict[str, list[str]]:
    pairs: Any = post.multi_items() if hasattr(post, "multi_items") else (post.items() if isinstance(post, Mapping) else ())  # type: ignore[attr-defined]
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        for text in value if isinstance(value, list | tuple) else [value]:
            if isinstance(text, str):
                texts.setdefault(str(name), []).append(text.replace("\r\n", "\n"))
    return texts


class _Reader:
    def __init__(self, form: Form, texts: Mapping[str, list[str]], variables: Mapping[str, Any]) -> None:
        self.form = form
        self.texts = texts
        self.variables = variables
        self.read_names: set[str] = set()

    def was_sent(self, name: str) -> bool:
        return any(candidate in self.texts for candidate in (name, f"{name}.?"))

    def text(self, name: str) -> str | None:
        self.read_names.add(name)
        found = self.texts.get(name)
        return found[-1] if found else None

    def scope(self, fields: tuple[Field, ...], base: tuple[str | int, ...], source: object) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for item in fields:
            place = (*base, *item.place)
            if item.type == "group":
                inner = self.scope(item.children, place, read(source, item.place) if item.place else source)
                overlay(data, _nested(item.place, inner))
            elif item.is_list:
                rows = self.rows(item, place, source)
                if rows is not None:
                    write(data, item.place, rows)
            elif item.is_keyed:
                value = self.value(item, dotted(place))
                if value is not ABSENT:
                    write(data, item.place, value)
        return data

    def rows(self, item: Field, place: tuple[str | int, ...], source: object) -> list[dict[str, Any]] | None:
        count = self.text(dotted((*place, "#")))
        if count is None or not count.isascii() or not count.isdigit() or len(count) > 6:
            return None
        before = initial_rows(self.form, item, source, self.variables)
        return [
            self.scope(item.children, (*place, row), before[row] if row < len(before) else {})
            for row in range(min(int(count), MAX_ROWS + 1))
        ]

    def value(self, item: Field, name: str) -> Any:
        text = self.text(name)
        was_shown = self.text(name + ".?") is not None
        match item.type:
            case "checkbox":
                return text is not None if was_shown or text is not None else ABSENT
            case "checklist" | "taglist":
                return [self.choice(item, token) for token in self.texts.get(name, [])] if was_shown or text is not None else ABSENT
            case "radio":
                if text is None:
                    return None if was_shown else ABSENT
                return self.choice(item, text)
        if text is None:
            return ABSENT
        match item.type:
            case "select":
                return self.choice(item, text) if text else None
            case "number":
                return self.number(item, text)
            case "datetime":
                properties = item.properties
                return (
                    stored_text(text, str(properties.get("subtype", "date")), str(properties.get("timeSerializingFormat")))
                    if text
                    else None
                )
            case _:
                return text

    def number(self, item: Field, text: str) -> Any:
        stripped = text.strip()
        number = decimal_of(stripped)
        if stripped == "":
            return None
        if number is None or item.properties.get("serializeToString"):
            return stripped
        exact = number == number.to_integral_value() and abs(number) < 10**15
        return int(number) if exact else float(number)

    def choice(self, item: Field, token: str) -> Any:
        """The option that the token stands for; a token that is none stays text and is refused later."""
        assert item.type in OPTION_TYPES or item.type in MULTIPLE_TYPES
        for option in options_of(self.form, item, self.variables, self.variables):
            if option_token(option.value) == token:
                return option.value
        return token


def _nested(place: tuple[str, ...], inner: dict[str, Any]) -> dict[str, Any]:
    for name in reversed(place):
        inner = {name: inner}
    return inner
