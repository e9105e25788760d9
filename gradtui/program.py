"""What can be told of a program, its interpreter and the files of the command before anything is started."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from gradtui.errors import CannotOpenError
from gradtui.model.plan import Plan
from gradtui.options import Options
from gradtui.report.writable import unwritable
from gradtui.session.launch import Launch

OLDEST = (3, 11)
"""The first Python that the recorder runs in."""
MAINS = ("__main__.py", "__main__.pyc")
"""What makes a program of a folder or an archive."""
LOOK = 1 << 20
"""Bytes of a script that are looked at."""
ARCHIVE_END = (1 << 16) + 22
"""Bytes within which an archive ends with its directory's mark, a comment included."""
PATIENCE = 60.0
"""Seconds that an interpreter may take to say its version: it may lie on a slow network."""


def launch_of(options: Options, *, check: bool, unheld: bool = False) -> Launch:
    """How a program is started. Raises CannotOpenError where its interpreter can't be had."""
    patient = check and options.patient
    plan = Plan(options.argv, options.form, check, options.steps, options.stop_at, unheld, patient)
    return Launch(plan, interpreter_of(options))


def refuse_what_cannot_run(options: Options) -> None:
    """Raise CannotOpenError for what the user named and what can't be run, read or written."""
    if options.form == "script":
        _look_at_script(options.argv[0])
    if options.json not in ("", "-"):
        look_at_target(options.json)
    for file in options.export:
        _look_at_picture(file)
    if ":" in options.stop_at:
        file = options.stop_at.rpartition(":")[0]
        try:
            there = Path(file).is_file()
        except (OSError, ValueError):  # a name that no file can have
            there = False
        if not there:
            raise CannotOpenError(f"can't stop at {options.stop_at}: there is no file {file}")


def interpreter_of(options: Options) -> str:
    """The interpreter that runs the program. Raises CannotOpenError where it can't."""
    if not options.python:
        return sys.executable
    import shutil

    found = shutil.which(options.python)
    if found is None:
        raise CannotOpenError(f"--python {options.python}: {_why_not_found(Path(options.python))}")
    version = _version(found)
    if version is None:
        raise CannotOpenError(f"--python {options.python}: this isn't a Python interpreter")
    if version < OLDEST:
        raise CannotOpenError(
            f"--python {options.python}: this is Python {version[0]}.{version[1]}, "
            f"and gradtui needs {OLDEST[0]}.{OLDEST[1]} or later"
        )
    return os.path.abspath(found)  # noqa: PTH100 - a symlink in a virtual environment must stay one


def _look_at_script(typed: str) -> None:
    try:
        mode = os.stat(typed).st_mode  # noqa: PTH116 - Path would take `..` after a symlink as Python doesn't
        if stat.S_ISDIR(mode):
            _look_at_folder(Path(typed))
        elif stat.S_ISREG(mode):
            _look_at_file(Path(typed))
    except FileNotFoundError:
        raise CannotOpenError(f"can't open {typed}: there is no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotOpenError(f"can't open {typed}: {reason}") from None


def _look_at_folder(folder: Path) -> None:
    if not any((folder / name).is_file() for name in MAINS):
        raise CannotOpenError(f"can't run {folder}: it is a folder without a __main__.py")


def _look_at_file(file: Path) -> None:
    with file.open("rb") as stream:
        beginning = stream.read(LOOK)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - ARCHIVE_END))
        end = stream.read()
    if beginning[2:4] == b"\r\n":
        return  # compiled; whether it fits the interpreter, the interpreter knows
    if b"PK\5\6" in end and (names := _archived(file)) is not None:
        if not names.intersection(MAINS):
            raise CannotOpenError(f"can't run {file}: it is an archive without a __main__.py")
    elif b"\0" in beginning:
        raise CannotOpenError(f"can't run {file}: it isn't a Python program but binary data")


def _archived(file: Path) -> set[str] | None:
    """What is in an archive; None for what is none."""
    import zipfile

    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def look_at_target(typed: str) -> None:
    """Raise CannotOpenError for a file that can't be written."""
    if sentence := unwritable(typed):
        raise CannotOpenError(sentence)


def _look_at_picture(typed: str) -> None:
    from gradtui.report.saving import undrawable

    if sentence := undrawable(typed):
        raise CannotOpenError(sentence)


def _why_not_found(path: Path) -> str:
    try:
        if path.is_dir():
            inside = path / "bin" / "python"
            return f"this is a folder; did you mean {inside}?" if inside.exists() else "this is a folder"
        if path.exists():
            return "this file can't be executed"
    except (OSError, ValueError) as error:  # a name that no file can have
        return str(error.strerror) if isinstance(error, OSError) else str(error)
    return "there is no such interpreter"


def _version(interpreter: str) -> tuple[int, int] | None:
    """The version of a Python; None for what isn't one."""
    import subprocess

    from gradtui.session.forking import without_vfork

    without_vfork()
    words = [interpreter, "-I", "-S", "-c", "import sys; print('python', *sys.version_info[:2])"]
    try:
        said = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
        ).stdout.split()
        name, major, minor = said
        return (int(major), int(minor)) if name == "python" else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
