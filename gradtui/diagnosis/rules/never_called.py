"""A module with a `backward` of its own, which nobody calls: autograd knows those of Functions only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.source_text import called_name
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.source import Site

GRADIENTS = frozenset(["ctx", "g", "dout", "dy", "dz", "dx", "upstream"])
"""What an argument is called that is a gradient, or goes before one."""


def backward_of_a_module(run: Run) -> Iterator[Finding]:
    """A gradient reversal, say, that was written as an `nn.Module`: what comes back passes it as it is."""
    if not run.history.judgements or any(run.words.arguments(site) for site in run.calls_of("backward")):
        return  # somebody may call it by hand, and hand a gradient over
    ran = {
        (module.kind, module.file)
        for scene in run.scenes
        for module in scene.snapshot.modules
        if module.called and module.file
    }
    for like in run.files:
        for node in run.words.file(like.file).every(ast.ClassDef):
            if (node.name, like.file) in ran:
                backward = _for_autograd(node)
                if backward is not None:
                    yield _never_called(run, run.words.site(like, backward), node.name)


def _never_called(run: Run, site: Site, kind: str) -> Finding:
    first = replace(site, end_line=site.line, end_column=site.column + len("def backward"))
    fix = (
        "Make it a `torch.autograd.Function`, with static `forward(ctx, ...)` and `backward(ctx, ...)`, and "
        f"call `{kind}.apply(...)`."
    )
    message = (
        f"Nobody calls this `backward`: `{kind}` is an `nn.Module`, and autograd derives what its `forward` "
        "computes. The gradient passes by it unchanged."
    )
    return run.finding(at(Rule.CUSTOM_FUNCTION, first, fix), Severity.WARNING, message)


def _for_autograd(module: ast.ClassDef) -> ast.FunctionDef | None:
    """A module's `backward` that is written like a Function's: it is handed what is called a gradient, and
    returns one.

    One that calls submodules computes something anew, as the inverse of a flow does, which is handed a value.
    """
    methods = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
    backward = methods.get("backward")
    if backward is None or "forward" not in methods or "Module" not in map(called_name, module.bases):
        return None
    inside = list(ast.walk(backward))
    calls = {called_name(one) for one in inside if isinstance(one, ast.Call)}
    returns = any(isinstance(one, ast.Return) and one.value is not None for one in inside)
    called = [one.func for one in inside if isinstance(one, ast.Call)]
    anew = any(
        isinstance(one, ast.Attribute) and one.attr not in methods and _is_self(one.value) for one in called
    )
    own = calls.isdisjoint(("backward", "grad", "step", "zero_grad"))  # it doesn't run one itself
    handed = [one.arg.lower() for one in backward.args.args[1:]]
    gradient = any("grad" in one or one in GRADIENTS for one in handed)
    return backward if own and not anew and returns and gradient else None


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"
