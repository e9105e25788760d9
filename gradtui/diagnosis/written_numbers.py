"""The numbers that a call is written with: what is added to a norm, the dimensions of a permutation.

The trace has the tensors of a call alone. Where the text doesn't say a number, it is None.
"""

from __future__ import annotations

import ast

from gradtui.diagnosis.source_text import SourceText, called_name
from gradtui.model.source import Site

LITTLE = 1e-3
"""Below it is what keeps a divisor from being zero; what bounds one, or shifts it, is about 1."""
FOLLOWED = 4
"""Names that are followed to a number: an attribute, the argument it is set from, that one's default."""
LIMITS = frozenset({"eps", "tiny", "smallest_normal"})
"""Of `torch.finfo`, and all of them little."""
EITHER_WAY = frozenset({"maximum", "max"})
"""Of their two arguments each may be the number."""


def adds_little(words: SourceText, site: Site) -> bool:
    """Whether an addition or a clamp from below is by one number, and that a little one."""
    node = words.file(site.file).node(site)
    match node:
        case ast.BinOp():
            parts, last = [node.left, node.right], False
        case ast.AugAssign():
            parts, last = [node.value], True
        case ast.Call() if all(one.arg in ("min", "other") for one in node.keywords):
            parts = [*node.args, *(one.value for one in node.keywords)]
            last = called_name(node) not in EITHER_WAY
        case _:
            return False
    numbers = [number(words, site, part) for part in parts]
    known = [abs(one) for one in numbers if one is not None]
    if len(parts) > 2 or len(known) != 1 or (last and numbers[-1] is None):
        return False
    return known[0] < LITTLE


def argument(words: SourceText, site: Site, name: str, place: int, default: float) -> float | None:
    """The number that the call which a site is has for an argument, by its name or its place."""
    node = words.file(site.file).node(site)
    if not isinstance(node, ast.Call) or any(isinstance(one, ast.Starred) for one in node.args):
        return None
    if any(one.arg is None for one in node.keywords):
        return None
    given = [one.value for one in node.keywords if one.arg == name] or node.args[place : place + 1]
    return number(words, site, given[0]) if given else default


def dimensions(words: SourceText, site: Site) -> list[int]:
    """The whole numbers that a method is called with, also as a tuple; none where some isn't known."""
    node = words.file(site.file).node(site)
    if not isinstance(node, ast.Call) or node.keywords:
        return []
    parts = node.args
    if len(parts) == 1 and isinstance(parts[0], (ast.Tuple, ast.List)):
        parts = parts[0].elts
    numbers = [number(words, site, part) for part in parts]
    return [int(one) for one in numbers if one is not None] if None not in numbers else []


def written_alike(words: SourceText, one: Site, other: Site, *, operands: bool) -> bool:
    """Whether two expressions are written with the same constants and indices.

    Where of the `operands` of both one is a tensor, the other one is the same text too: `a / t` and `b / t`.
    """
    nodes = [words.file(site.file).node(site) for site in (one, other)]
    if isinstance(nodes[0], ast.Subscript) and isinstance(nodes[1], ast.Subscript):
        return ast.dump(nodes[0].slice) == ast.dump(nodes[1].slice)
    parts = [_parts(node) for node in nodes]
    constants = [sorted(repr(part.value) for part in of if isinstance(part, ast.Constant)) for of in parts]
    if constants[0] != constants[1]:
        return False
    texts = [{ast.dump(part) for part in of} for of in parts]
    both = all(isinstance(node, ast.BinOp) for node in nodes)
    return not (operands and both) or not texts[0].isdisjoint(texts[1])


def varies_by_run(words: SourceText, site: Site) -> bool:
    """Whether an expression may be by another number each time that it is run: by an argument of its function
    that isn't what it is done to, or by an index that has a name."""
    file = words.file(site.file)
    node, scope = file.node(site), file.function_at(site.line)
    if isinstance(node, ast.Subscript):
        return any(isinstance(one, ast.Name) for one in ast.walk(node.slice))
    if not isinstance(node, (ast.BinOp, ast.Call)) or scope is None:
        return False
    arguments = {one.arg for one in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs)}
    parts = [*_parts(node)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        parts.append(node.func.value)
    names = [
        part.id
        for part in parts
        if isinstance(part, ast.Name) and (part.id in arguments or number(words, site, part) is None)
    ]
    return len(names) > 1 and not arguments.isdisjoint(names)


def _parts(node: ast.AST | None) -> list[ast.expr]:
    """What an operator or a call is written with, but for what stands before a method's dot."""
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.Call():
            return [*node.args, *(one.value for one in node.keywords)]
        case _:
            return []


def number(words: SourceText, site: Site, node: ast.expr, depth: int = FOLLOWED) -> float | None:
    """The number that an expression is; of a name the largest that it is ever bound to."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub()):
            inner = number(words, site, node.operand, depth)
            return None if inner is None else -inner
        case ast.BinOp(left=ast.Constant(value=int() | float() as base), op=ast.Pow()):
            power = number(words, site, node.right, depth)
            return None if power is None or not 0 < base <= 10 or abs(power) > 99 else float(base**power)
        case ast.Attribute(value=ast.Call() as made) if node.attr in LIMITS and called_name(made) == "finfo":
            return LITTLE / 2
        case ast.Call(args=[first]) if called_name(node) in ("tensor", "float"):
            return number(words, site, first, depth)
        case ast.Name() | ast.Attribute() if depth:
            return _bound(words, site, node, depth - 1)
        case _:
            return None


def _bound(words: SourceText, site: Site, node: ast.Name | ast.Attribute, depth: int) -> float | None:
    file = words.file(site.file)
    scope = file.function_at(site.line)
    default = _default(scope.args, node.id) if scope is not None and isinstance(node, ast.Name) else None
    if default is not None:
        return number(words, site, default, depth)
    found: list[float] = []
    for maker in words.makers(site, file.source(node)):
        value = file.node(maker)
        one = number(words, maker, value, depth) if isinstance(value, ast.expr) else None
        if one is None:
            return None
        found.append(one)
    return max(found, key=abs, default=None)


def _default(arguments: ast.arguments, name: str) -> ast.expr | None:
    """What an argument of a function is where it isn't given."""
    places = [*arguments.posonlyargs, *arguments.args]
    by_place = zip(reversed(places), reversed(arguments.defaults), strict=False)
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return next((made for one, made in (*by_place, *by_name) if one.arg == name and made is not None), None)
