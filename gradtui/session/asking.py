"""Whether a program waits for somebody to type into its terminal: what the kernel knows, and nobody says."""

from __future__ import annotations

import platform
from pathlib import Path

READ = {"x86_64": 0, "aarch64": 63, "riscv64": 63, "ppc64le": 3, "s390x": 3}
SELECT = {"x86_64": (23, 270), "aarch64": (72,), "riscv64": (72,), "ppc64le": (142, 280), "s390x": (142, 301)}
"""By machine the numbers of the calls in which a program waits for what is typed: Python's own input, and
readline's, which has select wait for stdin alone."""


def asks(pid: int, terminal: str, processes: Path = Path("/proc")) -> bool | None:
    """Whether the main thread of a process waits for a line from a terminal; None where that can't be told.

    Linux says in which call of the kernel a thread is, to whoever may look at the process.
    """
    machine = platform.machine()
    if machine not in READ:
        return None
    try:
        words = (processes / str(pid) / "syscall").read_text(encoding="ascii").split()
        call = int(words[0]) if len(words) > 1 and words[0] != "running" else -1
        if call == READ[machine]:
            descriptor = processes / str(pid) / "fd" / str(int(words[1], 16))
            return str(descriptor.readlink()) == terminal
        return call in SELECT[machine] and int(words[1], 16) == 1
    except (OSError, ValueError):
        return None
