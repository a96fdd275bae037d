"""How is the Markdown of a text component shown? A small, safe subset: headings, lists, quotes, rules, emphasis, code and links.

Values filled into the text are never read as Markdown or HTML.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

from markupsafe import Markup

from forms.model import Form
from forms.templates import fill

SAFE_LINK: Final = re.compile(r"(?:https?://|mailto:|/(?!/)|#)[^\s<>\"']*", re.IGNORECASE)
_OPEN, _CLOSE = "\ue000", "\ue001"
_HELD: Final = re.compile(_OPEN + r"(\d+)" + _CLOSE)
_HEADING: Final = re.compile(r"(#{1,6}) +(.*?)(?: +#+)?")
_BULLET: Final = re.compile(r"[-*+] +(.*)")
_NUMBERED: Final = re.compile(r"\d{1,9}[.)] +(.*)")
_RULE: Final = re.compile(r"(?:-{3,}|\*{3,}|_{3,})")
_INLINE: Final = re.compile(
    r"`(?P<code>[^`\n]{1,2000})`"
    r"|\*\*(?P<strong>[^*\n]{1,2000})\*\*"
    r"|\*(?P<em>[^*\s][^*\n]{0,2000})\*"
    r"|(?<!\w)_(?P<em2>[^_\n]{1,2000})_(?!\w)"
    r"|\[(?P<text>[^\]\n]{0,1000})\]\((?P<link>[^)\s]{1,2000})\)"
)


def render_markdown(form: Form, source: object, context: Mapping[str, Any]) -> Markup:
    """The text with its templates filled, as HTML."""
    values: list[str] = []

    def hold(value: str) -> str:
        values.append(value)
        return f"{_OPEN}{len(values) - 1}{_CLOSE}"

    raw = source.replace(_OPEN, "").replace(_CLOSE, "") if isinstance(source, str) else source
    text = fill(form, raw, context, hold)
    if isinstance(source, str) and source.startswith("="):
        return Markup(_paragraph(text, values))  # noqa: S704 - every value in it is escaped
    return Markup("\n".join(_blocks(text, values)))  # noqa: S704 - every value in it is escaped


def _blocks(text: str, values: list[str]) -> list[str]:
    output: list[str] = []
    paragraph: list[str] = []
    items: list[str] = []
    kind = ""

    def close() -> None:
        nonlocal kind
        if paragraph:
            output.append(_paragraph("\n".join(paragraph), values))
            paragraph.clear()
        if items:
            output.append(f"<{kind}>{''.join(f'<li>{item}</li>' for item in items)}</{kind}>")
            items.clear()
        kind = ""

    for raw in text.replace("\r\n", "\n").split("\n"):
        line = raw.strip()
        heading, bullet, numbered = _HEADING.fullmatch(line), _BULLET.fullmatch(line), _NUMBERED.fullmatch(line)
        if not line or heading or _RULE.fullmatch(line):
            close()
        if heading:
            level = min(len(heading.group(1)) + 1, 6)
            output.append(f"<h{level}>{_inline(heading.group(2), values)}</h{level}>")
        elif line and _RULE.fullmatch(line):
            output.append("<hr>")
        elif bullet or numbered:
            wanted = "ul" if bullet else "ol"
            if kind != wanted:
                close()
                kind = wanted
            items.append(_inline((bullet or numbered).group(1), values))  # type: ignore[union-attr]
        elif line:
            if items:
                close()
            paragraph.append(line.removeprefix("> ") if line.startswith("> ") else line)
    close()
    return output


def _paragraph(text: str, values: list[str]) -> str:
    return f"<p>{_inline(text, values).replace(chr(10), '<br>')}</p>"


def _inline(text: str, values: list[str]) -> str:
    output: list[str] = []
    end = 0
    show: Callable[[str], str] = lambda part: _shown(part, values)  # noqa: E731
    for match in _INLINE.finditer(text):
        output.append(show(text[end : match.start()]))
        end = match.end()
        if match["code"] is not None:
            output.append(f"<code>{show(match['code'])}</code>")
        elif match["strong"] is not None:
            output.append(f"<strong>{show(match['strong'])}</strong>")
        elif match["link"] is not None:
            output.append(_link(match["text"], match["link"], values))
        else:
            output.append(f"<em>{show(match['em'] or match['em2'] or '')}</em>")
    output.append(show(text[end:]))
    return "".join(output)


def _link(text: str, target: str, values: list[str]) -> str:
    address = _HELD.sub(lambda match: values[int(match.group(1))], target)
    if not SAFE_LINK.fullmatch(address):
        return _shown(text, values)
    return f'<a href="{escape(address)}" rel="noopener noreferrer" target="_blank">{_shown(text, values)}</a>'


def _shown(text: str, values: list[str]) -> str:
    return _HELD.sub(lambda match: escape(values[int(match.group(1))]).replace("\n", "<br>"), escape(text))
