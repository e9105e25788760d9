"""A program can't tell whether Python or the debuggee runs it, and nobody outside can either."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.debuggee.programs import PROBES, Ended, Program

FACTS = (PROBES / "facts.py").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project in which the facts can be had as a script, a package, a folder, an archive and over links."""
    (tmp_path / "facts.py").write_text(FACTS, encoding="utf-8")
    (tmp_path / "package" / "sub").mkdir(parents=True)
    for place in ("__init__", "__main__", "facts", "sub/__init__", "sub/__main__"):
        text = "" if place.endswith("__init__") else FACTS
        (tmp_path / "package" / f"{place}.py").write_text(text, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    shutil.copy(tmp_path / "facts.py", tmp_path / "folder" / "__main__.py")
    (tmp_path / "link.py").symlink_to("package/facts.py")
    (tmp_path / "linked").symlink_to("package", target_is_directory=True)
    with ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", FACTS)
    (tmp_path / "no suffix ✓").write_text(FACTS, encoding="utf-8")
    return tmp_path


def assert_same(program: Program) -> Ended:
    """Both ways of running it look the same; gives what they looked like."""
    expected, seen = program.by_python(), program.by_us()
    assert seen.stderr == expected.stderr
    assert seen.stdout == expected.stdout
    assert seen.status == expected.status
    return seen


SCRIPTS = {
    "by its name": ["facts.py"],
    "with arguments that look like options of ours": [
        "facts.py",
        "--check",
        "-m",
        "-c",
        "--",
        "--json",
        "-",
        "",
    ],
    "by a path with dots": ["./package/../facts.py", "a b"],
    "over a link": ["link.py"],
    "in a linked folder": ["linked/facts.py"],
    "a name that isn't ASCII": ["no suffix ✓", "naïve"],
    "a folder": ["folder", "x"],
    "a folder with a slash": ["./folder/"],
    "an archive": ["archive.zip", "x"],
    "its absolute path": [str(PROBES / "facts.py")],
}


@pytest.mark.parametrize("argv", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_finds_the_world_as_python_leaves_it(folder: Path, argv: list[str]) -> None:
    facts = json.loads(assert_same(Program(argv, folder=folder)).stdout)
    assert facts["argv"] == argv


@pytest.mark.parametrize("module", ["package", "package.facts", "package.sub", "facts"])
def test_a_module_finds_the_world_as_python_leaves_it(folder: Path, module: str) -> None:
    assert_same(Program([module, "-m", "x"], "module", folder))


def test_code_finds_the_world_as_python_leaves_it(folder: Path) -> None:
    assert_same(Program([FACTS, "-c", "x"], "code", folder))


@pytest.mark.parametrize(
    "flags", [["-I"], ["-P"], ["-E"], ["-s"], ["-S"], ["-O"], ["-X", "dev"], ["-W", "error"], ["-u"]]
)
@pytest.mark.parametrize("form", ["script", "module", "code"])
def test_flags_of_the_interpreter_are_honoured(folder: Path, flags: list[str], form: str) -> None:
    text = {"script": "facts.py", "module": "package.facts", "code": FACTS}[form]
    program = Program([text], form, folder, flags)
    assert_same(program)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONSAFEPATH", "1"), ("PYTHONUTF8", "1"), ("PYTHONIOENCODING", "latin-1")],
)
def test_python_s_variables_are_honoured(folder: Path, name: str, value: str) -> None:
    assert_same(Program(["facts.py"], folder=folder, environment={name: value}))


ENDINGS = [
    "end",
    "exit",
    "exit_3",
    "exit_true",
    "exit_minus",
    "exit_bye",
    "exit_thing",
    "os_exit",
    "interrupt",
    "sigint",
    "kill",
    "term",
    "abort",
    "exec",
    "atexit_raises",
    "atexit_exits",
    "thread_raises",
    "no_stderr",
    "generator_exit",
    "inside_except",
    "exit_in_finally",
    "main_replaced",
    "hook",
    "hook_exits",
    "hook_breaks",
    "hook_interrupt",
    "no_hook",
    "none_hook",
    "other",
]


@pytest.mark.parametrize("how", ENDINGS)
def test_a_program_ends_as_under_python(how: str) -> None:
    assert_same(Program(["endings.py", how]))


@pytest.mark.parametrize("form", ["module", "code"])
@pytest.mark.parametrize("how", ["end", "exit_3", "interrupt", "hook_exits", "other"])
def test_modules_and_code_end_as_under_python(how: str, form: str) -> None:
    text = "endings" if form == "module" else (PROBES / "endings.py").read_text(encoding="utf-8")
    assert_same(Program([text, how], form))


CANNOT_BEGIN = {
    "no such file": ["missing.py"],
    "a folder without a main": ["."],
    "a syntax error": ["wrong.py"],
    "a null byte": ["null.py"],
    "bytes of no encoding": ["latin.py"],
    "an unknown encoding": ["coding.py"],
    "a bad indentation": ["tabs.py"],
}


@pytest.mark.parametrize("argv", CANNOT_BEGIN.values(), ids=CANNOT_BEGIN.keys())
def test_a_program_that_cannot_begin_fails_in_python_s_words(tmp_path: Path, argv: list[str]) -> None:
    (tmp_path / "wrong.py").write_text("x = 1\nif x = = 2:\n    pass\n", encoding="utf-8")
    (tmp_path / "null.py").write_bytes(b"x = 1\n\0")
    (tmp_path / "latin.py").write_bytes(b"x = 1\ny = '\xe9'\n")
    (tmp_path / "coding.py").write_text("# coding: made-up\n", encoding="utf-8")
    (tmp_path / "tabs.py").write_text("if 1:\n        x = 1\n\ty = 2\n", encoding="utf-8")
    assert_same(Program(argv, folder=tmp_path))


@pytest.mark.parametrize(
    ("text", "form"),
    [("missing", "module"), ("json.missing", "module"), ("email", "module"), ("a = = 1", "code")],
)
def test_a_module_that_is_not_there_is_reported_in_python_s_words(text: str, form: str) -> None:
    assert_same(Program([text], form))


def test_a_program_that_cannot_begin_is_known_to_the_viewer(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("if x = = 2:\n    pass\n", encoding="utf-8")
    outcome = Program(["wrong.py"], folder=tmp_path).by_us().outcome
    assert (outcome["ran"], outcome["status"], outcome["raised"]["type"]) == (False, 1, "SyntaxError")


def test_compiled_scripts_are_run(folder: Path) -> None:
    import py_compile

    py_compile.compile(str(folder / "facts.py"), cfile=str(folder / "facts.pyc"))
    assert_same(Program(["facts.pyc"], folder=folder))


def test_a_declared_encoding_counts(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nprint(ascii('\xe9'), __file__)\n")
    assert "\\xe9" in assert_same(Program(["latin.py"], folder=tmp_path)).stdout


def test_a_file_of_the_program_goes_before_the_standard_library(tmp_path: Path) -> None:
    """As Python finds it: our own imports must not have been there first."""
    (tmp_path / "json.py").write_text("mine = True\n", encoding="utf-8")
    (tmp_path / "dataclasses.py").write_text("mine = True\n", encoding="utf-8")
    (tmp_path / "script.py").write_text(
        "import json, dataclasses; print(json.mine, dataclasses.mine)", encoding="utf-8"
    )
    assert assert_same(Program(["script.py"], folder=tmp_path)).stdout == "True True\n"


def test_input_and_output_are_the_program_s_own() -> None:
    seen = assert_same(Program(["reads.py"], stdin="Zoë\nand\nmore\n"))
    assert "naïve Zoë ✓ 日本" in seen.stdout


def test_a_program_that_starts_itself_is_not_watched_again() -> None:
    seen = assert_same(Program(["itself.py"]))
    assert "again ['again'] []" in seen.stdout


@pytest.mark.parametrize("how", ["plain", "submodule", "import_module", "environment"])
def test_torch_is_imported_as_python_imports_it(how: str) -> None:
    assert_same(
        Program(["imports_torch.py", how], environment={"WATCH": "noting", "WATCH_NOTES": os.devnull})
    )


def test_a_viewer_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    assert Program(["endings.py", "exit_3"]).by_us().status == 3


def test_the_interpreter_is_the_one_that_was_asked_for() -> None:
    seen = Program(["import sys; print(sys.executable)"], "code").by_us()
    assert seen.stdout.strip() == sys.executable
    assert seen.heard[0]["type"] == "Hello"
