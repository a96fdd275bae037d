"""Form files (form-js JSON) become pages, and submissions become variables or errors at their fields."""

from forms.html import render_html
from forms.initial import initial_values
from forms.labels import field_label
from forms.model import Field, Form, FormError, FormProblem, Submission
from forms.parsing import parse_form
from forms.posts import changed_lists, validate_html
from forms.validation import validate

__all__ = [
    "Field",
    "Form",
    "FormError",
    "FormProblem",
    "Submission",
    "changed_lists",
    "field_label",
    "initial_values",
    "parse_form",
    "render_html",
    "validate",
    "validate_html",
]
