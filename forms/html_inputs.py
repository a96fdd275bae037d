"""How does one input of a form look as plain HTML?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from forms.expressions import evaluate
from forms.model import MULTIPLE_TYPES, OPTION_TYPES, Field, Form
from forms.options import Option, is_same, options_of
from forms.property_rules import decimal_of
from forms.templates import fill
from forms.utc_times import input_text
from forms.validation import is_fixed


@dataclass(frozen=True, slots=True)
class Rendering:
    form: Form
    data: Mapping[str, Any]
    errors: Mapping[str, str]
    id_prefix: str

    def element_id(self, name: str) -> str:
        return f"{self.id_prefix}-{name.replace('.', '-')}"

    def text(self, item: Field, name: str, context: Mapping[str, Any]) -> str:
        return fill(self.form, item.properties.get(name), context).strip()

    def fieldset(self, item: Field, name: str, body: Markup, context: Mapping[str, Any]) -> Markup:
        """A group of inputs with its legend and error."""
        label = self.text(item, "label", context)
        legend = Markup("<legend>{}</legend>").format(label) if label else ""
        return Markup('<fieldset class="gw-group">{}{}{}</fieldset>').format(legend, self.error(name), body)

    def error(self, name: str) -> Markup:
        reason = self.errors.get(name) if name else None
        return Markup('<p class="gw-error" id="{}-error">{}</p>').format(self.element_id(name), reason) if reason else Markup("")


def option_token(value: object) -> str:
    """The text that stands for an option's value in the page: itself for texts, JSON for all else."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def render(rendering: Rendering, item: Field, name: str, value: Any, context: Mapping[str, Any]) -> Markup:
    if item.type == "expression":
        return Markup("")
    parts = _Parts(rendering, item, name, context)
    if item.type == "checkbox":
        return parts.checkbox(value)
    if item.type in OPTION_TYPES:
        options = options_of(rendering.form, item, rendering.data, context)
        if item.type == "select":
            return parts.wrapped(parts.select(options, value), "select")
        return parts.choices(options, value)
    if item.type == "textarea":
        return parts.wrapped(
            Markup("<textarea {}>\n{}</textarea>").format(parts.attributes(rows="6", **parts.lengths()), value or ""), "textarea"
        )
    if item.type == "filepicker":
        return parts.wrapped(Markup("<p>Files cannot be uploaded here.</p>"), "filepicker")
    return parts.wrapped(parts.single_line(value), item.type)


@dataclass(frozen=True, slots=True)
class _Parts:
    rendering: Rendering
    item: Field
    name: str
    context: Mapping[str, Any]

    @property
    def element_id(self) -> str:
        return self.rendering.element_id(self.name)

    @property
    def is_required(self) -> bool:
        return self.item.rules.get("required") is True

    @property
    def is_fixed(self) -> bool:
        return is_fixed(self.rendering.form, self.item, self.context)

    @property
    def description(self) -> str:
        text = self.rendering.text(self.item, "description", self.context)
        if self.item.type == "datetime" and self.item.properties.get("subtype", "date") != "date" and self._zone_matters:
            text = f"{text} Time in UTC.".strip()
        return text

    @property
    def _zone_matters(self) -> bool:
        return self.item.properties.get("timeSerializingFormat") != "no_timezone"

    @property
    def label(self) -> Markup:
        label_name = "label"
        if self.item.type == "datetime":
            label_name = "timeLabel" if self.item.properties.get("subtype") == "time" else "dateLabel"
        text = (
            self.rendering.text(self.item, label_name, self.context) or self.rendering.text(self.item, "label", self.context) or self.name
        )
        mark = Markup(' <span class="gw-required" aria-hidden="true">*</span>') if self.is_required else ""
        return Markup("{}{}").format(text, mark)

    @property
    def notes(self) -> Markup:
        described = Markup("")
        if self.description:
            described = Markup('<p class="gw-description" id="{}-description">{}</p>').format(self.element_id, self.description)
        return Markup("{}{}").format(described, self.rendering.error(self.name))

    def described_by(self) -> dict[str, str | None]:
        names = [f"{self.element_id}-description"] if self.description else []
        if self.name in self.rendering.errors:
            names.append(f"{self.element_id}-error")
        return {
            "aria-describedby": " ".join(names) or None,
            "aria-invalid": "true" if self.name in self.rendering.errors else None,
        }

    def attributes(self, **extra: str | None) -> Markup:
        fixed = self.is_fixed
        pairs: dict[str, str | None] = {
            "id": self.element_id,
            "name": None if fixed else self.name,
            "required": "required" if self.is_required and not fixed else None,
            "disabled": "disabled" if fixed else None,
            **self.described_by(),
            **extra,
        }
        return Markup(" ").join(Markup('{}="{}"').format(key, value) for key, value in pairs.items() if value is not None)

    def wrapped(self, control: Markup, kind: str) -> Markup:
        return Markup('<div class="gw-field gw-{}{}"><label for="{}">{}</label>{}{}</div>').format(
            kind, " gw-has-error" if self.name in self.rendering.errors else "", self.element_id, self.label, control, self.notes
        )

    def lengths(self) -> dict[str, str | None]:
        evaluated = {
            name: decimal_of(evaluate(self.rendering.form, self.item.rules.get(name), self.context)) for name in ("minLength", "maxLength")
        }
        return {name.lower(): str(limit) if limit is not None else None for name, limit in evaluated.items()}

    def single_line(self, value: Any) -> Markup:
        text, kind, extra = "" if value is None else str(value), "text", {}
        if self.item.type == "number":
            kind, extra = "number", self._number_attributes()
        elif self.item.type == "datetime":
            subtype = str(self.item.properties.get("subtype", "date"))
            kind = {"date": "date", "time": "time", "datetime": "datetime-local"}.get(subtype, "text")
            text = input_text(text, subtype)
        else:
            kind = {"email": "email", "phone": "tel"}.get(str(self.item.rules.get("validationType")), "text")
            extra = self.lengths()
        extra["autocomplete"] = self._autocomplete(kind)
        control = Markup('<input type="{}" value="{}" {}>').format(kind, text, self.attributes(**extra))
        return self._adorned(control)

    def _number_attributes(self) -> dict[str, str | None]:
        form, rules = self.rendering.form, self.item.rules
        digits, step = self.item.properties.get("decimalDigits"), decimal_of(self.item.properties.get("increment"))
        shown = (
            str(step)
            if step
            else ("any" if not isinstance(digits, int) else ("1" if digits == 0 else "0." + "0" * (min(digits, 20) - 1) + "1"))
        )
        least, most = (decimal_of(evaluate(form, rules.get(name), self.context)) for name in ("min", "max"))
        return {"step": shown, "min": None if least is None else str(least), "max": None if most is None else str(most)}

    def _autocomplete(self, kind: str) -> str:
        custom = self.item.properties.get("properties")
        if isinstance(custom, Mapping) and isinstance(custom.get("autocomplete"), str):
            return str(custom["autocomplete"])
        return {"email": "email", "tel": "tel"}.get(kind, "off")

    def _adorned(self, control: Markup) -> Markup:
        appearance = self.item.properties.get("appearance")
        if not isinstance(appearance, Mapping):
            return control
        before, after = (fill(self.rendering.form, appearance.get(name), self.context) for name in ("prefixAdorner", "suffixAdorner"))
        if not before and not after:
            return control
        return Markup('<span class="gw-adorned">{}{}{}</span>').format(
            Markup("<span>{}</span>").format(before) if before else "", control, Markup("<span>{}</span>").format(after) if after else ""
        )

    def marker(self) -> Markup:
        """Tells the server that this field was shown: browsers do not send what is not ticked."""
        return Markup("") if self.is_fixed else Markup('<input type="hidden" name="{}.?" value="1">').format(self.name)

    def checkbox(self, value: Any) -> Markup:
        ticked = Markup(" checked") if value is True else ""
        control = Markup('<input type="checkbox" value="true" {}{}>').format(self.attributes(), ticked)
        return Markup('<div class="gw-field gw-checkbox{}"><label for="{}">{} {}</label>{}{}</div>').format(
            " gw-has-error" if self.name in self.rendering.errors else "", self.element_id, control, self.label, self.marker(), self.notes
        )

    def select(self, options: list[Option], value: Any) -> Markup:
        rows = [Markup('<option value="">{}</option>').format("" if value is None else "(none)")]
        for option in options:
            chosen = Markup(" selected") if is_same(option.value, value) else ""
            rows.append(Markup('<option value="{}"{}>{}</option>').format(option_token(option.value), chosen, option.label))
        return Markup("<select {}>{}</select>").format(self.attributes(), Markup("").join(rows))

    def choices(self, options: list[Option], value: Any) -> Markup:
        """Radio buttons or checkboxes in a fieldset."""
        multiple = self.item.type in MULTIPLE_TYPES
        chosen = value if isinstance(value, list) else [value]
        rows: list[Markup] = []
        for index, option in enumerate(options):
            option_id = f"{self.element_id}-{index}"
            flags = Markup(" checked") if any(is_same(option.value, item) for item in chosen) else Markup("")
            flags += Markup(" disabled") if self.is_fixed else Markup("")
            flags += Markup(" required") if self.is_required and not multiple and not self.is_fixed else Markup("")
            rows.append(
                Markup('<label for="{0}"><input type="{1}" id="{0}" name="{2}" value="{3}"{4}> {5}</label>').format(
                    option_id, "checkbox" if multiple else "radio", self.name, option_token(option.value), flags, option.label
                )
            )
        described = Markup(" ").join(Markup('{}="{}"').format(key, text) for key, text in self.described_by().items() if text)
        return Markup('<fieldset class="gw-field gw-{}{}" id="{}" {}><legend>{}</legend>{}{}{}</fieldset>').format(
            self.item.type,
            " gw-has-error" if self.name in self.rendering.errors else "",
            self.element_id,
            described,
            self.label,
            Markup("").join(rows),
            self.marker(),
            self.notes,
        )
