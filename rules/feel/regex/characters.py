"""Which characters does a character class hold?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from rules.feel.run import UndefinedError

Holds = Callable[[str], bool]

_CATEGORIES = frozenset(
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co Cn".split()  # noqa: SIM905
)
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Bengali": (0x0980, 0x09FF),
    "Tamil": (0x0B80, 0x0BFF),
    "Thai": (0x0E00, 0x0E7F),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "BoxDrawing": (0x2500, 0x257F),
    "BlockElements": (0x2580, 0x259F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
    "PrivateUse": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
    "Specials": (0xFFF0, 0xFFFF),
}


def one(character: str, *, ignore_case: bool) -> Holds:
    """The class of one character."""
    if ignore_case and (character.lower() != character or character.upper() != character):
        variants = _variants(character)
        return lambda found: found in variants
    return lambda found: found == character


def between(first: str, last: str, *, ignore_case: bool) -> Holds:
    """The class of the characters from first to last."""
    if not ignore_case:
        return lambda found: first <= found <= last
    return lambda found: any(first <= variant <= last for variant in _variants(found))


def either(holds: list[Holds]) -> Holds:
    """The union of classes."""
    if len(holds) == 1:
        return holds[0]
    return lambda found: any(test(found) for test in holds)


def neither(holds: Holds) -> Holds:
    """The complement of a class."""
    return lambda found: not holds(found)


def without(holds: Holds, removed: Holds) -> Holds:
    """The difference of two classes."""
    return lambda found: holds(found) and not removed(found)


def escape(letter: str) -> Holds:
    """The class of `\\s`, `\\d`, `\\w`, `\\i`, `\\c` and their complements."""
    holds = _ESCAPES[letter.lower()]
    return neither(holds) if letter.isupper() else holds


def property_class(name: str) -> Holds:
    """The class of `\\p{name}`; raises UndefinedError for an unknown one."""
    if name.startswith("Is"):
        block = _BLOCKS.get(name[2:])
        if block is None:
            raise UndefinedError(f"no Unicode block '{name}'")
        low, high = block
        return lambda found: low <= ord(found) <= high
    if name not in _CATEGORIES:
        raise UndefinedError(f"no Unicode category '{name}'")
    return lambda found: unicodedata.category(found).startswith(name)


def any_character(*, dot_all: bool) -> Holds:
    return (lambda _found: True) if dot_all else (lambda found: found not in "\n\r")


@lru_cache(maxsize=1024)
def _variants(character: str) -> frozenset[str]:
    variants = {character, character.lower(), character.upper()}
    variants |= {variant.lower() for variant in variants} | {variant.upper() for variant in variants}
    return frozenset(variant for variant in variants if len(variant) == 1)


def _is_word(found: str) -> bool:
    return unicodedata.category(found)[0] not in "PZC"


def _starts_name(found: str) -> bool:
    return found in "_:" or unicodedata.category(found)[0] == "L" or unicodedata.category(found) == "Nl"


def _in_name(found: str) -> bool:
    return found in "-._:\u00b7" or unicodedata.category(found) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Nd", "Mn", "Mc")


_ESCAPES: dict[str, Holds] = {
    "s": lambda found: found in " \t\n\r",
    "d": lambda found: unicodedata.category(found) == "Nd",
    "w": _is_word,
    "i": _starts_name,
    "c": _in_name,
}
