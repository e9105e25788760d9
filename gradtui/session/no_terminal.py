"""A program that has no terminal here: it prints where it runs, or it did."""

from __future__ import annotations


class NoTerminal:
    """Whatever is done to such a program or its terminal, nothing happens."""

    def type(self, data: bytes) -> None:
        pass

    def asks(self) -> bool | None:
        return False

    def signal(self, number: int) -> None:
        pass

    def resize(self, columns: int, rows: int) -> None:
        pass
