"""May a run go on with one more model call? Decided before the money is spent."""

from agent_tasks.definition.agent_file import Limits
from agent_tasks.errors import LimitExceeded
from agent_tasks.outcome import Usage


def check_before_call(agent_id: str, limits: Limits, used: Usage, expected: Usage) -> None:
    """Raises `LimitExceeded` when the next call, using what is expected of it at most, would go beyond a limit."""
    calls = used.model_calls + 1
    if calls > limits.model_calls:
        raise LimitExceeded(f"Agent {agent_id!r} may make {limits.model_calls} model calls in a run; call {calls} was not made.")
    if used.seconds >= limits.seconds:
        raise LimitExceeded(f"Agent {agent_id!r} may take {limits.seconds:g} s in a run; {used.seconds:.1f} s have been used.")
    if limits.tokens is not None:
        needed = used.input_tokens + used.output_tokens + expected.input_tokens + expected.output_tokens
        if needed > limits.tokens:
            raise LimitExceeded(
                f"Agent {agent_id!r} may use {limits.tokens} tokens in a run; the next call could bring it to {needed}. "
                f"Raise limits.tokens or lower limits.reply_tokens ({limits.reply_tokens})."
            )
    if limits.money is not None and used.money + expected.money > limits.money:
        raise LimitExceeded(
            f"Agent {agent_id!r} may spend ${limits.money:g} in a run; the next call could bring it to ${used.money + expected.money:.4f}. "
            "Raise limits.money or lower limits.reply_tokens."
        )


def seconds_left(limits: Limits, used: Usage) -> float:
    """How long the next call may take."""
    return max(0.1, min(limits.call_seconds, limits.seconds - used.seconds))
