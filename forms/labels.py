"""What is a field called, for people who read its error?"""

from collections.abc import Sequence

from forms.model import Field, Form


def field_label(form: Form, key: str) -> str:
    """The label of the field at a dotted place (a key of `Submission.errors`): "Subject", in a list "Amount (row 2)"; else the key."""
    return _label(form.fields, key.split("."), "") or key


def _label(fields: Sequence[Field], names: Sequence[str], row: str) -> str | None:
    for field in fields:
        size = len(field.place)
        if tuple(names[:size]) != field.place or (not size and field.type != "group"):
            continue
        rest = names[size:]
        if field.type == "group" and rest and (found := _label(field.children, rest, row)):
            return found
        if (
            field.is_list
            and len(rest) > 1
            and rest[0].isdigit()
            and (found := _label(field.children, rest[1:], f" (row {int(rest[0]) + 1})"))
        ):
            return found
        if not rest:
            label = field.label or str(field.properties.get("dateLabel") or field.properties.get("timeLabel") or "")
            return f"{label}{row}" if label and "{{" not in label and not label.startswith("=") else None
    return None
