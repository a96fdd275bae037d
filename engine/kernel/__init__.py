"""How does a process instance move on? `advance` applies one command to the loaded state and returns the effects."""

from engine.kernel.advance import advance

__all__ = ["advance"]
