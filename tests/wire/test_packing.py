"""Packed columns: what is written comes back, and nothing else is taken for one."""

from __future__ import annotations

import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradtui.model.columns import ints
from gradtui.model.messages import Seen
from gradtui.wire.codec import WireError, decode, encode
from gradtui.wire.packing import LARGEST, PIECE, SIZES, PackingError, read_packed, write_packed
from tests.wire.examples import SNAPSHOT


def packed(numbers: list[int]) -> str:
    pieces: list[str] = []
    write_packed(ints(numbers), pieces.append)
    text = "".join(pieces)
    assert text[0] == text[-1] == '"'
    return text[1:-1]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=50))
def test_any_column_comes_back(numbers: list[int]) -> None:
    assert read_packed(packed(numbers)) == ints(numbers)


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 5])
def test_a_column_of_many_pieces_comes_back(length: int) -> None:
    numbers = [number * 7919 % 10_007 for number in range(length)]

    assert read_packed(packed(numbers)) == ints(numbers)


def test_a_packed_column_takes_less_than_its_numbers_written_out() -> None:
    numbers = list(range(100_000))

    assert len(packed(numbers)) < len(repr(numbers)) / 2


@pytest.mark.parametrize(("most", "size"), [(127, 1), (128, 2), (2**15 - 1, 2), (2**15, 4), (2**31, 8)])
def test_a_column_comes_back_in_the_fewest_bytes_that_hold_its_numbers(most: int, size: int) -> None:
    assert read_packed(packed([0, most])).itemsize == size
    assert read_packed(packed([0, -most - 1])).itemsize == size


def test_equal_columns_that_are_read_are_one_and_the_same() -> None:
    text = packed(list(range(5000)))

    first = read_packed(text)
    assert read_packed(text) is first
    assert read_packed(packed([*range(4999), 0])) != read_packed(text)


def test_short_columns_of_a_message_stay_readable() -> None:
    line = encode(Seen(SNAPSHOT))

    assert all(f'"{form}:'.encode() not in line for form in SIZES)
    assert b'"order":[10,11,1099511627776]' in line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i",
        "i:3",
        "x:1:eJxjYGBgAAAABAAB",
        "i:-1:",
        "i:one:",
        "i:²:",
        "i:99999999999:",
        "i:1:not base64",
        "i:1:" + b64encode(b"not zlib").decode(),
        "i:2:" + b64encode(zlib.compress(bytes(4))).decode(),
        "i:1:" + b64encode(zlib.compress(bytes(8))).decode(),
        "i:1:" + b64encode(zlib.compress(bytes(3))).decode(),
        "i:1:" + b64encode(zlib.compress(bytes(4))[:-2]).decode(),
    ],
)
def test_what_is_no_packed_column_is_refused(text: str) -> None:
    with pytest.raises(PackingError, match="is to be a packed column"):
        read_packed(text)


def test_a_broken_column_of_a_message_is_named_in_a_sentence() -> None:
    line = encode(Seen(SNAPSHOT)).decode().replace('"kind":[0,', '"kind":"i:1:",  "kindred":[0,', 1)

    with pytest.raises(WireError, match="packed column"):
        decode(line)


def test_a_few_bytes_cannot_swell_beyond_what_was_announced() -> None:
    bomb = b64encode(zlib.compress(bytes(50_000_000))).decode()

    with pytest.raises(PackingError):
        read_packed(f"i:1:{bomb}")


def test_what_announces_more_than_any_graph_has_is_not_unpacked() -> None:
    with pytest.raises(PackingError, match="doesn't begin as one"):
        read_packed(f"b:{LARGEST + 1}:")
