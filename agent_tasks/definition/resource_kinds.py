"""How do agent and data files take part in deployments?"""

from agent_tasks.definition.check import parse_agent, parse_data
from agent_tasks.functions import builtin_functions
from agent_tasks.functions.registry import FunctionRegistry
from engine.runtime.inputs import CheckedResource, Resource, ResourceKind


def agent_resource_kind(functions: FunctionRegistry | None = None) -> ResourceKind:
    """Files `*.agent.yaml`, stored as resources of kind `agent`."""

    def check(resource: Resource) -> CheckedResource:
        parsed = parse_agent(resource.content, file=resource.name, functions=functions or builtin_functions())
        return CheckedResource(parsed.id or resource.name, parsed.name or resource.name, parsed.problems)

    return ResourceKind(".agent.yaml", "agent", check)


def data_resource_kinds() -> tuple[ResourceKind, ResourceKind]:
    """Files `*.data.yaml` and `*.data.json`, stored as resources of kind `data`."""

    def check(resource: Resource) -> CheckedResource:
        parsed = parse_data(resource.content, file=resource.name)
        return CheckedResource(parsed.id or resource.name, parsed.name or parsed.id or resource.name, parsed.problems)

    return ResourceKind(".data.yaml", "data", check), ResourceKind(".data.json", "data", check)


def resource_kinds() -> tuple[ResourceKind, ...]:
    """All kinds of files that agents bring: give them to the engine."""
    return (agent_resource_kind(), *data_resource_kinds())
