"""Which part of an HTML text may be shown? Keeps harmless elements and attributes, drops the rest."""

from html import escape
from html.parser import HTMLParser
from typing import Final

from markupsafe import Markup

from forms.markdown import SAFE_LINK

_KEPT_NAMES: Final = "h1 h2 h3 h4 h5 h6 span em strong b i u small a p div ul ol li hr blockquote pre code br table thead tbody tr th td"
_KEPT: Final = frozenset(_KEPT_NAMES.split())
_EMPTY: Final = frozenset({"hr", "br"})
_SWALLOWED: Final = frozenset({"script", "style", "iframe", "object", "embed", "template", "svg", "math", "noscript", "title", "textarea"})


def safe_html(source: str) -> Markup:
    """Text, and elements of a fixed list without attributes except safe links; everything opened is closed."""
    cleaner = _Cleaner()
    cleaner.feed(source)
    cleaner.close()
    closed = (f"</{name}>" for name in reversed(cleaner.opened))
    return Markup("".join([*cleaner.output, *closed]))  # noqa: S704 - only known elements and escaped text


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.output: list[str] = []
        self.opened: list[str] = []
        self.swallowing = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SWALLOWED:
            self.swallowing += 1
        elif tag in _KEPT and not self.swallowing and len(self.opened) < 100:
            self.output.append(f"<{tag}{_link(tag, attrs)}>")
            if tag not in _EMPTY:
                self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _KEPT and not self.swallowing:
            self.output.append(f"<{tag}{_link(tag, attrs)}>" if tag in _EMPTY else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SWALLOWED:
            self.swallowing = max(0, self.swallowing - 1)
        elif tag in self.opened and not self.swallowing:
            while True:
                name = self.opened.pop()
                self.output.append(f"</{name}>")
                if name == tag:
                    return

    def handle_data(self, data: str) -> None:
        if not self.swallowing:
            self.output.append(escape(data))


def _link(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    address = next((value for name, value in attrs if name == "href"), None)
    if tag != "a" or not address or not SAFE_LINK.fullmatch(address):
        return ""
    return f' href="{escape(address)}" rel="noopener noreferrer" target="_blank"'
