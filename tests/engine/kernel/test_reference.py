"""Does SpiffWorkflow, on the shapes it runs correctly, complete what the kernel completes? And does the kernel run what it gets wrong?

Its wrong results are recorded here by the right ones: a join in a loop, an error that hits siblings, work that goes on after its
cancellation, event sub-processes, links and long loops are tested in the other files of this folder as well.
"""

import io
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from support.blocks import EXAMPLES, Block, Drawing, choices, work_off
from support.diagrams import process
from support.memory_engine import MemoryEngine

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def simple_blocks(depth: int = 3) -> st.SearchStrategy[Block]:
    """Sequences, exclusive and parallel branches, sub-processes: what SpiffWorkflow runs correctly."""
    leaf = st.just(Block("job"))
    if depth == 0:
        return leaf
    inner = simple_blocks(depth - 1)
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        leaf,
        st.builds(lambda parts: Block("seq", parts), several),
        several.flatmap(lambda parts: st.integers(0, len(parts) - 1).map(lambda i: Block("xor", parts, (i,)))),
        st.builds(lambda parts: Block("and", parts), several),
        st.builds(lambda part: Block("sub", [part]), inner),
    )


def by_spiff(xml: bytes) -> Counter[str]:
    """What SpiffWorkflow completes, by element id."""
    root = etree.fromstring(xml)
    for element in root.iter():
        if element.tag == f"{_BPMN}serviceTask":
            element.tag = f"{_BPMN}manualTask"
        if element.tag == f"{_BPMN}conditionExpression":
            element.text = {"=true": "True", "=false": "False"}[element.text]
    for extension in list(root.iter(f"{_BPMN}extensionElements")):
        extension.getparent().remove(extension)
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(etree.tostring(root)))
    workflow = BpmnWorkflow(parser.get_spec("process"), parser.get_subprocess_specs("process"))
    workflow.do_engine_steps()
    while ready := workflow.get_tasks(state=TaskState.READY, manual=True):
        ready[0].run()
        workflow.do_engine_steps()
    assert workflow.completed
    return Counter(task.task_spec.bpmn_id for task in workflow.get_tasks(state=TaskState.COMPLETED) if task.task_spec.bpmn_id)


@settings(max_examples=EXAMPLES, deadline=None)
@given(simple_blocks(), choices)
def test_both_complete_the_same_elements(block: Block, order: list[int]):
    drawing = Drawing(block)
    xml = drawing.diagram.xml()

    run = MemoryEngine(drawing.definition).start()
    work_off(run, order)

    theirs = by_spiff(xml)
    ours = Counter(run.completed)
    del ours["process"]
    assert {name: theirs[name] for name in ours} == dict(ours)


def test_a_loop_of_a_thousand_turns_comes_to_its_end():
    diagram = process().start().gateway("again").script_task("count", "=n + 1", "n").gateway("more").when("=n < 1000").to("again")

    run = MemoryEngine(diagram.at("more").otherwise().end().definition()).start(n=0)

    assert run.state == "COMPLETED"
    assert run.completed.count("count") == 1000


def test_many_diamonds_in_a_row_cost_what_they_contain():
    diagram = process().start()
    for n in range(14):
        diagram.parallel(f"split{n}").task(f"a{n}").parallel(f"join{n}").at(f"split{n}").task(f"b{n}").to(f"join{n}").at(f"join{n}")

    run = MemoryEngine(diagram.end().definition()).start()

    assert len(run.completed) == 14 * 4 + 3


def test_a_terminate_end_event_leaves_no_script_running():
    diagram = process().start().parallel("fork").end("stop", terminate=True).at("fork").task("slow").script_task("late", "=1", "x").end()

    run = MemoryEngine(diagram.definition()).start()

    assert run.state == "COMPLETED"
    assert run.variables == {}
