"""Does the browser decide alike? Over 200 expressions through our FEEL and through feelin; every difference is on record."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rules.feel import compile_expression, to_json

HERE = Path(__file__).parent
NODE_MODULES = HERE.parents[1] / "web" / "node_modules"


def _sibling(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"agreement_{name}", HERE / f"{name}.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def _alike(ours: object, theirs: object) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return abs(ours - theirs) <= 1e-9 * max(1, abs(ours))
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(_alike, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_alike(ours[name], theirs[name]) for name in ours)
    return type(ours) is type(theirs) and ours == theirs


@pytest.mark.skipif(not (NODE_MODULES / "@bpmn-io" / "feelin").exists(), reason="the browser packages are not installed (npm ci in web/)")
def test_feelin_gives_the_same_values_but_for_the_differences_on_record() -> None:
    values, builtins, recorded = _sibling("test_feel_values"), _sibling("test_feel_builtins"), _sibling("feelin_differences")
    rows = [*values.LITERALS, *values.OPERATORS, *values.COLLECTIONS, *values.FUNCTIONS, *values.TYPES, *builtins.CASES]
    texts = [text for text, _ in rows]
    node = shutil.which("node") or str(Path(sys.executable).with_name("node"))

    child = subprocess.run(
        [node, str(HERE / "feelin_runner.mjs"), str(NODE_MODULES)],
        input=json.dumps([[text, values.CONTEXT] for text in texts]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    different = set()
    for text, answer in zip(texts, json.loads(child.stdout), strict=True):
        ours = to_json(compile_expression(text).evaluate(values.CONTEXT))
        if "error" in answer or not _alike(ours, answer["value"]):
            different.add(text)
    assert len(texts) > 200
    assert different == set(recorded.DIFFERENCES)
