"""Where the user's files define what is only named at a place: a function, a hook, a custom Function."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import replace

from gradtui.diagnosis.source_text import SourceText, called_name
from gradtui.model.findings import Evidence
from gradtui.model.source import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef
ONCE = frozenset({"filter", "map", "iter", "chain", "from_iterable", "zip", "parameters", "named_parameters"})
"""Calls that give an iterator, which can be gone through once."""
FORWARD_HOOKS = ("register_forward_hook", "register_forward_pre_hook")


def functions(words: SourceText, name: str, near: str) -> list[tuple[str, Function]]:
    """Functions of this name in the file `near`, or else in all of the user's, each with its file."""
    for paths in ((near,), words.paths):
        found = [
            (path, node)
            for path in paths
            if name and name in words.file(path).text
            for node in words.file(path).functions
            if node.name == name
        ]
        if found:
            return found
    return []


def methods(words: SourceText, kind: str, name: str) -> list[tuple[str, Function]]:
    """Methods of this name in classes of another, each with its file."""
    return [
        (path, method)
        for path in words.paths
        for node in words.file(path).every(ast.ClassDef)
        if node.name == kind
        for method in node.body
        if isinstance(method, Function) and method.name == name
    ]


def decorated(words: SourceText, call: Site, names: frozenset[str]) -> Site | None:
    """The decorator of one of these names on the one function that a call can be of."""
    found = functions(words, words.call_name(call), call.file)
    for path, node in found if len(found) == 1 else ():
        for decorator in node.decorator_list:
            if called_name(decorator) in names:
                return words.site(replace(call, file=path, function=node.name), decorator)
    return None


def made_in(words: SourceText, site: Site, kinds: Collection[str]) -> bool:
    """Whether a place is in one of these classes, or in one that they derive from."""
    file = words.file(site.file)
    node = file.node(site) or file.statement(site)
    around = file.up(node) if node is not None else ()
    here = next((one.name for one in around if isinstance(one, ast.ClassDef)), "")
    return bool(here) and not derived(words, here).isdisjoint(kinds)


def derived(words: SourceText, name: str) -> set[str]:
    """The names of a class and of those that derive from it in the user's files."""
    classes = [node for path in words.paths for node in words.file(path).every(ast.ClassDef)]
    found, before = {name}, 0
    while len(found) > before:
        before = len(found)
        found |= {one.name for one in classes if not found.isdisjoint(map(called_name, one.bases))}
    return found


def given(words: SourceText, site: Site) -> tuple[str, Function] | None:
    """The function that a call is given first, where it is one that is defined once; a hook, mostly.

    Of `make(scale)`, which makes it, the one that is defined in `make`.
    """
    node = words.file(site.file).node(site)
    if not isinstance(node, ast.Call) or not node.args:
        return None
    found = functions(words, called_name(node.args[0]), site.file)
    if len(found) != 1:
        return None
    path, function = found[0]
    if isinstance(node.args[0], ast.Call):
        inner = [one for one in ast.walk(function) if isinstance(one, Function) and one is not function]
        return (path, inner[0]) if len(inner) == 1 else None
    return path, function


def may_give_back(words: SourceText, site: Site, made_in: str) -> bool:
    """Whether a call is given what another function than `made_in` makes, of the user's, which may give back
    what it was given: an augmentation whose strength is still zero."""
    node = words.file(site.file).node(site)
    for argument in node.args if isinstance(node, ast.Call) else ():
        made = _bound(words, site, [argument])
        name = called_name(made) if isinstance(made, ast.Call) else ""
        defined = functions(words, name, site.file) if name != made_in else []
        if any(_returns_an_argument(function) for _, function in defined):
            return True
    return False


def _returns_an_argument(function: Function) -> bool:
    arguments = {one.arg for one in (*function.args.posonlyargs, *function.args.args)}
    given = [one.value for one in ast.walk(function) if isinstance(one, ast.Return)]
    either = [[one.body, one.orelse] if isinstance(one, ast.IfExp) else [one] for one in given]
    return any(isinstance(one, ast.Name) and one.id in arguments for pair in either for one in pair)


def result(function: Function) -> ast.Return | None:
    """Its last `return` with a value."""
    found = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value)
    ]
    return max(found, key=lambda node: node.lineno, default=None)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def backward_of(words: SourceText, site: Site) -> list[Evidence]:
    """What the `backward` of the custom Function returns that a site applies: `Scale` of `Scale.apply(x)`."""
    name = words.receiver(site).rpartition(".")[2]
    for path, function in methods(words, name, "backward")[:1]:
        last = result(function) or function
        return [Evidence(path, last.lineno, "what its `backward` returns")]
    return []


def put_out_by_hook(words: SourceText, site: Site) -> bool:
    """Whether a place is in a forward hook that returns something: that takes the module's output's place."""
    file = words.file(site.file)
    node = file.node(site)
    for around in file.up(node) if node is not None else ():
        if isinstance(around, ast.Call) and called_name(around) in FORWARD_HOOKS:
            return True
    scope = file.function_at(site.line)
    if scope is None or result(scope) is None:
        return False
    return any(
        (one := given(words, call)) is not None and one[1] is scope
        for path in words.paths
        for name in FORWARD_HOOKS
        for call in words.calls(replace(site, file=path), name)
    )


def iterator_of(words: SourceText, built: Site, group: int) -> list[Evidence]:
    """Where the iterator is made that a group of an optimizer is given by its name, of the one built here."""
    groups = _bound(words, built, given_to(words, built))
    if isinstance(groups, ast.List) and group < len(groups.elts):
        element = groups.elts[group]
        items = zip(element.keys, element.values, strict=True) if isinstance(element, ast.Dict) else ()
        given = [value for key, value in items if isinstance(key, ast.Constant) and key.value == "params"]
        made = _bound(words, built, given)
        if made is not None and made not in given and gives_once(made):
            what = f"`{called_name(made)}(...)`" if isinstance(made, ast.Call) else "a generator"
            told = f"{what} gives everything once, and was gone through before"
            return [Evidence(built.file, made.lineno, told)]
    return []


def given_to(words: SourceText, built: Site) -> list[ast.expr]:
    """What the optimizer that is built here is given to hold."""
    node = words.file(built.file).node(built)
    if not isinstance(node, ast.Call):
        return []
    return [*node.args[:1], *(item.value for item in node.keywords if item.arg == "params")]


def gives_once(made: ast.AST) -> bool:
    """Whether an expression makes an iterator, which gives everything once."""
    return isinstance(made, ast.GeneratorExp) or called_name(made) in ONCE


def _bound(words: SourceText, site: Site, nodes: list[ast.expr]) -> ast.expr | None:
    """An expression, or what the name is bound to that it is; None where that can't be told."""
    if len(nodes) != 1:
        return None
    (node,) = nodes
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return node
    file = words.file(site.file)
    makers = words.makers(site, file.source(node))
    found = file.node(makers[0]) if len(makers) == 1 else None
    return found if isinstance(found, ast.expr) else None
