"""What does a model call cost, in US dollars?

A price table of the deployment (`GATEWISE_PRICES`, a YAML file) comes first, then the public prices that ship with
genai-prices; a model that neither knows costs nothing, and the journal says that its price is unknown.

    models:
      "openai:gpt-5": {input: 1.25, output: 10.00}     # per million tokens
      "*": {input: 0, output: 0}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent_tasks.definition.yaml_lines import YamlRefused, load_with_lines
from agent_tasks.errors import FileRefused
from bpmn.model import Problem

_MILLION = 1_000_000


class Price(BaseModel):
    """Dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)


class _PriceFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    models: dict[str, Price]


@dataclass(frozen=True, slots=True)
class PriceTable:
    own: Mapping[str, Price]

    def cost(self, provider: str, model: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float | None:
        """Dollars for these tokens; None when no price is known. `cached_tokens` are among the input tokens."""
        price = self.own.get(f"{provider}:{model}") or self.own.get(model) or self.own.get("*")
        if price is not None:
            cached = price.input if price.cached is None else price.cached
            return ((input_tokens - cached_tokens) * price.input + cached_tokens * cached + output_tokens * price.output) / _MILLION
        from genai_prices import Usage, calc_price  # large: imported by those who ask a model

        used = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached_tokens)
        try:
            return float(calc_price(used, model, provider_id=provider).total_price)
        except (LookupError, ValueError):
            return None


def read_prices(path: str | None) -> PriceTable:
    """The price table of a file; an empty one without a path. Raises `FileRefused`."""
    if not path:
        return PriceTable({})
    try:
        lined = load_with_lines(Path(path).read_bytes())
        return PriceTable(_PriceFile.model_validate(lined.value).models)
    except OSError as error:
        problem = Problem("error", path, f"The price table cannot be read: {error.strerror}.", "Correct GATEWISE_PRICES.")
    except YamlRefused as refused:
        problem = Problem("error", path, refused.message, refused.advice, line=refused.line)
    except ValidationError as error:
        first = error.errors()[0]
        problem = Problem(
            "error", path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}.", "Give input and output per million tokens."
        )
    raise FileRefused([problem])
