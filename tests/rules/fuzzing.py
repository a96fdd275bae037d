"""Evaluates random and mutated expressions and decision files under an audit hook: `python fuzzing.py SEED EXPRESSIONS FILES`.

Prints a JSON summary: what crashed, what was slow, and which forbidden things Python was asked to do.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from test_feel_builtins import CASES  # noqa: E402
from test_feel_errors import WRONG  # noqa: E402
from test_feel_values import COLLECTIONS, CONTEXT, FUNCTIONS, LITERALS, OPERATORS, TYPES  # noqa: E402

from rules.dmn import DmnError  # noqa: E402
from rules.dmn.model import read_model  # noqa: E402
from rules.feel import FeelError, compile_expression, compile_unary_tests, to_json  # noqa: E402
from rules.feel.iso import find_zone  # noqa: E402

TEXTS = [row[0] for row in (*CASES, *LITERALS, *OPERATORS, *COLLECTIONS, *FUNCTIONS, *TYPES, *WRONG)]
PIECES = [piece for text in TEXTS for piece in re.findall(r"\w+|\s|[^\w\s]", text)]
PIECES += [
    "1e999",
    "999999999999",
    '"(a+)+$"',
    '"__import__"',
    "eval",
    "exec",
    "__class__",
    "\x00",
    "\\u",
    "𝄞",
    "../",
    '@"9999-12-31"',
    "`",
    "?",
]
FORBIDDEN = (
    "exec",
    "compile",
    "import",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
)
DECISION = b"""<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="n">
<itemDefinition name="t"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues></itemDefinition>
<inputData id="i" name="x"><variable name="x" typeRef="number"/></inputData>
<businessKnowledgeModel id="b" name="f"><encapsulatedLogic><formalParameter name="p"/>
<literalExpression><text>p + 1</text></literalExpression>
</encapsulatedLogic></businessKnowledgeModel>
<decision id="e" name="e"><variable name="e" typeRef="t"/><informationRequirement><requiredInput href="#i"/></informationRequirement>
<informationRequirement><requiredDecision href="#c"/></informationRequirement>
<decisionTable hitPolicy="COLLECT" aggregation="SUM"><input><inputExpression typeRef="number"><text>x</text></inputExpression></input>
<output name="o"/><rule><inputEntry><text>[1..5]</text></inputEntry><outputEntry><text>"a"</text></outputEntry></rule>
<rule><inputEntry><text>not(3, 4)</text></inputEntry><outputEntry><text>c.k[1]</text></outputEntry></rule></decisionTable></decision>
<decision id="c" name="c"><knowledgeRequirement><requiredKnowledge href="#b"/></knowledgeRequirement>
<context><contextEntry><variable name="k"/><list><literalExpression><text>f(x)</text></literalExpression></list></contextEntry></context>
</decision></definitions>"""


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 4)):
        kind, begin = chance.random(), chance.randint(0, len(text))
        end = min(len(text), begin + chance.randint(0, 6))
        if kind < 0.3:
            text = text[:begin] + text[end:]
        elif kind < 0.7:
            text = text[:begin] + chance.choice(PIECES) + text[begin:]
        elif kind < 0.85:
            text = text[:begin] + chance.choice(TEXTS) + text[end:]
        else:
            text = text[:begin] + text[begin:end] * chance.randint(2, 4) + text[end:]
    return text


def expression(chance: random.Random) -> str:
    if chance.random() < 0.2:
        return " ".join(chance.choice(PIECES) for _ in range(chance.randint(1, 15)))
    return mutated(chance.choice(TEXTS), chance)


def evaluate(text: str) -> None:
    compile_ = compile_unary_tests if len(text) % 5 == 0 else compile_expression
    to_json(compile_(text, names=["Monthly Salary"]).evaluate(CONTEXT))


def decide(data: bytes) -> None:
    model = read_model(data)
    for decision in model.decisions:
        model.evaluate(decision, {"x": 2}).to_json()
    model.lint()


def broken_file(chance: random.Random) -> bytes:
    data = bytearray(DECISION)
    for _ in range(chance.randint(1, 5)):
        begin = chance.randrange(len(data))
        if chance.random() < 0.5:
            data[begin : begin + chance.randint(0, 12)] = chance.choice(PIECES).encode("utf-8", "replace")
        else:
            data[begin:begin] = data[begin : begin + chance.randint(1, 60)]
    return bytes(data)


def main() -> None:
    seed, expressions, files = map(int, sys.argv[1:4])
    chance = random.Random(seed)
    asked: list[str] = []
    watching = False

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event.startswith(FORBIDDEN) and not str(arguments[0]).startswith("tzdata"):
            asked.append(f"{event} {arguments!r}"[:200])

    find_zone("Europe/Berlin")
    decide(DECISION)
    sys.addaudithook(hook)
    work = [(evaluate, expression(chance)) for _ in range(expressions)] + [(decide, broken_file(chance)) for _ in range(files)]
    crashes: list[str] = []
    slow: list[str] = []
    watching = True
    for act, material in work:
        started = time.process_time()
        try:
            act(material)  # type: ignore[operator]
        except (FeelError, DmnError):
            pass
        except BaseException as failure:
            crashes.append(f"{failure!r}: {material!r}")
        if time.process_time() - started > 0.1:
            slow.append(f"{time.process_time() - started:.2f} s: {material!r}")
    watching = False
    print(json.dumps({"crashes": crashes[:20], "slow": slow[:20], "asked": asked[:20], "done": len(work)}))


if __name__ == "__main__":
    main()
