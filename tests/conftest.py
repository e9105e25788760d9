"""What every test lives in: one thread for torch, and nothing of the developer's own terminal."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.warm import interpreter

REAL_TERMINAL = (
    "NO_COLOR",
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
    "COLUMNS",
    "LINES",
    "PYTHONWARNINGS",
)

# Before torch is imported anywhere: on a small machine more threads than cores only get in each other's way.
os.environ["OMP_NUM_THREADS"] = "1"
# A shell that starts the tests in the background has them ignore Ctrl-C, and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection(session: pytest.Session) -> None:
    """Whoever looks among all objects, for garbage or for modules, finds none of those that torch brings
    along: there are 300,000, and the tests look a thousand times."""
    if session.config.getoption("numprocesses", None):
        return  # others run the tests
    import torch

    torch.optim.SGD([torch.ones(1, requires_grad=True)])  # imports a great deal more
    gc.collect()
    gc.freeze()


def pytest_collection_finish(session: pytest.Session) -> None:
    """The same of the tests themselves, which are thousands of objects each."""
    if not session.config.getoption("numprocesses", None):
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def warm() -> Iterator[Path]:
    """What stands in for a Python that has imported torch."""
    with TemporaryDirectory() as folder, interpreter(Path(folder)) as path:
        yield path


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the developer's shell says about colours and sizes reaches a test."""
    for name in REAL_TERMINAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
