"""Which thread backward runs in; what can only be seen on a GPU is tested where there is one."""

from __future__ import annotations

import threading

import pytest
import torch
from torch.autograd.graph import save_on_cpu

from gradtui.debuggee.devices import in_this_thread
from tests.debuggee.recording import recording


@pytest.mark.parametrize(("names", "own"), [([], False), (["cuda:0"], False), (["cuda:0", "cuda:1"], True)])
def test_only_several_gpus_keep_the_threads_that_torch_gives_them(names: list[str], own: bool) -> None:
    metas = [((), torch.float32, torch.device(name)) for name in ["cpu", *names]]
    with in_this_thread(metas):
        assert torch.autograd.is_multithreading_enabled() is own
    assert torch.autograd.is_multithreading_enabled()


def test_a_program_that_wants_no_threads_has_none_afterwards_either() -> None:
    with torch.autograd.set_multithreading_enabled(False):
        with in_this_thread([]):
            pass
        assert not torch.autograd.is_multithreading_enabled()


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
