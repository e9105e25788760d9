"""Where a program that listens and a screen that comes find each other, in a folder of that user alone."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

SUFFIX = ".sock"
VARIABLE = "GRADTUI_RUNTIME_DIR"
"""Names another folder, as where containers share no /tmp."""


def folder() -> Path:
    """The folder. No variable of a session counts for it: a job and a login have different ones, or none."""
    return Path(os.environ.get(VARIABLE) or f"/tmp/gradtui-{os.getuid()}")


def socket_of(pid: int, *, make: bool = False) -> Path:
    """The socket of a process; `make` its folder. Raises PermissionError where that is somebody else's."""
    place = folder()
    if make:
        place.mkdir(mode=0o700, exist_ok=True)
    if place.exists():
        _refuse_others(place)
    return place / f"{pid}{SUFFIX}"


def listener(file: Path) -> int:
    """The process that listens at a socket, which may be known by its program's number as well."""
    return int(file.resolve().name.removesuffix(SUFFIX))


def listening() -> list[int]:
    """Processes that listen. What one left behind that was killed is cleared away."""
    place, found = folder(), []
    for file in place.glob(f"*{SUFFIX}") if place.is_dir() else ():
        if not file.resolve().stem.isdigit():
            continue
        if not _lives(pid := listener(file)):
            with suppress(OSError):
                file.unlink()
        elif not file.is_symlink():
            found.append(pid)
    return sorted(found)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, which has been given the number since
    return True


def _refuse_others(place: Path) -> None:
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(13, "it is not a folder that only you can enter", str(place))
