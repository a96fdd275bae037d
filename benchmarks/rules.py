"""How fast are rules, beside those of SpiffWorkflow and feelin? One run on one machine: python benchmarks/rules.py [--json FILE]

The peers do the same work in their own dialect: SpiffWorkflow's script engine and tables are Python, feelin is FEEL in V8
(mini-racer), which parses anew at every evaluation, as its interface has it. Times are processor times (feelin's: wall times),
the best of five rounds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lxml import etree  # noqa: E402
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine  # noqa: E402
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine  # noqa: E402
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser  # noqa: E402

from rules.dmn import DecisionModel, parse_decisions  # noqa: E402
from rules.feel import compile_expression  # noqa: E402

CONDITION = 'triage.confidence >= 0.85 and risk.level != "high"'
VARIABLES: dict[str, Any] = {"triage": {"confidence": 0.91}, "risk": {"level": "low"}}
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: ours and a peer's in microseconds."""

    name: str
    ours: float
    peer: str
    theirs: float | None
    limit: float | None = None


def best(work: Callable[[], object], seconds: float = 0.15) -> float:
    """Microseconds of processor time of one call, the best of five rounds."""
    work()
    begun = time.process_time()
    work()
    calls = max(1, int(seconds / 5 / max(time.process_time() - begun, 1e-6)))
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(calls):
            work()
        rounds.append((time.process_time() - begun) / calls)
    return min(rounds) * 1e6


def table(rules: int, *, python: bool) -> bytes:
    """A table of three inputs; rule n takes amounts from 10 n to 10 n + 9."""
    rows = []
    for number in range(rules):
        low, high, least = number * 10, number * 10 + 9, number / (2 * rules)
        cells = (f"{low} <= ? <= {high}", '"new"', f"? >= {least}") if python else (f"[{low}..{high}]", '"new"', f">= {least}")
        tests = "".join(
            f'<inputEntry id="i{number}_{place}"><text><![CDATA[{cell}]]></text></inputEntry>' for place, cell in enumerate(cells)
        )
        rows.append(f'<rule id="r{number}">{tests}<outputEntry id="o{number}"><text>"route {number}"</text></outputEntry></rule>')
    inputs = "".join(
        f'<input id="i{name}" label="{name}"><inputExpression id="e{name}" typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in (("amount", "number"), ("tier", "string"), ("confidence", "number"))
    )
    return (
        f'<definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="bench"><decision id="route" name="route">'
        f'<decisionTable id="t" hitPolicy="UNIQUE">{inputs}<output id="o" name="route" typeRef="string"/>{"".join(rows)}'
        "</decisionTable></decision></definitions>"
    ).encode()


def inputs_for(rules: int) -> dict[str, Any]:
    return {"amount": rules * 5 + 3, "tier": "new", "confidence": 0.9}


def spiff_condition() -> float:
    engine = PythonScriptEngine()
    task: Any = SimpleNamespace(data={**VARIABLES["triage"], "level": "low"})
    return best(lambda: engine.evaluate(task, 'confidence >= 0.85 and level != "high"'))


def spiff_table(rules: int) -> tuple[float, float]:
    """Microseconds of one decision, and of reading the file."""
    data = table(rules, python=True)

    def read() -> Any:
        parser = DMNParser(None, etree.fromstring(data), {"dmn": NAMESPACE})
        parser.parse()
        return parser.decision.decisionTables[0]

    task: Any = SimpleNamespace(data=inputs_for(rules), workflow=SimpleNamespace(script_engine=PythonScriptEngine()))
    engine = DMNEngine(read())
    if engine.result(task) != {"route": f"route {rules // 2}"}:
        raise SystemExit(f"SpiffWorkflow decides otherwise: {engine.result(task)}")
    return best(lambda: engine.result(task)), best(read)


def feelin_condition() -> float | None:
    """Microseconds of one evaluation inside V8; None where feelin or mini-racer is not installed."""
    modules = ROOT / "web" / "node_modules"
    node = shutil.which("node")
    try:
        from py_mini_racer import MiniRacer
    except ImportError:
        return None
    if node is None or not (modules / "@bpmn-io" / "feelin").exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "feelin.js"
        subprocess.run(
            [
                node,
                str(modules / "esbuild" / "bin" / "esbuild"),
                str(modules / "@bpmn-io" / "feelin" / "dist" / "index.js"),
                "--bundle",
                "--format=iife",
                "--global-name=feelin",
                f"--outfile={bundle}",
                "--log-level=error",
            ],
            check=True,
            cwd=modules.parent,
        )
        machine = MiniRacer()
        machine.eval(bundle.read_text(encoding="utf-8"))
    machine.eval(
        f"""
        const text = {json.dumps(CONDITION)}, variables = {json.dumps(VARIABLES)};
        function round(calls) {{
          const begun = Date.now();
          for (let call = 0; call < calls; call++) feelin.evaluate(text, variables);
          return (Date.now() - begun) * 1000 / calls;
        }}
        round(300);
        """
    )
    return min(float(machine.eval("round(500)")) for _ in range(5))  # type: ignore[arg-type]


def ours_table(rules: int) -> tuple[DecisionModel, float, float]:
    data, variables = table(rules, python=False), inputs_for(rules)
    model = parse_decisions(data)
    if model.evaluate("route", variables).value != f"route {rules // 2}":
        raise SystemExit("The table decides otherwise")
    return model, best(lambda: model.evaluate("route", variables)), best(lambda: parse_decisions(data), seconds=1)


def measure() -> list[Row]:
    condition = compile_expression(CONDITION)
    ours = best(lambda: condition.evaluate(VARIABLES))
    rows = [
        Row("gateway condition", ours, "SpiffWorkflow", spiff_condition(), 5),
        Row("gateway condition", ours, "feelin in V8", feelin_condition(), 5),
        Row("compile the condition", best(lambda: compile_expression(CONDITION)), "", None),
    ]
    _, ten, _ = ours_table(10)
    model, thousand, reading = ours_table(1000)
    spiff_ten, _ = spiff_table(10)
    spiff_thousand, spiff_reading = spiff_table(1000)
    rows += [
        Row("table, 3 inputs, 10 rules", ten, "SpiffWorkflow", spiff_ten, 30),
        Row("table, 3 inputs, 1,000 rules", thousand, "SpiffWorkflow", spiff_thousand, ten * 10),
        Row("read and compile 1,000 rules", reading, "SpiffWorkflow", spiff_reading, 200_000),
    ]
    begun = time.process_time()
    model.lint()
    rows.append(Row("lint 1,000 rules", (time.process_time() - begun) * 1e6, "", None))
    return rows


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", metavar="FILE")
    options = arguments.parse_args()
    rows = measure()
    print(f"{'':32}{'ours':>12}  {'limit':>10}  peer")
    for row in rows:
        limit = "" if row.limit is None else f"{row.limit:,.0f} µs"
        peer = (
            f"{row.peer}: {row.theirs:,.1f} µs, {row.theirs / row.ours:,.1f} × ours"
            if row.theirs
            else f"{row.peer} not installed"
            if row.peer
            else ""
        )
        print(f"{row.name:32}{row.ours:>9,.1f} µs  {limit:>10}  {peer}")
    if options.json:
        report = [{"name": row.name, "ours_us": row.ours, "peer": row.peer, "peer_us": row.theirs, "limit_us": row.limit} for row in rows]
        Path(options.json).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
