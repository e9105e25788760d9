"""How the program stands: importing, running, held, or ended; and for how long it has run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text

from gradtui.model.columns import NONE
from gradtui.model.messages import ProgramPhase, Training
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import Outcome, StopKind
from gradtui.tui.palette import MUTED


class ScreenPhase(StrEnum):
    """What is waited for where the program says nothing of it."""

    STARTING = "starting"
    """Python has been started."""
    BEGINNING = "beginning"
    """The script runs, and hasn't imported torch."""
    DIAGNOSING = "diagnosing"
    ARRANGING = "arranging"
    COUNTING = "counting"
    ENDING = "ending"
    """The run before, where it is run again."""
    EXITING = "exiting"
    """The program, as the user leaves."""


AnyPhase = ProgramPhase | ScreenPhase

PHASES: dict[AnyPhase, str] = {
    ScreenPhase.STARTING: "starting Python",
    ScreenPhase.BEGINNING: "running, torch is not imported yet",
    ProgramPhase.IMPORTING: "importing torch",
    ProgramPhase.RUNNING: "running",
    ProgramPhase.CAPTURING: "reading the graph",
    ProgramPhase.TELLING: "taking the snapshot",
    ProgramPhase.BACKWARD: "running backward",
    ScreenPhase.DIAGNOSING: "looking for what is wrong",
    ScreenPhase.ARRANGING: "putting the graph into rows",
    ScreenPhase.COUNTING: "counting what each line made",
    ScreenPhase.ENDING: "ending the run before",
    ScreenPhase.EXITING: "ending",
}


TO_PAUSE: dict[AnyPhase, str] = {
    ScreenPhase.STARTING: "at its first torch call",
    ScreenPhase.BEGINNING: "at its first torch call",
    ProgramPhase.IMPORTING: "at its first torch call",
    ProgramPhase.BACKWARD: "at the next node of this backward, or at the next torch call after it",
}
"""By phase where a pause that is asked for holds the program; elsewhere at its next torch call."""

ENDINGS = frozenset([ScreenPhase.ENDING, ScreenPhase.EXITING])
BEFORE_TORCH = frozenset([ScreenPhase.STARTING, ScreenPhase.BEGINNING, ProgramPhase.IMPORTING])
"""Phases of a program that hasn't come to what it can be held at."""

READING = frozenset(
    [
        ProgramPhase.CAPTURING,
        ProgramPhase.TELLING,
        ScreenPhase.DIAGNOSING,
        ScreenPhase.ARRANGING,
        ScreenPhase.COUNTING,
    ]
)
"""Phases in which it waits for nobody but us."""


@dataclass(frozen=True, slots=True)
class Status:
    script: str = ""
    recorded: str = ""
    """That what is shown is a recording, in a few words; empty where a program runs."""
    several: bool = False
    """Whether other recordings were opened beside it, and can be gone on to."""
    elsewhere: bool = False
    """Whether it runs in another terminal, and was there before the screen."""
    damage: str = ""
    """One sentence where that isn't whole."""
    nothing: str = ""
    """One sentence where it has nothing to show."""
    stop_at: str = ""
    """Where it was to be held first, as typed: `N` or `FILE:LINE`."""
    phase: AnyPhase = ScreenPhase.STARTING
    held: bool = False
    """It waits for a command."""
    outcome: Outcome | None = None
    """How it ended, None while it lives."""
    pausing: bool = False
    """It was told to pause, and hasn't come to where it can be held."""
    calls: int = 0
    training: Training | None = None
    """None before the first backward."""
    site: Site | None = None
    done: int = 0
    total: int = 0
    elapsed: float = 0.0
    waits: str = ""
    """That it waits for somebody to type, in words; empty where it doesn't."""
    prompt: str = ""
    """What it printed last, on a line that it didn't end."""

    @property
    def running(self) -> bool:
        return self.outcome is None

    @property
    def reading(self) -> bool:
        """Whether it is held, and what it is held at is still being read or judged."""
        return not self.held and self.phase in READING

    @property
    def asking(self) -> bool:
        """Whether it goes on only when somebody types."""
        return bool(self.waits) and self.running and not self.held

    @property
    def how(self) -> str:
        """How it stands, in words that follow its name."""
        if self.held:
            return "is held"
        return "is still ending" if self.phase is ScreenPhase.EXITING else "still runs"

    @property
    def busy(self) -> str:
        """Why it can't be let go on or be stepped now, where it lives and isn't held."""
        if self.phase is ScreenPhase.EXITING:
            return "It is ending: its last line has run."
        if self.phase is ScreenPhase.ENDING:
            return "The run before is ending; the next one begins by itself."
        if self.phase in BEFORE_TORCH and not self.elsewhere:
            return f"It is starting, and will be held {self.first_held}."
        return ""

    @property
    def first_held(self) -> str:
        """Where it is held first by itself."""
        return f"at {self.stop_at}" if self.stop_at else "before its first backward"

    @property
    def to_pause(self) -> str:
        """Where it is held if it is told to pause now."""
        return TO_PAUSE.get(self.phase, "at its next torch call")

    @property
    def failed(self) -> bool:
        return self.outcome is not None and self.outcome.status != 0

    @property
    def unread(self) -> tuple[str, int] | None:
        """The file whose text is no Python, and the line in it, where the program never started for that."""
        outcome = self.outcome
        return (outcome.file, outcome.line) if outcome is not None and outcome.line != NONE else None

    @property
    def ours(self) -> bool:
        """Whether it is a program that we have started, and can start again."""
        return not self.recorded and not self.elsewhere

    @property
    def unprinted(self) -> str:
        """Why nothing is seen of what it prints."""
        if self.recorded:
            return "A recording has nothing of what the program printed."
        if self.elsewhere:
            return "What the program prints goes to the terminal where it was started."
        return "The program has printed nothing yet."

    @property
    def over(self) -> str:
        """Why nothing can be stepped or held any more."""
        if self.recorded:
            return "A recording can't be stepped or held: the program isn't here."
        return "The program has ended."

    @property
    def not_again(self) -> str:
        """Why it can't be run again from here."""
        if self.recorded:
            return "A recording can't be run again: the program isn't here."
        return "It was started in another terminal, and can be run again only from there."

    @property
    def sentence(self) -> str:
        return self.said()

    def said(self, *, placed: bool = True) -> str:
        """How it stands in a few words; not at which line or where it is to pause, where room lacks."""
        if self.recorded and self.outcome is None:
            return "reading the recording"
        if self.outcome is not None:
            ended = f"ended with status {self.outcome.status}" if self.outcome.status else "ended"
            if self.outcome.killed:
                ended = f"killed by signal {self.outcome.signal}"
            if self.damage:
                ended = "breaks off"
            return f"{self.recorded}: {ended}" if self.recorded else ended
        if self.asking:
            return self.waits
        words = PHASES[self.phase]
        if self.total:
            words += f" {100 * self.done // self.total} %"
        elif self.done:
            words += f" ({self.done:,} nodes)"
        if placed and self.site is not None and self.site.line:
            words += f" at {self.site.place}"
        if self.pausing:
            words += f"; paused {self.to_pause}" if placed else "; pausing"
        return words

    def ahead_of(self, snapshot: Snapshot) -> bool:
        """Whether the program runs, and has come further than this tells: what goes on as before isn't told
        one by one, and only how far it is comes with its signs of life."""
        if self.held or not self.running or self.recorded or self.training is None:
            return False
        told = training_of(snapshot) or Training()
        return self.training.backwards > told.backwards or self.training.steps > told.steps

    @property
    def figures(self) -> list[Text]:
        """How far it has come, in ever fewer words."""
        done = self.training or Training()
        calls = f"{self.calls:,} torch {'call' if self.calls == 1 else 'calls'}"
        loss = f"loss {done.loss:.4g}" if done.loss is not None else ""
        backwards = f"backward {done.backwards:,}" if done.backwards else ""
        steps = f"step {done.steps:,}" if done.steps else ""
        trained = (backwards, steps, loss)
        count = steps or backwards  # the two mostly go together
        lines = ((calls if self.calls else "", *trained), trained, (count, loss), (loss or count,), ())
        # A recording doesn't say how long it took; and a clock that stands had better not look like one.
        passed = "" if self.recorded else f"{'' if self.running else 'after '}{clock(self.elapsed)}"
        return [Text("   ".join(filter(None, [*line, passed])), MUTED) for line in lines]


def training_of(snapshot: Snapshot) -> Training | None:
    """How far the training had come where this was taken; None before the first backward."""
    last = next((stop for stop in reversed(snapshot.stops) if stop.kind is StopKind.BACKWARD), None)
    if last is None:
        return None
    steps = max((optimizer.steps for optimizer in snapshot.optimizers), default=0)
    return Training(last.index, steps, last.loss)


def clock(seconds: float) -> str:
    """`7 s`, `2:05`, `1:02:05`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
