"""How are members read, lists filtered and function values called (DMN 1.5 §10.3.2.5 and Tables 59 to 61)?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING, cast

from rules.feel.builtins import BUILTINS
from rules.feel.compiler.calls import named_function, value_call
from rules.feel.compiler.scope import Code, Env, FilterScope, FrameScope, Scope
from rules.feel.conversion import PLAIN, to_feel
from rules.feel.properties import member
from rules.feel.run import Run
from rules.feel.syntax import Call, Filter, Literal, Member, Name, Negation, Postfix, Step
from rules.feel.values import type_name

if TYPE_CHECKING:
    from rules.feel.compiler.compiler import Compiler

_LONG = 40
_SO_FAR = "\0so far"


def postfix(compiler: Compiler, node: Postfix, scope: Scope | None) -> Code:
    if len(node.steps) > _LONG:
        return _long(compiler, node, scope)
    base, first = node.base, node.steps[0]
    steps = node.steps
    if isinstance(base, Name) and isinstance(first, Call):
        code = named_function(compiler, base.name, first, scope)
        steps = steps[1:]
    elif isinstance(base, Name) and isinstance(first, Member) and scope is None and base.name not in BUILTINS and base.name != "?":
        names = [step.name for step in takewhile(_is_member, steps) if isinstance(step, Member)]
        steps = steps[len(names) :]
        compiler.free.add(base.name)
        code = _variable_path(base.name, tuple(names))
    else:
        code = compiler.glance(base, scope) if isinstance(first, Filter) else compiler.code(base, scope)
    for step in steps:
        match step:
            case Member():
                code = _member(code, step.name)
            case Filter():
                code = _filter(compiler, code, step, scope)
            case Call():
                code = value_call(compiler, code, step, scope)
    return code


def _long(compiler: Compiler, node: Postfix, scope: Scope | None) -> Code:
    """A chain too long for one closure inside the other: piece by piece, the value so far in a slot."""
    first = postfix(compiler, Postfix(node.base, node.steps[:_LONG], node.at), scope)
    frame = FrameScope(scope, (_SO_FAR,))
    pieces = [
        postfix(compiler, Postfix(Name(_SO_FAR), node.steps[begin : begin + _LONG], node.at), frame)
        for begin in range(_LONG, len(node.steps), _LONG)
    ]

    def read(env: Env) -> object:
        value = first(env)
        for piece in pieces:
            value = piece([env, env[1], value])
        return value

    return read


def _is_member(step: Step) -> bool:
    return isinstance(step, Member)


def _member(base: Code, name: str) -> Code:
    def read(env: Env) -> object:
        value = base(env)
        if isinstance(value, dict):
            entries = cast(dict[str, object], value)
            if name in entries:
                return entries[name]
            value = entries
        return member(env[1], value, name)

    return read


def _variable_path(root: str, names: tuple[str, ...]) -> Code:
    """`variable.member.member` read without converting more than the value at its end."""
    key = (root, *names)

    def read(env: Env) -> object:
        run: Run = env[1]
        try:
            value = run.variables[root]
        except KeyError:
            run.missing(root)
            return None
        for name in names:
            if isinstance(value, Mapping):
                entries = cast(Mapping[str, object], value)
                try:
                    value = entries[name]
                except KeyError:
                    value = member(run, to_feel(entries), name)
            else:
                value = member(run, value if run.trusted else to_feel(value), name)
        kind = type(value)
        if kind in PLAIN or run.trusted:
            return value
        if kind is list or kind is dict:
            if key not in run.memo:
                run.memo[key] = to_feel(value)
            return run.memo[key]
        return to_feel(value)

    return read


def _filter(compiler: Compiler, base: Code, step: Filter, scope: Scope | None) -> Code:
    condition = step.condition
    if isinstance(condition, Negation) and isinstance(condition.operand, Literal) and isinstance(condition.operand.value, Decimal):
        condition = Literal(-condition.operand.value)
    if isinstance(condition, Literal) and isinstance(condition.value, Decimal):
        index = condition.value
        return lambda env: item_at(env[1], as_list(base(env)), index)
    inner = FilterScope(scope)
    code = compiler.code(condition, inner)
    if not inner.used:
        return _filter_once(base, code)

    def select(env: Env) -> object:
        run: Run = env[1]
        items = as_list(base(env))
        run.spend(len(items))
        result: list[object] = []
        for item in items:
            wanted = code([env, run, item])
            if wanted is True:
                result.append(item)
            elif type(wanted) is Decimal:
                return item_at(run, items, wanted)
        return result

    return select


def _filter_once(base: Code, condition: Code) -> Code:
    """A filter whose condition does not look at the items."""

    def select(env: Env) -> object:
        run: Run = env[1]
        items = as_list(base(env))
        wanted = condition([env, run, None])
        if type(wanted) is Decimal:
            return item_at(run, items, wanted)
        if wanted is True:
            return list(items)
        if wanted is not False:
            run.null(f"A filter needs a boolean or a number, not a {type_name(wanted)}")
        return []

    return select


def as_list(value: object) -> list[object]:
    """The value itself when it is a list, nothing for null, else a list of one."""
    if type(value) is list:
        return cast(list[object], value)
    return [] if value is None else [value]


def item_at(run: Run, items: list[object], index: Decimal) -> object:
    """The item at a position from 1, or from -1 backwards; null outside."""
    position = int(index)
    if index == position:
        if 1 <= position <= len(items):
            return items[position - 1]
        if -len(items) <= position <= -1:
            return items[position]
    run.null(f"No item {index} in a list of {len(items)}")
    return None
