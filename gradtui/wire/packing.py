"""Long columns as text: `h:COUNT:DATA`, where DATA is base64 of zlib of numbers, of the fewest bytes that do.

A million numbers as a JSON list are a million objects to whoever reads them, for a while; packed they are
none, and a hundredth of the bytes. They stay as narrow as they came: most columns of a long trace hold kinds,
flags and numbers of lines, for which one or two bytes a row are enough. First stand the lowest bytes of all
numbers, then those above them, and so on: numbers that rise steadily are then small to zlib, and quick.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import blake2b
from weakref import WeakValueDictionary

PIECE = 3 << 18
"""Bytes that are packed at a time."""
SIZES = {"b": 1, "h": 2, "i": 4, "q": 8}
"""Bytes of a number by the form of its column: the codes of `array`, the narrowest first."""
SIGNS = bytes(128) + b"\xff" * 128
"""By the highest byte of a number what stands in the bytes above it, where there are more."""
LARGEST = 1 << 25
"""Numbers in the longest column that is read: for a graph of so many nodes no machine of today has room."""


class PackingError(ValueError):
    """A packed column isn't one. Its text goes on from the name of the column."""


def write_packed(column: array[int], emit: Callable[[str], object]) -> None:
    """Emit a column as JSON text in pieces, its quotes included."""
    form, numbers = narrowed(column)
    emit(f'"{form}:{len(column)}:')
    squeeze, rest = zlib.compressobj(1), b""
    for start in range(0, len(numbers), PIECE):
        rest += squeeze.compress(numbers[start : start + PIECE])
        whole = len(rest) - len(rest) % 3  # base64 pads what isn't a multiple of three, and then it ends
        emit(b64encode(rest[:whole]).decode("ascii"))
        rest = rest[whole:]
    emit(b64encode(rest + squeeze.flush()).decode("ascii"))
    emit('"')


def narrowed(column: array[int]) -> tuple[str, bytes]:
    """The form of the fewest bytes a number that hold this column; its lowest bytes, those above, and so on.

    All numbers are looked at a byte at a time, as texts of bytes: one by one they would take ten times as
    long.
    """
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    numbers, wide = column.tobytes(), column.itemsize
    planes = [numbers[place::wide] for place in range(wide)]
    for form, size in SIZES.items():
        above = planes[size - 1].translate(SIGNS)
        if all(plane == above for plane in planes[size:]):
            return form, b"".join(planes[:size])
    raise AssertionError("a column's own size holds its numbers")


_READ: WeakValueDictionary[bytes, array[int]] = WeakValueDictionary()
"""Columns that were read and are still used, by a digest of their text."""


def read_packed(text: str) -> array[int]:
    """The column in a text, not to be changed: equal ones, and there are many, are one and the same array.

    Raises PackingError where the text isn't a column.
    """
    digest = blake2b(text.encode(errors="replace"), digest_size=16).digest()
    known = _READ.get(digest)
    if known is None:
        known = _READ[digest] = _unpacked(text)
    return known


def _unpacked(text: str) -> array[int]:
    form, _, rest = text.partition(":")
    number, _, data = rest.partition(":")
    if form not in SIZES or not (number.isascii() and number.isdigit()) or int(number) > LARGEST:
        raise PackingError("is to be a packed column, and doesn't begin as one")
    # Never more than was announced: a few bytes can swell to gigabytes.
    expand, count, size = zlib.decompressobj(), int(number), SIZES[form]
    try:
        planes = expand.decompress(b64decode(data, validate=True), count * size + 1)
    except (ValueError, zlib.error):
        raise PackingError("is to be a packed column, and can't be unpacked") from None
    if len(planes) != count * size or not expand.eof:
        raise PackingError(f"is to be a packed column of {number} numbers, and isn't")
    numbers = bytearray(len(planes))
    for place in range(size):
        numbers[place::size] = planes[place * count : (place + 1) * count]
    column = array(form)
    column.frombytes(numbers)
    if sys.byteorder == "big":
        column.byteswap()
    return column
