"""How a process is started so that Ctrl-Z can't come in between.

A Ctrl-Z stops every process of the terminal's foreground group. With vfork, which is what `subprocess`
prefers, the new one is among them until it has a session of its own, and it takes the signal before that: it
stops, its parent waits in the kernel until it goes on, and so neither stops nor hears of anything. What was
forked stops, goes on and is told of signals as any process.
"""

from __future__ import annotations

import subprocess


def without_vfork() -> None:
    """Have all that `subprocess` starts from now on be forked: 1 ms more for a process as small as ours."""
    subprocess._USE_VFORK = False  # type: ignore[misc]  # which its documentation gives for such a case
