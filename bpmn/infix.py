"""How does a simple expression of an engine whose expressions are Python or Java read in FEEL? (It is taken apart, never run.)"""

import ast
import json
import re
from collections.abc import Callable

_COMPARISONS: dict[type[ast.cmpop], str] = {ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "{} + {}",
    ast.Sub: "{} - {}",
    ast.Mult: "{} * {}",
    ast.Div: "{} / {}",
    ast.Pow: "{} ** {}",
    ast.Mod: "modulo({}, {})",
    ast.FloorDiv: "floor({} / {})",
}
_FUNCTIONS = {"len": "count", "str": "string", "abs": "abs", "min": "min", "max": "max", "sum": "sum"}
_METHODS = {
    "lower": "lower case",
    "upper": "upper case",
    "startswith": "starts with",
    "endswith": "ends with",
    "contains": "contains",
    "get": "get value",
}
_JAVA = re.compile(r"""'[^']*'|"[^"]*"|&&|\|\||!(?!=)|(?<![\w.])(?:true|false|null)\b""")
_IN_PYTHON = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False", "null": "None"}


def infix_to_feel(text: str) -> str:
    """FEEL text without leading `=` for names, literals, comparisons, arithmetic, and/or/not, paths and a few functions.

    Raises ValueError for everything else.
    """
    if len(text) > 1000:
        raise ValueError("it is too long")
    try:
        return _feel(ast.parse(_JAVA.sub(_in_python, text).strip(), mode="eval").body)
    except (SyntaxError, MemoryError, RecursionError):
        raise ValueError("it is not a simple expression") from None


def _in_python(match: re.Match[str]) -> str:
    return _IN_PYTHON.get(match[0], match[0])


def _feel(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return _constant(node.value)
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_feel(value)}.{name}"
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            return f"get value({_feel(value)}, {json.dumps(key)})"
        case ast.Subscript(value=value, slice=ast.Constant(value=int(index))):
            return f"{_feel(value)}[{index + 1}]"
        case ast.BoolOp(op=op, values=values):
            return "(" + (" and " if isinstance(op, ast.And) else " or ").join(map(_feel, values)) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not({_feel(operand)})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{_feel(operand)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return f"({_OPERATORS[type(op)].format(_feel(left), _feel(right))})"
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            parts = [_comparison(one, op, other) for one, op, other in zip(sides, ops, comparators, strict=False)]
            return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return f"(if {_feel(test)} then {_feel(body)} else {_feel(orelse)})"
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return f"[{', '.join(map(_feel, items))}]"
        case ast.Call(func=function, args=arguments, keywords=[]):
            return _call(function, arguments)
        case _:
            raise ValueError(f'"{ast.unparse(node)[:60]}" has no counterpart')


def _constant(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return repr(value)
    raise ValueError(f"{value!r} has no counterpart")


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> str:
    if type(operator) in _COMPARISONS:
        return f"{_feel(left)} {_COMPARISONS[type(operator)]} {_feel(right)}"
    is_null = isinstance(right, ast.Constant) and right.value is None
    is_list = isinstance(right, ast.List | ast.Tuple)
    forms: list[tuple[type[ast.cmpop], bool, Callable[[], str]]] = [
        (ast.Is, is_null, lambda: f"{_feel(left)} = null"),
        (ast.IsNot, is_null, lambda: f"{_feel(left)} != null"),
        (ast.In, is_list, lambda: f"list contains({_feel(right)}, {_feel(left)})"),
        (ast.NotIn, is_list, lambda: f"not(list contains({_feel(right)}, {_feel(left)}))"),
    ]
    for kind, fits, form in forms:
        if isinstance(operator, kind) and fits:
            return form()
    raise ValueError("such a comparison has no counterpart")


def _call(function: ast.expr, arguments: list[ast.expr]) -> str:
    match function:
        case ast.Name(id=name) if name in _FUNCTIONS:
            return f"{_FUNCTIONS[name]}({', '.join(map(_feel, arguments))})"
        case ast.Attribute(value=value, attr=name) if name in _METHODS:
            return f"{_METHODS[name]}({', '.join(map(_feel, [value, *arguments]))})"
        case _:
            raise ValueError(f'the function "{ast.unparse(function)[:60]}" has no counterpart')
