"""What does a text with `{{…}}` say? The templating of form-js: values, `{{#if …}}…{{/if}}` and `{{#loop …}}…{{/loop}}`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from forms.expressions import evaluate
from forms.model import Form

MAX_OUTPUT: Final = 200_000
MAX_LOOP: Final = 1_000
_TAG: Final = re.compile(r"\{\{(#if|#loop|/if|/loop)?((?:[^}]|\}(?!\}))*)\}\}")


@dataclass(slots=True)
class _Block:
    kind: str  # text, value, #if, #loop
    text: str = ""
    parts: "list[_Block]" = field(default_factory=list)


Escape: TypeAlias = Callable[[str], str]


def template_expressions(text: str) -> list[str]:
    """The FEEL texts inside a template."""
    return [
        match.group(2).strip() for match in _TAG.finditer(text) if not (match.group(1) or "").startswith("/") and match.group(2).strip()
    ]


def fill(form: Form, text: object, context: Mapping[str, Any], escape: Escape = str) -> str:
    """The text with its values filled in; values (not the text) go through `escape`. FEEL texts (`=…`) are evaluated."""
    if not isinstance(text, str):
        return "" if text is None else str(text)
    if text.startswith("="):
        return escape(_shown(evaluate(form, text, context)))
    if "{{" not in text:
        return text
    output: list[str] = []
    _fill(form, _blocks(text), context, escape, output, [MAX_OUTPUT])
    return "".join(output)


def _blocks(text: str) -> list[_Block]:
    root = _Block("root")
    stack = [root]
    end = 0
    for match in _TAG.finditer(text):
        stack[-1].parts.append(_Block("text", text[end : match.start()]))
        end = match.end()
        tag, expression = match.group(1), match.group(2).strip()
        if tag in ("#if", "#loop"):
            block = _Block(tag, expression)
            stack[-1].parts.append(block)
            if len(stack) < 20:
                stack.append(block)
        elif tag in ("/if", "/loop"):
            if len(stack) > 1:
                stack.pop()
        elif expression:
            stack[-1].parts.append(_Block("value", expression))
    stack[-1].parts.append(_Block("text", text[end:]))
    return root.parts


def _fill(form: Form, parts: list[_Block], context: Mapping[str, Any], escape: Escape, output: list[str], room: list[int]) -> None:
    for part in parts:
        if room[0] <= 0:
            return
        if part.kind == "text":
            piece = part.text
        elif part.kind == "value":
            piece = escape(_shown(evaluate(form, "=" + part.text, context)))
        else:
            value = evaluate(form, "=" + part.text, context)
            if part.kind == "#if" and value is True:
                _fill(form, part.parts, context, escape, output, room)
            elif part.kind == "#loop" and isinstance(value, list):
                for item in value[:MAX_LOOP]:
                    room[0] -= 1
                    names = item if isinstance(item, Mapping) else {}
                    inner = {
                        **context,
                        **names,
                        "this": item,
                        "parent": context.get("this"),
                        "_this_": item,
                        "_parent_": context.get("this"),
                    }
                    _fill(form, part.parts, inner, escape, output, room)
            continue
        room[0] -= len(piece)
        output.append(piece)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(_shown(item) for item in value)
        case _:
            return str(value)
