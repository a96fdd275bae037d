"""What do all chapters of the reader share: the file's problems, its definitions by id, and how a text becomes a value."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn.infix import infix_to_feel
from bpmn.juel import JUEL, translate, with_bpmn_counters
from bpmn.model import Value
from bpmn.parsed import Reference
from bpmn.problems import Problems, owner_of, title
from bpmn.xml import Element, text_of
from rules.feel import Expression, FeelSyntaxError, compile_expression
from rules.feel.builtins import BUILTINS
from rules.feel.names import did_you_mean

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(slots=True)
class Reading:
    """The state of reading one file.

    `definitions` holds the root elements by tag and id (`("message", "Message_1")`); `names` the variable names with
    spaces or symbols that FEEL must know; `changes` what imported elements do differently here, by element id.
    """

    problems: Problems
    definitions: Mapping[tuple[str, str], Element]
    dialect: str = "zeebe"
    names: frozenset[str] = frozenset()
    changes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    references: list[Reference] = field(default_factory=list[Reference])
    _compiled: dict[str, Expression] = field(default_factory=dict[str, Expression])

    def value(self, text: str | None, at: Element, what: str, *, juel: bool = False) -> Value | None:
        """A literal, or FEEL after a leading `=`; None for an absent or empty text. With `juel`, `${…}` is translated."""
        text = (text or "").strip()
        if text.startswith("="):
            return self.compile(text[1:], at, what)
        if juel and JUEL.search(text):
            return self.compile_juel(text, at, what)
        return text or None

    def literal(self, text: str, at: Element, what: str, *, juel: bool = False) -> Expression | None:
        """A value where only an expression fits: a text without `=` becomes a string constant."""
        text = text.strip()
        if text.startswith("="):
            return self.compile(text[1:], at, what)
        if juel and JUEL.search(text):
            return self.compile_juel(text, at, what)
        return self.compile(json.dumps(text, ensure_ascii=False), at, what)

    def condition(self, text: str, at: Element, what: str) -> Expression | None:
        """FEEL that is true or false. Without `=` only the literals true and false are taken."""
        text = text.strip()
        if text.startswith("="):
            return self.compile(text[1:], at, what)
        if JUEL.search(text):
            return self.compile_juel(text, at, what)
        if text.lower() in ("true", "false"):
            return self.compile(text.lower(), at, what)
        if text and self.is_feel(at):
            return self.compile(text, at, what)
        infix = self.infix(text, at, what)
        if infix is not None:
            return infix
        if not text:
            self.problems.error("empty-expression", at, f"The {what} is empty.", "Write a FEEL expression, as =amount > 1000.")
        else:
            self.problems.error(
                "not-feel",
                at,
                f'The {what} "{_short(text)}" is not an expression: it does not begin with "=".',
                f"If it is FEEL, write ={_short(text)}; otherwise translate it to FEEL.",
            )
        return None

    def is_feel(self, at: Element) -> bool:
        """Whether the expression, or the whole file, says that its language is FEEL; then it needs no `=`."""
        language = at.get("language") or at.getroottree().getroot().get("expressionLanguage") or ""
        return "FEEL" in language.upper()

    def number(self, text: str, at: Element, what: str) -> Expression | None:
        """FEEL that gives a number, or a plain number."""
        text = text.strip()
        if text.startswith("="):
            return self.compile(text[1:], at, what)
        if JUEL.search(text):
            return self.compile_juel(text, at, what)
        if _PLAIN_NUMBER.fullmatch(text) or (text and self.is_feel(at)):
            return self.compile(text, at, what)
        infix = self.infix(text, at, what)
        if infix is not None:
            return infix
        self.problems.error(
            "not-a-number",
            at,
            f'The {what} "{_short(text)}" is neither a number nor an expression.',
            "Write a whole number, as 3, or FEEL, as =count(items).",
        )
        return None

    def infix(self, text: str, at: Element, what: str) -> Expression | None:
        """An expression of plain BPMN or SpiffArena as FEEL; None when it is none."""
        if self.dialect == "zeebe" or not text:
            return None
        try:
            feel = infix_to_feel(text)
        except ValueError:
            return None
        self.changed(at, f'the {what} "{_short(text)}" runs as FEEL ={_short(feel)}')
        return self.compile(feel, at, what)

    def compile(self, text: str, at: Element, what: str) -> Expression | None:
        if self.dialect != "zeebe":
            text = with_bpmn_counters(text)
        known = self._compiled.get(text)
        if known is not None:
            self._warn_of_unknown(known, at, what)
            return known
        try:
            expression = compile_expression(text, names=self.names)
        except FeelSyntaxError as error:
            line = (at.sourceline or 1) + (error.line - 1 if text_of(at).lstrip("=") == text.strip() else 0)
            self.problems.error(
                "feel-syntax",
                at,
                f"The {what} ={_short(text)} is not valid FEEL: {error.message} (line {error.line}, column {error.column}).",
                error.hint or "Mend the expression at this position.",
                line=line,
            )
            return None
        self._compiled[text] = expression
        self._warn_of_unknown(expression, at, what)
        return expression

    def _warn_of_unknown(self, expression: Expression, at: Element, what: str) -> None:
        for name in sorted(expression.unknown_functions):
            self.problems.warning(
                "unknown-function",
                at,
                f"The {what} ={_short(expression.text)} calls '{name}', which is no function of FEEL: the call is null.",
                did_you_mean(name, BUILTINS.keys()) or "Correct its name, or compute the value in a script or decision.",
            )

    def compile_juel(self, text: str, at: Element, what: str) -> Expression | None:
        feel = self.translate_juel(text, at, what)
        return None if feel is None else self.compile(feel, at, what)

    def translate_juel(self, text: str, at: Element, what: str) -> str | None:
        """FEEL text for `${…}`; None when there is none (the problem is reported)."""
        try:
            feel = translate(text)
        except ValueError as error:
            self.problems.error(
                "juel",
                at,
                f'The {what} "{_short(text)}" has no meaning in FEEL: {error}',
                "Write it as FEEL after a leading =, or let a job worker do the work.",
            )
            return None
        self.changed(at, f'the {what} "{_short(text)}" runs as FEEL ={_short(feel)}')
        return feel

    def changed(self, at: Element, what: str) -> None:
        """Notes what an imported element does differently here."""
        self.changes.append((owner_of(at).get("id") or "", what))

    def left_out(self, at: Element, what: str, advice: str) -> None:
        """An extension without counterpart: a warning, and a change."""
        self.problems.warning("left-out", at, f"{sentence(title(at))} has {what}, which is left out.", advice)
        self.changed(at, f"{what} is left out")

    def definition(self, tag: str, reference: str | None, at: Element) -> Element | None:
        """The root element a reference means. A reference to nothing is a problem; an absent one is not."""
        if not reference:
            return None
        found = self.definitions.get((tag, local_reference(reference)))
        if found is None:
            self.problems.error(
                "dangling-reference",
                at,
                f'{sentence(title(at))} refers to the {tag} "{_short(reference)}", which the file does not define.',
                f"Choose one of the file's {tag}s, or add a <{tag}> with this id.",
            )
        return found


def local_reference(reference: str) -> str:
    """A reference is a QName: the prefix of the file's own namespace says nothing."""
    return reference.strip().rpartition(":")[2]


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"
