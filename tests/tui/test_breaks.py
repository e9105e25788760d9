"""Breaks as they are typed and said back."""

from __future__ import annotations

import pytest

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Stopped
from gradtui.tui.breaks import Breaks, Known, Unclear, parse, said
from gradtui.tui.marked import is_elsewhere, nodes_of
from tests.tui.programs import transformer
from tests.tui.showing import shown

KNOWN = Known(
    files=("/home/ada/train.py", "/home/ada/net/model.py", "/home/ada/old/model.py"),
    modules=("encoder.layers.3", "encoder.layers.3.attn", "head"),
    parameters=("fc1.weight", "encoder.fc1.weight", "head.bias"),
    nodes=("MulBackward0", "AddmmBackward0"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nan", Break(BreakKind.NONFINITE)),
        (" NaN ", Break(BreakKind.NONFINITE)),
        ("zero", Break(BreakKind.ZERO)),
        ("norm > 1e3", Break(BreakKind.ABOVE, bound=1000.0)),
        ("norm>1e3", Break(BreakKind.ABOVE, bound=1000.0)),
        ("norm < 1e-8", Break(BreakKind.BELOW, bound=1e-8)),
        ("module encoder.layers.3", Break(BreakKind.MODULE, "encoder.layers.3")),
        # the end of a path is enough where it is the only one
        ("module attn", Break(BreakKind.MODULE, "encoder.layers.3.attn")),
        # a whole name comes before an ending
        ("param fc1.weight", Break(BreakKind.PARAMETER, "fc1.weight")),
        ("param bias", Break(BreakKind.PARAMETER, "head.bias")),
        ("train.py:31", Break(BreakKind.LINE, file="/home/ada/train.py", line=31)),
        ("./train.py:31", Break(BreakKind.LINE, file="/home/ada/train.py", line=31)),
        ("net/model.py:7", Break(BreakKind.LINE, file="/home/ada/net/model.py", line=7)),
        ("node MulBackward0", Break(BreakKind.NODE, "MulBackward0")),
    ],
)
def test_what_is_typed_is_understood(text: str, expected: Break) -> None:
    assert parse(text, KNOWN) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Type one of: nan"),
        ("nonsense", "'nonsense' is no break. Type one of: nan"),
        ("norm 3", "A bound is written"),
        ("norm > much", "'much' is no number"),
        ("norm > -1", "at least 0"),
        ("norm < nan", "finite"),
        ("module", "Which module?"),
        ("module layers", "no module 'layers'; there are encoder.layers.3"),
        ("param nothing", "no parameter 'nothing'."),
        ("model.py:7", "may be /home/ada/net/model.py or /home/ada/old/model.py"),
        ("train.py:x", "'x' is no line"),
        ("other.py:3", "No file 'other.py'"),
        ("node mul", "no node 'mul'; there are MulBackward0"),
    ],
)
def test_what_is_not_understood_is_told_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(Unclear) as caught:
        parse(text, KNOWN)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "zero",
        "norm > 1000",
        "norm < 1e-08",
        "module head",
        "param head.bias",
        "train.py:31",
        "node MulBackward0",
    ],
)
def test_a_break_is_said_as_it_is_typed(text: str) -> None:
    assert said(parse(text, KNOWN)) == text


def test_only_breaks_that_are_on_are_sent() -> None:
    breaks = Breaks()
    breaks.add(Break(BreakKind.NONFINITE))
    breaks.add(Break(BreakKind.ZERO))
    breaks.switch(0)

    assert breaks.active == (Break(BreakKind.ZERO),)


def test_typing_a_break_again_switches_it_on_and_makes_no_second_one() -> None:
    breaks = Breaks()
    breaks.add(Break(BreakKind.NONFINITE))
    breaks.switch(0)
    breaks.add(Break(BreakKind.NONFINITE))

    assert breaks.active == (Break(BreakKind.NONFINITE),)
    assert len(breaks.kept) == 1


async def test_a_break_on_a_module_is_marked_where_backward_enters_it_and_on_the_fold_that_hides_it() -> None:
    snapshot, findings = transformer(4)
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        main = screen.app.main
        graph, view = main.graph, main.view
        assert view is not None
        path = "encoder.layers.2.ffn.out"
        main.breaks.add(Break(BreakKind.MODULE, path))
        main.show_breaks()
        await screen.press("minus")
        folded = [index for index in range(graph.count) if graph.flagged(index)]
        await screen.press("plus")
        open_ = [
            graph.lines.row_at(graph.lines.at(index)) for index in range(graph.count) if graph.flagged(index)
        ]

        assert len(folded) == 1
        assert len(open_) == 1
        nodes = nodes_of(view, Break(BreakKind.MODULE, path))
        assert [view.rows.row_of_node(node) for node in nodes] == open_
        assert [view.labels.graph.node_name(node) for node in nodes] == ["AddmmBackward0"]
        for condition, elsewhere in (
            (Break(BreakKind.MODULE, path), False),
            (Break(BreakKind.MODULE, "encoder.none"), True),
            (Break(BreakKind.PARAMETER, "encoder.none"), True),
            (Break(BreakKind.NODE, "NoneBackward0"), True),
            (Break(BreakKind.NONFINITE), False),  # which names no node
        ):
            assert is_elsewhere(view, condition) == elsewhere
