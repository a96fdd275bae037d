"""When does a value pass a test: `in`, and the cells of decision tables (DMN 1.5 §7.3.4 unary tests, §10.3.2.8 and Table 56)?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rules.feel.comparison import compare, equal, within
from rules.feel.compiler.scope import Code, Env, Scope
from rules.feel.run import Run
from rules.feel.syntax import In, Node, RangeLiteral, Tests, UnaryRange
from rules.feel.values import Range

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler

Test = Callable[[Env, object], "bool | None"]


def membership(compiler: Compiler, node: In, scope: Scope | None) -> Code:
    """`value in test` and `value in (test, test, …)`."""
    value = compiler.code(node.value, scope)
    checks = [_operand_test(compiler, test, scope) for test in node.tests]
    if len(checks) == 1:
        check = checks[0]
        return lambda env: check(env, value(env))

    def any_of(env: Env) -> object:
        return _any(env, value(env), checks)

    return any_of


def unary_tests(compiler: Compiler, tests: Tests) -> Code:
    """Code that tells whether the input `?` passes the tests of a cell."""
    checks = [_cell_test(compiler, test) for test in tests.tests]
    if not checks:
        return lambda _env: True

    def passes(env: Env) -> object:
        run: Run = env[1]
        result = _any(env, run.variables.get("?"), checks)
        if tests.negated:
            return None if result is None else not result
        return result

    return passes


def contains(run: Run, tested: object, candidate: object) -> bool | None:
    """Whether `candidate` includes, contains or equals the tested value."""
    if type(candidate) is Range:
        return within(tested, candidate)
    if type(candidate) is list:
        return _in_list(run, tested, cast(list[object], candidate))
    return compare(run, "=", tested, candidate)


def _in_list(run: Run, tested: object, items: list[object]) -> bool:
    run.spend(len(items) // 8)
    flat = not isinstance(tested, list)
    for item in items:
        if equal(tested, item) is True or (isinstance(item, Range) and within(tested, item) is True):
            return True
        if flat and isinstance(item, list) and _in_list(run, tested, cast(list[object], item)):
            return True
    return equal(tested, items) is True


def _operand_test(compiler: Compiler, node: Node, scope: Scope | None) -> Test:
    if isinstance(node, UnaryRange):
        return _comparison_test(compiler, node, scope)
    candidate = compiler.code(node, scope)
    if isinstance(node, RangeLiteral):
        return lambda env, tested: _in_range(tested, candidate(env))
    return lambda env, tested: contains(env[1], tested, candidate(env))


def _in_range(tested: object, range_: object) -> bool | None:
    return within(tested, range_) if isinstance(range_, Range) else None


def _comparison_test(compiler: Compiler, node: UnaryRange, scope: Scope | None) -> Test:
    operand, op = compiler.code(node.operand, scope), node.op
    return lambda env, tested: compare(env[1], op, tested, operand(env))


def _cell_test(compiler: Compiler, node: Node) -> Test:
    if isinstance(node, UnaryRange):
        return _comparison_test(compiler, node, None)
    before = compiler.uses_input
    compiler.uses_input = False
    expression = compiler.code(node, None)
    uses_input, compiler.uses_input = compiler.uses_input, before or compiler.uses_input
    if uses_input:
        return lambda env, _tested: expression(env) is True

    def check(env: Env, tested: object) -> bool | None:
        candidate = expression(env)
        if type(candidate) is bool and type(tested) is not bool:
            return candidate
        return contains(env[1], tested, candidate)

    return check


def _any(env: Env, tested: object, checks: list[Test]) -> bool | None:
    result: bool | None = False
    for check in checks:
        passed = check(env, tested)
        if passed is True:
            return True
        if passed is None:
            result = None
    return result
