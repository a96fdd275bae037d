"""What the README of the agents says is accepted."""

import json
import re
from pathlib import Path

from agent_tasks.definition import parse_agent
from agent_tasks.functions import builtin_functions

README = (Path(__file__).parents[2] / "agent_tasks" / "README.md").read_text()


def test_the_agent_file_of_the_readme_is_accepted():
    [text] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    parsed = parse_agent(text.encode(), file="README.md")
    assert parsed.problems == ()
    assert parsed.agent is not None


def test_the_outcome_of_the_readme_has_the_keys_of_an_outcome():
    from agent_tasks.outcome import Outcome

    [text] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert json.loads(text).keys() == {*Outcome({}).to_json(), "agent", "runKey"}


def test_the_readme_names_all_functions():
    assert set(re.findall(r"^\| `(gatewise\.\w+)`", README, re.MULTILINE)) == set(builtin_functions().names())
