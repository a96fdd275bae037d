"""Which amounts of money and which dates does a text name?"""

import re
from dataclasses import dataclass
from datetime import date

_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN", "kr": "SEK", "fr.": "CHF"}
_CODES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "CAD",
    "AUD",
    "NZD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "INR",
    "CNY",
    "BRL",
    "MXN",
    "ZAR",
)
_WORDS = {
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "dólares": "USD",
    "pound": "GBP",
    "pounds": "GBP",
    "pfund": "GBP",
}
_WORDS |= {"franken": "CHF", "francs": "CHF", "złotych": "PLN"}
_CURRENCY = "|".join([*map(re.escape, _SYMBOLS), *_CODES, *_WORDS])
_NUMBER = r"\d{1,3}(?:[.,'  ]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,2})?(?!\d)"
_BEFORE = re.compile(rf"(?<![\w])(?P<currency>{_CURRENCY})\s?(?P<number>{_NUMBER})", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\w.,\-])(?P<number>{_NUMBER})(?:,-)?\s?(?P<currency>{_CURRENCY})(?!\w)", re.IGNORECASE)

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "january jan januar janvier enero gennaio januari janeiro",
        "february feb februar février febrero febbraio februari fevereiro",
        "march mar märz mars marzo maart março",
        "april apr avril abril aprile",
        "may mai mayo maggio mei maio",
        "june jun juni juin junio giugno junho",
        "july jul juli juillet julio luglio julho",
        "august aug août agosto augustus",
        "september sep sept septembre septiembre settembre setembro",
        "october oct oktober okt octobre octubre ottobre outubro",
        "november nov novembre noviembre novembro",
        "december dec dezember dez décembre diciembre dicembre dezembro",
    ),
    1,
):
    for _name in _names.split():
        _MONTHS[_name] = _number
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|er)?(?: of| de)? ({_MONTH})\.?,?(?: de)? (\d{{4}})(?!\d)", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    currency: str
    text: str
    start: int


def amounts(text: str) -> list[Amount]:
    """Numbers with a currency beside them, in order, each place once."""
    found: dict[int, Amount] = {}
    taken: set[int] = set()
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(text):
            span = range(*match.span("number"))
            if taken.isdisjoint(span):
                taken.update(span)
                found[match.start()] = Amount(number(match["number"]), _currency(match["currency"]), match.group().strip(), match.start())
    return [found[start] for start in sorted(found)]


def _currency(text: str) -> str:
    folded = text.casefold()
    return _SYMBOLS.get(folded) or _WORDS.get(folded) or text.upper()


def number(text: str) -> float:
    """The number that people mean by `1.234,56`, `1,234.56`, `1 234,56` or `1.200`: a last group of three is thousands."""
    digits = re.sub(r"['  ]", "", text)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(digits)
    whole, decimals = re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
    if len(decimals) == 3 and whole != "0":
        return float(whole + decimals)
    return float(f"{whole or 0}.{decimals or 0}")


def dates(text: str) -> tuple[list[str], list[str]]:
    """ISO dates in order of appearance, and texts such as `03/04/2026` that could be two days."""
    found: dict[int, str] = {}
    unclear: list[str] = []
    for pattern, order in ((_ISO, "ymd"), (_DOTTED, "dmy"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy")):
        for match in pattern.finditer(text):
            parts = dict(zip(order, match.groups(), strict=True))
            month = _MONTHS.get(parts["m"].casefold()) or int(parts["m"])
            if (day := _iso(int(parts["y"]), month, int(parts["d"]))) is not None:
                found.setdefault(match.start(), day)
    for match in _SLASHED.finditer(text):
        first, second, year = (int(part) for part in match.groups())
        readings = {day for day in (_iso(year, second, first), _iso(year, first, second)) if day}
        if len(readings) == 1:
            found.setdefault(match.start(), readings.pop())
        elif readings:
            unclear.append(match.group())
    return list(dict.fromkeys(found[start] for start in sorted(found))), unclear


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
