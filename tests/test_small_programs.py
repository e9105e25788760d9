"""Small programs, each with one fault or with none, recorded and judged in this very process.

The lines that may be named carry a comment: an arrow and the rules that are right.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch.distributions import Normal

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.source_text import parsed
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import StopKind
from tests.debuggee.recording import seen

PROGRAMS = Path(__file__).parent / "small_programs"
BROKEN = sorted(PROGRAMS.glob("broken/*.py"))
HEALTHY = sorted(PROGRAMS.glob("healthy/*.py"))

FEW = 8
"""Parsed files, these of the tests themselves among them, that are kept from one program to the next."""

MARK = re.compile(r"# <- ([a-z_ ]+)$")


pytestmark = pytest.mark.filterwarnings("ignore")  # they are about the programs, as they should be


@pytest.fixture(autouse=True)
def _as_a_program_begins() -> None:
    if parsed.cache_info().currsize > FEW:
        parsed.cache_clear()  # the more objects there are, the longer all take that look among them
    torch.set_grad_enabled(True)
    torch.autograd.set_detect_anomaly(False)


def loud(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, check: bool = True, unheld: bool = False
) -> list[Finding]:
    """The findings on a program that aren't notes: by a check, by the few looks of a run past all stops, or
    of one that was held at each backward."""
    code = compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    with torch.random.fork_rng(devices=[]):
        snapshots = seen(lambda: exec(code, vars(main)), check=check and not unheld, unheld=unheld)
    torch.set_grad_enabled(True)
    vars(main).clear()  # torch keeps some of the classes, and they this
    return [finding for finding in diagnose(snapshots) if finding.loud]


def marks(file: Path) -> dict[int, list[str]]:
    """By line the rules that are right there."""
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    return {number: found[1].split(" or ") for number, line in lines if (found := MARK.search(line))}


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_the_fault_of_a_small_program_is_its_first_finding(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings, right = loud(file, monkeypatch), marks(file)

    assert findings
    assert findings[0].line in right, findings[0]
    assert findings[0].rule in right[findings[0].line], findings[0]


@pytest.mark.parametrize("file", HEALTHY, ids=lambda file: file.stem)
def test_a_small_healthy_program_is_quiet(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loud(file, monkeypatch) == []


@pytest.mark.parametrize("file", BROKEN[::2], ids=lambda file: file.stem)  # for its time: half of them
def test_the_fault_is_found_too_where_the_program_is_run_past_all_its_stops(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings, right = loud(file, monkeypatch, unheld=True), marks(file)

    assert findings
    if all("nan_gradient" in rules for rules in right.values()) and findings[0].line not in right:
        # The operation is known only to who watches that backward: which one it was is told.
        assert findings[0].rule is Rule.NAN_GRADIENT, findings[0]
        line = file.read_text(encoding="utf-8").splitlines()[findings[0].line - 1]
        assert re.search(r"\b(backward|grad)\(", line), findings[0]
    else:
        assert findings[0].line in right, findings[0]
        assert findings[0].rule in right[findings[0].line], findings[0]


@pytest.mark.parametrize("file", HEALTHY[::2], ids=lambda file: file.stem)  # the same
def test_it_is_quiet_too_where_the_program_is_run_past_all_its_stops(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loud(file, monkeypatch, unheld=True) == []


def test_the_loop_that_ends_before_it_comes_to_a_module_of_a_list_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [finding] = loud(PROGRAMS / "broken" / "blocks-beside-a-shorter-list.py", monkeypatch)

    assert len(finding.affected) == 4
    assert [one.what for one in finding.evidence] == [
        "the loop over `zip(self.blocks, self.rates)` never comes to `blocks.2`"
    ]


def test_what_is_frozen_for_a_pass_is_told_where_the_program_was_held_in_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = PROGRAMS / "broken" / "frozen-for-a-saliency.py"

    [finding] = loud(file, monkeypatch, check=False)

    assert [finding.rule] == marks(file)[finding.line]


def test_a_draw_is_no_warning_before_the_optimizer_has_stepped_that_would_show_it() -> None:
    def program() -> None:
        encoder, decoder = torch.nn.Linear(6, 4), torch.nn.Linear(2, 6)
        of_encoder, of_decoder = (torch.optim.Adam(one.parameters()) for one in (encoder, decoder))

        def loss() -> torch.Tensor:
            mean, spread = encoder(torch.ones(8, 6)).chunk(2, dim=1)
            posterior = Normal(mean, spread.exp())
            z = posterior.sample()
            made: torch.Tensor = (decoder(z) - 1).square().mean() + (mean.square() + spread.square()).mean()
            return made

        loss().backward()
        of_decoder.step()
        loss().backward()
        of_encoder.step()
        loss().backward()

    snapshots = [one for one in seen(program) if one.stop.kind is not StopKind.END]
    backwards = [index for index, one in enumerate(snapshots) if one.stop.kind is StopKind.BACKWARD]
    early, late = (diagnose(snapshots[: backwards[number] + 1]) for number in (1, 2))

    assert [one.severity for one in early if "posterior.sample()" in one.message] == [Severity.NOTE]
    assert [one.severity for one in late if "posterior.sample()" in one.message] == [Severity.WARNING]


@pytest.mark.parametrize("apart", [True, False])
def test_the_fix_of_a_detach_spares_a_loss_that_trains_for_another_optimizer(apart: bool) -> None:
    def program() -> None:
        maker, critic = torch.nn.Linear(4, 3), torch.nn.Linear(3, 1)
        groups = [critic], [maker]
        optimizers = [
            torch.optim.SGD(torch.nn.ModuleList(group).parameters(), lr=0.1)
            for group in (groups if apart else [[critic, maker]])
        ]
        for _ in range(2):
            fake = maker(torch.ones(5, 4)).detach()
            critic(fake).square().mean().backward()
            optimizers[0].step()
            critic(fake).abs().mean().backward()
            optimizers[-1].step()

    (found,) = [one for one in diagnose(seen(program)) if one.rule is Rule.DETACH]
    assert ("where another loss uses it" in found.fix) == apart


def test_the_fix_of_a_detach_names_no_line_that_both_losses_go_through() -> None:
    maker, critic = torch.nn.Linear(4, 3), torch.nn.Linear(3, 1)

    def judged(fake: torch.Tensor) -> torch.Tensor:
        hidden = fake * 2
        result: torch.Tensor = critic(hidden)
        return result

    def program() -> None:
        of_critic, of_maker = (torch.optim.SGD(one.parameters(), lr=0.1) for one in (critic, maker))
        for _ in range(2):
            fake = maker(torch.ones(5, 4)).detach()
            judged(fake).square().mean().backward()  # of the critic
            of_critic.step()
            judged(fake).abs().mean().backward()
            of_maker.step()

    (found,) = [one for one in diagnose(seen(program)) if one.rule is Rule.DETACH]
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    mine = next(number for number, line in enumerate(lines, 1) if line.endswith("# of the critic"))
    assert f"where it is handed over for the loss of {Path(__file__).name}:{mine}" in found.fix


@pytest.mark.parametrize("wrapped", [True, False])
def test_what_a_librarys_module_computes_beside_what_is_used_is_no_fault(*, wrapped: bool) -> None:
    installed = Path(torch.__file__).parents[1] / "encoding.py"
    library = """
from torch import nn

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.pooler = nn.Linear(4, 6), nn.Linear(6, 6)

    def forward(self, x):
        hidden = self.layer(x).tanh()
        return hidden, self.pooler(hidden).tanh()
"""
    space: dict[str, Any] = {"__name__": "encoding"}
    exec(compile(library, str(installed), "exec"), space)

    def severity(kind: type[torch.nn.Module]) -> list[str]:
        def program() -> None:
            model = torch.nn.Sequential(kind()) if wrapped else kind()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(2):
                optimizer.zero_grad()
                model(torch.ones(5, 4))[0].square().mean().backward()
                optimizer.step()

        return [one.severity for one in diagnose(seen(program)) if one.rule is Rule.UNUSED_PARAMETER]

    assert severity(space["Encoder"]) == [Severity.NOTE]
    assert severity(Encoder) == [Severity.ERROR]


class Encoder(torch.nn.Module):
    """As the library's, and the program's own."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.pooler = torch.nn.Linear(4, 6), torch.nn.Linear(6, 6)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.layer(x).tanh()
        return hidden, self.pooler(hidden).tanh()


def test_what_validation_computes_is_not_blamed_for_training(monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = [one for one in BROKEN if one.stem == "threshold-shared-with-validation"]
    assert {found.line for found in loud(file, monkeypatch)} <= set(marks(file))


def test_what_is_raised_after_a_nan_is_not_called_no_matter_of_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (file,) = [one for one in BROKEN if one.stem == "raises-of-the-nan-that-a-step-wrote"]
    nan, raised = loud(file, monkeypatch)
    assert (nan.rule, raised.rule) == (Rule.NAN_GRADIENT, Rule.OTHER)
    assert "Gradients had become NaN or infinite before that" in raised.message


def test_what_a_library_cuts_off_for_itself_is_no_news() -> None:
    installed = Path(torch.__file__).parents[1] / "normalising.py"
    library = "def normalised(x):\n    return x / x.norm().detach()\n"
    space: dict[str, Any] = {}
    exec(compile(library, str(installed), "exec"), space)

    def program() -> None:
        net = torch.nn.Linear(4, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            space["normalised"](net(torch.ones(5, 4))).square().mean().backward()
            optimizer.step()

    assert diagnose(seen(program)) == ()


def test_a_term_of_the_loss_is_not_listed_among_the_parameters_that_it_would_train() -> None:
    def program() -> None:
        net, level = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
        optimizer = torch.optim.SGD([*net.parameters(), *level.parameters()], lr=0.1)
        for _ in range(2):
            x = torch.ones(5, 4)
            loss = net(x).square().mean() + level(x).argmax(1).float().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    (found,) = diagnose(seen(program))
    assert sorted(found.affected) == ["level.bias", "level.weight"]


@pytest.mark.parametrize("often", [True, False])
def test_the_fix_of_cleared_gradients_is_for_the_place_where_they_are_cleared(often: bool) -> None:
    def program() -> None:
        heads = torch.nn.ModuleList([torch.nn.Linear(4, 1) for _ in range(3)])
        optimizer = torch.optim.SGD(heads.parameters(), lr=0.1)
        for _ in range(3):
            for head in heads:
                if often:
                    optimizer.zero_grad()
                head(torch.ones(5, 4)).square().mean().backward()
                if not often:
                    optimizer.zero_grad()
            optimizer.step()

    (found,) = [one for one in diagnose(seen(program)) if one.rule is Rule.GRAD_CLEARED]
    assert ("once for each step" in found.fix) == often
    assert ("or after the step" in found.fix) == (not often)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prompt-kept-by-a-cache", "Leave out `@functools.lru_cache(maxsize=None)`"),
        ("ctc-of-short-inputs", "`input_lengths`"),
        ("last-layer-that-is-no-module", "Derive `Output` from `nn.Module`"),
        ("bank-written-without-gradients", "Compute it outside the `no_grad` region"),
        ("token-copied-into-a-part-of-a-buffer", "Use `token` itself in place of `tokens` on the way"),
    ],
)
def test_a_fix_names_what_is_to_be_changed(name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = [one for one in BROKEN if one.stem == name]
    assert words in loud(file, monkeypatch)[0].fix


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("group-of-used-up-iterator", "5: `parameters(...)`"),
        ("iterator-used-up-by-the-first-optimizer", "7: a generator"),
    ],
)
def test_of_an_empty_group_the_place_is_told_where_its_iterator_was_made(
    name: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = [one for one in BROKEN if one.stem == name]
    first = loud(file, monkeypatch)[0].evidence[0]
    assert f"{first.line}: {first.what}" == f"{line} gives everything once, and was gone through before"


def test_what_an_optimizer_holds_is_listed_where_what_was_made_of_it_has_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (file,) = [one for one in BROKEN if one.stem == "stacked-copies-unheld"]
    found = [one for one in loud(file, monkeypatch) if one.rule is Rule.OPTIMIZER_MISMATCH]
    assert not {"a tensor", "a leaf"}.intersection(*(one.affected for one in found))


def test_a_term_that_trains_nothing_is_told_at_the_first_backward_where_one_optimizer_is_to_step() -> None:
    def program(optimizers: int) -> None:
        net, other = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
        kept = [torch.optim.SGD(one.parameters(), lr=0.1) for one in (net, other)[:optimizers]]
        out = net(torch.ones(5, 4))
        (out.square().mean() + net.weight.detach().abs().sum()).backward()
        kept[0].step()

    def first_stop(optimizers: int) -> list[Rule]:
        snapshots = seen(lambda: program(optimizers))
        first = next(place for place, one in enumerate(snapshots) if one.stop.kind is StopKind.BACKWARD)
        return [one.rule for one in diagnose(snapshots[: first + 1]) if one.loud]

    assert first_stop(1) == [Rule.DETACH]
    assert first_stop(2) == []  # which of them is to step isn't known
