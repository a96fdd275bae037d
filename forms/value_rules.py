"""Why does a field refuse a value? Answers in plain words, or None when it takes it."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from forms.expressions import evaluate
from forms.model import MULTIPLE_TYPES, OPTION_TYPES, Field, Form
from forms.moments import read_moment
from forms.options import Option, contains, is_same
from forms.pattern_syntax import PatternError
from forms.patterns import TooManyStepsError, compile_pattern
from forms.property_rules import decimal_of

MAX_TEXT: Final = 100_000
MAX_CHOICES: Final = 5_000
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_PHONE: Final = re.compile(r"(?:\+|00)[1-9][0-9]{6,14}")

REQUIRED: Final = "Fill in this field."
REQUIRED_CHOICE: Final = "Choose an option."
REQUIRED_CHECK: Final = "Tick this box to go on."


def refusal(form: Form, field: Field, value: Any, options: list[Option], context: Mapping[str, Any], now: datetime) -> str | None:
    """The first reason, checked in the order type, required, limits."""
    return (
        _wrong_type(field, value)
        or _missing(field, value)
        or _wrong_choice(field, value, options)
        or _over_limits(form, field, value, context, now)
    )


def _wrong_type(field: Field, value: Any) -> str | None:
    if value is None:
        return None
    match field.type:
        case "textfield" | "textarea":
            if not isinstance(value, str):
                return "Enter text."
            return f"Enter at most {MAX_TEXT:,} characters." if len(value) > MAX_TEXT else None
        case "number":
            wanted = str if field.properties.get("serializeToString") else int | float | Decimal
            fits = isinstance(value, wanted) and (value == "" or decimal_of(value) is not None)
            return None if fits else "Enter a number."
        case "checkbox":
            return None if isinstance(value, bool) else "This is ticked or not: send true or false."
        case "datetime":
            return None if isinstance(value, str) and len(value) <= 100 else "Enter a date or time as text."
        case "checklist" | "taglist":
            return None if isinstance(value, list) else "Choose from the list: send a list of values."
        case "filepicker":
            return None if value in ("", []) else "Files cannot be uploaded here."
        case _:
            return None


def _missing(field: Field, value: Any) -> str | None:
    if field.rules.get("required") is not True:
        return None
    if field.type == "checkbox":
        return None if value is True else REQUIRED_CHECK
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return REQUIRED_CHOICE if field.type in OPTION_TYPES else REQUIRED
    return None


def _wrong_choice(field: Field, value: Any, options: list[Option]) -> str | None:
    if field.type not in OPTION_TYPES or value is None:
        return None
    if field.type not in MULTIPLE_TYPES:
        return None if contains(options, value) else "Choose one of the options."
    if len(value) > MAX_CHOICES:
        return f"Choose at most {MAX_CHOICES:,} options."
    if not all(contains(options, item) for item in value):
        return "Choose only from the options."
    if any(is_same(value[i], other) for i in range(len(value)) for other in value[:i]):
        return "Choose each option once."
    return None


def _over_limits(form: Form, field: Field, value: Any, context: Mapping[str, Any], now: datetime) -> str | None:
    if value is None or value == "":
        return None
    match field.type:
        case "textfield" | "textarea":
            return _text_limits(form, field, value, context)
        case "number":
            return _number_limits(form, field, value, context)
        case "datetime":
            return _datetime_limits(field, value, now)
        case _:
            return None


def _text_limits(form: Form, field: Field, value: str, context: Mapping[str, Any]) -> str | None:
    length = len(value.strip())
    shortest = decimal_of(evaluate(form, field.rules.get("minLength"), context))
    longest = decimal_of(evaluate(form, field.rules.get("maxLength"), context))
    if shortest is not None and length < shortest:
        return f"Enter at least {shortest} characters; these are {length}."
    if longest is not None and length > longest:
        return f"Enter at most {longest} characters; these are {length}."
    kind = field.rules.get("validationType")
    if kind == "email" and not (len(value) <= 254 and _EMAIL.fullmatch(value)):
        return "Enter an e-mail address, like name@example.com."
    if kind == "phone" and not _PHONE.fullmatch(value):
        return "Enter a phone number with country code, like +4930664040900."
    return _pattern(field, value)


def _pattern(field: Field, value: str) -> str | None:
    pattern = field.rules.get("pattern")
    if not isinstance(pattern, str) or not pattern:
        return None
    try:
        if compile_pattern(pattern).matches(value):
            return None
    except TooManyStepsError:
        return "This text is too long to check. Shorten it."
    except PatternError:
        return "This field has an unusable pattern. Tell the owner of the form."
    message = field.rules.get("patternErrorMessage")
    return message if isinstance(message, str) and message else f"This must match the pattern {pattern}"


def _number_limits(form: Form, field: Field, value: Any, context: Mapping[str, Any]) -> str | None:
    number = decimal_of(value)
    if number is None:
        return "Enter a number."
    digits = field.properties.get("decimalDigits")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(digits, int) and isinstance(exponent, int) and -exponent > digits:
        return "Enter a whole number." if digits == 0 else f"Enter at most {digits} digits after the decimal point."
    least = decimal_of(evaluate(form, field.rules.get("min"), context))
    most = decimal_of(evaluate(form, field.rules.get("max"), context))
    if least is not None and number < least:
        return f"Enter {least} or more."
    if most is not None and number > most:
        return f"Enter {most} or less."
    step = decimal_of(field.properties.get("increment"))
    try:
        if step is not None and step > 0 and (rest := number % step) != 0:
            return f"Enter a multiple of {step}: the nearest are {number - rest} and {number - rest + step}."
    except InvalidOperation:
        return "This number is too large."
    return None


_MOMENTS: Final = {
    "date": "Enter a date, like 2026-03-31.",
    "time": "Enter a time, like 14:30.",
    "datetime": "Enter a date and time, like 2026-03-31T14:30.",
}


def _datetime_limits(field: Field, value: str, now: datetime) -> str | None:
    subtype = str(field.properties.get("subtype", "date"))
    moment = read_moment(value, subtype)
    if moment is None:
        return _MOMENTS.get(subtype, _MOMENTS["date"])
    day, clock = moment
    if day is not None and field.properties.get("disallowPassedDates") is True and day < _earliest_today(now):
        return "Choose today or a later date."
    interval = field.properties.get("timeInterval")
    zone_is_utc = field.properties.get("timeSerializingFormat") == "utc_normalized"
    if clock is not None and isinstance(interval, int) and interval > 1 and not zone_is_utc and (clock.hour * 60 + clock.minute) % interval:
        return f"Choose a time in steps of {interval} minutes."
    return None


def _earliest_today(now: datetime) -> date:
    """The day it still is somewhere on earth (UTC-12): a person's 'today' is never refused because of time zones."""
    utc = now.astimezone(UTC)
    return date.fromordinal(utc.toordinal() - (1 if utc.hour < 12 else 0))
