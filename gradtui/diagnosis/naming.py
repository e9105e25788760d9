"""What the user calls what a call gives: a variable, the call as written, a module's path, a shape."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gradtui.diagnosis.source_text import SourceText
from gradtui.model.owners import Module
from gradtui.model.source import Site
from gradtui.model.trace import Kind, Trace

SHORT = 40
BRIEF = 38
"""Characters of a method's object and name up to which both are said."""
Place = tuple[tuple[str, ...], tuple[str, ...]]
"""A parameter's name without the name of one module around it: what stands before that, and what behind."""


WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""In `snake_case` and in `CamelCase`; what is all capitals is one, as `ESN` of `ESNLayer`."""


def words_of(name: str) -> list[str]:
    """The words that a name consists of, in lower case and without numbers: `res`, `net`, `block`.

    To be asked for what a name says: a part of it by chance, as `esn` of `ResNet`, says nothing.
    """
    return [word.lower() for word in WORD.findall(name)]


def module_text(module: Module) -> str:
    """A module's path; with its root's name where it is only a number, as in an `nn.Sequential`."""
    if not module.name:
        return module.root
    return f"{module.root}.{module.name}" if module.name[0].isdigit() else module.name


def shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})" if len(shape) != 1 else f"({shape[0]},)"


def said(words: SourceText, site: Site) -> str:
    """The user's own words for what an expression gives, on one line."""
    variable = words.variable(site)
    if variable:
        return _short(variable)
    node = words.file(site.file).node(site)
    if isinstance(node, ast.Call):
        return _short(_callee(words, site, node.func))
    return _short(words.expression(site))


def only_names(module: str, said: str) -> bool:
    """Whether the user's words say no more than the module's path does: `fc1` for `net.fc1`."""
    return said.split("[", 1)[0] in module.split(".")


def last_of_burst(trace: Trace, call: int) -> bool:
    """Whether a call is the last that its expression made: the one whose result the user's words mean.

    `out = self.encoder(x)` may stand for a hundred calls inside the library; only the last makes `out`.
    """
    for later in range(call + 1, len(trace)):
        if trace.kind[later] not in (Kind.SEEN, Kind.SWITCH):
            return trace.site[later] != trace.site[call]
    return True


def _callee(words: SourceText, site: Site, function: ast.expr) -> str:
    file = words.file(site.file)
    whole = " ".join(file.source(function).split()).removeprefix("self.")
    if isinstance(function, ast.Attribute) and len(whole) > BRIEF:
        return f"….{function.attr}"
    return whole


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def places(name: str) -> Iterator[Place]:
    """The places of a parameter in the modules around it, by its name, from the outermost."""
    parts = tuple(name.split("."))
    return ((parts[:depth], parts[depth + 1 :]) for depth in range(len(parts) - 1))
