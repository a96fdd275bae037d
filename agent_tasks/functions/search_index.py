"""Which articles speak of what is asked?

BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over words cut to stems of
at most seven letters.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_tasks.functions.text import FUNCTION_WORDS, folded, sentences, words

_K1 = 1.4
_B = 0.7
_STEM = 7
_STOP = frozenset(folded(word) for known in FUNCTION_WORDS.values() for word in known)


def terms(text: str) -> list[str]:
    """Stems of the words that carry meaning."""
    found = (folded(word).replace("-", "").replace("'", "") for word in words(text))
    return [word[:_STEM] for word in found if len(word) > 1 and word not in _STOP]


@dataclass(frozen=True, slots=True)
class Hit:
    """`coverage`: which share of the question's weight (by rarity of its words) the article has, 0 to 1."""

    index: int
    score: float
    coverage: float
    quote: str


class SearchIndex:
    """An index over texts given as (title, body); the title counts three times."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._bodies = [body for _, body in texts]
        self._counted = [Counter(terms(title) * 3 + terms(body)) for title, body in texts]
        self._lengths = [sum(counted.values()) for counted in self._counted]
        self._mean = sum(self._lengths) / max(1, len(texts))
        documents: Counter[str] = Counter()
        for counted in self._counted:
            documents.update(counted.keys())
        self._documents: Mapping[str, int] = documents
        self._unknown_idf = self._idf(0)

    def _idf(self, documents: int) -> float:
        return math.log(1 + (len(self._bodies) - documents + 0.5) / (documents + 0.5))

    def search(self, query: str, most: int, *, boost: Mapping[int, float] | None = None) -> list[Hit]:
        """The best articles first, only those with a score. `boost` multiplies the score of an article."""
        asked = Counter(terms(query))
        if not asked:
            return []
        # words that nobody wrote about count less against coverage than known ones: names, greetings, misspellings
        weight = {term: self._idf(self._documents[term]) if term in self._documents else self._unknown_idf * 0.25 for term in asked}
        total = sum(weight.values())
        hits: list[Hit] = []
        for index, counted in enumerate(self._counted):
            present = [term for term in asked if term in counted]
            if not present:
                continue
            norm = _K1 * (1 - _B + _B * self._lengths[index] / self._mean)
            score = sum(weight[t] * counted[t] * (_K1 + 1) / (counted[t] + norm) for t in present) * (boost or {}).get(index, 1.0)
            hits.append(Hit(index, round(score, 4), round(sum(weight[t] for t in present) / total, 4), ""))
        hits.sort(key=lambda hit: (-hit.score, hit.index))
        return [Hit(h.index, h.score, h.coverage, self._quote(h.index, weight)) for h in hits[:most]]

    def _quote(self, index: int, weight: Mapping[str, float]) -> str:
        """The sentence of the article that has the most of what was asked; word for word."""
        best, best_value = "", -1.0
        for sentence in sentences(self._bodies[index]):
            found = set(terms(sentence))
            value = sum(weight.get(term, 0.0) for term in found) / math.sqrt(4 + len(found))
            if value > best_value:
                best, best_value = sentence, value
        return best
