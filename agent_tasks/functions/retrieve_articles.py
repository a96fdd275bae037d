"""Function `gatewise.retrieve_articles`: which approved articles answer a question?"""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent_tasks.errors import FunctionFailed
from agent_tasks.functions.registry import AgentFunction, DataSet, FunctionCall, FunctionResult
from agent_tasks.functions.search_index import SearchIndex
from agent_tasks.functions.text import normalized

_INDEXES_KEPT = 8
_SAME_TOPIC = 1.3
_SAME_LANGUAGE = 1.5


class Config(BaseModel):
    """`minimum_coverage`: articles that have less of the question than this are not given."""

    model_config = ConfigDict(extra="forbid", strict=True)

    articles: str
    top: int = Field(default=3, ge=1, le=20)
    minimum_coverage: float = Field(default=0.15, ge=0, le=1)


def retrieve_articles(call: FunctionCall) -> FunctionResult:
    """Inputs: `query`, and optionally `topic` and `language`, which lift articles that have the same.

    Value: {articles: [{id, title, score, coverage, quote, topic, language, url}], found, coverage}. Confidence: coverage of
    the best article (measured). Evidence: the quotes.
    """
    config = Config.model_validate(dict(call.config))
    data = call.data.load(config.articles)
    index, articles = _INDEXES.get(data)
    boost: dict[int, float] = {}
    for position, article in enumerate(articles):
        for key, factor in (("topic", _SAME_TOPIC), ("language", _SAME_LANGUAGE)):
            wanted = call.inputs.get(key)
            if wanted and article.get(key) == wanted:
                boost[position] = boost.get(position, 1.0) * factor
    query = normalized(str(call.inputs.get("query") or call.inputs.get("text") or ""))
    hits = [hit for hit in index.search(query, config.top, boost=boost) if hit.coverage >= config.minimum_coverage]
    found = [_as_json(articles[hit.index], hit) for hit in hits]
    coverage = max((hit.coverage for hit in hits), default=0.0)
    evidence = [{"source": f"article:{each['id']}", "quote": each["quote"], "score": each["score"]} for each in found]
    notes = {"articles": {"id": data.id, "sha256": data.sha256, "approved": len(articles), "all": len(data.items)}}
    return FunctionResult({"articles": found, "found": bool(found), "coverage": coverage}, coverage, "measured", "low", evidence, notes)


def _as_json(article: Mapping[str, Any], hit: Any) -> dict[str, Any]:
    named = {key: article.get(key) for key in ("id", "title", "topic", "language", "url")}
    return {**named, "score": hit.score, "coverage": hit.coverage, "quote": hit.quote}


def approved(data: DataSet) -> list[Mapping[str, Any]]:
    """The articles that may be used: those of status `approved` or without a status."""
    articles: list[Mapping[str, Any]] = []
    for position, item in enumerate(data.items, 1):
        if missing := [key for key in ("id", "title", "body") if not isinstance(item.get(key), str)]:
            raise FunctionFailed(f"Article {position} of {data.id!r} must have the text {missing[0]!r}.")
        if item.get("status", "approved") == "approved":
            articles.append(item)
    return articles


class _Indexes:
    """Indexes by content of their articles, the most recently used kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[SearchIndex, list[Mapping[str, Any]]]] = OrderedDict()
        self._lock = Lock()

    def get(self, data: DataSet) -> tuple[SearchIndex, list[Mapping[str, Any]]]:
        with self._lock:
            if (kept := self._kept.get(data.sha256)) is None:
                articles = approved(data)
                kept = SearchIndex([(str(a["title"]), normalized(str(a["body"]))) for a in articles]), articles
                self._kept[data.sha256] = kept
                while len(self._kept) > _INDEXES_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(data.sha256)
            return kept


_INDEXES = _Indexes()

FUNCTION = AgentFunction(retrieve_articles, Config, data_keys=("articles",))
