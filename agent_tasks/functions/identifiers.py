"""Which order, invoice, policy and customer numbers does a text name?

By default a number is recognised by the word before it, in several languages; a config may give the exact shape of a
number instead, as a pattern of a small subset of regular expressions that always matches in linear time.
"""

import re
from collections.abc import Mapping
from re import _constants as sre  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser as sre_parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

_NUMBER_WORD = r"(?:\s*(?:number|numbers|no|nos|nr|num|nummer|numéro|número|numero|numer|id|ref|reference|code)\b\.?)?"
_LINK = r"\s*(?:is|was|are|lautet|ist|war|est|es|è|:|#|=|\(|-|–)?\s*#?\s*"
_VALUE = r"(?P<value>(?=[A-Za-z\-/]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-/](?=[A-Za-z0-9])){2,30})"
_KEYWORDS: dict[str, str] = {
    "orderNumber": r"order|purchase|bestell|bestellung|auftrags?|commande|pedido|ordine|bestelling|zamówienie|encomenda",
    "invoiceNumber": r"invoice|bill|rechnungs?|facture|factura|fattura|factuur|faktura|fatura",
    "policyNumber": r"policy|policen?|versicherungs?|police|póliza|polizza|polis|polisa|apólice",
    "customerNumber": r"customer|client|account|kunden?|konto|compte|cliente|cuenta|klant|klient|conta",
    "contractNumber": r"contract|vertrags?|contrat|contrato|contratto|umowa",
}
_DEFAULT: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"\b(?:{words}){_NUMBER_WORD}{_LINK}{_VALUE}(?![\w-])", re.IGNORECASE) for name, words in _KEYWORDS.items()
}
_LOOKS_LIKE_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}\Z|\d{1,2}/\d{1,2}/\d{2,4}\Z")
_LONGEST_REPEAT = 64


def default_names() -> tuple[str, ...]:
    return tuple(_KEYWORDS)


def find_identifiers(text: str, patterns: Mapping[str, list[str]]) -> dict[str, list[tuple[str, str]]]:
    """By name of the identifier: (number, the words it stands in), each number once, in order of appearance."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name in dict.fromkeys((*_KEYWORDS, *patterns)):
        if name in patterns:
            matches = [(m.group(), m.group()) for pattern in patterns[name] for m in _bounded(pattern).finditer(text)]
        else:
            matches = [(m["value"], m.group()) for m in _DEFAULT[name].finditer(text) if not _LOOKS_LIKE_DATE.match(m["value"])]
        once: dict[str, str] = {}
        for value, quote in matches:
            once.setdefault(value.upper(), re.sub(r"\s+", " ", quote).strip())
        found[name] = list(once.items())
    return found


def _bounded(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w]){pattern}(?![\w])", re.IGNORECASE)


def shape_problem(pattern: str) -> str | None:
    """Why a pattern for an identifier is refused; None when it is fine."""
    try:
        parsed = sre_parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"{pattern!r} is no pattern: {error}"
    return (
        None if _is_plain(parsed) and len(parsed) else f"{pattern!r} may only have letters, digits, signs, \\d, \\w, [A-Z], ? and {{n,m}}"
    )


def _is_plain(parsed: Any) -> bool:
    for operator, argument in parsed:
        if operator in (sre.LITERAL, sre.IN):
            continue
        if operator is sre.MAX_REPEAT:
            _, most, body = argument
            if most is sre.MAXREPEAT or most > _LONGEST_REPEAT or len(body) != 1 or body[0][0] not in (sre.LITERAL, sre.IN):
                return False
            continue
        return False
    return True
