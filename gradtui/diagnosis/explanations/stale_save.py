"""A tensor that backward needs as it was, and that was written since: the line that wrote."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import THE_VALUE, code, quoted, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.stops import Raised
from gradtui.model.trace import Kind

LOOKUPS = frozenset({"embedding", "embedding_bag"})
MESSAGE = re.compile(r"\[[^\[]*\[([0-9, ]*)\]\].*?is at version (\d+); expected version (\d+)")


def version_error(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """The writers behind "modified by an inplace operation", the one that torch speaks of first: backward
    would raise because of each of them."""
    match, graph = MESSAGE.search(raised.message), scene.snapshot.graph
    saves = [save for save in graph.stale if save.call != NONE] if graph is not None else []
    if graph is not None and saves:
        told = (int(match[2]), int(match[3])) if match is not None else None
        # Backward comes to what was made last first.
        saves.sort(key=lambda save: (told != (save.actual, save.expected), -graph.sequence[save.node]))
        for save in saves:
            node, call = graph.node_name(save.node), graph.call[save.node]
            sure = Confidence.LIKELY if save.likely and save is not saves[0] else Confidence.EXACT
            yield written_since(run, scene, save.call, save.actual, save.expected, node, call, sure)
        return
    if match is None:
        return
    shape = sorted(int(size) for size in match[1].split(",") if size.strip())
    actual, expected = int(match[2]), int(match[3])
    writer = _writer(scene, shape, actual, expected)
    if writer != NONE:
        yield written_since(run, scene, writer, actual, expected, "backward", NONE, Confidence.LIKELY)
        return
    lookup = _lookup(scene, shape)
    if lookup != NONE:
        yield _renormalized(run, scene, lookup, actual, expected)


def _writer(scene: Scene, shape: list[int], actual: int, expected: int) -> int:
    """The first write after the save, of the tensor of this shape that stands at this version now."""
    trace = scene.trace
    writes = (Kind.WRITE, Kind.STEP)
    fitting = [
        value
        for value, call in enumerate(scene.producer)
        if trace.version[value] == actual
        and scene.kind[call] in writes
        and sorted(trace.shapes[trace.shape[value]]) == shape
    ]
    if not fitting:
        return NONE
    tensor = scene.tensor[fitting[-1]]
    for value, one in enumerate(scene.tensor):
        if one == tensor and trace.version[value] > expected and scene.kind[scene.producer[value]] in writes:
            return scene.producer[value]
    return scene.producer[fitting[-1]]


def _lookup(scene: Scene, shape: list[int]) -> int:
    """The last call that looked up in a table of this shape: with a `max_norm` it writes rows first, inside
    of a function whose calls aren't seen."""
    trace = scene.trace
    for call in range(len(scene.kind) - 1, -1, -1):
        if scene.name(call) in LOOKUPS:
            shapes = (trace.shapes[trace.shape[value]] for value in scene.trace.inputs[call])
            if shape in map(sorted, shapes):
                return call
    return NONE


def _renormalized(run: Run, scene: Scene, lookup: int, actual: int, expected: int) -> Finding:
    inputs = scene.trace.inputs[lookup]
    table = next((value for value in inputs if scene.leaf[value]), inputs[-1])
    name = scene.owner_name(scene.tensor[table]) or "the table"
    text = code(scene, lookup)
    cause = at(
        Rule.INPLACE_VERSION,
        scene.user_site(lookup),
        f"Compute with `{name}.clone()` where it is used before this lookup, or look up first.",
        call=lookup,
        confidence=Confidence.LIKELY,
    )
    message = (
        f"`{text}` looks up in `{name}`, and with a `max_norm` it writes the rows that are longer in place. "
        f"Backward needs what they held before: it is at version {actual} now, and was saved at version "
        f"{expected}, so backward raises."
    )
    users = [
        call
        for call in range(lookup)
        if scene.kind[call] == Kind.OP
        and any(scene.tensor[value] == scene.tensor[table] for value in scene.trace.inputs[call])
    ]
    evidence = [
        scene.evidence(call, f"`{code(scene, call)}` computed with `{name}` before") for call in users[-1:]
    ]
    return run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)


def written_since(
    run: Run, scene: Scene, writer: int, actual: int, expected: int, node: str, reader: int, sure: Confidence
) -> Finding:
    """A call that wrote into what the backward of a node needs as it was at another version."""
    site = scene.user_site(writer)
    values = scene.outputs[writer]
    name, text = _written(scene, writer)
    nameless = THE_VALUE if values else "a tensor"
    if scene.kind[writer] == Kind.STEP:
        optimizer = scene.optimizer(scene.trace.detail[writer])
        held = optimizer.name if optimizer else "the optimizer"
        what = (
            f"`{text}` updates the parameters of `{held}` in place while a loss that was computed with "
            "their old "
            "values still waits for its backward"
        )
        fix = "Call this loss's `backward` before the step, or compute the loss again after it."
        names = [scene.owner_name(scene.tensor[value]) for value in values]
    else:
        what = (
            f"`{text}` writes into {quoted(name, nameless)} in place, and backward needs the "
            "values it held before"
        )
        fix = _instead(scene, writer)
        names = [name or nameless]
    versions = f"it is at version {actual} now, and was saved at version {expected}"
    cause = at(Rule.INPLACE_VERSION, site, fix, call=writer, confidence=sure)
    evidence = []
    if reader != NONE and 0 <= reader < len(scene.kind):
        evidence.append(scene.evidence(reader, f"{node} saved it here for its backward"))
    backward = next(reversed(scene.backwards), NONE)
    if backward != NONE:
        place = scene.user_site(backward)
        evidence.append(Evidence(place.file, place.line, "backward needs it here", backward))
    return run.finding(
        cause,
        Severity.ERROR,
        f"{what}: {versions}, so backward raises.",
        affected=filter(None, names),
        evidence=evidence,
    )


def _written(scene: Scene, writer: int) -> tuple[str, str]:
    """What a call writes into, "" where that has no name, and the text that does it."""
    values, site, text = scene.outputs[writer], scene.site(writer), code(scene, writer)
    name = scene.owner_name(scene.tensor[values[0]]) if values else ""
    target = scene.words.written(site)
    if scene.name(writer) == "__setitem__":
        text = scene.words.whole(site) or text
    return name or target or (spoken(scene, values[0]) if values else ""), text


def _instead(scene: Scene, writer: int) -> str:
    """The same line as it would be written to make a new tensor."""
    site = scene.site(writer)
    statement = scene.words.file(site.file).statement(site)
    if isinstance(statement, ast.AugAssign):
        target: ast.expr | None = statement.target
    else:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if isinstance(target, ast.Subscript):
        whole = scene.words.written(site)
        return (
            f"Write into a copy, `{whole} = {whole}.clone()` before this line, or build a new tensor with "
            "`torch.cat`, `torch.stack` or `torch.where`."
        )
    if isinstance(statement, ast.AugAssign):
        anew = ast.BinOp(statement.target, statement.op, statement.value)
        return f"Make a new tensor instead: `{ast.unparse(statement.target)} = {ast.unparse(anew)}`."
    name = scene.name(writer)
    if name.endswith("_") and not name.startswith("_"):
        plain, written = name.removesuffix("_"), scene.words.written(site)
        method = scene.words.call_name(site) == name and scene.call(writer).function.startswith("Tensor.")
        if method and written.isidentifier():
            return f"Make a new tensor instead: `{written} = {written}.{plain}(...)`."
        return f"Use the new tensor that `{plain}` makes, in place of `{name}`."
    return "Write into a `.clone()`, or build a new tensor with `torch.cat`, `torch.stack` or `torch.where`."
