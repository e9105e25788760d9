"""Long columns as text: `h:COUNT:DATA`, where DATA is base64 of zlib of numbers, of the fewest bytes that do.

A million numbers as a JSON list are a million objects to whoever reads them, for a while; packed they are
none, and a tenth of the bytes. They stay as narrow as they came: most columns of a long trace hold kinds,
flags and numbers of lines, for which one or two bytes a row are enough.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable

PIECE = 3 << 18
"""Bytes that are packed at a time."""
SIZES = {"b": 1, "h": 2, "i": 4, "q": 8}
"""Bytes of a number by the form of its column: the codes of `array`, the narrowest first."""
SIGNS = bytes(128) + b"\xff" * 128
"""By the highest byte of a number what stands in the bytes above it, where there are more."""
LARGEST = 1 << 32
"""Numbers in the longest column that is read."""


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
    """The form of the fewest bytes a number that hold this column, and its bytes, the lowest first.

    All numbers are looked at a byte at a time, as texts of bytes: one by one they would take ten times as
    long.
    """
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    wide, numbers = column.itemsize, column.tobytes()
    for form, size in SIZES.items():
        if size == wide:
            break
        above = numbers[size - 1 :: wide].translate(SIGNS)
        if all(numbers[place::wide] == above for place in range(size, wide)):
            few = bytearray(size * len(column))
            for place in range(size):
                few[place::size] = numbers[place::wide]
            return form, bytes(few)
    return column.typecode, numbers


def read_packed(text: str) -> array[int]:
    """The column in a text. Raises PackingError where it isn't one."""
    form, _, rest = text.partition(":")
    number, _, data = rest.partition(":")
    if form not in SIZES or not (number.isascii() and number.isdigit()) or int(number) > LARGEST:
        raise PackingError("is to be a packed column, and doesn't begin as one")
    column = array(form)
    # Never more than was announced: a few bytes can swell to gigabytes.
    expand, length = zlib.decompressobj(), int(number) * SIZES[form]
    try:
        column.frombytes(expand.decompress(b64decode(data, validate=True), length + 1))
    except (ValueError, zlib.error):
        raise PackingError("is to be a packed column, and can't be unpacked") from None
    if len(column) * SIZES[form] != length or not expand.eof:
        raise PackingError(f"is to be a packed column of {number} numbers, and isn't")
    if sys.byteorder == "big":
        column.byteswap()
    return column
