"""Evaluating a FEEL expression, as seen from a scope or with variables given."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field as Member

from api.auth import NotPermitted, Permission
from api.rest.context import EngineHere, Evaluator
from api.rest.json_body import JsonRoute
from api.rest.wire import Answer, Ask, Key, Tenant, Variables
from rules.feel import to_json

router = APIRouter(tags=["Decisions"], route_class=JsonRoute)


class ExpressionRequest(Ask):
    expression: str = Member(min_length=1, max_length=100_000)
    variables: Variables | None = None
    scope_key: Key | None = None
    tenant_id: Tenant = None


class Warning(Answer):
    message: str


class ExpressionAnswer(Answer):
    """`warnings` say why a part of the expression is null."""

    expression: str
    result: Any
    warnings: list[Warning]
    referenced_secrets: tuple[str, ...] = ()


@router.post("/expression/evaluation")
def evaluate(engine: EngineHere, user: Evaluator, body: ExpressionRequest) -> ExpressionAnswer:
    if body.scope_key is not None and not user.may(Permission.READ_INSTANCES):
        raise NotPermitted(f"'{user.username}' may not read the variables of instances: leave scopeKey out.")
    found = engine.evaluate_expression(body.expression, body.variables or {}, body.scope_key)
    return ExpressionAnswer(
        expression=body.expression,
        result=to_json(found.value),
        warnings=[Warning(message=text) for text in found.warnings],
    )
