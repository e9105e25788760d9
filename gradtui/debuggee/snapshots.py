"""Takes snapshots: everything that is known at one moment, as values of the model."""

from __future__ import annotations

import platform
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.compaction import renumber_forward
from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.judge import Judge
from gradtui.debuggee.marks import LEAF
from gradtui.debuggee.owners import Owners, held_now
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import picked
from gradtui.debuggee.traces import Cut, LeftOut, Progress, cut, cut_last
from gradtui.debuggee.unsent import Unsent
from gradtui.model.columns import NONE
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.messages import Plan
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Raised, Stop
from gradtui.model.trace import Kind
from gradtui.model.unseen import Unseen, left_out

FRAMES = 30


class SnapshotTaker:
    """Takes snapshots of one program."""

    def __init__(self, plan: Plan, recorder: Recorder, owners: Owners) -> None:
        self.plan, self.recorder, self.owners = plan, recorder, owners
        self.judge: Judge | None = None
        self.births: dict[int, tuple[int, str, int]] = {}
        """Where tensors were made: site, function and order, by tensor. Outlives the records themselves."""
        self._learnt = 0
        """Births before this order are known."""
        self._stale: tuple[StaleSave, ...] = ()
        """Of the graph in the last snapshot, as the viewer has them."""

    def tensor_number(self, tensor: Tensor) -> int:
        """The identity of a tensor as in `Trace.tensor`; a tensor that was never met is put on the tape."""
        tape = self.recorder.tape
        value = tape.value_of(tensor)
        if value == NONE:
            value = self.recorder.see(tensor, None)
        return tape.tensor[value]

    def tensor_numbers(self, tensors: Sequence[Tensor]) -> list[int]:
        """The identity of each of these tensors, as `tensor_number` gives it for one."""
        tape = self.recorder.tape
        values = tape.values_of(tensors)
        for place, value in enumerate(values):
            if value == NONE:  # unless it stands there twice, and was seen just now
                known = tape.value_of(tensors[place])
                values[place] = self.recorder.see(tensors[place], None) if known == NONE else known
        return picked(tape.tensor, values).tolist()

    def learning(self) -> set[int]:
        """Tensors that could learn: leaves that require grad, of modules, optimizers or the program's own."""
        tape = self.recorder.tape
        found = {self.tensor_number(tensor) for tensor in held_now(self.owners) if tensor.requires_grad}
        for key, value in tape.alive().items():
            tensor = tape.refs[key]()
            leaf = tensor is not None and tensor.requires_grad and tape.flags[value] & LEAF
            if leaf and not tape.is_apart(value):
                found.add(tape.tensor[value])
        return found

    def writer(self, node: int) -> int:
        """The call, as numbered in the last snapshot, that wrote what a node of its graph had saved."""
        return next((save.call for save in self._stale if save.node == node), NONE)

    def user_site(self, stack: Sequence[int]) -> int:
        table = self.recorder.sites.table
        return next((site for site in stack if table[site].user), stack[0] if stack else NONE)

    def forget_births(self) -> None:
        """Forget those of tensors that are gone."""
        kept = set(self.recorder.tape.tensor)
        self.births = {tensor: birth for tensor, birth in self.births.items() if tensor in kept}

    def learn_births(self) -> None:
        """Note for each tensor that still exists where it was made, while the record of it is there."""
        tape, births = self.recorder.tape, self.births
        names = self.recorder.functions.names
        learnt, self._learnt = self._learnt, tape.next_order
        call = bisect_left(tape.order, learnt)
        if call == len(tape):
            return
        first = tape.first_value[call]
        wanted = {tape.tensor[value] for value in tape.alive().values()}.difference(births)
        fresh = tape.tensor[first:]
        for value in compress(range(first, first + len(fresh)), map(wanted.__contains__, fresh)):
            tensor = tape.tensor[value]
            if tensor in births:
                continue  # written since
            call = bisect_right(tape.first_value, value) - 1
            key = tape.keys[tape.key[call]]
            seen = tape.kind.get(call) is Kind.SEEN
            births[tensor] = (NONE if seen else key[1], "" if seen else names[key[0]], tape.order[call])

    @uncollected()
    def snapshot(
        self,
        stop: Stop,
        frames: FrameType | Sequence[FrameType] | None,
        *,
        window: int,
        graph: Graph | None,
        stops: tuple[Stop, ...],
        unsent: Unsent,
        raised: Raised | None,
        unseen: tuple[Unseen, ...] = (),
        progress: Progress | None = None,
    ) -> Snapshot:
        """Everything that is known now; where `progress` wants no more of it, only the last calls.

        Such a brief one tells nothing that is unsent: that is for one that can explain it.
        """
        scan = self.owners.look(self.user_frames(frames), self.tensor_number)
        assert self.judge is not None
        self.learn_births()
        parameters = scan.parameters(self.judge.state, lambda number: self.births.get(number, (NONE, "", 0)))
        optimizers = scan.optimizers()
        made, brief = self._cut(window, progress)
        if brief:
            told_calls, all_calls = len(made.trace), len(self.recorder.tape)
            unseen = (*unseen, left_out(all_calls, told_calls))
            unsent = Unsent()
        told = None if graph is None else made.graph(graph)
        self._stale = () if told is None else told.stale
        return Snapshot(
            script=self.script,
            folder=self.recorder.sites.folder,
            torch=torch.__version__,
            python=platform.python_version(),
            stop=self._moved(stop, made),
            trace=made.trace,
            graph=told,
            parameters=parameters,
            modules=scan.modules,
            optimizers=optimizers,
            stops=tuple(self._moved(item, made) for item in stops),
            judgements=() if brief else tuple(self.judge.pending),
            deaths=tuple(replace(death, call=made.call(death.call)) for death in unsent.deaths),
            cancelled=tuple(replace(one, call=made.call(one.call)) for one in unsent.cancelled),
            uncancelled=tuple(unsent.uncancelled),
            watched=tuple(unsent.watched),
            forwards=tuple(renumber_forward(one, made.numbers) for one in unsent.forwards),
            raised=None
            if raised is None
            else replace(raised, call=made.call(raised.call), value=made.value(raised.value)),
            sources=self.recorder.sites.fresh_sources(),
            unseen=(*unseen, *self.recorder.unseen),
            brief=brief,
        )

    def _cut(self, window: int, progress: Progress | None) -> tuple[Cut, bool]:
        """A trace, and whether it is of the last calls alone."""
        try:
            return cut(self.recorder, window, progress), False
        except LeftOut:
            return cut_last(self.recorder), True

    @property
    def script(self) -> str:
        match self.plan.form:
            case "module":
                return f"-m {self.plan.argv[0]}"
            case "code":
                return "-c"
            case _:
                return self.plan.argv[0]

    def _moved(self, stop: Stop, made: Any) -> Stop:
        """A stop with the trace's numbers; those of the past may point to what is no longer kept."""
        return replace(
            stop,
            call=made.call(stop.call) if stop.call < len(made.numbers.calls) else NONE,
            roots=tuple(made.value(value) for value in stop.roots if value < len(made.numbers.values)),
        )

    def user_frames(self, frames: FrameType | Sequence[FrameType] | None) -> list[FrameType]:
        """The user's among these frames, or among a frame and those that called it; innermost first."""
        if frames is None:
            return []
        if isinstance(frames, FrameType):
            chain: list[FrameType] = []
            frame: FrameType | None = frames
            while frame is not None:
                chain.append(frame)
                frame = frame.f_back
            frames = chain
        user = self.recorder.sites.is_user
        return [frame for frame in frames if user(frame.f_code)][:FRAMES]
