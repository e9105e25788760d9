"""Starting a program, whatever is typed at that moment."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.session.children import stand_in
from tests.terminal import ROOT, command

STARTS_MANY = """\
import os, signal, sys, time
from pathlib import Path
from gradtui.model.messages import Plan
from gradtui.session.child import Child
from gradtui.session.launch import Launch

suspended = 0
def count(*_):
    global suspended
    suspended += 1

signal.signal(signal.SIGTSTP, count)
typist = os.fork()
if not typist:  # somebody who never lets go of Ctrl-Z
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    while True:
        os.killpg(0, signal.SIGTSTP)
        time.sleep(0.0002)
launch = Launch(Plan(("train.py",), "script"), terminal=True, bootstrap=Path(sys.argv[1]))
for _ in range(30):
    child = Child(launch)
    child.signal(signal.SIGKILL)
    child.wait()
    child.close()
os.kill(typist, signal.SIGKILL)
print("started all of them" if suspended else "nobody typed anything")
"""
"""Starts programs one after the other, while Ctrl-Z is typed all the time."""


def test_a_program_starts_while_ctrl_z_is_typed(tmp_path: Path) -> None:
    file, launch = tmp_path / "many.py", stand_in(tmp_path, "")
    file.write_text(STARTS_MANY, encoding="utf-8")
    words = f"PYTHONPATH='{ROOT}' '{sys.executable}' '{file}' '{launch.bootstrap}'\r"
    # Where no shell has job control nothing is ever stopped.
    with command(["sh", "-i"], columns=100, rows=30, environment={"PS1": "ready> ", "ENV": ""}) as terminal:
        terminal.until("ready>")
        terminal.press(words)
        terminal.until("started all of them")
        terminal.press("exit\r")
        terminal.end()
