"""The screen and the report in ASCII: by an option, and where the locale knows no more."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from gradtui.charset import ascii_locale
from gradtui.model.messages import Stopped
from gradtui.session.events import Output
from gradtui.tui.ascii import SIGNS, TABLE, VERBATIM, AsciiSigns
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import showing

SCREEN = Path(__file__).parent.parent.parent / "gradtui" / "tui"
BLACK = Color(0, 0, 0)
PRINTED = "✗ naïve ✂ 中文…"


def test_every_sign_has_a_stand_in_of_its_own_width() -> None:
    for ours, plain in SIGNS:
        assert plain.isascii()
        assert [cell_len(sign) for sign in ours] == [cell_len(sign) for sign in plain]


def test_signs_that_mean_different_things_stay_different() -> None:
    drawn = "✗▲·✓‖≠″✂┊▸▾•◆◇▶●○↑↓".translate(TABLE)

    # An open branch and a note are both `-`: the one stands in the tree, the other never does.
    assert len(set(drawn)) == len(drawn) - 1


def test_the_readme_tells_the_signs_as_they_are_drawn() -> None:
    readme = (SCREEN.parent.parent / "README.md").read_text(encoding="utf-8")
    rows = readme.partition("### Signs")[2].partition("### Other keys")[0].splitlines()
    cells = [[re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[1:3]] for row in rows if "|" in row]
    told = [(ours, plain) for ours, plain in cells if ours]

    assert len(told) > 8
    assert [[sign.translate(TABLE) for sign in ours] for ours, _ in told] == [plain for _, plain in told]


@pytest.mark.parametrize("file", sorted(SCREEN.rglob("*.py")), ids=lambda file: file.name)
def test_every_sign_that_the_screen_draws_is_in_the_table(file: Path) -> None:
    known = {chr(sign) for sign in TABLE}
    texts = (
        node.value
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    assert {sign for text in texts for sign in text if not sign.isascii()} <= known


@pytest.mark.parametrize("keys", [(), ("question_mark",), ("s", "s", "5"), ("7",), ("w",), ("ctrl+p",)])
async def test_nothing_but_ascii_is_drawn_where_that_is_wanted(keys: tuple[str, ...]) -> None:
    snapshot, findings = silent_numpy()
    async with showing(MadeUp(Stopped(snapshot)), findings=findings, signs=[AsciiSigns()]) as screen:
        await screen.until_stopped()
        await screen.press(*keys)
        assert [line for line in screen.drawn if not line.isascii()] == []
        assert any("% out.detach" in line for line in screen.drawn) or keys


async def test_what_the_program_printed_is_shown_as_it_was_printed() -> None:
    snapshot, _ = transformer(1)
    events = (Output(PRINTED.encode()), Stopped(snapshot))
    async with showing(MadeUp(*events), signs=[AsciiSigns()]) as screen:
        await screen.until_stopped()
        await screen.press("6")
        await screen.until(lambda: any(PRINTED in line for line in screen.drawn))
        assert [line for line in screen.drawn if not line.isascii() and PRINTED not in line] == []


def test_what_an_encoding_lacks_becomes_question_marks_as_wide_as_it() -> None:
    filtered = AsciiSigns("latin-1").apply([Segment("é → 中文"), Segment("→é", VERBATIM)], BLACK)

    assert [segment.text for segment in filtered] == ["é > ????", "?é"]


@pytest.mark.parametrize(
    ("variables", "plain"),
    [
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.utf8@euro"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "", "LC_CTYPE": "POSIX"}, True),
        ({}, True),
    ],
)
def test_the_first_variable_that_is_set_says_whether_the_locale_is_one_of_utf8(
    variables: dict[str, str], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "ANSI_X3.4-1968")

    assert ascii_locale(variables) is plain


def test_a_locale_that_python_takes_for_utf8_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "UTF-8")

    assert not ascii_locale({})


@pytest.mark.parametrize("asked", ["option", "locale"])
def test_the_report_follows_the_option_and_the_locale(asked: str, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import torch\nw = torch.ones(3, requires_grad=True)\nw.detach().sum().backward()\n")
    option = ["--ascii"] if asked == "option" else []
    done = subprocess.run(
        [sys.executable, "-m", "gradtui", "--check", *option, str(script)],
        env={**os.environ, "LC_ALL": "C.UTF-8" if option else "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.decode().isascii()
    assert b"x error  detach" in done.stdout
