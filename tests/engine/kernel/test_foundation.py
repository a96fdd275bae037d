"""Do the elements of everyday processes behave as BPMN says? Tasks, exclusive and parallel gateways, scopes, cancellation."""

import pytest
from support.diagrams import process
from support.memory_engine import MemoryEngine

from engine.model import OpenJob, OpenUserTask, Refused


def test_service_task_opens_a_job_and_its_completion_ends_the_process():
    diagram = process().start().service_task("work", type="send-mail", retries="5", headers={"to": "all"}).end().definition()

    run = MemoryEngine(diagram).start(customer="c1")
    job = run.wait("work")
    assert isinstance(job, OpenJob)
    assert (job.type, job.retries, dict(job.headers)) == ("send-mail", 5, {"to": "all"})
    run.complete("work", sent=True)

    assert run.state == "COMPLETED"
    assert run.completed == ["start", "work", "end", "process"]
    assert run.flows == ["start__work", "work__end"]
    assert run.variables == {"customer": "c1", "sent": True}


def test_job_type_and_retries_may_be_feel():
    diagram = process().start().service_task("work", type='="send-" + channel', retries="=tries").end().definition()

    job = MemoryEngine(diagram).start(channel="mail", tries=7).wait("work")

    assert isinstance(job, OpenJob)
    assert (job.type, job.retries) == ("send-mail", 7)


def test_user_task_tells_who_may_do_it_until_when():
    diagram = (
        process()
        .start()
        .user_task(
            "approve",
            name="Approve it",
            assignee="=boss",
            candidate_groups="sales, support",
            candidate_users='=["ann", "bob"]',
            due="2030-02-01T08:00:00Z",
            follow_up="=now_at",
            priority="=80",
            form="approval",
        )
        .end()
        .definition()
    )

    run = MemoryEngine(diagram, forms={"approval": 77}).start(boss="carla", now_at="2030-01-15T10:00:00+02:00")
    task = run.wait("approve")

    assert isinstance(task, OpenUserTask)
    assert task.name == "Approve it"
    assert task.assignee == "carla"
    assert task.candidate_groups == ("sales", "support")
    assert task.candidate_users == ("ann", "bob")
    assert str(task.due_date) == "2030-02-01 08:00:00+00:00"
    assert str(task.follow_up_date) == "2030-01-15 08:00:00+00:00"
    assert (task.priority, task.form_key) == (80, 77)
    assert run.complete("approve", approved=True).variables["approved"] is True
    assert run.state == "COMPLETED"


def test_a_form_that_is_not_deployed_is_an_incident_until_it_is():
    engine = MemoryEngine(process().start().user_task("approve", form="approval").end().definition())
    run = engine.start()
    assert [i.kind for i in run.incidents] == ["FORM_NOT_FOUND"]

    engine.resources.forms = {"approval": 5}
    run.resolve()

    assert run.waiting == {"approve": 1}
    assert not run.incidents


def test_script_and_abstract_and_manual_tasks_pass_at_once():
    diagram = process().start().script_task("sum", "=a + b", "total").task("note").task("by_hand", tag="manualTask").end().definition()

    run = MemoryEngine(diagram).start(a=1, b=2)

    assert run.completed == ["start", "sum", "note", "by_hand", "end", "process"]
    assert run.variables["total"] == 3


@pytest.mark.parametrize(("amount", "way"), [(5, "small"), (50, "middle"), (500, "big")])
def test_exclusive_gateway_takes_the_first_true_condition_else_the_default(amount: int, way: str):
    diagram = (
        process()
        .start()
        .gateway("size")
        .when("=amount < 10")
        .end("small")
        .at("size")
        .when("=amount < 100")
        .end("middle")
        .at("size")
        .otherwise()
        .end("big")
        .definition()
    )

    run = MemoryEngine(diagram).start(amount=amount)

    assert run.completed == ["start", "size", way, "process"]


def test_condition_that_is_null_is_an_incident_at_the_gateway_and_resolving_it_asks_again():
    diagram = process().start().gateway("size").when("=amount < 10").end("small").at("size").otherwise().end("big").definition()

    run = MemoryEngine(diagram).start()
    assert [(i.element_id, i.kind) for i in run.incidents] == [("size", "CONDITION_ERROR")]
    run.resolve()
    assert len(run.incidents) == 1
    run.set(amount=5)
    run.resolve()

    assert run.state == "COMPLETED"
    assert run.completed == ["start", "size", "small", "process"]


def test_gateway_without_a_true_condition_and_without_default_is_an_incident():
    diagram = process().start().gateway("x").when("=a = 1").end("one").at("x").when("=a = 2").end("two").definition()

    run = MemoryEngine(diagram).start(a=3)

    assert [i.kind for i in run.incidents] == ["CONDITION_ERROR"]
    assert "default flow" in run.incidents[0].message


def test_parallel_branches_run_beside_each_other_and_join():
    diagram = (
        process().start().parallel("fork").service_task("a").parallel("join").service_task("after").end()
        .at("fork").service_task("b").to("join").definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    assert run.waiting == {"a": 1, "b": 1}
    run.complete("b")
    assert run.waiting == {"a": 1}
    run.complete("a")
    assert run.waiting == {"after": 1}
    run.complete("after")

    assert run.completed.count("join") == 1
    assert run.state == "COMPLETED"


@pytest.mark.parametrize("orders", [["ab", "ba", "ab"], ["ba", "ab", "ba"], ["ab", "ab", "ba"]])
def test_parallel_join_in_a_loop_waits_for_both_branches_in_every_round(orders: list[str]):
    diagram = (
        process().start().gateway("again").parallel("fork").service_task("a").parallel("join").service_task("review").gateway("ok")
        .when("=round < 3").to("again").at("ok").otherwise().end().at("fork").service_task("b").to("join").definition()
    )  # fmt: skip
    run = MemoryEngine(diagram).start(round=0)

    for turn, order in enumerate(orders, 1):
        for branch in order:
            assert run.waiting["review"] == 0
            run.complete(branch)
        assert run.waiting == {"review": 1}
        run.complete("review", round=turn)

    assert run.state == "COMPLETED"
    assert run.completed.count("join") == 3
    assert run.completed.count("review") == 3


def test_two_tokens_on_one_flow_do_not_make_a_pair():
    diagram = (
        process().start().parallel("fork").gateway("merge").parallel("join").end("joined")
        .at("fork").to("merge").at("fork").service_task("slow").to("join").definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    assert run.completed.count("merge") == 2
    assert "join" not in run.completed
    run.complete("slow")

    assert run.completed.count("join") == 1
    assert run.state == "ACTIVE"  # the second token waits for a partner that never comes


def test_several_flows_out_of_a_task_and_missing_ends_are_implicit_forks_and_ends():
    diagram = process().start().task("a").service_task("b").at("a").service_task("c").definition()

    run = MemoryEngine(diagram).start()
    assert run.waiting == {"b": 1, "c": 1}
    run.complete("b")
    assert run.state == "ACTIVE"
    run.complete("c")

    assert run.state == "COMPLETED"


def test_conditional_flows_out_of_a_task_are_taken_where_they_hold():
    diagram = (
        process().start().task("a").when("=x > 1").end("one").at("a").when("=x > 2").end("two").at("a").otherwise().end("rest").definition()
    )

    assert MemoryEngine(diagram).start(x=3).completed == ["start", "a", "one", "two", "process"]
    assert MemoryEngine(diagram).start(x=2).completed == ["start", "a", "one", "process"]
    assert MemoryEngine(diagram).start(x=0).completed == ["start", "a", "rest", "process"]


def test_parallel_gateway_heeds_no_conditions():
    diagram = process().start().parallel("fork").when("=false").end("a").at("fork").end("b").definition()

    assert MemoryEngine(diagram).start().completed == ["start", "fork", "a", "b", "process"]


def test_terminate_end_ends_everything_else_in_its_scope_only():
    diagram = (
        process().start().parallel("fork").service_task("outside").end("end_outside").at("fork")
        .sub_process("inner").start("s").parallel("f").service_task("left").end("stop", terminate=True)
        .at("f").user_task("right").end("e").done()
        .service_task("next").end("end_next").definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    run.complete("left")

    assert run.waiting == {"outside": 1, "next": 1}
    assert run.cancelled == ["right"]
    assert "inner" in run.completed


def test_terminate_at_the_top_completes_the_process():
    diagram = (
        process().start().parallel("fork").service_task("a").end("stop", terminate=True).at("fork")
        .sub_process("sub").start("s").service_task("b").end("e").done().end().definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    run.complete("a")

    assert run.state == "COMPLETED"
    assert run.cancelled == ["b", "sub"]


def test_sub_process_is_a_scope_of_variables():
    diagram = (
        process().start().sub_process("sub", inputs={"local": "=1"}, outputs={"result": "=local + 1"}).start("s").service_task("w")
        .end("e").done().service_task("after").end().definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    run.complete("w", local=41, other="stays at the root")

    assert run.variables == {"other": "stays at the root", "result": 42}
    assert run.waiting == {"after": 1}


def test_call_activity_runs_another_process_and_takes_its_variables():
    parent = process("parent").start().call("callee", "child").service_task("after").end().definition()
    child = process("child").start().service_task("w").end().definition()
    engine = MemoryEngine(parent, child)

    run = engine.start(a=1)
    inner = run.children[0]
    assert inner.variables == {"a": 1}
    inner.complete("w", b=2)

    assert inner.state == "COMPLETED"
    assert run.variables == {"a": 1, "b": 2}
    assert run.waiting == {"after": 1}


def test_call_activity_with_mappings_passes_only_what_is_mapped():
    parent = (
        process("parent").start().call("callee", "child", all_parent=False, all_child=False, inputs={"x": "=a"}, outputs={"y": "=b"}).end()
    ).definition()  # fmt: skip
    child = process("child").start().service_task("w").end().definition()
    engine = MemoryEngine(parent, child)

    run = engine.start(a=1, secret=2)
    inner = run.children[0]
    assert inner.variables == {"x": 1}
    inner.complete("w", b=5, c=6)

    assert run.variables == {"a": 1, "secret": 2, "y": 5}


def test_unknown_called_process_is_an_incident():
    run = MemoryEngine(process().start().call("callee", "nowhere").end().definition()).start()

    assert [i.kind for i in run.incidents] == ["CALLED_ELEMENT_ERROR"]


def test_endless_recursion_ends_in_an_incident():
    engine = MemoryEngine(process("self").start().call("again", "self").end().definition())

    engine.start()

    assert len(engine.instances) == 1001
    assert [len(i.incidents) for i in engine.instances[-2:]] == [0, 1]


def test_cancel_ends_everything_and_the_called_process_too():
    parent = (
        process("parent").start().parallel("fork").call("callee", "child").end("e1").at("fork").user_task("u").end("e2").at("fork")
        .sub_process("sub").start("s").catch("wait", timer="PT1H").end("e").done().end("e3").definition()
    )  # fmt: skip
    child = process("child").start().service_task("w").end().definition()
    engine = MemoryEngine(parent, child)
    run = engine.start()

    run.cancel()

    assert run.state == "TERMINATED"
    assert run.children[0].state == "TERMINATED"
    assert sorted(run.cancelled) == ["callee", "parent", "sub", "u", "wait"]
    assert not engine.refused or all(type(c).__name__ == "ChildEnded" for c in engine.refused)


def test_commands_to_what_has_ended_are_refused():
    engine = MemoryEngine(process().start().service_task("w").end().definition())
    run = engine.start()
    run.complete("w")

    with pytest.raises(Refused):
        run.cancel()


def test_input_and_output_mappings_build_nested_contexts():
    diagram = (
        process().start()
        .service_task("w", inputs={"who.name": "=customer", "who.age": "=30", "text": "plain"}, outputs={"report.ok": "=done"})
        .end().definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start(customer="Eva", report={"kept": 1})
    key = run.keys_of("w")[0]
    assert run.local(key) == {"who": {"name": "Eva", "age": 30}, "text": "plain"}
    run.complete("w", done=True, dropped=1)

    assert run.variables == {"customer": "Eva", "report": {"kept": 1, "ok": True}}


def test_a_mapping_that_fails_is_an_incident_and_nothing_is_lost():
    diagram = process().start().service_task("w", outputs={"x": '=assert(n, n > 0, "n must be positive")'}).end().definition()

    run = MemoryEngine(diagram).start()
    run.complete("w", n=0)
    assert [i.kind for i in run.incidents] == ["IO_MAPPING_ERROR"]
    run.set(scope=run.keys_of("w")[0], local=True, n=3)
    run.resolve()

    assert run.state == "COMPLETED"
    assert run.variables == {"x": 3}


def test_variables_land_in_the_nearest_scope_that_has_them():
    diagram = (
        process().start().sub_process("sub", inputs={"a": "=1"}).start("s").service_task("w", inputs={"b": "=1"}).service_task("v")
        .end("e").done().end().definition()
    )  # fmt: skip

    run = MemoryEngine(diagram).start()
    key = run.keys_of("w")[0]
    run.complete("w", a=2, b=2, c=2)

    assert run.local(key)["b"] == 2
    assert run.local(run.keys_of("sub")[0]) == {"a": 2}
    assert run.variables == {"c": 2}


def test_endless_loop_becomes_an_incident_and_can_go_on():
    diagram = (
        process().start().gateway("again").script_task("count", "=n + 1", "n").gateway("enough").when("=n < 100").to("again").at("enough")
    )
    diagram = diagram.otherwise().end().definition()

    run = MemoryEngine(diagram, step_budget=50).start(n=0)
    assert [i.kind for i in run.incidents] == ["STEP_LIMIT_EXCEEDED"]
    while run.incidents:
        run.resolve()

    assert run.state == "COMPLETED"
    assert run.completed.count("count") == 100
