"""Which module carries out which request?"""

from typing import Any, assert_never

from engine.runtime import (
    batches,
    decisions,
    deletion,
    deployments,
    instances,
    jobs,
    messages,
    migration,
    modification,
    requests,
    suspension,
    timers,
    user_tasks,
)
from engine.runtime.execution import Execution
from engine.runtime.sweeping import sweep


def carry_out(execution: Execution, request: requests.Request, to: messages.Messages) -> Any:
    """The answer to the request; its changes are in the workspace. Job activations are carried out after the flush, elsewhere."""
    match request:
        case requests.CompleteJobRequest():
            return jobs.complete(execution, request)
        case requests.CreateInstance():
            return instances.create(execution, request)
        case requests.FireTimerRequest():
            return timers.fire(execution, request)
        case requests.FailJob():
            return jobs.fail(execution, request)
        case requests.ThrowJobError():
            return jobs.throw_error(execution, request)
        case requests.UpdateJob():
            return jobs.update(execution, request)
        case requests.CompleteUserTaskRequest():
            return user_tasks.complete(execution, request)
        case requests.AssignUserTask():
            return user_tasks.assign(execution, request)
        case requests.UpdateUserTask():
            return user_tasks.update(execution, request)
        case requests.Publish():
            return messages.publish(execution, to, request)
        case requests.Correlate():
            return messages.correlate(execution, to, request)
        case requests.Broadcast():
            return messages.broadcast(execution, to, request)
        case requests.SetVariablesRequest():
            return instances.set_variables(execution, request)
        case requests.CancelInstance():
            return instances.cancel(execution, request)
        case requests.ModifyInstance():
            return instances.modify(execution, request)
        case requests.SuspendInstance():
            return suspension.suspend(execution, request)
        case requests.ResumeInstance():
            return suspension.resume(execution, request)
        case requests.MoveElements():
            return modification.move_elements(execution, request)
        case requests.PlanMigration():
            return migration.verdict(execution, request)
        case requests.MigrateInstance():
            return migration.migrate(execution, request)
        case requests.DeleteInstance():
            return deletion.delete(execution, request)
        case requests.CreateBatch():
            return batches.create(execution, request)
        case requests.WorkBatchItem():
            return batches.work_item(execution, request, lambda own, command: carry_out(own, command, to))
        case requests.FinishBatch():
            return batches.finish(execution, request)
        case requests.ChangeBatch():
            return batches.change(execution, request)
        case requests.ResolveIncident():
            return instances.resolve_incident(execution, request)
        case requests.ActivateAdHocRequest():
            return instances.activate_ad_hoc(execution, request)
        case requests.EvaluateDecision():
            return decisions.evaluate(execution, request)
        case requests.Deploy():
            return deployments.deploy(execution, request)
        case requests.Sweep():
            return sweep(execution, request)
        case requests.ActivateJobs() | requests.Write():
            raise AssertionError("the processor does these itself")
        case _:
            assert_never(request)
