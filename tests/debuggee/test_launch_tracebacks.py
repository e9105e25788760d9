"""Tracebacks show the program's frames and none of ours, whoever prints them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debuggee.programs import Program
from tests.debuggee.test_launch import assert_same

STAND_INS = str(Path(__file__).parent / "stand_ins")
PASSING = {"PYTHONPATH": STAND_INS, "WATCH": "passing"}


@pytest.mark.parametrize("who", ["python", "traceback", "logging", "stack"])
@pytest.mark.parametrize(
    "how", ["cause", "context", "group", "notes", "odd", "syntax", "compiled", "imported", "cut"]
)
def test_an_exception_is_printed_as_under_python(how: str, who: str) -> None:
    assert_same(Program(["errors.py", how, who]))


def test_a_failing_import_of_torch_is_printed_as_under_python() -> None:
    assert_same(Program(["errors.py", "torch_missing", "python"]))


@pytest.mark.parametrize("form", ["module", "code"])
def test_an_exception_of_a_module_or_of_code_is_printed_as_under_python(form: str) -> None:
    text = "errors" if form == "module" else "def f():\n    1 / 0\nf()"
    assert_same(Program([text, "group", "python"], form))


@pytest.mark.parametrize("how", ["linear", "backward", "custom", "composite"])
def test_an_error_in_torch_under_a_mode_is_printed_as_under_python(how: str, warm: Path) -> None:
    assert_same(Program(["torch_errors.py", how, "python"], environment=PASSING, interpreter=str(warm)))


@pytest.mark.parametrize("who", ["traceback", "logging"])
def test_an_error_in_torch_that_the_program_prints_has_no_frame_of_a_mode(who: str, warm: Path) -> None:
    argv = ["torch_errors.py", "linear,index,reverse,optimizer", who]
    seen = assert_same(Program(argv, environment=PASSING, interpreter=str(warm)))
    assert seen.stderr.count("Traceback") == 4


def test_a_warning_of_torch_names_the_program_s_line() -> None:
    seen = assert_same(Program(["torch_errors.py", "warning", "python"], environment=PASSING))
    assert "torch_errors.py" in seen.stderr


def test_the_viewer_gets_the_traceback_that_python_prints() -> None:
    seen = Program(["errors.py", "context", "python"]).by_us()
    assert seen.outcome["raised"]["traceback"] == seen.stderr
