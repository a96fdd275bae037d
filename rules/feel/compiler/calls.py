"""How are functions defined and called (DMN 1.5 §10.3.2.13)?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rules.feel.builtins import BUILTINS, Builtin, invoke, invoke_named
from rules.feel.compiler.literals import undefined
from rules.feel.compiler.scope import Code, Env, FrameScope, Scope
from rules.feel.inference import inferred_type
from rules.feel.invocation import call_function, call_named
from rules.feel.java import external_function
from rules.feel.names import did_you_mean
from rules.feel.run import Run, UndefinedError
from rules.feel.syntax import Call, FunctionDefinition
from rules.feel.types import ANY, BOOLEAN, NUMBER, STRING, FeelType
from rules.feel.values import Function

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler

_SCALARS = (NUMBER, BOOLEAN, STRING)


def definition(compiler: Compiler, node: FunctionDefinition, scope: Scope | None) -> Code:
    names = tuple(name for name, _ in node.parameters)
    types: list[FeelType] = []
    for name, declared in node.parameters:
        type_ = compiler.resolve_type(declared)
        if type_ is None:
            return undefined(f"No type '{declared}' for parameter '{name}'")
        types.append(type_)
    if len(set(names)) < len(names):
        return undefined("Two parameters of a function have the same name")
    if node.external:
        return _external(names, compiler.code(node.body, scope))
    body = compiler.code(node.body, FrameScope(scope, names))
    inferred = inferred_type(node.body)

    def define(env: Env) -> object:
        variables = env[1].variables

        def call(run: Run, arguments: Sequence[object]) -> object:
            if run.variables is variables:
                return body([env, run, *arguments])
            with run.scope(variables):
                return body([env, run, *arguments])

        return Function(names, tuple(types), ANY, call, inferred=inferred)

    return define


def _external(names: tuple[str, ...], mapping: Code) -> Code:
    def define(env: Env) -> object:
        run: Run = env[1]
        try:
            return external_function(names, mapping(env))
        except UndefinedError as reason:
            run.null(str(reason))
            return None

    return define


def named_function(compiler: Compiler, name: str, step: Call, scope: Scope | None) -> Code:
    """A call of something known by name: a built-in function or a variable."""
    if name in BUILTINS and name not in compiler.declared and not compiler.is_local(name, scope):
        return _builtin(compiler, name, step, scope)
    if name not in compiler.declared and not compiler.is_local(name, scope):
        compiler.unknown_functions.add(name)
        return _perhaps(compiler, name, step, scope)
    return value_call(compiler, compiler.name(name, scope), step, scope)


def _perhaps(compiler: Compiler, name: str, step: Call, scope: Scope | None) -> Code:
    """A call of what may be a variable, but hardly is a function."""
    function, call = compiler.name(name, scope), value_call(compiler, compiler.name(name, scope), step, scope)

    def try_call(env: Env) -> object:
        run: Run = env[1]
        if name in run.variables or function(env) is not None:
            return call(env)
        hint = did_you_mean(name, BUILTINS.keys())
        run.null(f"There is no function '{name}'{f'; {hint}' if hint else ''}")
        return None

    return try_call


def value_call(compiler: Compiler, function: Code, step: Call, scope: Scope | None) -> Code:
    """A call of a computed function."""
    arguments = [compiler.code(argument, scope) for argument in step.arguments]
    names = step.names
    if names is None:
        return lambda env: call_function(env[1], function(env), [argument(env) for argument in arguments])

    def call(env: Env) -> object:
        return call_named(env[1], function(env), {name: argument(env) for name, argument in zip(names, arguments, strict=True)})

    return call


def _builtin(compiler: Compiler, name: str, step: Call, scope: Scope | None) -> Code:
    signatures = BUILTINS[name]
    if not all(signature.pure for signature in signatures):
        compiler.pure = False
    if name == "is defined":
        return _is_defined(compiler, step, scope)
    looks_only = all(signature.result in _SCALARS for signature in signatures)
    arguments = [compiler.glance(argument, scope) if looks_only else compiler.code(argument, scope) for argument in step.arguments]
    names = step.names
    if names is not None:

        def call_by_name(env: Env) -> object:
            return invoke_named(env[1], signatures, {key: argument(env) for key, argument in zip(names, arguments, strict=True)})

        return call_by_name
    fitting: tuple[Builtin, ...] = tuple(signature for signature in signatures if signature.accepts(len(arguments)))
    if not fitting:
        return undefined(f"{name}() does not take {len(arguments)} arguments")
    if len(arguments) == 1:
        only = arguments[0]
        return lambda env: invoke(env[1], fitting, [only(env)])
    return lambda env: invoke(env[1], fitting, [argument(env) for argument in arguments])


def _is_defined(compiler: Compiler, step: Call, scope: Scope | None) -> Code:
    """`is defined(value)`: whether the variable or entry exists, even when it is null."""
    if len(step.arguments) != 1:
        return undefined("is defined() takes one argument")
    return compiler.exists(step.arguments[0], scope)
