"""The Observer that records: puts everything in when torch is imported, and takes everything out again."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import gradtui
from gradtui.model.messages import Plan, Ready
from gradtui.wire.channel import Channel

if TYPE_CHECKING:
    from gradtui.debuggee.stops import Stops


class Instrumentation:
    """Watches one program from its import of torch to its end. See `observer.Observer`."""

    def __init__(self, plan: Plan, channel: Channel) -> None:
        self.plan, self.channel = plan, channel
        self._installed = ExitStack()
        self._stops: Stops | None = None
        self._folder = _working_folder()
        self._failed = False
        """Whether an exception that nobody caught has ended the program."""

    def torch_imported(self) -> None:
        import torch

        from gradtui.debuggee import attribution
        from gradtui.debuggee.call_handlers import CallHandlers
        from gradtui.debuggee.engine import Engine
        from gradtui.debuggee.judge import Judge
        from gradtui.debuggee.owners import Owners
        from gradtui.debuggee.patches import Patches
        from gradtui.debuggee.quiet import Quiet
        from gradtui.debuggee.reached import Reached
        from gradtui.debuggee.recorder import Recorder
        from gradtui.debuggee.sites import Sites
        from gradtui.debuggee.snapshots import SnapshotTaker
        from gradtui.debuggee.steps import Steps
        from gradtui.debuggee.stops import Stops

        recorder = Recorder(Sites(self._folder))
        call_handlers = CallHandlers(recorder)
        owners = Owners(recorder)
        snapshot_taker = SnapshotTaker(self.plan, recorder, owners)
        numbers = snapshot_taker.tensor_numbers
        reached = Reached(owners.living, numbers, recorder.leaves)
        recorder.on_grads, recorder.on_clearing = reached.settle, reached.clearing
        check = self.plan.check
        judge = Judge(reached, numbers, recorder.leaves, any_device=check, each_step=check)
        snapshot_taker.judge = judge
        stops = Stops(self.plan, self.channel, recorder, owners, snapshot_taker, judge)
        steps = Steps(stops)
        Engine(stops, steps.backward_ran)
        patches = Patches(recorder, call_handlers, owners, steps.before, steps.after, steps.left_out)
        self._installed.callback(patches.remove)
        self._installed.callback(attribution.install(lambda: recorder.quiet is Quiet.ALL))
        recorder.mode.__enter__()
        self._installed.callback(recorder.take_off)
        self._stops = stops
        gradtui.holder, gradtui.compiling = stops.breakpoint, torch.compiler.is_compiling
        self._installed.callback(setattr, gradtui, "holder", None)
        self.channel.send(Ready(torch.__version__))

    def raised(self, error: BaseException) -> None:
        self._failed = True
        if self._stops is not None:
            self._stops.raised(error)

    def ended(self, status: int) -> None:
        if self._stops is not None:
            self._stops.ended(exited=status != 0 and not self._failed)

    def remove(self) -> None:
        self._installed.close()
        self._stops = None

    def forked(self) -> None:
        self.remove()


def watch(plan: Plan, channel: Channel) -> Instrumentation:
    """What `launch` asks for."""
    return Instrumentation(plan, channel)


def _working_folder() -> str:
    """The folder that the process is in; empty where somebody has removed it."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""
