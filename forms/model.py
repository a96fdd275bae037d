"""What a form is, once its file was read: fields with their places in the data, and what a submission becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rules.feel import Expression

INPUT_TYPES: Final = frozenset(
    {"textfield", "textarea", "number", "checkbox", "checklist", "radio", "select", "taglist", "datetime", "filepicker"}
)
OPTION_TYPES: Final = frozenset({"checklist", "radio", "select", "taglist"})
MULTIPLE_TYPES: Final = frozenset({"checklist", "taglist"})
COMPUTED_TYPES: Final = frozenset({"expression"})
CONTAINER_TYPES: Final = frozenset({"default", "group", "dynamiclist"})
SHOWN_TYPES: Final = frozenset({"text", "html", "image", "iframe", "spacer", "separator", "table", "documentPreview", "button"})
KEYED_TYPES: Final = INPUT_TYPES | COMPUTED_TYPES
FIELD_TYPES: Final = KEYED_TYPES | SHOWN_TYPES | (CONTAINER_TYPES - {"default"})


@dataclass(frozen=True, slots=True)
class Field:
    """One component of a form.

    `place` is where its value is in the data, seen from the enclosing scope: the form, or a row of a dynamic list.
    It is empty for what has no value and for groups without a path. `properties` is the component as written.
    """

    id: str
    type: str
    place: tuple[str, ...] = ()
    label: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    children: "tuple[Field, ...]" = ()
    line: int | None = None

    @property
    def is_keyed(self) -> bool:
        return self.type in KEYED_TYPES

    @property
    def is_list(self) -> bool:
        return self.type == "dynamiclist"

    @property
    def rules(self) -> Mapping[str, Any]:
        """The `validate` object of form-js: required, pattern, min, max, minLength, maxLength, validationType."""
        rules = self.properties.get("validate")
        return rules if isinstance(rules, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Form:
    """A deployed form. `schema` is the file as written; `expressions` holds every FEEL text of it, compiled."""

    id: str
    schema: Mapping[str, Any]
    fields: tuple[Field, ...]
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    problems: "tuple[FormProblem, ...]" = ()


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One thing that is wrong in a form file. `path` names the place (`components[2].validate.min`); `line` is 1-based."""

    severity: str
    file: str
    message: str
    advice: str
    path: str = ""
    element_id: str | None = None
    line: int | None = None


class FormError(Exception):
    """The file is no form that could be shown: the problems say why and what to do."""

    def __init__(self, problems: tuple[FormProblem, ...]) -> None:
        super().__init__("; ".join(f"{problem.path or problem.file or 'form'}: {problem.message}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission becomes: variables to write and, per field, why it is refused.

    The key of an error is the dotted place of the value in the data; rows of a list are counted from 0 (`items.0.amount`).
    """

    values: Mapping[str, Any]
    errors: Mapping[str, str]

    @property
    def is_valid(self) -> bool:
        return not self.errors
