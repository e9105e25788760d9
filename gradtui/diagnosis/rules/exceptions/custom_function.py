"""Exceptions about the backward of a custom Function: where the user's class says what it gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.stops import Raised

ONCE = "once_differentiable"
RETURNED = r"unction (\w+?)Backward returned "
"""As torch calls the backward of a custom Function, `function ScaleBackward returned an invalid gradient`."""


def differentiated(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A gradient that was to be differentiated itself came out of a backward that forbids it."""
    marked = [
        run.words.site(replace(scene.trace.sites[0], file=path), decorator)
        for path in run.words.paths
        for node in run.words.file(path).every(ast.FunctionDef)
        if node.name == "backward"
        for decorator in node.decorator_list
        if ast.unparse(decorator).rpartition(".")[2] == ONCE
    ]
    site = scene.raised_site(raised)
    if len(marked) != 1 or site is None:
        return
    cause = at(
        Rule.CUSTOM_FUNCTION,
        marked[0],
        f"Leave out `@{ONCE}`, and compute in this backward with torch alone; or don't differentiate the "
        "gradient.",
    )
    message = (
        f"This backward is marked with `{ONCE}`, so no gradient can be taken of the gradient that it gives, "
        "and torch raises."
    )
    evidence = [Evidence(site.file, site.line, "the gradient is differentiated here")]
    yield run.finding(cause, Severity.ERROR, message, evidence=evidence)


def returned(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A custom Function's backward gave too many gradients, too few, or one of another shape."""
    name = re.search(RETURNED, raised.message)
    found = [
        (path, node)
        for path in run.words.paths
        for kind in run.words.file(path).every(ast.ClassDef)
        if name and kind.name == name[1]
        for function in kind.body
        if isinstance(function, ast.FunctionDef) and function.name == "backward"
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
    ]
    if not found:
        return
    path, node = max(found, key=lambda one: one[1].lineno)
    site = run.words.site(replace(scene.trace.sites[0], file=path, user=True), node)
    said = raised.message.strip().splitlines()[0].partition(" returned ")[2].rstrip(".")
    cause = at(
        Rule.CUSTOM_FUNCTION,
        site,
        "Return one gradient for each argument of `forward`, in their order and of their shapes; `None` for "
        "what needs none.",
    )
    message = f"The backward of `{name[1] if name else ''}` returned {said}, and torch raises."
    at_backward = scene.raised_site(raised)
    evidence = []
    if at_backward is not None:
        evidence.append(Evidence(at_backward.file, at_backward.line, "this backward comes to it"))
    yield run.finding(cause, Severity.ERROR, message, evidence=evidence)
