"""What the terminal shows, cell by cell, and the fewest bytes that make it show something else.

Textual sends whole lines of whatever may have changed; over a slow line every one of them is felt. Here only
cells that differ are sent. That holds as long as nobody else writes to the terminal: whoever lends it to
somebody, or learns that it was resized, has to say `forget`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache

from rich.cells import cell_len, split_graphemes
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

BRIDGED = 4
"""Unchanged cells that are sent again, because to pass over them costs as much."""
ERASED = 3
"""Blanks up to the end of a line that are sent as such; more are erased in one go."""
ASTRAL = chr(0xFFFF)
"""Beyond this, terminals don't agree on how wide a character is."""


class Pen:
    """How a cell is drawn. There is one object for each way, so that they can be compared by identity."""

    __slots__ = ("attributes", "back", "blank", "fore")

    def __init__(self, attributes: tuple[str, ...], fore: str, back: str) -> None:
        self.attributes, self.fore, self.back = attributes, fore, back
        self.blank = self
        """What of it can be seen on a blank."""

    def after(self, last: Pen) -> str:
        """The sequence that makes the terminal draw with this pen where it drew with the last."""
        if self is PLAIN:
            return "\x1b[m"
        stays = set(last.attributes) <= set(self.attributes)
        if stays and (self.fore or not last.fore) and (self.back or not last.back):
            codes = [code for code in self.attributes if code not in last.attributes]
            codes += [self.fore] if self.fore != last.fore else []
            codes += [self.back] if self.back != last.back else []
        else:
            codes = ["0", *self.attributes, *filter(None, (self.fore, self.back))]
        return f"\x1b[{';'.join(codes)}m"


Cell = tuple[str, Pen]
"""What stands in it, and how. The right half of a wide character has no text."""
Line = list[Cell | None]
"""None where nobody knows what stands there."""

ATTRIBUTES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "blink": "5",
    "blink2": "6",
    "reverse": "7",
    "conceal": "8",
    "strike": "9",
    "underline2": "21",
    "overline": "53",
}
ON_BLANKS = frozenset(["4", "7", "9", "21", "53"])
"""Attributes that are seen where no character stands; with them, the colour of characters is seen too."""


@cache
def pen(attributes: tuple[str, ...], fore: str, back: str) -> Pen:
    """The one pen that draws like this."""
    found = Pen(attributes, fore, back)
    if not ON_BLANKS.intersection(attributes) and (attributes or fore):
        found.blank = pen((), "", back)
    return found


PLAIN = pen((), "", "")


@lru_cache(4096)
def pen_of(style: Style | None, system: ColorSystem) -> Pen:
    """The pen for a style; the terminal's own two colours are what it has before any other is named."""
    if style is None:
        return PLAIN
    attributes = tuple(code for name, code in ATTRIBUTES.items() if getattr(style, name))
    colours = [
        "" if colour is None or colour.is_default else ";".join(colour.downgrade(system).get_ansi_codes(fore))
        for colour, fore in ((style.color, True), (style.bgcolor, False))
    ]
    return pen(attributes, *colours)


def cells(segments: Iterable[Segment], system: ColorSystem) -> list[Cell]:
    """The cells of a line."""
    found: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        joining, own = _cells_of(text, pen_of(style, system))
        if joining and found:
            before, pen_before = found[-1]
            found[-1] = before + joining, pen_before
        found += own
    return found


@lru_cache(4096)
def _cells_of(text: str, own: Pen) -> tuple[str, tuple[Cell, ...]]:
    """The cells of a text, and what of it belongs to the sign before it.

    Most of a screen are the same few texts over and over, blanks above all.
    """
    if text.isascii():
        return "", tuple((sign, own if sign != " " else own.blank) for sign in text)
    joining, found = "", list[Cell]()
    for start, end, width in split_graphemes(text)[0]:
        sign = text[start:end]
        if width:
            found.append((sign, own if sign != " " else own.blank))
            found += [("", own)] * (width - 1)
        elif found:
            found[-1] = (found[-1][0] + sign, found[-1][1])
        else:
            joining += sign
    return joining, tuple(found)


def disputed(line: Sequence[Cell | None]) -> bool:
    """Whether terminals may not agree on where the cells of a line stand."""
    signs = [cell[0] for cell in line if cell is not None]
    text = "".join(signs)
    if text.isascii():  # as nearly all are
        return False
    return max(text) > ASTRAL or len(text) + signs.count("") > len(signs)


class Shown:
    """What the terminal shows, as far as anything was sent to it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def forget(self) -> None:
        """Somebody else may have written to the terminal."""
        self.lines = []

    def sized(self, width: int, height: int) -> None:
        """The terminal has this size; another one than before, and nobody knows what it shows."""
        if len(self.lines) != height or any(len(line) != width for line in self.lines[:1]):
            self.lines = [[None] * width for _ in range(height)]

    def turn(self, wanted: Mapping[int, Sequence[tuple[int, list[Cell]]]]) -> str:
        """What to send to have the terminal show this: by line the cells from a column on."""
        brush = _Brush()
        for y, parts in wanted.items():
            if not 0 <= y < len(self.lines):
                continue
            before = self.lines[y]
            line = before.copy()
            for x, part in parts:
                line[x : x + len(part)] = part
            del line[len(before) :]
            if line != before:
                brush.draw(y, before, line)
                self.lines[y] = line
        return brush.done()


class _Brush:
    """Writes cells, and knows where the terminal's cursor stands and with which pen it draws."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.pen = PLAIN
        self.x = self.y = -1

    def draw(self, y: int, before: Line, line: Line) -> None:
        """Have a line show what it doesn't."""
        if disputed(before) or disputed(line):
            before = [None] * len(line)
        width, blanks = len(line), _blank_from(line)
        erased = sum(own != old for own, old in zip(line[blanks:], before[blanks:], strict=True)) > ERASED
        for start, end in _changes(before, line, blanks if erased else width):
            self._go(y, start, line)
            self._write(line[start:end])
            self.x = end
        if erased:
            self._go(y, blanks, line)
            if self.pen.blank is not PLAIN:  # it is erased with the colour of the pen
                self._take(PLAIN)
            self.sent.append("\x1b[K")

    def done(self) -> str:
        self._take(PLAIN)
        return "".join(self.sent)

    def _go(self, y: int, x: int, line: Line) -> None:
        """To a cell, over what stands there already where that is the shorter way."""
        if y != self.y:
            self.sent.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        elif x != self.x:
            between = line[self.x : x]
            if len(between) <= BRIDGED and all(cell is not None and self._has(cell) for cell in between):
                self._write(between)
            else:
                self.sent.append(f"\x1b[{x + 1}G")
        self.x, self.y = x, y

    def _has(self, cell: Cell) -> bool:
        """Whether a cell can be written with the pen at hand."""
        text, own = cell
        return own is self.pen or (text == " " and own is self.pen.blank)

    def _write(self, line: Line) -> None:
        x, send = self.x, self.sent.append
        for cell in line:
            x += 1
            if cell is None:
                continue
            text, own = cell
            # As `_has`, in line: it is asked for each cell of the screen.
            if own is not self.pen and (text != " " or own is not self.pen.blank):
                self._take(own)
            send(text)
            if len(text) > 1 or text > ASTRAL:  # wherever the terminal thinks it stands now
                send(f"\x1b[{x + cell_len(text)}G")

    def _take(self, own: Pen) -> None:
        if own is not self.pen:
            self.sent.append(own.after(self.pen))
            self.pen = own


def _blank_from(line: Line) -> int:
    """Where the blanks begin that reach to the end of a line."""
    blanks = len(line)
    while blanks and line[blanks - 1] == (" ", PLAIN):
        blanks -= 1
    return blanks


def _changes(before: Line, line: Line, width: int) -> Iterator[tuple[int, int]]:
    """Where a line differs, as spans of cells."""
    x = 0
    while x < width:
        if line[x] == before[x] or line[x] is None:
            x += 1
            continue
        start = x
        while x < width and line[x] is not None and line[x] != before[x]:
            x += 1
        yield start, x


class TerminalDiff(CompositorUpdate):
    """One of Textual's updates, of which only those cells are sent that the terminal doesn't show yet."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, shown: Shown) -> None:
        self.update, self.shown = update, shown

    def render_segments(self, console: Console) -> str:
        system = COLOR_SYSTEMS[console.color_system or "truecolor"]
        update = self.update
        if isinstance(update, LayoutUpdate):
            self.shown.sized(*update.region.size)
            return self.shown.turn(_of_layout(update, system))
        self.shown.sized(update.chop_ends[0][-1], len(update.chops))
        return self.shown.turn(_of_chops(update, system))


def _of_layout(update: LayoutUpdate, system: ColorSystem) -> dict[int, list[tuple[int, list[Cell]]]]:
    left, top = update.region.offset
    return {
        y: [(left, cells((item for strip in strips for item in strip), system))]
        for y, strips in enumerate(update.strips, top)
    }


def _of_chops(update: ChopsUpdate, system: ColorSystem) -> dict[int, list[tuple[int, list[Cell]]]]:
    found: dict[int, dict[int, list[Cell]]] = {}
    # Textual's spans begin and end anywhere; what it has drawn of a line are the parts of its widgets.
    for y, first, last in update.spans:
        parts = found.setdefault(y, {})
        for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
            if strip is not None and x < last and end > first and x not in parts:
                parts[x] = cells(strip, system)[: end - x]
    return {y: list(parts.items()) for y, parts in found.items()}
