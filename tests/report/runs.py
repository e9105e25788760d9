"""Runs for the reports to tell of, made by hand: one with findings of every sort, and one that is well."""

from __future__ import annotations

from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Judgement
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site, SourceFile
from gradtui.model.stops import Outcome, Raised, Stop, StopKind
from gradtui.model.trace import Trace
from gradtui.report.summary import Summary, summarize

FOLDER = "/home/ada/ranker"
SCRIPT = f"{FOLDER}/train.py"

SOURCE = """\
def loss_of(net, batch):
    features, target = batch
    out = net(features)
    pred = torch.from_numpy(out.detach().numpy())
    target.requires_grad_()
    penalty = 0.1 * torch.stack(
        [head.item() for head in net.heads],
    ).sum()
    return F.mse_loss(pred, target) + penalty
"""

ROUNDTRIP = Finding(
    rule=Rule.NUMPY_ROUNDTRIP,
    severity=Severity.ERROR,
    file=SCRIPT,
    line=4,
    column=11,
    end_line=4,
    end_column=49,
    message="`out` went through numpy and came back as `pred` without its graph: 2 layers get no gradient.",
    fix="Use `out` itself: `pred = out`.",
    confidence=Confidence.EXACT,
    affected=("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"),
    evidence=(
        Evidence(SCRIPT, 9, "`mse_loss` reads `pred`, which has no graph"),
        Evidence(SCRIPT, 4, "`from_numpy` shares its memory with `out`"),
        Evidence("/opt/site/lib.py", 210, "the loss still requires grad: through `target`"),
    ),
    count=8,
    stop=1,
)
SCALAR = Finding(
    rule=Rule.PYTHON_SCALAR,
    severity=Severity.WARNING,
    file=SCRIPT,
    line=6,
    column=20,
    end_line=8,
    end_column=5,
    message="The term `penalty` is built from numbers, so it pulls on nothing.",
    fix="Leave out `.item()`.",
    confidence=Confidence.LIKELY,
    affected=("penalty",),
)
TEACHER = Finding(
    rule=Rule.NO_GRAD,
    severity=Severity.NOTE,
    file=f"{FOLDER}/nets/teacher.py",
    line=70,
    column=8,
    end_line=70,
    end_column=30,
    message="The teacher runs under no_grad, as teachers do.",
    fix="Nothing to do.",
    confidence=Confidence.EXACT,
    affected=(),
)


def site(line: int) -> Site:
    return Site(SCRIPT, line, line, 0, 10, "loss_of", user=True)


def snapshot(*states: GradState, raised: Raised | None = None) -> Snapshot:
    """One backward at line 9, then a step of one optimizer at which its parameters stood like this."""
    before = Stop(
        1, StopKind.BACKWARD, site=0, nodes=7, total=len(states), reached=states.count(GradState.PRESENT)
    )
    return Snapshot(
        script="train.py",
        folder=FOLDER,
        torch="2.13.0",
        python="3.11.7",
        stop=before,
        trace=Trace(sites=(site(9), site(3))),
        stops=(before,),
        judgements=(Judgement(0, 1, order=5, stop=1, states=dict(enumerate(states))),) if states else (),
        raised=raised,
        sources=(SourceFile(SCRIPT, SOURCE),),
    )


def summary_of(
    *snapshots: Snapshot, findings: tuple[Finding, ...] = (), outcome: Outcome | None = None
) -> Summary:
    return summarize(
        snapshots,
        findings,
        outcome or Outcome(0),
        script="train.py",
        folder=FOLDER,
        torch="2.13.0" * bool(snapshots),
    )


def broken() -> Summary:
    """Two findings that are loud and a note; four parameters without a gradient of five."""
    states = [GradState.NONE] * 4 + [GradState.PRESENT]
    return summary_of(snapshot(*states), findings=(ROUNDTRIP, SCALAR, TEACHER))


def healthy() -> Summary:
    return summary_of(snapshot(*[GradState.PRESENT] * 12), snapshot(*[GradState.PRESENT] * 12))


def raising() -> Summary:
    """A shape error in line 3 before anything could be judged."""
    raised = Raised("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", (1, 0), "Traceback ...")
    stopped = snapshot(raised=raised)
    return summary_of(stopped, outcome=Outcome(1, raised=Raised(raised.type, raised.message, (), "")))


def at_the_end() -> Summary:
    """Never a backward, never an optimizer."""
    ended = Stop(1, StopKind.END, site=NONE)
    return summary_of(Snapshot("train.py", FOLDER, "2.13.0", "3.11.7", ended))
