"""Long columns as text: `i:COUNT:DATA`, where DATA is base64 of zlib of numbers of 4 bytes, or with `q` of 8.

A million numbers as a JSON list are a million objects to whoever reads them, for a while; packed they are
none, and a tenth of the bytes.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable

PIECE = 3 << 16
"""Numbers that are packed at a time."""
SIZES = {"i": 4, "q": 8}
LARGEST = 1 << 32
"""Numbers in the longest column that is read."""


class PackingError(ValueError):
    """A packed column isn't one. Its text goes on from the name of the column."""


def write_packed(column: array[int], emit: Callable[[str], object]) -> None:
    """Emit a column as JSON text in pieces, its quotes included."""
    small = min(column, default=0) >= -(2**31) and max(column, default=0) < 2**31
    form = "i" if small else "q"
    emit(f'"{form}:{len(column)}:')
    squeeze, rest = zlib.compressobj(1), b""
    for start in range(0, len(column), PIECE):
        piece = array(form, column[start : start + PIECE])
        if sys.byteorder == "big":
            piece.byteswap()
        rest += squeeze.compress(piece.tobytes())
        whole = len(rest) - len(rest) % 3  # base64 pads what isn't a multiple of three, and then it ends
        emit(b64encode(rest[:whole]).decode("ascii"))
        rest = rest[whole:]
    emit(b64encode(rest + squeeze.flush()).decode("ascii"))
    emit('"')


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
    return column if form == "q" else array("q", column)
