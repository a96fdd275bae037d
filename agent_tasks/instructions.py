"""What does a template say once its inputs are filled in?

Templates of instructions and replies are Jinja2 in the immutable sandbox, rendered once, inputs being data: an input
that contains `{{ … }}` stays as it is. Templates cannot call anything, import, include or loop over ranges of their
own making; length and number of characters put out are bounded.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import orjson
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agent_tasks.errors import TemplateRefused

LONGEST_TEXT = 200_000
_MOST_REPETITIONS = 10_000


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox without calls: no function, method or macro can be called, so neither code nor cost can hide there."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or any(isinstance(side, (str, list, tuple)) for side in (left, right)):
            raise SecurityError(f"the operator {operator} is not available on these values")
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _environment(finalize: Callable[[Any], Any] | None = None) -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=finalize)
    environment.globals.clear()
    keep = ("capitalize", "default", "d", "first", "float", "int", "last", "length", "count", "list", "lower")
    keep += (
        "round",
        "sort",
        "string",
        "title",
        "trim",
        "truncate",
        "unique",
        "upper",
        "wordcount",
        "tojson",
        "sum",
        "max",
        "min",
        "reverse",
    )
    environment.filters = {**{name: environment.filters[name] for name in keep}, "join": _join}
    return environment


def _join(items: Any, separator: str = "", attribute: str | None = None) -> str:
    texts = [str(item if attribute is None else item.get(attribute, "")) for item in items]
    if sum(map(len, texts)) + len(separator) * len(texts) > LONGEST_TEXT:
        raise SecurityError("join gives too long a text")
    return separator.join(texts)


def _quote(value: Any) -> Any:
    if isinstance(value, Undefined):
        return value
    return orjson.dumps(value).decode().replace("<", "\\u003c").replace(">", "\\u003e")


_ENVIRONMENT = _environment()
_QUOTING = _environment(_quote)
# what calls or loads other code, and what could double a text in each line
_FORBIDDEN = (nodes.Call, nodes.Macro, nodes.CallBlock, nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends, nodes.Block)
_FORBIDDEN += (nodes.Concat, nodes.AssignBlock, nodes.FilterBlock)


class TemplateProblem(Exception):
    """A template that is refused at deployment. `line` counts from 1 inside the template."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def check_template(source: str, names: Collection[str] | None = None) -> None:
    """Raises `TemplateProblem` when the template is broken, reaches for what is forbidden, or uses an unknown name."""
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"The template is broken: {error.message}", error.lineno) from None
    except (TemplateError, RecursionError) as error:
        raise TemplateProblem(f"The template is broken: {error}", 1) from None
    if (forbidden := next(tree.find_all(_FORBIDDEN), None)) is not None:
        # `~` is Concat: texts are put side by side by writing the expressions side by side
        raise TemplateProblem(f"Templates cannot use {type(forbidden).__name__.lower()}s.", forbidden.lineno)
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name not in _ENVIRONMENT.filters:
            known = ", ".join(sorted(_ENVIRONMENT.filters))
            raise TemplateProblem(f"There is no filter {filtered.name!r}; there are {known}.", filtered.lineno)
    if (own := next((n for n in tree.find_all(nodes.Name) if n.name in ("self", "caller", "varargs", "kwargs")), None)) is not None:
        raise TemplateProblem(f"The name {own.name!r} cannot be used.", own.lineno)
    if (hidden := next((n for n in tree.find_all(nodes.Getattr) if n.attr.startswith("_")), None)) is not None:
        raise TemplateProblem(f"The attribute {hidden.attr!r} cannot be read.", hidden.lineno)
    if names is not None and (unknown := sorted(meta.find_undeclared_variables(tree) - set(names))):
        line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name in unknown), 1)
        raise TemplateProblem(f"The template uses {', '.join(map(repr, unknown))}, which is not declared.", line)
    try:
        _ENVIRONMENT.from_string(tree)
    except (TemplateError, SyntaxError, RecursionError, ValueError) as error:
        raise TemplateProblem(f"The template is broken: {error}", 1) from None


def render(source: str, values: Mapping[str, Any], *, longest: int = LONGEST_TEXT, quoted: bool = False) -> str:
    """The text of a template. `values` must be plain JSON values. `quoted`: each value put out stands as JSON, a text in
    quotation marks, so that a reader can tell it from the template's own words. Raises `TemplateRefused`."""
    pieces: list[str] = []
    length = 0
    try:
        for index, piece in enumerate(_compiled(source, quoted).generate(dict(values))):
            length += len(piece)
            if length > longest or index > _MOST_REPETITIONS:
                raise TemplateRefused(f"The template gives more than {longest} characters: shorten it or its inputs.")
            pieces.append(piece)
    except TemplateProblem as problem:
        raise TemplateRefused(f"Line {problem.line}: {problem.message}") from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TemplateRefused(f"The template cannot be filled in: {error}. Use `default` for inputs that may be missing.") from None
    return "".join(pieces).strip()


@lru_cache(maxsize=128)
def _compiled(source: str, quoted: bool) -> Template:
    check_template(source)
    return (_QUOTING if quoted else _ENVIRONMENT).from_string(source)
