"""Are decision files with imports deployed, and their doubtful tables told?"""

from __future__ import annotations

import pytest
from support.decision_files import decision, definitions, input_data, literal, table

from engine.errors import DeploymentRefused
from engine.runtime import Engine, Resource
from engine.runtime.inputs import Actor

ANN = Actor("ann")
IMPORT = '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'


def library(value: str) -> bytes:
    return definitions(decision("rate", literal(value)), namespace="urn:lib").replace(b'id="file"', b'id="library"')


def importing(text: str = "lib.rate * 2") -> bytes:
    return definitions(IMPORT, decision("double", literal(text), needs=["urn:lib#rate"]))


def value_of(engine: Engine, name: str) -> object:
    result, _ = engine.evaluate_decision(decision_id=name, variables={}, actor=ANN)
    assert result.failure is None
    return result.value


def test_files_of_a_deployment_import_each_other_whatever_their_order(engine: Engine) -> None:
    deployed = engine.deploy([Resource("double.dmn", importing()), Resource("library.dmn", library("21"))], actor=ANN)
    assert {row.decision_id for row in deployed.decision_definitions} == {"double", "rate"}
    assert value_of(engine, "double") == 42


def test_an_import_that_was_deployed_before_is_found_and_stays_the_same(engine: Engine) -> None:
    engine.deploy([Resource("library.dmn", library("21"))], actor=ANN)
    first = engine.deploy([Resource("double.dmn", importing())], actor=ANN)
    engine.deploy([Resource("library.dmn", library("50"))], actor=ANN)
    assert value_of(engine, "double") == 42
    again = engine.deploy([Resource("double.dmn", importing())], actor=ANN)
    assert (first.decision_definitions[0].version, again.decision_definitions[0].version) == (1, 2)
    assert value_of(engine, "double") == 100


def test_a_new_version_of_an_import_makes_one_of_what_imports_it(engine: Engine) -> None:
    def files(rate: str) -> list[Resource]:
        return [Resource("double.dmn", importing()), Resource("library.dmn", library(rate))]

    engine.deploy(files("21"), actor=ANN)
    assert engine.deploy(files("21"), actor=ANN).is_duplicate
    changed = engine.deploy(files("5"), actor=ANN)
    assert {row.decision_id: row.version for row in changed.decision_definitions} == {"double": 2, "rate": 2}
    assert value_of(engine, "double") == 10


def test_a_restarted_engine_resolves_the_imports_again(database_url: str) -> None:
    with Engine(database_url) as engine:
        engine.deploy([Resource("double.dmn", importing()), Resource("library.dmn", library("21"))], actor=ANN)
    with Engine(database_url) as engine:
        assert value_of(engine, "double") == 42


def test_a_missing_import_refuses_the_deployment_and_names_the_file(engine: Engine) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy([Resource("other.dmn", library("1").replace(b"urn:lib", b"urn:x")), Resource("double.dmn", importing())], actor=ANN)
    missing = next(problem for problem in refused.value.problems if "urn:lib" in problem.message)
    assert (missing.severity, missing.file) == ("error", "double.dmn")
    assert missing.line is not None
    assert not any(problem.file == "other.dmn" and problem.severity == "error" for problem in refused.value.problems)


def test_a_table_with_a_gap_and_an_overlap_is_deployed_with_warnings(engine: Engine) -> None:
    rules = [["< 10", '"small"'], ["[5..20]", '"middle"']]
    file = definitions(input_data("amount", "number"), decision("size", table([("amount", "number")], ["out"], rules), inputs=["amount"]))
    deployed = engine.deploy([Resource("size.dmn", file)], actor=ANN)
    told = {problem.rule: problem for problem in deployed.warnings}
    assert set(told) == {"decision-gap", "decision-overlap"}
    assert all(problem.severity == "warning" and problem.file == "size.dmn" for problem in told.values())
    assert engine.evaluate_decision(decision_id="size", variables={"amount": 3}, actor=ANN)[0].value == "small"


def test_a_very_large_table_is_deployed_without_a_search_for_gaps(engine: Engine) -> None:
    rules = [[str(number), str(number)] for number in range(3001)]
    file = definitions(input_data("n", "number"), decision("big", table([("n", "number")], ["out"], rules), inputs=["n"]))
    deployed = engine.deploy([Resource("big.dmn", file)], actor=ANN)
    assert [problem.rule for problem in deployed.warnings] == ["decision-too-large"]
