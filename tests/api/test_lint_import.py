"""The import report of the command line: a verdict per element of a file that another editor wrote."""

import json
from pathlib import Path

from typer.testing import CliRunner

from api.cli import build

CAMUNDA_7 = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
             id="d" targetNamespace="t">
  <process id="p" isExecutable="true">
    <startEvent id="start" />
    <sequenceFlow id="f1" sourceRef="start" targetRef="charge" />
    <serviceTask id="charge" name="Charge" camunda:class="com.example.ChargeCard" />
    <sequenceFlow id="f2" sourceRef="charge" targetRef="end" />
    <endEvent id="end" />
  </process>
</definitions>
"""


def test_every_element_of_a_camunda_7_file_gets_a_verdict(tmp_path: Path) -> None:
    (tmp_path / "charge.bpmn").write_text(CAMUNDA_7)

    result = CliRunner().invoke(build(), ["lint", "--import", "--json", str(tmp_path / "charge.bpmn")])

    assert result.exit_code == 0, result.output
    (report,) = json.loads(result.stdout)["files"]
    verdicts = {element["id"]: element["verdict"] for element in report["elements"]}
    assert report["dialect"] == "camunda7" and report["isRunnable"] is True
    assert verdicts["start"] == "runs as is"
    assert verdicts["charge"] == "runs with a change"
    assert any("a job of type" in note for element in report["elements"] for note in element["notes"])


def test_a_file_that_cannot_run_fails_the_command_and_says_why(tmp_path: Path) -> None:
    broken = CAMUNDA_7.replace('targetRef="end"', 'targetRef="gone"')
    (tmp_path / "charge.bpmn").write_text(broken)

    result = CliRunner().invoke(build(), ["lint", "--import", str(tmp_path / "charge.bpmn")])

    assert result.exit_code == 1
    assert "refused" in result.stdout and "gone" in result.stdout
