"""What is an agent? Its file, the rules it obeys, and the deployed version a process instance uses."""

from agent_tasks.definition.check import AgentDefinition, ParsedAgent, ParsedData, load_agent, parse_agent, parse_data

__all__ = ["AgentDefinition", "ParsedAgent", "ParsedData", "load_agent", "parse_agent", "parse_data"]
