"""How are jobs done by agents? Their files, runs, journals and workers."""

from agent_tasks.definition import AgentDefinition, load_agent, parse_agent
from agent_tasks.definition.resource_kinds import agent_resource_kind, data_resource_kinds, resource_kinds

__all__ = ["AgentDefinition", "agent_resource_kind", "data_resource_kinds", "load_agent", "parse_agent", "resource_kinds"]
