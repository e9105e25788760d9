"""The command line, word by word: what is ours, what is the script's, and what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradtui.errors import GradtuiError, UsageError
from gradtui.options import FLAGS, HELP, WITH_VALUE, Options, muted_in_project, parse

RUNS = [
    # what follows the script belongs to it, whatever it looks like
    ("train.py", Options("script", ("train.py",))),
    ("train.py --check -h -- x", Options("script", ("train.py", "--check", "-h", "--", "x"))),
    ("--check train.py --steps 3", Options("script", ("train.py", "--steps", "3"), check=True)),
    # -m and -c end the options as Python's do, also with the value in the same word
    ("-m pkg.train --json x", Options("module", ("pkg.train", "--json", "x"))),
    ("-mpkg -m other", Options("module", ("pkg", "-m", "other"))),
    ("--check -c pass -c", Options("code", ("pass", "-c"), check=True)),
    # a script may have a name like an option
    ("-- --check", Options("script", ("--check",))),
    ("--check -- -m x", Options("script", ("-m", "x"), check=True)),
    # every option, both ways to write a value, repeated ones
    ("--steps 0 t", Options("script", ("t",), steps=0, patient=False)),
    ("--steps=12 t", Options("script", ("t",), steps=12, patient=False)),
    ("--json - -q t", Options("script", ("t",), json="-", quiet=True)),
    ("--json=a=b t", Options("script", ("t",), json="a=b")),
    ("--listen -q t", Options("script", ("t",), listen=True, quiet=True)),
    ("--attach 12", Options(attach="12")),
    ("--attach=12 --mute detach --ascii", Options(attach="12", mute=("detach",), ascii=True)),
    ("-q --attach 12", Options(attach="12", quiet=True)),
    ("-o run.gtr t", Options("script", ("t",), output="run.gtr")),
    ("--output=run.gtr --check t", Options("script", ("t",), output="run.gtr", check=True)),
    ("--export a/graph.SVG t", Options("script", ("t",), export=("a/graph.SVG",))),
    ("--export a.dot --export b.pdf t", Options("script", ("t",), export=("a.dot", "b.pdf"))),
    ("--stop-at 3 t", Options("script", ("t",), stop_at="3")),
    ("--stop-at a:b.py:33 t", Options("script", ("t",), stop_at="a:b.py:33")),
    ("--python /usr/bin/python3 t", Options("script", ("t",), python="/usr/bin/python3")),
    ("--mute detach --mute head.bias t", Options("script", ("t",), mute=("detach", "head.bias"))),
    ("-V", Options(version=True)),
    ("--help", Options(help=True)),
]

NONSENSE = [
    ("", "nothing to run"),
    ("--check", "nothing to run"),
    ("--chek train.py", "no option --chek"),
    ("--che train.py", "no option --che"),
    ("--check=yes train.py", "no option --check=yes"),
    ("-m", "-m needs a value"),
    ("--json", "--json needs a value"),
    ("--steps -1 t", "a number of steps"),
    ("--steps two t", "a number of steps"),
    ("--stop-at 0 t", "FILE:LINE"),
    ("--export graph.jpg t", "ends in .dot, .svg, .png, .pdf, not 'graph.jpg'"),
    ("--export - t", "not '-'"),
    ("--export .svg t", "not '.svg'"),
    ("--stop-at train.py t", "FILE:LINE"),
    ("-o", "-o needs a value"),
    ("-orun.gtr t", "no option -orun.gtr"),
    ("--steps 99999999999999999999 t", "--steps takes a number of steps"),
    ("--json= t", "--json needs a value, and what it is given is empty"),
    ("--python= t", "--python needs a value, and what it is given is empty"),
    ("--attach", "--attach needs a value"),
    ("--attach train.py", "--attach takes the number of a process"),
    ("--attach 12 train.py", "--attach opens the screen on what runs already"),
    ("--attach 12 --check", "--attach opens the screen on what runs already"),
    ("--listen --check t", "there is nothing to attach to"),
    ("--listen", "nothing to run"),
]


@pytest.mark.parametrize(("line", "options"), RUNS)
def test_a_command_line_is_understood(line: str, options: Options) -> None:
    assert parse(line.split()) == options


@pytest.mark.parametrize(("line", "complaint"), NONSENSE)
def test_nonsense_gets_one_sentence(line: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse(line.split())


def test_the_help_names_every_option() -> None:
    assert [name for name in sorted(FLAGS | WITH_VALUE) if name not in HELP] == []


def test_the_help_fits_a_terminal() -> None:
    assert max(map(len, HELP.splitlines())) <= 100


def settings(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def test_the_nearest_project_says_what_is_muted(tmp_path: Path) -> None:
    settings(tmp_path, '[tool.gradtui]\nmute = ["detach", "head.bias"]\n')
    inner = tmp_path / "src" / "train"
    inner.mkdir(parents=True)
    assert muted_in_project(inner) == ("detach", "head.bias")


def test_a_project_of_its_own_hides_the_one_around_it(tmp_path: Path) -> None:
    settings(tmp_path, '[tool.gradtui]\nmute = ["detach"]\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    settings(inner, "[project]\nname = 'inner'\n")
    assert muted_in_project(inner) == ()


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all",
        '[tool.gradtui]\nmute = "detach"\n',
        "[tool.gradtui]\nmute = [1]\n",
        "[tool.gradtui]\nmuted = []\n",
        "[tool]\ngradtui = 1\n",
    ],
)
def test_settings_that_make_no_sense_name_their_file(tmp_path: Path, text: str) -> None:
    settings(tmp_path, text)
    with pytest.raises(GradtuiError, match=r"pyproject\.toml"):
        muted_in_project(tmp_path)
