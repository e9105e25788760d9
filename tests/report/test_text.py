"""The text report: complete, no wider than its console, without escape codes that nobody asked for."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from gradtui.model.findings import Severity
from gradtui.model.owners import GradState
from gradtui.model.stops import Outcome
from gradtui.model.unseen import IN_ANOTHER_THREAD
from gradtui.report.summary import Summary
from gradtui.report.text import print_report
from tests.report import runs

Golden = Callable[[str, str], None]


def report(summary: Summary, width: int = 80, *, encoding: str = "utf-8", quiet: bool = False) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    print_report(summary, Console(file=stream, width=width), quiet=quiet)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [80, 40])
def test_a_broken_run_reads_as_it_did(width: int, same_as_golden: Golden) -> None:
    same_as_golden(f"broken-{width}.txt", report(runs.broken(), width))


def test_a_healthy_run_reads_as_it_did(same_as_golden: Golden) -> None:
    same_as_golden("healthy.txt", report(runs.healthy()))


def test_a_run_that_died_unexplained_reads_as_it_did(same_as_golden: Golden) -> None:
    same_as_golden("raising.txt", report(runs.raising()))


@pytest.mark.parametrize("width", [40, 57, 80, 120, 200])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    lines = report(runs.broken(), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_nothing_but_text_goes_to_a_file() -> None:
    assert "\x1b" not in report(runs.broken())


def test_a_terminal_gets_colours() -> None:
    stream = io.StringIO()
    print_report(runs.broken(), Console(file=stream, width=80, force_terminal=True, color_system="standard"))
    assert "\x1b[1;31m" in stream.getvalue()


def test_an_encoding_without_the_signs_gets_ascii() -> None:
    text = report(runs.broken(), encoding="ascii")
    assert text.isascii()
    assert "x error  numpy_roundtrip" in text


def test_quiet_counts_the_notes() -> None:
    text = report(runs.broken(), quiet=True)
    assert "1 note not shown" in text
    assert "teacher" not in text


def test_the_underline_stands_under_the_expression() -> None:
    lines = report(runs.broken()).splitlines()
    code = next(line for line in lines if "pred = torch.from_numpy" in line)
    start = code.index("torch")
    assert lines[lines.index(code) + 1][start:] == "^" * len("torch.from_numpy(out.detach().numpy())")


def test_a_wide_character_before_the_expression_moves_the_underline_by_its_width() -> None:
    broken = runs.broken()
    line = '    loss = f("損失", out.detach())'
    found = dataclasses.replace(
        broken.findings[0], line=1, end_line=1, column=line.index("out"), end_column=len(line) - 1
    )
    text = report(dataclasses.replace(broken, findings=(found,), sources={found.file: line}))
    code, carets = text.splitlines()[3:5]
    assert cell_len(carets[: carets.index("^")]) == cell_len(code[: code.index("out")])


def test_the_end_of_a_line_too_long_for_the_console_is_still_seen() -> None:
    broken = runs.broken()
    line = "loss = " + "criterion(model(batch), target) + " * 5 + "out.detach()"
    found = dataclasses.replace(
        broken.findings[0], line=1, end_line=1, column=line.index("out.detach"), end_column=len(line)
    )
    text = report(dataclasses.replace(broken, findings=(found,), sources={found.file: line}))
    assert "out.detach()\n" in text


def test_a_file_whose_text_is_unknown_still_has_its_place() -> None:
    text = report(dataclasses.replace(runs.broken(), sources={}))
    assert "numpy_roundtrip  train.py:4\n  `out` went through" in text


def test_a_run_without_backward_says_that_nothing_was_judged() -> None:
    assert "never called backward" in report(runs.at_the_end())


def test_a_run_without_torch_says_so() -> None:
    assert "never imported torch" in report(runs.summary_of())


def test_a_program_that_was_killed_says_its_status() -> None:
    assert "ended with status 137 before any gradient" in report(
        runs.summary_of(outcome=Outcome(137, signal=9))
    )


def test_where_the_program_was_ended_early_it_is_said_how_to_run_it_to_its_end() -> None:
    summary = runs.summary_of(runs.snapshot(GradState.PRESENT), outcome=Outcome(0, cut_short=True))
    assert "every one got a gradient. The script was ended there; --steps 0 runs it" in " ".join(
        report(summary).split()
    )
    assert "--steps 0" not in report(runs.healthy())

    found = dataclasses.replace(runs.broken(), outcome=Outcome(0, cut_short=True))
    assert "train.py:4. The script was ended early; --steps 0 runs it" in " ".join(report(found).split())
    assert "--steps 0" not in report(runs.broken())


def test_what_is_muted_is_not_called_well() -> None:
    summary = runs.summary_of(runs.snapshot(GradState.PRESENT, GradState.NONE))
    text = report(dataclasses.replace(summary, muted=2))
    assert "judged: 1 got a gradient. 2 findings muted." in " ".join(text.split())
    assert "✓" not in text

    some = dataclasses.replace(runs.broken(), muted=1)
    assert "begin at train.py:4. 1 finding muted." in " ".join(report(some).split())


def test_healthy_parameters_without_a_gradient_are_counted_and_not_claimed() -> None:
    summary = runs.summary_of(runs.snapshot(GradState.PRESENT, GradState.NONE))
    assert "2 parameters in 1 optimizer, 1 step judged: 1 got a gradient" in report(summary)


def test_a_run_in_which_nothing_but_zeros_was_seen_is_not_called_well() -> None:
    tally = dataclasses.replace(runs.healthy().tally, reached=0)
    text = " ".join(report(dataclasses.replace(runs.healthy(), tally=tally)).split())

    assert "none got a gradient that isn't zero, and no fault was seen that would explain it" in text
    assert "✓" not in text


def test_gradients_that_were_nan_are_not_counted_as_if_nothing_had_come() -> None:
    summary = runs.summary_of(runs.snapshot(GradState.PRESENT, GradState.NONFINITE, GradState.NONE))
    assert "1 of 3 parameters reached, 1 by NaN" in report(summary, 120)


def test_what_could_not_be_seen_is_said() -> None:
    summary = dataclasses.replace(runs.healthy(), unseen=(IN_ANOTHER_THREAD,))
    assert "not seen: Modules were called in another thread" in report(summary)


def test_only_errors_and_warnings_are_counted_at_the_end() -> None:
    note = dataclasses.replace(runs.TEACHER, severity=Severity.NOTE)
    assert "error" not in report(dataclasses.replace(runs.healthy(), findings=(note,)))
