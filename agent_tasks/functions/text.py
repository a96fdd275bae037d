"""What words, sentences and languages does a text have?

Works on Unicode letters of any script; nothing here knows one language better than another, except the short lists of
function words by which a text's language is told.
"""

import re
import unicodedata
from collections import Counter

LONGEST_TEXT = 50_000  # characters looked at; what follows is ignored

_FEW_WORDS = 8
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*|\d+(?:[.,]\d+)*", re.UNICODE)
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'»”)]*\s+|\n\s*\n|\n(?=\s*[-*•])")
_ABBREVIATION = re.compile(r"(?:\b(?:no|nr|mr|mrs|ms|dr|st|bzw|ca|z\.b|e\.g|i\.e|etc|tel|str|art|inv|ref)|\b[a-z])\.$", re.IGNORECASE)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": _set(
        "the and is are was were of to in it you i my your for with not have has had this that on be can could would please what when how "
        "do did but from they we our me if about been will there which why does an"
    ),
    "de": _set(
        "der die das und ist sind war nicht ich sie wir mein meine ihr ihre für mit von zu den dem ein eine einen auf habe haben hat bitte "
        "wie was wann warum aber auch noch wurde werden bei nach aus kann können mir mich es im ins oder wenn"
    ),
    "fr": _set(
        "le la les et est sont je vous nous mon ma mes votre vos pour avec pas de des du un une que qui dans sur ne ce cette bonjour merci "
        "comment pourquoi mais ai avez été au aux il elle en par plus"
    ),
    "es": _set(
        "el la los las y es son yo usted mi mis su sus para con no de del un una que en por se lo como cuando pero ha he hola gracias "
        "favor está esta este muy más al me"
    ),
    "it": _set(
        "il lo la gli le e è sono io voi mio mia per con non di del della un una che in sul come quando ma ho ha grazie buongiorno questo "
        "questa più mi si al alla"
    ),
    "nl": _set(
        "de het een en is zijn ik u wij mijn uw voor met niet van te in op dat die wat hoe wanneer maar heb heeft graag dank kan kunnen "
        "bij naar aan er nog ook"
    ),
    "pt": _set(
        "o a os as e é são eu você meu minha para com não de do da um uma que em por se como quando mas tenho tem obrigado olá está este "
        "esta mais ao"
    ),
    "pl": _set("i w na nie jest są się z do to że mój moja dla od jak kiedy ale mam ma proszę dziękuję dzień dobry czy co po za przez"),
}


def normalized(text: str) -> str:
    """NFKC, without control and format characters, so that hidden letters cannot split words."""
    text = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
    return "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else "" for c in text)


def words(text: str) -> list[str]:
    """Case-folded words and numbers, in order."""
    return [match.group().casefold() for match in _WORD.finditer(text)]


def folded(word: str) -> str:
    """The word without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def sentences(text: str) -> list[str]:
    """The sentences of a text, as they stand, without surrounding blanks."""
    found: list[str] = []
    carried = ""
    for piece in _SENTENCE_END.split(text):
        piece = f"{carried} {piece.strip()}".strip() if carried else piece.strip()
        if _ABBREVIATION.search(piece) and len(piece) < 400:
            carried = piece
            continue
        carried = ""
        if piece:
            found.append(re.sub(r"\s+", " ", piece))
    if carried:
        found.append(carried)
    return found


def languages(text: str) -> list[str]:
    """ISO 639-1 codes of the languages a text is written in, the most used first; empty where it cannot be told.

    A further language is named when at least eight words, and a quarter of those that can be told, stand in sentences of it.
    """
    counted: Counter[str] = Counter()
    for sentence in sentences(text)[:200]:
        tokens = words(sentence)
        if language := _language(tokens):
            counted[language] += len(tokens)
    if not counted:
        whole = _language(words(text))
        return [whole] if whole else []
    told = sum(counted.values())
    first, *others = counted.most_common()
    return [first[0], *(language for language, n in others if n >= _FEW_WORDS and n * 4 >= told)]


def _language(tokens: list[str]) -> str | None:
    hits = {language: sum(token in known for token in tokens) for language, known in FUNCTION_WORDS.items()}
    best, second = sorted(hits.values(), reverse=True)[:2]
    if best == 0 or best == second or (best == 1 and len(tokens) > 3):
        return None
    return max(hits, key=hits.__getitem__)
