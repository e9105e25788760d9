"""An interpreter that has imported torch already, for tests that run many programs: that takes most of each.

`interpreter` starts a server, which imports torch and what an optimizer imports, and gives the path of what
stands in for a Python: whatever it is to run, a fork of the server runs as that Python's `__main__`, in the
folder, with the environment and on the descriptors that it was given. What the C++ of torch does at the end
of a process is left out: it takes as long as many a program.

The stand-in passes on the signals that ask a program for something; its terminal and its process are its
own, not the fork's. What depends on those, and importing torch under a program that is watched, is tested
with Python itself.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST = 1 << 20
"""Bytes of all that a program is started with."""

CLIENT = """#!{python} -IS
import contextlib, json, os, signal, socket, sys

def pass_on(number, _):
    with contextlib.suppress(ProcessLookupError):
        os.kill(program, number)

argv = sys.argv[1:]
if not argv or not argv[0].endswith("bootstrap.py"):  # somebody asks it what it is
    os.execv({python!r}, [{python!r}, *argv])
channel = int(argv[1])
there = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
there.connect({address!r})
told = json.dumps([argv, os.getcwd(), dict(os.environ)]).encode()
there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(told))
socket.send_fds(there, [told], [0, 1, 2, channel])
os.close(channel)
program = int(there.recv(64))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGURG):
    signal.signal(number, pass_on)
status = int(there.recv(64) or b"-9")
if status < 0:
    if status != -signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


@contextmanager
def interpreter(folder: Path) -> Iterator[Path]:
    """The path of the stand-in, in a folder that is short enough for the address of a socket."""
    address, client = str(folder / "socket"), folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address), encoding="utf-8")
    client.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as here:
        here.bind(address)
        here.listen()
        command = [sys.executable, __file__, str(here.fileno())]
        server = subprocess.Popen(command, pass_fds=(here.fileno(),), stdin=subprocess.DEVNULL)
    try:
        yield client
    finally:
        server.kill()
        server.wait()


def serve(listening: socket.socket) -> None:
    """Fork a process for each connection, for as long as there is anybody to connect.

    It returns in forks alone: in each that is to be a program, with all that one is started with.
    """
    import torch

    torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)  # imports a great deal more
    gc.collect()
    gc.freeze()  # what is there already isn't moved about in every fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            _begin(connection)
            return
        connection.close()


def _begin(connection: socket.socket) -> None:
    """Fork once more: one waits for the program's end and tells it, the other one returns to be it."""
    told, descriptors, _, _ = socket.recv_fds(connection, MOST, 4)
    program = os.fork()
    if program:
        connection.send(str(program).encode())
        ended = os.pidfd_open(program)
        ready, _, _ = select.select([ended, connection.fileno()], [], [])
        if ended not in ready:  # whoever started it was killed
            os.kill(program, signal.SIGKILL)
        _, status = os.waitpid(program, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    connection.detach()
    argv, folder, environment = json.loads(told)
    apart = [fcntl.fcntl(given, fcntl.F_DUPFD, 1000) for given in descriptors]
    os.closerange(3, 1000)
    for given, wanted in zip(apart, (0, 1, 2, int(argv[1])), strict=True):
        os.dup2(given, wanted)
        os.close(given)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    random.seed()
    sys.argv[:] = argv
    sys.orig_argv[:] = [sys.executable, *argv]
    sys.path.insert(0, os.path.dirname(argv[0]))  # noqa: PTH120 - as Python does
    folders = [folder for folder in environment.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.path[1:1] = [folder for folder in folders if folder not in sys.path]
    if any((Path(folder) / "sitecustomize.py").exists() for folder in folders):
        sys.modules.pop("sitecustomize", None)
        importlib.import_module("sitecustomize")


if __name__ == "__main__":
    del sys.path[0]
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        serve(listening)
    library = ctypes.CDLL(None)
    library.on_exit(library._exit, None)  # of what C does at the end this comes first, and is told the status
    path = sys.argv[0]
    # What it raises ends this process, which is how a program begins.
    exec(compile(Path(path).read_text("utf-8"), path, "exec"), {"__name__": "__main__", "__file__": path})
