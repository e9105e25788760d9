"""The recording file: what is written comes back, whatever happened to the file on its way."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.messages import PROTOCOL, Finished, Hello, ProgramPhase, Progress, Ready, Seen
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome
from gradtui.wire.beginning import is_recording
from gradtui.wire.circles import is_cyclic
from gradtui.wire.codec import Message, WireError, encode
from gradtui.wire.recording import Writer, messages, recording_of
from tests.wire.examples import SNAPSHOT

RECORDING = Recording(PROTOCOL, "0.1.0", "train.py", 1.5e9, rank=1, ranks=4)
PLAIN = replace(SNAPSHOT, sources=())
"""Without the control characters that its source has."""
WELL = Outcome(0)
SAID: tuple[Message, ...] = (Hello(PROTOCOL, 7, "3.11.7"), Ready("2.13.0"), Seen(PLAIN))


def line(message: Message) -> bytes:
    return encode(message).removesuffix(b"\n")


def written(folder: Path, *said: Message, outcome: Outcome | None = WELL) -> str:
    """A recording of what was said; without an outcome whoever wrote it was killed."""
    file = str(folder / "run.gtr")
    writer = Writer(file, RECORDING)
    for message in said:
        writer.add(line(message))
    if outcome is not None:
        writer.close(outcome)
    assert not writer.lost
    return file


def test_what_was_said_comes_back_with_how_the_run_ended(tmp_path: Path) -> None:
    file = written(tmp_path, *SAID, outcome=Outcome(3))

    assert is_recording(file)
    assert recording_of(file) == RECORDING
    assert repr(list(messages(file))) == repr([*SAID, Finished(Outcome(3))])


def test_signs_of_life_are_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, Progress(1, None, ProgramPhase.RUNNING), Ready("2.13.0"))

    assert list(messages(file)) == [Ready("2.13.0"), Finished(Outcome(0))]


def test_each_line_is_in_the_file_as_soon_as_it_was_said(tmp_path: Path) -> None:
    file = str(tmp_path / "run.gtr")
    writer = Writer(file, RECORDING)
    for count, message in enumerate(SAID, 1):
        writer.add(line(message))
        assert len(list(messages(file))) == count
    writer.close(Outcome(0))


def test_a_full_disk_costs_the_rest_of_the_recording_and_nothing_else() -> None:
    writer = Writer("/dev/full", RECORDING)
    writer.add(line(Ready("2.13.0")))
    writer.close(Outcome(0))

    assert writer.lost == "No space left on device"


def test_other_files_are_no_recordings(tmp_path: Path) -> None:
    script = tmp_path / "run.gtr"
    script.write_text('print("Recording")\n', encoding="utf-8")

    assert not is_recording(str(script))
    assert not is_recording(str(tmp_path))
    assert not is_recording(str(tmp_path / "missing"))
    assert not is_recording("\0")


@pytest.mark.parametrize("kept", range(1, 5))
def test_what_stands_before_a_break_is_good_and_the_break_is_told(tmp_path: Path, kept: int) -> None:
    file = Path(written(tmp_path, *SAID))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:kept]) + lines[kept][:-1])

    told = messages(str(file))
    assert repr([next(told) for _ in range(kept - 1)]) == repr([*SAID][: kept - 1])
    with pytest.raises(WireError, match=rf"^it breaks off in line {kept + 1}$"):
        next(told)


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (b"{}\n", "line 2 can't be understood: there is no message of type None"),
        (b"\xff\n", "line 2 isn't ASCII"),
        (b'{"type":"Ready","torch":7}\n', "line 2 can't be understood: Ready.torch is to be text, not 7"),
    ],
)
def test_a_line_that_is_wrong_is_told_by_its_number(tmp_path: Path, spoilt: bytes, sentence: str) -> None:
    file = Path(written(tmp_path))
    first, _ = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + spoilt)

    with pytest.raises(WireError) as caught:
        list(messages(str(file)))
    assert str(caught.value) == sentence


def test_what_leads_back_to_itself_is_refused_before_anybody_follows_it(tmp_path: Path) -> None:
    graph = SNAPSHOT.graph
    assert graph is not None
    round_and_round = ints(NONE if target == NONE else 0 for target in graph.edges.flat)
    edges = Ragged(graph.edges.starts, round_and_round)
    file = written(tmp_path, Seen(replace(PLAIN, graph=replace(graph, edges=edges))))

    with pytest.raises(WireError, match="the edges of its graph lead in a circle"):
        list(messages(file))


def test_a_call_of_what_was_made_later_is_refused(tmp_path: Path) -> None:
    trace = SNAPSHOT.trace
    last = ints([trace.values - 1] * len(trace.inputs.flat))
    file = written(
        tmp_path, Seen(replace(PLAIN, trace=replace(trace, inputs=Ragged(trace.inputs.starts, last))))
    )

    with pytest.raises(WireError, match="a call takes what was made later"):
        list(messages(file))


@pytest.mark.parametrize("seed", range(20))
def test_edges_lead_in_a_circle_where_no_order_of_the_nodes_is_left(seed: int) -> None:
    rng = random.Random(seed)
    rows = [[rng.choice([NONE, *range(8)]) for _ in range(rng.randrange(3))] for _ in range(8)]
    orders = TopologicalSorter({node: {one for one in row if one != NONE} for node, row in enumerate(rows)})
    try:
        orders.prepare()
        circle = False
    except CycleError:
        circle = True

    assert is_cyclic(Ragged.of(rows)) == circle


def test_one_of_a_newer_gradtui_is_refused_by_its_first_line(tmp_path: Path) -> None:
    file = Path(written(tmp_path))
    first, rest = file.read_bytes().split(b"\n", 1)
    raw = {**json.loads(first), "protocol": PROTOCOL + 1, "more": "than we know"}
    file.write_bytes(json.dumps(raw, separators=(",", ":")).encode() + b"\n" + rest)

    assert is_recording(str(file))
    with pytest.raises(WireError, match="made by a newer gradtui"):
        recording_of(str(file))


def test_another_message_in_the_first_line_makes_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "run.gtr"
    file.write_bytes(encode(Ready("2.13.0")))

    with pytest.raises(WireError, match="it isn't a recording"):
        recording_of(str(file))


def test_nothing_in_a_text_speaks_to_the_terminal(tmp_path: Path) -> None:
    every = "".join(map(chr, range(0xA0)))
    file = written(tmp_path, Ready(every + "\\u001b é\N{GREEK SMALL LETTER ALPHA}"))

    first, _ = messages(file)
    assert isinstance(first, Ready)
    kept = "".join(
        mark if mark in "\t\n" or " " <= mark < "\x7f" else "\N{REPLACEMENT CHARACTER}" for mark in every
    )
    assert first.torch == kept + "\\u001b é\N{GREEK SMALL LETTER ALPHA}"


def test_nothing_in_a_text_turns_it_round(tmp_path: Path) -> None:
    marks = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    file = written(tmp_path, Ready(f"{marks}\u2027\u202f\u2065"))

    first, _ = messages(file)
    assert isinstance(first, Ready)
    assert first.torch == "\N{REPLACEMENT CHARACTER}" * len(marks) + "\u2027\u202f\u2065"


def test_what_was_run_is_told_on_one_line(tmp_path: Path) -> None:
    file = str(tmp_path / "run.gtr")
    Writer(file, replace(RECORDING, program="a\nFAKE\tLINE\n")).close(WELL)
    assert recording_of(file).program == "a FAKE LINE"


def test_a_delete_that_somebody_wrote_as_it_is_is_taken_out_too(tmp_path: Path) -> None:
    file = Path(written(tmp_path))
    first, _ = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(first + b'{"type":"Ready","torch":"a\x7f\\u001B"}\n')

    assert list(messages(str(file))) == [Ready("a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}")]
