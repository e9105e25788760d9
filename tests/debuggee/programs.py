"""Runs a program twice: as Python does, and as the debuggee does, for a viewer that only listens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

PROBES = Path(__file__).parent / "probes"
BOOTSTRAP = Path(__file__).parents[2] / "gradtui" / "debuggee" / "bootstrap.py"
FLAGS = {"script": [], "module": ["-m"], "code": ["-c"]}


@dataclass(frozen=True)
class Ended:
    """What somebody outside sees of a program that has ended."""

    status: int
    stdout: str
    stderr: str
    heard: list[dict[str, Any]] = field(default_factory=list, compare=False)

    @property
    def outcome(self) -> dict[str, Any]:
        last = self.heard[-1]
        assert last["type"] == "Finished"
        outcome: dict[str, Any] = last["outcome"]
        return outcome


@dataclass(frozen=True)
class Program:
    """How a program is started."""

    argv: Sequence[str]
    form: str = "script"
    folder: Path = PROBES
    flags: Sequence[str] = ()
    stdin: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    interpreter: str = sys.executable
    """What the debuggee runs in; flags are for Python itself alone."""

    def by_python(self) -> Ended:
        """As `python SCRIPT` runs it."""
        done = subprocess.run(
            [sys.executable, *self.flags, *FLAGS[self.form], *self.argv],
            check=False,
            **self._surroundings(),
            input=self.stdin,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def by_us(self, **plan: object) -> Ended:
        """As the debuggee runs it; nothing is ever held unless the plan says otherwise."""
        viewer, debuggee = socket.socketpair()
        descriptor = debuggee.fileno()
        command = [self.interpreter, *self.flags, str(BOOTSTRAP), str(descriptor)]
        message = {
            "argv": list(self.argv),
            "form": self.form,
            "check": True,
            "steps": 0,
            "stop_at": "",
            **plan,
        }
        heard: list[dict[str, Any]] = []
        listener = Thread(target=_listen, args=(viewer, message, heard))
        listener.start()
        try:
            done = subprocess.run(
                command,
                check=False,
                **self._surroundings(),
                input=self.stdin,
                pass_fds=[descriptor],
                timeout=120,
            )
        finally:
            debuggee.close()
            listener.join()
        return Ended(done.returncode, done.stdout, done.stderr, heard)

    def _surroundings(self) -> dict[str, Any]:
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": "", **self.environment}
        return {
            "cwd": self.folder,
            "env": environment,
            "capture_output": True,
            "text": True,
            "encoding": "utf-8",
        }


def _listen(viewer: socket.socket, plan: Mapping[str, object], heard: list[dict[str, Any]]) -> None:
    """Send the plan, and write down what is said until nobody is there to say more."""
    with viewer, viewer.makefile("rw", encoding="utf-8") as wire:
        print(json.dumps({"type": "Plan", **plan}), file=wire, flush=True)
        heard.extend(json.loads(line) for line in wire)
