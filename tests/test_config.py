"""The user's settings: where they are looked for, and what is said where they make no sense."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gradtui.config import config_file, keys_in
from gradtui.config import keymap_in as keymap_wanted
from gradtui.errors import GradtuiError, UsageError


def keymap_in(file: Path) -> dict[str, str]:
    return keymap_wanted(file, keys_in(file))


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "gradtui" / "config.toml"
    file.parent.mkdir()
    return file


def test_they_are_kept_where_the_user_keeps_such_files() -> None:
    assert config_file({"XDG_CONFIG_HOME": "/conf", "HOME": "/home/ada"}) == Path("/conf/gradtui/config.toml")
    assert config_file({"HOME": "/home/ada"}) == Path("/home/ada/.config/gradtui/config.toml")
    assert config_file({"XDG_CONFIG_HOME": "conf", "HOME": "/h"}) == Path("/h/.config/gradtui/config.toml")


def test_no_file_changes_nothing(tmp_path: Path) -> None:
    assert keymap_in(tmp_path / "config.toml") == {}


def test_a_key_or_a_list_of_keys_is_given_to_an_action(settings: Path) -> None:
    settings.write_text('[keys]\nzoom = "Z"\nnext-cut = ["ctrl+n", "?"]\nhelp = "f1"\n', encoding="utf-8")

    assert keymap_in(settings) == {"zoom": "Z", "next-cut": "ctrl+n,question_mark", "help": "f1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[keys]\nstp = 'n'\n", "did you mean `step`"),
        ("[keys]\nstep = 3\n", 'step = "n"'),
        ("[keys]\nstep = [3]\n", 'step = "n"'),
        ("keys = 3\n", 'step = "n"'),
        ("[keyz]\n", "knows [keys] and not keyz"),
        ("[keys\n", "can't be read"),
        ("[keys]\nstep = 'x'\n", "would mean both `step` and `next-cut`"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_that_names_the_file(
    settings: Path, text: str, said: str
) -> None:
    settings.write_text(text, encoding="utf-8")

    with pytest.raises(GradtuiError) as caught:
        keymap_in(settings)
    assert said in str(caught.value)
    assert str(settings) in str(caught.value)


def test_bytes_that_are_no_text_are_refused(settings: Path) -> None:
    settings.write_bytes(b"\xff\xfe[keys]")

    with pytest.raises(GradtuiError, match="can't be read"):
        keymap_in(settings)


def test_the_command_refuses_them_before_it_draws_or_runs_anything(settings: Path, tmp_path: Path) -> None:
    settings.write_text("[keys]\nstp = 'n'\n", encoding="utf-8")
    script = tmp_path / "train.py"
    script.write_text("print('ran')\n", encoding="utf-8")
    main, other = pty.openpty()
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    with os.fdopen(main, "rb", closefd=True), os.fdopen(other, "wb", closefd=True):
        done = subprocess.run(
            [sys.executable, "-m", "gradtui", str(script)],
            stdin=other,
            stdout=other,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            check=False,
        )
    assert done.returncode == UsageError.status == 2
    assert done.stderr == f"gradtui: {settings}: there is no action `stp`; did you mean `step`?\n"


def test_a_run_without_a_screen_does_not_read_them(settings: Path, tmp_path: Path) -> None:
    settings.write_text("[keys]\nstp = 'n'\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "gradtui", "-V"],
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
