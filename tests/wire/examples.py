"""One message of every type, with every sort of field filled."""

from __future__ import annotations

import math
from dataclasses import replace

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.gradients import Death, GradHealth, GradSummary, Learnt, Passed
from gradtui.model.graph import Graph, StaleSave
from gradtui.model.messages import (
    PROTOCOL,
    Act,
    Answer,
    Command,
    Evaluate,
    Finished,
    Hello,
    Plan,
    ProgramPhase,
    Progress,
    Ready,
    Reason,
    Seen,
    Show,
    Stepped,
    Stopped,
    Weigh,
    Weighed,
)
from gradtui.model.owners import GradState, Group, Judgement, Module, Optimizer, Parameter, Role
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site, SourceFile
from gradtui.model.stops import Outcome, Raised, Stop, StopKind
from gradtui.model.trace import Kind, Tie, Trace
from gradtui.model.unseen import Unseen, Unwatched
from gradtui.wire.codec import Message

SITE = Site("/home/ada/train.py", 3, 4, 8, 31, "Net.forward", True)

TRACE = Trace(
    functions=("torch.randn", "Tensor.item", "torch.mul"),
    sites=(SITE, replace(SITE, line=5)),
    stacks=((1, 0), ()),
    shapes=((2, 3), ()),
    dtypes=("float32",),
    devices=("cpu", "cuda:0"),
    kind=ints([Kind.OP, Kind.ESCAPE, Kind.OP]),
    function=ints([0, 1, 2]),
    site=ints([0, 0, 1]),
    stack=ints([NONE, 0, 1]),
    module=ints([NONE, NONE, 0]),
    flags=ints([1, 1, 0]),
    detail=ints([0, 7, 0]),
    begin=ints([0, 1, 1]),
    sequence_begin=ints([0, 1, 1]),
    sequence_end=ints([1, 1, 2]),
    order=ints([10, 11, 2**40]),
    inputs=Ragged.of([[], [0], [0, 0]]),
    outputs=Ragged.of([[0], [], [1]]),
    producer=ints([0, 2]),
    tensor=ints([5, 6]),
    shape=ints([0, 1]),
    dtype=ints([0, 0]),
    device=ints([1, 0]),
    version=ints([0, -1]),
    value_flags=ints([127, 0]),
    storage=ints([5, NONE]),
    ties=(Tie(1, 2, True, "the same float"),),
    total_calls=1_000_000,
)

GRAPH = Graph(
    names=("MulBackward0", "AccumulateGrad"),
    shapes=((), (2, 3)),
    roots=ints([0]),
    name=ints([0, 1]),
    sequence=ints([1, NONE]),
    call=ints([2, NONE]),
    leaf=ints([NONE, 5]),
    hooks=ints([0, 2]),
    edges=Ragged.of([[1, NONE], []]),
    edge_inputs=Ragged.of([[0, 0], []]),
    received=Ragged.of([[0], [1]]),
    stale=(StaleSave(0, "_saved_self", 0, 1, NONE, likely=True),),
    truncated=3,
)

STOP = Stop(1, StopKind.BACKWARD, 1, 2, (1, 0), (1,), math.nan, nodes=2, total=2, reached=1)
RAISED = Raised("ValueError", "what?", (1, 0), "Traceback ...\n", True, 1, 2, "float 0.25")

SNAPSHOT = Snapshot(
    script="train.py",
    folder="/home/ada",
    torch="2.13.0",
    python="3.11.7",
    stop=STOP,
    trace=TRACE,
    graph=GRAPH,
    parameters=(
        Parameter(
            5, ("weight", "tied"), Role.BUFFER, (2, 3), "float32", "cpu", True, True, 0, GradState.ZERO, 1
        ),
    ),
    modules=(
        Module("", "net", "Net", True, odd_names=("require_grad",)),
        Module("fc", "net", "Linear", False, 0),
    ),
    optimizers=(Optimizer("SGD", "opt", (Group((5,), (("lr", "0.1"),)),), made=0, steps=3),),
    stops=(STOP, replace(STOP, kind=StopKind.END, site=NONE, call=NONE, loss=None)),
    judgements=(Judgement(0, 1, 12, 1, {5: GradState.NONFINITE, 6: GradState.NONE}, frozenset({6, 5})),),
    deaths=(Death(0, NONE, "MulBackward0", GradHealth.ZERO, (5,)),),
    raised=RAISED,
    sources=(SourceFile("/home/ada/train.py", "x = 'ä'\n\u2028\x18\ttab \udcff"),),
    unseen=(Unseen(Unwatched.THREAD, "A thread ran where nobody looked."),),
)

SUMMARY = GradSummary((2,), "float32", math.inf, -math.inf, 1e308, math.nan, 2, 0, 1, 1, (1, 0, 1), False)

SAVED = Saved(
    ("self", "tensors[1]"),
    ((2, 3),),
    ("float32",),
    node=ints([0, 1]),
    attribute=ints([1, 0]),
    shape=ints([0, 0]),
    dtype=ints([0, 0]),
    storage=ints([0, NONE]),
    size=ints([24, 2**40]),
    owner=ints([5, NONE]),
    expected=ints([0, 0]),
    actual=ints([0, 1]),
    hooked=1,
    unread=2,
)

LEARNT = (Learnt(5, SUMMARY, 1.5, 0.25), Learnt(6, SUMMARY, 0.0))

BREAK = Break(BreakKind.NODE, "MulBackward0", "/home/ada/train.py", 3, 1)

MESSAGES: tuple[Message, ...] = (
    Hello(PROTOCOL, 12, "3.11.7"),
    Ready("2.13.0"),
    Progress(5, SITE, ProgramPhase.RUNNING, 1, 2),
    Progress(5, None, ProgramPhase.IMPORTING),
    Stopped(SNAPSHOT),
    Seen(Snapshot("-m train", "/", "2.4.0", "3.13.1", Stop(2, StopKind.STEP, NONE))),
    Stepped(
        (Passed(0, (SUMMARY, None), (), 1),), NONE, 4, Reason.BREAK, (SUMMARY,), BREAK, "E: no", 1, LEARNT
    ),
    Answer(1, "tensor(1.)", True, 8, 4, 16),
    Weighed(3, SAVED),
    Weighed(4, error="Not now."),
    Finished(Outcome(139, 11, RAISED, False, "No such file.")),
    Command(Act.TO, 4, (BREAK, Break(BreakKind.ABOVE, bound=1e3))),
    Evaluate(1, "loss.item()", 2),
    Show(2, 5, 0, 1, 100, True),
    Weigh(3),
    Plan(("train.py", "--lr", "0.1"), "script", True, 0, "train.py:7", unheld=True),
)
