"""Which closure evaluates a node? Dispatches to the families and collects what is static: free names, purity."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import assert_never

from rules.feel.builtins import BUILTINS, as_value
from rules.feel.compiler import calls, literals, loops, operators, paths, tests
from rules.feel.compiler.scope import Code, Env, FrameScope, Scope, copied, item_member, local, variable
from rules.feel.conformance import instance_of
from rules.feel.syntax import (
    AtLiteral,
    Between,
    Chain,
    Comparison,
    Conditional,
    ContextLiteral,
    For,
    FunctionDefinition,
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Member,
    Name,
    Negation,
    Node,
    Postfix,
    Quantified,
    RangeLiteral,
    UnaryRange,
)
from rules.feel.types import FeelType, NamedType

TypeResolver = Callable[[FeelType], FeelType | None]


def _only_known(type_: FeelType) -> FeelType | None:
    return None if isinstance(type_, NamedType) else type_


class Compiler:
    """Compiles the nodes of one expression."""

    def __init__(self, declared: Collection[str] = (), resolve_type: TypeResolver | None = None) -> None:
        self.declared = frozenset(declared)
        self.resolve_type: TypeResolver = resolve_type or _only_known
        self.free: set[str] = set()
        self.pure = True
        self.uses_input = False
        self.unknown_functions: set[str] = set()

    @property
    def is_constant(self) -> bool:
        """Whether what was compiled reads no variable and always has the same value."""
        return self.pure and all(name in BUILTINS and name not in self.declared for name in self.free)

    def code(self, node: Node, scope: Scope | None) -> Code:
        """The closure that evaluates the node in an environment of the scope."""
        match node:
            case Literal():
                return literals.constant(node.value)
            case Name():
                return self.name(node.name, scope)
            case AtLiteral():
                return literals.at_literal(node)
            case ListLiteral():
                return literals.list_(self, node, scope)
            case ContextLiteral():
                return literals.context(self, node, scope)
            case RangeLiteral() | UnaryRange():
                return literals.range_(self, node, scope)
            case Negation():
                return operators.negation(self, node, scope)
            case Chain():
                return operators.chain(self, node, scope)
            case Logic():
                return operators.logic(self, node, scope)
            case Comparison():
                return operators.comparison(self, node, scope)
            case Between():
                return operators.between(self, node, scope)
            case In():
                return tests.membership(self, node, scope)
            case InstanceOf():
                return self._instance_of(node, scope)
            case Conditional():
                return operators.conditional(self, node, scope)
            case For():
                return loops.for_(self, node, scope)
            case Quantified():
                return loops.quantified(self, node, scope)
            case FunctionDefinition():
                return calls.definition(self, node, scope)
            case Postfix():
                return paths.postfix(self, node, scope)
            case _:
                assert_never(node)

    def name(self, name: str, scope: Scope | None) -> Code:
        """Code for a name: a local slot, the member of a filtered item, a variable, or a built-in function."""
        if isinstance(scope, FrameScope):
            hops, inner = 0, scope
            while isinstance(inner, FrameScope):
                if name in inner.slots:
                    code = local(hops, inner.slots[name])
                    return copied(code) if name == inner.growing else code
                hops, inner = hops + 1, inner.outer
            if inner is None:
                return self._free(name)
        return self._dynamic(name, scope, 0)

    def glance(self, node: Node, scope: Scope | None) -> Code:
        """Code for a node whose value is only looked at, neither kept nor passed on: a growing list need not be copied."""
        hops, inner = 0, scope
        while isinstance(node, Name) and isinstance(inner, FrameScope):
            if node.name in inner.slots:
                return local(hops, inner.slots[node.name])
            hops, inner = hops + 1, inner.outer
        return self.code(node, scope)

    def is_local(self, name: str, scope: Scope | None) -> bool:
        """Whether the name is bound inside the expression."""
        while scope is not None:
            if isinstance(scope, FrameScope) and name in scope.slots:
                return True
            scope = scope.outer
        return False

    def exists(self, node: Node, scope: Scope | None) -> Code:
        """Code that tells whether a variable or entry exists, even when it is null."""
        if isinstance(node, Name) and not self.is_local(node.name, scope):
            self.free.add(node.name)
            name = node.name
            return lambda env: name in env[1].variables
        if isinstance(node, Postfix) and isinstance(node.steps[-1], Member):
            entry = node.steps[-1].name
            rest = node.steps[:-1]
            holder = self.code(Postfix(node.base, rest, node.at) if rest else node.base, scope)

            def has_entry(env: Env) -> bool:
                value = holder(env)
                return type(value) is dict and entry in value

            return has_entry
        value = self.code(node, scope)
        return lambda env: value(env) is not None

    def _dynamic(self, name: str, scope: Scope | None, hops: int) -> Code:
        while isinstance(scope, FrameScope):
            if name in scope.slots:
                code = local(hops, scope.slots[name])
                return copied(code) if name == scope.growing else code
            hops, scope = hops + 1, scope.outer
        if scope is None:
            return self._free(name)
        outer = self._dynamic(name, scope.outer, hops + 1) if name != "item" else local(hops, 2)
        scope.used = True
        return item_member(hops, name, outer)

    def _free(self, name: str) -> Code:
        if name == "?":
            self.uses_input = True
        self.free.add(name)
        fallback = as_value(name) if name in BUILTINS and name not in self.declared else None
        return variable(name, fallback)

    def _instance_of(self, node: InstanceOf, scope: Scope | None) -> Code:
        value = self.code(node.value, scope)
        type_ = self.resolve_type(node.type)
        if type_ is None:
            return literals.undefined(f"No type '{node.type}'")
        return lambda env: instance_of(value(env), type_)
