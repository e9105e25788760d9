"""The source pane: its margin, its cursor and the tree's, the stack of a call, and the user's editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from gradtui.diagnosis.margin import Made
from gradtui.diagnosis.outline import outline
from gradtui.model.messages import Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.trace import Trace
from gradtui.tui import editor
from gradtui.tui.widgets.source import Source, Span, brief, out_of_sight, without_beginning
from tests.builders import Program
from tests.tui.programs import silent_numpy
from tests.tui.showing import Shown, shown, stopped


def source_of(screen: Shown) -> Source:
    return screen.app.main.query_one(Source)


async def test_the_margin_counts_what_a_line_made_and_marks_the_cut() -> None:
    async with stopped() as screen:
        source = source_of(screen)
        assert source.line(26, 80).plain.startswith("3✂ 27")
        assert source.line(27, 80).plain.startswith(" • 28")
        assert source.line(0, 80).plain.startswith("    1")


async def test_the_lines_stand_below_each_other_whatever_their_counts_take() -> None:
    async with stopped() as screen:
        source = source_of(screen)
        source.made = {source.path: {27: Made(nodes=1_000_000), 28: Made(nodes=2_000)}}
        source.path = ""
        source.watch_site(source.site)
        assert source.line(26, 80).plain.index("27") == source.line(27, 80).plain.index("28")


async def test_moving_in_the_source_moves_the_tree_and_leaves_the_source_where_it_is() -> None:
    async with stopped() as screen:
        source = source_of(screen)
        await screen.press("3")
        top = source.scroll_y
        await screen.press("j")
        assert screen.words == "loss"
        assert source.cursor == 27
        assert source.scroll_y == top
        await screen.press("k")
        assert screen.words == "out.detach"
        assert (screen.focused, source.cursor) == ("source", 26)


async def test_moving_in_the_tree_moves_the_source() -> None:
    async with stopped() as screen:
        await screen.press("g")

        assert source_of(screen).cursor == 27


def with_stack() -> Snapshot:
    """The silent program, of whose cut the whole stack is known, with two frames of a library in it."""
    snapshot, _ = silent_numpy()
    trace = snapshot.trace
    call = next(index for index in range(len(trace)) if trace.call(index).name == "detach")
    site = trace.sites[trace.site[call]]
    library = replace(site, file="/lib/thing.py", user=False)
    outer = replace(site, line=34, end_line=34, column=4, end_column=10, function="<module>")
    sites = (*trace.sites, library, outer)
    number = len(trace.sites)
    stack = trace.stack[:]
    stack[call] = len(trace.stacks)
    frames = (trace.site[call], number, number, number + 1)
    return replace(snapshot, trace=_with(trace, sites=sites, stacks=(*trace.stacks, frames), stack=stack))


def _with(trace: Trace, **changes: object) -> Trace:
    return replace(trace, **changes)  # type: ignore[arg-type]


async def test_u_and_d_go_through_the_users_frames_and_count_those_of_libraries() -> None:
    async with shown(Stopped(with_stack())) as screen:
        await screen.until_stopped()
        await screen.press("x", "u")
        source = source_of(screen)
        assert source.cursor == 33
        assert "2 frames of libraries between" in screen.notice
        assert "frame 2" in str(source.border_title)
        await screen.press("u")
        assert "outermost" in screen.notice
        await screen.press("d")
        assert source.cursor == 26
        assert "frame" not in str(source.border_title)


async def test_u_goes_on_to_who_called_the_function_in_which_the_program_stands() -> None:
    snapshot = with_stack()
    trace = snapshot.trace
    row = outline(snapshot).call[0]
    made, outer = trace.site[row], len(trace.sites) - 1
    standing = replace(snapshot, stop=replace(snapshot.stop, stack=(made, outer)))

    async with shown(Stopped(standing)) as screen:
        await screen.until_stopped()
        await screen.press("g", "u")
        assert source_of(screen).cursor == 33


async def test_u_where_no_stack_was_kept_says_so() -> None:
    async with stopped() as screen:
        await screen.press("g", "u")

        assert "stacks are kept of cuts" in screen.notice


# the editor


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("vim", ["vim", "+7", "a.py"]),
        ("/usr/bin/nvim -f", ["/usr/bin/nvim", "-f", "+7", "a.py"]),
        ("nano", ["nano", "+7", "a.py"]),
        ("emacs -nw", ["emacs", "-nw", "+7", "a.py"]),
        ("code --wait", ["code", "--wait", "-g", "a.py:7"]),
        ("hx", ["hx", "a.py:7"]),
        ("ed", ["ed", "a.py"]),
    ],
)
def test_known_editors_are_told_the_line_as_they_expect_it(named: str, expected: list[str]) -> None:
    assert editor.command({"EDITOR": named}, "a.py", 7) == expected


def test_visual_comes_before_editor_and_vi_after_both(tmp_path: Path) -> None:
    vi = tmp_path / "vi"
    vi.write_text("#!/bin/sh\n")
    vi.chmod(0o755)

    assert editor.command({"VISUAL": "hx", "EDITOR": "vim"}, "a.py", 7)[0] == "hx"
    assert editor.command({"PATH": str(tmp_path)}, "a.py", 7) == [str(vi), "+7", "a.py"]
    assert editor.command({"PATH": str(tmp_path / "none")}, "a.py", 7) == []
    assert editor.command({"EDITOR": "'vim", "PATH": str(tmp_path)}, "a.py", 7)[0] == str(vi)


async def test_e_on_a_file_that_is_not_here_says_so() -> None:
    async with stopped() as screen:
        await screen.press("e")

        assert "isn't on this machine" in screen.notice


async def test_e_without_any_editor_names_the_variables_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in editor.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "train.py"
    file.write_text("loss = f(x)\nloss.backward()\n")
    run = Program(file.read_text(), str(file))
    loss = run.op("torch.sum", [run.leaf("x", (3,))], (), at="f(x)", node="SumBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        await screen.press("e")

        assert "Set VISUAL or EDITOR" in screen.notice


@pytest.mark.parametrize(("count", "said"), [(7, "7"), (9_999, "9999"), (12_400, "12k"), (3_000_000, "3M")])
def test_counts_stay_within_four_cells(count: int, said: str) -> None:
    assert brief(count) == said


@pytest.mark.parametrize(
    ("line", "lit", "room", "seen"),
    [
        ("    x = f(a)", "f(a)", 20, "    x = f(a)"),
        # as much is left out as brings the end in, and a mark stands for it
        ("        loss = criterion(model(x), target.long())", "target.long()", 34, None),
        ("    first, second = one_call(a), another_call(b)", "another_call(b)", 24, None),
        # what is left out of its indentation lets most of it be seen: the line loses no word
        (
            "        pred = from_numpy(out.detach().numpy())",
            "from_numpy(out.detach().numpy())",
            35,
            "…pred = from_numpy(out.detach().nu…",
        ),
        # it never fits: its beginning is what is seen
        (
            "    value_of_it = function_of_a_long_name(with_many, arguments)",
            "function_of",
            18,
            "…function_of_a_lo…",
        ),
        # it never fits and begins early: the line is left as it is
        (
            "    x = function(with_many, arguments_that, do_not, fit)",
            "function(with_many, arguments_that, do_not, fit)",
            30,
            "    x = function(with_many, a…",
        ),
    ],
)
def test_a_line_is_shortened_at_its_beginning_only_where_its_expression_does_not_fit(
    line: str, lit: str, room: int, seen: str | None
) -> None:
    start = line.index(lit)
    end = len(line) if lit == "function_of" else start + len(lit)
    span = Span(start, end, len(line) - len(line.lstrip()), len(line))
    shown = without_beginning(Text(line), out_of_sight([span], room))
    shown.truncate(room, overflow="ellipsis")

    if seen is not None:
        assert shown.plain.startswith(seen)
    else:
        assert shown.plain.startswith("…")
        assert lit in shown.plain
        assert shown.cell_len == room


async def test_only_the_lit_line_is_shifted_and_what_is_cut_off_is_marked() -> None:
    async with stopped(size=(100, 30)) as screen:
        source = source_of(screen)
        lines = [source.line(index, 20).plain for index in range(source.count)]
        whole = [text.plain for text in source.text]

        assert all(len(line) <= 20 for line in lines)
        lit = lines[26]
        assert lit.startswith("3✂ 27 …")
        assert "torch.from" in lit
        for number, (line, text) in enumerate(zip(lines, whole, strict=True)):
            if number != 26:
                assert text.startswith(line[6:].rstrip("…"))
                assert line.endswith("…") is (len(text) > 14)
