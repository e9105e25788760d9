"""A line put together of many short texts: rich's own `append` takes for each as long as this for all."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.text import Span, Text

Piece = tuple[str, str]
"""A text and its style."""


class TextBuilder:
    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._texts: list[str] = []
        self._spans: list[Span] = []
        self._length = 0
        for text, style in pieces:
            self.add(text, style)

    def add(self, text: str, style: str = "") -> None:
        start, self._length = self._length, self._length + len(text)
        self._texts.append(text)
        if style and text:
            self._spans.append(Span(start, self._length, style))

    def add_text(self, text: Text) -> None:
        """What is a line itself, whose style holds for the whole of it."""
        start = self._length
        self.add(text.plain, str(text.style))
        self._spans += [Span(start + span.start, start + span.end, span.style) for span in text.spans]

    @property
    def cell_len(self) -> int:
        return sum(map(cell_len, self._texts))

    @property
    def text(self) -> Text:
        return Text("".join(self._texts), spans=self._spans)
