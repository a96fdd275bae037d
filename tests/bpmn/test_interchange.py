"""Are the contents of a file told as other tools compare them, executable or not?"""

from support.diagram_text import flow, straight

from bpmn.interchange import contents


def test_nodes_flows_and_counts_at_every_depth() -> None:
    data = straight(
        f'<subProcess id="work" name="Do\nit"><task id="a"/><serviceTask id="b"/>{flow("a", "b")}</subProcess>',
        '<dataObject id="o"/><textAnnotation id="t"/>',
    ).replace(b' isExecutable="true"', b"")
    told = contents(data)
    assert not isinstance(told, tuple)
    assert [(node["id"], node["type"], node["name"]) for node in told["flow_nodes"]] == [
        ("start", "startEvent", None),
        ("work", "subProcess", "Do it"),
        ("a", "task", None),
        ("b", "serviceTask", None),
        ("end", "endEvent", None),
    ]
    assert {"id": "a_b", "source": "a", "target": "b"} in told["sequence_flows"] and len(told["sequence_flows"]) == 3
    assert {"process": 1, "dataObject": 1, "textAnnotation": 1}.items() <= told["other_counts"].items()


def test_what_cannot_be_read_gives_problems() -> None:
    for data, rule in ((b"<html/>", "not-bpmn"), (b"<a", "malformed-xml"), (b"<!DOCTYPE a><a/>", "doctype")):
        told = contents(data, file="a.bpmn")
        assert isinstance(told, tuple) and [problem.rule for problem in told] == [rule]
