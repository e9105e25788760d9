"""A fault of ours mustn't become one of the program's: what may fail between its calls is contained."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType


class Contained:
    """Around what we do for ourselves: an error there is told to `failed` and goes no further.

    An interrupt does, as it is meant for the program.
    """

    __slots__ = ("_failed",)

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._failed(error)
        return True
