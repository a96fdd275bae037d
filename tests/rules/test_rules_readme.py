"""Does the example of the README run as printed?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.decision_files import decision, definitions, table

README = Path(__file__).parents[2] / "rules" / "README.md"


def test_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [('"gold"', ">= 100", "20"), ('"gold"', "< 100", "10"), ('not("gold")', "-", "0")]
    file = definitions(decision("discount", table([("tier", "string"), ("amount", "number")], ["percent"], rows)))
    (tmp_path / "discount.dmn").write_bytes(file)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    example = example.replace('open("discount.dmn", "rb").read()', '__import__("pathlib").Path("discount.dmn").read_bytes()')

    exec(compile(example, str(README), "exec"), {})

    assert len([line for line in example.splitlines() if line.strip()]) <= 10
