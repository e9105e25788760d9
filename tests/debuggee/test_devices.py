"""Which thread backward runs in; what can only be seen on a GPU is tested where there is one."""

from __future__ import annotations

import threading

import pytest
import torch
from torch.autograd.graph import save_on_cpu

from gradtui.debuggee.devices import Threads, in_this_thread
from tests.debuggee.recording import recording


@pytest.mark.parametrize(
    ("names", "leaves"), [([], False), (["cuda:0"], True), (["cuda:0", "cuda:1"], False)]
)
def test_only_several_gpus_keep_the_threads_that_torch_gives_them(names: list[str], leaves: bool) -> None:
    metas = [((), torch.float32, torch.device("cpu"))]
    threads = Threads(metas)
    assert not threads.leaves_ours()  # on the CPU it doesn't anyway

    metas += [((), torch.float32, torch.device(name)) for name in names]
    assert threads.leaves_ours() is leaves


def test_backward_runs_in_this_thread_and_afterwards_where_it_did() -> None:
    with in_this_thread():
        assert not torch.autograd.is_multithreading_enabled()
    assert torch.autograd.is_multithreading_enabled()


def test_where_a_program_wants_no_threads_nothing_is_switched() -> None:
    threads = Threads([((), torch.float32, torch.device("cuda:0"))])
    with torch.autograd.set_multithreading_enabled(False):
        assert not threads.leaves_ours()


def test_saved_tensors_hooks_of_another_thread_are_none_of_this_ones() -> None:
    def elsewhere() -> None:
        with save_on_cpu():
            torch.ones(2, requires_grad=True).exp().sum().backward()

    with recording() as made:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert not made.stops.recorder.hooked
        assert not made.stops.recorder.hooking
