"""Values of the model come back as they went, and nothing else comes back at all."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.gradients import GradSummary, Passed
from gradtui.model.graph import Graph
from gradtui.model.messages import PROTOCOL, Answer, ProgramPhase, Progress, Seen, Stepped, Stopped
from gradtui.model.trace import Kind, Trace
from gradtui.wire.codec import Message, WireError, decode, encode, write
from gradtui.wire.packing import PIECE
from tests.wire.examples import GRAPH, MESSAGES, SITE, SNAPSHOT, TRACE


def raw(message: Message) -> Any:
    return json.loads(encode(message))


def refused(value: object) -> str:
    """The sentence with which some JSON is refused."""
    with pytest.raises(WireError) as caught:
        decode(json.dumps(value))
    return str(caught.value)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_went(message: Message) -> None:
    # By their texts: a NaN isn't equal to itself.
    assert repr(decode(encode(message))) == repr(message)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_one_line_of_ascii_and_strict_json(message: Message) -> None:
    line = encode(message)

    assert line.isascii()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} isn't JSON"))


def test_what_is_not_finite_survives() -> None:
    summary = GradSummary((), "float32", math.nan, -math.inf, math.inf, 1e308, 1, 0, 1, 0)
    back = decode(encode(Stepped((Passed(0, (summary,), (), 1),), NONE, 1)))

    assert isinstance(back, Stepped)
    got = back.passed[0].received[0]
    assert got is not None
    assert math.isnan(got.norm)
    assert (got.minimum, got.maximum, got.mean) == (-math.inf, math.inf, 1e308)


@given(st.text())
def test_any_text_survives_even_what_no_encoding_has(text: str) -> None:
    assert decode(encode(Answer(1, text + "\udc80"))) == Answer(1, text + "\udc80")


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1))))
def test_rows_of_any_length_survive(rows: list[list[int]]) -> None:
    ragged = Ragged.of(rows)
    graph = Graph(
        names=("A",), shapes=((),), name=ints([0] * len(rows)), sequence=ints([0] * len(rows)),
        call=ints([NONE] * len(rows)), leaf=ints([0] * len(rows)), hooks=ints([0] * len(rows)),
        edges=Ragged(ragged.starts, ints([NONE] * len(ragged.flat))), edge_inputs=ragged,
        received=Ragged.of([[]] * len(rows)),
    )  # fmt: skip
    back = decode(encode(Stopped(replace(SNAPSHOT, graph=graph))))

    assert isinstance(back, Stopped)
    assert back.snapshot.graph == graph


def test_a_long_column_is_written_in_pieces_and_comes_back_whole() -> None:
    nodes = 2 * PIECE + 1
    column, empty = ints([NONE] * nodes), Ragged(ints([0] * (nodes + 1)), ints())
    graph = Graph(
        names=("A",), name=ints([0] * nodes), sequence=ints(range(nodes)), call=column, leaf=column,
        hooks=column, edges=empty, edge_inputs=empty, received=empty,
    )  # fmt: skip
    pieces: list[str] = []
    write(Stopped(replace(SNAPSHOT, graph=graph)), pieces.append)

    assert max(map(len, pieces)) < 8 * PIECE
    back = decode("".join(pieces))
    assert isinstance(back, Stopped)
    assert back.snapshot.graph == graph


def test_a_field_with_a_default_may_be_missing() -> None:
    assert decode('{"type": "Progress", "calls": 1, "site": null, "phase": "running"}') == Progress(
        1, None, ProgramPhase.RUNNING
    )


def test_a_field_that_is_gone_is_passed_over_in_what_was_recorded_with_it() -> None:
    message = Progress(1, SITE, ProgramPhase.RUNNING)
    old = raw(message)
    old["site"]["first_line"] = 2
    assert decode(json.dumps(old)) == message
    old["site"]["last_line"] = 5
    assert refused(old) == "Site has no field 'last_line'"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "a message isn't JSON"),
        ("{", "a message isn't JSON"),
        ("[]", "a message isn't a JSON object"),
        ('{"type": "Command"', "a message isn't JSON"),
        ('{"type": "os.system"}', "there is no message of type 'os.system'"),
        ('{"type": []}', "there is no message of type []"),
        ("{}", "there is no message of type None"),
        ('{"type": "Ready", "torch": NaN}', "NaN isn't a number in JSON"),
        ('{"type": "Ready"}', "Ready.torch is missing"),
        ('{"type": "Ready", "torch": 2}', "Ready.torch is to be text, not 2"),
        ('{"type": "Ready", "torch": "2", "cuda": 1}', "Ready has no field 'cuda'"),
        ('{"type": "Command", "act": "explode"}', "Command.act is to be one of continue, run, step"),
        ('{"type": "Command", "act": ["step"]}', "Command.act is to be one of continue, run, step"),
        ('{"type": "Command", "act": "to", "node": true}', "Command.node is to be a whole number"),
        ('{"type": "Command", "act": "to", "node": 1.0}', "Command.node is to be a whole number"),
        ('{"type": "Command", "act": "to", "node": 9223372036854775808}', "a whole number of 64 bits"),
        ('{"type": "Command", "act": "to", "breaks": "nan"}', "Command.breaks is to be a list, not 'nan'"),
        ('{"type": "Answer", "request": 1, "text": "", "error": 0}', "Answer.error is to be true or false"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_message_is_refused_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(line)

    assert sentence in str(caught.value)


def test_a_newer_protocol_is_refused_whatever_else_its_greeting_says() -> None:
    sentence = refused({"type": "Hello", "protocol": PROTOCOL + 1, "new": {"field": 1}})

    assert "newer gradtui" in sentence


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("kind", ints([0, 0]), "Trace.function isn't as long as `kind`"),
        ("kind", ints([0, 0, max(Kind) + 1]), "Trace.kind points to what isn't there"),
        ("producer", ints([0]), "Trace.tensor isn't as long as `producer`"),
        ("producer", ints([0, 3]), "Trace.producer points to what isn't there"),
        ("site", ints([0, 0, 2]), "Trace.site points to what isn't there"),
        ("site", ints([0, 0, NONE]), "Trace.site points to what isn't there"),
        ("stack", ints([0, 0, 2]), "Trace.stack points to what isn't there"),
        ("stacks", ((2,), ()), "Trace.stacks points to what isn't there"),
        ("shape", ints([0, 2]), "Trace.shape points to what isn't there"),
        ("begin", ints([0, 2, 2]), "Trace.begin points behind its own call"),
        ("inputs", Ragged.of([[], [2], []]), "Trace.inputs points to what isn't there"),
        ("inputs", Ragged.of([[], []]), "Trace.inputs isn't as long as `kind`"),
        ("inputs", Ragged(ints([0, 1, 0, 1]), ints([0])), "Ragged.starts doesn't rise"),
        ("inputs", Ragged(ints([0, 0, 0, 1]), ints()), "Ragged.starts doesn't begin at 0"),
        ("inputs", Ragged(ints(), ints()), "Ragged.starts doesn't begin at 0"),
        ("module", ints([0, 0, 2]), "Snapshot.trace.module points to what isn't there"),
    ],
)
def test_a_trace_that_contradicts_itself_is_refused(field: str, value: Any, sentence: str) -> None:
    trace: Trace = replace(TRACE, **{field: value})

    assert sentence in refused(raw(Seen(replace(SNAPSHOT, trace=trace))))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", ints([0, 2]), "Graph.name points to what isn't there"),
        ("hooks", ints([0]), "Graph.hooks isn't as long as `name`"),
        ("roots", ints([2]), "Graph.roots points to what isn't there"),
        ("edges", Ragged.of([[1, 2], []]), "Graph.edges points to what isn't there"),
        ("edge_inputs", Ragged.of([[0], [0]]), "Graph.edge_inputs hasn't the rows"),
        ("received", Ragged.of([[0], [2]]), "Graph.received points to what isn't there"),
        ("call", ints([3, NONE]), "Snapshot.graph.call points to what isn't there"),
    ],
)
def test_a_graph_that_contradicts_itself_is_refused(field: str, value: Any, sentence: str) -> None:
    graph: Graph = replace(GRAPH, **{field: value})

    assert sentence in refused(raw(Seen(replace(SNAPSHOT, graph=graph))))


def test_a_stop_outside_its_trace_is_refused() -> None:
    stop = replace(SNAPSHOT.stop, site=2)

    assert (
        refused(raw(Seen(replace(SNAPSHOT, stop=stop)))) == "Snapshot.stops.site points to what isn't there"
    )


@pytest.mark.parametrize("seed", range(300))
def test_whatever_is_spoilt_is_refused_or_still_a_message(seed: int) -> None:
    dice = random.Random(seed)
    spoilt = raw(dice.choice(MESSAGES))
    spoil(spoilt, dice)
    try:
        message = decode(json.dumps(spoilt))
    except WireError:
        return
    assert repr(decode(encode(message))) == repr(message)


def spoil(value: Any, dice: random.Random) -> None:
    """Put something else in the place of one thing, somewhere inside."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = dice.choice(places)
        if isinstance(value[place], dict | list) and value[place] and dice.random() < 0.8:
            value = value[place]
            continue
        value[place] = dice.choice([None, True, -2, 10**6, 10**30, 1.5, "x", "nan", [], [[]], {}, {"a": 1}])
        return
