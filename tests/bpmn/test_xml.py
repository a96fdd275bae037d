"""Is anything but plain, modest XML refused, with a problem and never an exception?"""

# ruff: noqa: E501 (lines of XML)

import random

import pytest
from support.diagram_text import HEAD, diagram, straight

from bpmn import Limits, parse

GOOD = straight('<task id="work"/>')


def only_problem(data: bytes, **limits: int) -> tuple[str, int | None]:
    parsed = parse(data, file="a.bpmn", limits=Limits(**limits))
    assert parsed.processes == ()
    (problem,) = parsed.problems
    assert problem.severity == "error" and problem.file == "a.bpmn" and problem.message and problem.advice
    return problem.rule, problem.line


def test_a_good_file_has_no_problems() -> None:
    parsed = parse(GOOD, file="a.bpmn")
    assert parsed.problems == () and [process.id for process in parsed.processes] == ["p"]


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\0\0"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    assert only_problem(data) == ("empty-file", None)


def test_a_doctype_is_refused_with_its_line() -> None:
    for doctype in ('<!DOCTYPE x [<!ENTITY e "v">]>', '<!doctype x SYSTEM "file:///etc/passwd">'):
        assert only_problem(f'<?xml version="1.0"?>\n<!-- a <b> -->\n{doctype}\n<x/>'.encode()) == ("doctype", 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_doctype_is_found_in_every_encoding(encoding: str) -> None:
    assert only_problem("<?xml version='1.0'?>\n<!DOCTYPE x>\n<x/>".encode(encoding)) == ("doctype", 2)


def test_entities_never_expand() -> None:
    bomb = '<!DOCTYPE l [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};">' for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert only_problem((bomb + "]>\n<l>&h;</l>").encode()) == ("doctype", 1)


def test_malformed_xml_is_refused_with_its_line() -> None:
    assert only_problem(GOOD.replace(b"</process>", b"</proces>")) == ("malformed-xml", 9)


def test_noise_is_refused() -> None:
    noise = random.Random(5)
    for size in (1, 10, 1000, 1_000_000):
        assert only_problem(noise.randbytes(size) + b"x")[0] in ("malformed-xml", "empty-file")


@pytest.mark.parametrize("encoding", ["no-such-encoding", "utf-7", "latin-1", "ibm037"])
def test_a_wrong_encoding_declaration_is_no_exception(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?>\n<x>\xe4</x>'.encode("latin-1")
    assert parse(data, file="a.bpmn").errors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_name_survives_its_encoding(encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + straight('<task id="work" name="Prüfung"/>').decode()
    (process,) = parse(text.encode(encoding), file="a.bpmn").processes
    assert process.nodes["work"].name == "Prüfung"


def test_size_elements_and_depth_are_limited() -> None:
    assert only_problem(GOOD, size=100) == ("file-too-large", None)
    assert only_problem(GOOD, elements=5)[0] == "too-many-elements"
    assert only_problem(GOOD, depth=2)[0] == "too-deep"
    assert only_problem(b"<a>" * 5000 + b"</a>" * 5000)[0] == "too-deep"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html><body/></html>", "web page"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "DMN"),
        (b'<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "<process>"),
        (b'<definitions xmlns="urn:else"/>', "urn:else"),
        (b"<definitions/>", "without a namespace"),
    ],
)
def test_what_is_not_bpmn_is_named(data: bytes, words: str) -> None:
    (problem,) = parse(data, file="a").problems
    assert problem.rule == "not-bpmn" and problem.line == 1 and words in problem.message


def test_foreign_namespaces_and_comments_pass() -> None:
    head = HEAD.replace("<definitions ", '<definitions xmlns:x="urn:x" x:a="1" ')
    body = '<!-- c --><?pi p?><startEvent id="s" x:color="red"><extensionElements><x:deep><x:er a="1">t</x:er></x:deep></extensionElements></startEvent>'
    parsed = parse(diagram(body, '<x:root id="s"/>', head=head), file="a.bpmn")
    assert parsed.errors == () and "s" in parsed.processes[0].nodes
