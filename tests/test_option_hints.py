"""What a command is told of its own words: those that went astray, and those that had no effect."""

from __future__ import annotations

import pytest

from gradtui.model.findings import Rule
from gradtui.model.stops import Outcome
from gradtui.option_hints import astray, remarks
from gradtui.options import Options
from tests.builders import Program


def test_options_behind_a_script_that_refuses_them_are_named_with_where_they_go() -> None:
    options = Options("script", ("vae.py", "--check", "--lr", "1", "--json=x"))

    (said,) = astray(options, Outcome(2), [])

    assert said.startswith("--check and --json=x went to the script: options of gradtui stand before it")
    assert "`gradtui --check vae.py`" in said


@pytest.mark.parametrize(
    ("words", "status", "backward"),
    [
        (("--check",), 1, False),  # it failed for another reason
        (("--check",), 2, True),  # it understood its words: it trained
        (("--lr", "-q"), 2, False),  # its own words
    ],
)
def test_a_script_that_may_well_have_meant_its_words_is_left_in_peace(
    words: tuple[str, ...], status: int, backward: bool
) -> None:
    run = Program("loss.backward()\n")
    if backward:
        run.backward(run.op("F.mse_loss", [run.parameter("w", (3,))], ()), "loss.backward()")

    assert not list(astray(Options("script", ("vae.py", *words)), Outcome(status), [run.end()]))


def test_a_place_to_stop_at_is_said_to_be_of_no_use_without_a_screen() -> None:
    options = Options("script", ("train.py",), check=True, stop_at="99")

    assert list(remarks(options, Outcome(0), [], [])) == [
        "--stop-at 99 had no effect: without a screen nothing is held."
    ]


def test_a_name_that_nothing_has_is_not_muted_in_silence() -> None:
    run = Program("loss = scale * term\n")
    run.parameter("enc.fc1.weight", (3,))
    found = [run.finding(Rule.DETACH, "scale * term", affected=["scale * term"])]
    mute = ("nosuch", "detatch", "enc.fc1.wieght", "enc.fc1", "numpy_roundtrip", "scale * term")
    options = Options("script", ("train.py",), mute=mute, project_mute=("of another script",))

    said = list(remarks(options, Outcome(0), [run.end()], found))

    nothing = "no rule and no parameter that was seen has this name"
    assert said == [
        f"--mute nosuch: {nothing}.",
        f"--mute detatch: {nothing}; did you mean detach?",
        f"--mute enc.fc1.wieght: {nothing}; did you mean enc.fc1.weight?",
    ]
