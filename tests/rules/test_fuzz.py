"""Does anything crash, hang or reach Python's own evaluation? Set GATEWISE_FUZZ to a number of expressions for a long run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_random_texts_only_raise_our_errors_and_never_reach_exec_or_import() -> None:
    count = int(os.environ.get("GATEWISE_FUZZ", "4000"))

    child = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("fuzzing.py")),
            os.environ.get("GATEWISE_FUZZ_SEED", "7"),
            str(count),
            str(count // 20),
        ],
        capture_output=True,
        text=True,
        timeout=60 + count / 20,
        check=False,
    )

    assert child.returncode == 0, child.stderr
    assert json.loads(child.stdout) == {"crashes": [], "slow": [], "asked": [], "done": count + count // 20}
