"""Where a program that listens and a screen that comes find each other, in a folder of that user alone."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

SUFFIX = ".sock"


def socket_of(pid: int, *, make: bool = False) -> Path:
    """The socket of a process; `make` its folder. Raises PermissionError where that is somebody else's."""
    folder = _folder()
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
    if folder.exists():
        _refuse_others(folder)
    return folder / f"{pid}{SUFFIX}"


def listener(file: Path) -> int:
    """The process that listens at a socket, which may be known by its program's number as well."""
    return int(file.resolve().name.removesuffix(SUFFIX))


def listening() -> list[int]:
    """Processes that listen, as far as anybody has cleared away after them."""
    folder = _folder()
    files = folder.glob(f"*{SUFFIX}") if folder.is_dir() else ()
    return sorted(int(file.stem) for file in files if not file.is_symlink() and file.stem.isdigit())


def _folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK):
        return Path(runtime) / "gradtui"
    return Path(tempfile.gettempdir()) / f"gradtui-{os.getuid()}"


def _refuse_others(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(13, "it is not a folder that only you can enter", str(folder))
