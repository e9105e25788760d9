"""Lines come out of a stream however it was cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradtui.session.lines import Lines


@given(st.lists(st.binary().filter(lambda text: b"\n" not in text and not text.endswith(b"\x18"))), st.data())
def test_lines_are_the_same_wherever_the_stream_is_cut(texts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(text + b"\n" for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    lines = Lines()

    assert [line for piece in pieces for line in lines.add(piece)] == texts


def test_a_line_without_its_end_is_kept_back() -> None:
    lines = Lines()

    assert list(lines.add(b"one\ntw")) == [b"one"]
    assert list(lines.add(b"o")) == []
    assert list(lines.add(b"\n")) == [b"two"]


def test_a_line_that_was_given_up_is_dropped() -> None:
    assert list(Lines().add(b"one\ntw\x18\ntwo\n")) == [b"one", b"two"]
