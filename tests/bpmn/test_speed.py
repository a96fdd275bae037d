"""Does reading stay fast and linear, also where everything hangs on one element?"""

from time import process_time

import pytest
from support.diagram_text import diagram, flow, service

from bpmn import Limits, parse


def chain(length: int) -> bytes:
    tasks = [
        service(
            f"t{n}", f'<zeebe:taskDefinition type="work"/><zeebe:ioMapping><zeebe:input source="=a{n} + 1" target="b"/></zeebe:ioMapping>'
        )
        for n in range(length)
    ]
    flows = [flow(f"t{n}", f"t{n + 1}") for n in range(length - 1)]
    return diagram("\n".join([*tasks, *flows]))


def star(length: int) -> bytes:
    tasks = "".join(f'<task id="t{n}"/>{flow("fork", f"t{n}")}{flow(f"t{n}", "join")}' for n in range(length))
    return diagram(f'<parallelGateway id="fork"/><parallelGateway id="join"/>{tasks}')


def undo(length: int) -> bytes:
    return diagram(
        "".join(
            f'<task id="t{n}"/><boundaryEvent id="b{n}" attachedToRef="t{n}"><compensateEventDefinition/></boundaryEvent>'
            f'<task id="u{n}" isForCompensation="true"/><association sourceRef="b{n}" targetRef="u{n}"/>'
            for n in range(length)
        )
    )


def seconds(data: bytes) -> float:
    """Processor time, the best of three: other programs on the machine do not count."""
    times: list[float] = []
    for _ in range(3):
        began = process_time()
        assert parse(data, file="a.bpmn").errors == ()
        times.append(process_time() - began)
    return min(times)


@pytest.mark.parametrize("shape", [chain, star, undo])
def test_four_thousand_elements_are_read_in_half_a_second(shape: type, all_elements_run: None) -> None:
    parse(shape(10), file="warm.bpmn")
    data = shape(1300 if shape is undo else 2000)
    large = seconds(data)
    assert large < 0.5 * max(1, data.count(b" id=") / 4000)


@pytest.mark.parametrize("shape", [chain, star, undo])
def test_the_time_per_element_does_not_grow(shape: type, all_elements_run: None) -> None:
    parse(shape(10), file="warm.bpmn")
    small, large = seconds(shape(300)) / 300, seconds(shape(2000)) / 2000
    assert large < 3 * small


def test_a_chain_of_ten_thousand_is_no_recursion(all_elements_run: None) -> None:
    (process,) = parse(chain(10_000), file="a.bpmn", limits=Limits(elements=400_000)).processes
    assert len(process.nodes) == 10_000


def test_sub_processes_may_be_nested_deeply(all_elements_run: None) -> None:
    body = "".join(f'<subProcess id="s{n}">' for n in range(150)) + '<task id="t"/>' + "</subProcess>" * 150
    (process,) = parse(diagram(body), file="a.bpmn").processes
    assert process.nodes["t"].scope == "s149"
