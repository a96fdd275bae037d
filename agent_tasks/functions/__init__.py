"""Which computations come with this package?"""

from functools import lru_cache

from agent_tasks.functions import ask_for_information, classify_text, draft_reply, extract_facts, retrieve_articles, summarize_text
from agent_tasks.functions.registry import FunctionRegistry


@lru_cache(maxsize=1)
def builtin_functions() -> FunctionRegistry:
    """The registry of our own functions and those of installed packages."""
    return FunctionRegistry(
        {
            "gatewise.ask_for_information": ask_for_information.FUNCTION,
            "gatewise.classify_text": classify_text.FUNCTION,
            "gatewise.draft_reply": draft_reply.FUNCTION,
            "gatewise.extract_facts": extract_facts.FUNCTION,
            "gatewise.retrieve_articles": retrieve_articles.FUNCTION,
            "gatewise.summarize_text": summarize_text.FUNCTION,
        }
    )
