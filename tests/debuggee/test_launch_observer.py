"""What an Observer is told, in which order, and that its own failures are never the program's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.debuggee.programs import Program

STAND_INS = str(Path(__file__).parent / "stand_ins")


def watched(tmp_path: Path, watch: str, *argv: str, interpreter: str = sys.executable) -> Program:
    environment = {"PYTHONPATH": STAND_INS, "WATCH": watch, "WATCH_NOTES": str(tmp_path / "notes")}
    return Program(argv, environment=environment, interpreter=interpreter)


def test_a_watch_hears_of_torch_a_fork_and_the_end(tmp_path: Path) -> None:
    seen = watched(tmp_path, "noting", "watched.py", "3").by_us()
    assert seen.status == seen.outcome["status"] == 3
    assert (tmp_path / "notes").read_text(encoding="utf-8").splitlines() == [
        "watch script False",
        "torch_imported True",
        "forked",
        "ended 3",
        "remove",
    ]


def test_a_watch_hears_of_an_exception_before_it_is_printed(tmp_path: Path) -> None:
    program = watched(tmp_path, "noting", "watched.py", "raise")
    seen = program.by_us()
    assert "raised ZeroDivisionError ['<module>']\nended 1\n" in (tmp_path / "notes").read_text(
        encoding="utf-8"
    )
    assert seen.outcome["raised"]["type"] == "ZeroDivisionError"
    assert seen.outcome["raised"]["traceback"] == seen.stderr


@pytest.mark.parametrize(
    ("how", "places"),
    [("3", ("ended", "remove")), ("raise", ("__init__", "torch_imported", "raised", "forked"))],
)
def test_a_broken_watch_breaks_nothing_else(
    tmp_path: Path, warm: Path, how: str, places: tuple[str, ...]
) -> None:
    expected = Program(["watched.py", how]).by_python()
    for where in places:
        seen = watched(tmp_path, where, "watched.py", how, interpreter=str(warm)).by_us()
        assert (where, seen) == (where, expected)


def test_a_broken_watch_is_complained_about_in_one_sentence(tmp_path: Path) -> None:
    complaint = watched(tmp_path, "torch_imported", "watched.py", "0").by_us().outcome["complaint"]
    assert "ZeroDivisionError: in torch_imported" in complaint
    assert "\n" not in complaint


def test_a_program_without_torch_does_not_load_it(tmp_path: Path) -> None:
    seen = watched(tmp_path, "noting", "endings.py", "end").by_us()
    assert seen.outcome == {
        "status": 0,
        "signal": 0,
        "raised": None,
        "ran": True,
        "complaint": "",
        "file": "",
        "line": -1,
        "cut_short": False,
    }
    assert "torch_imported" not in (tmp_path / "notes").read_text(encoding="utf-8")


def test_an_interrupt_is_told_as_a_signal(tmp_path: Path) -> None:
    seen = watched(tmp_path, "noting", "endings.py", "interrupt").by_us()
    assert (seen.status, seen.outcome["status"], seen.outcome["signal"]) == (-2, 130, 2)
