"""What screens above the main one have in common: the user's own keys lead back from them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.screen import ModalScreen

from gradtui.tui.keymap import KeyNames

if TYPE_CHECKING:
    from gradtui.tui.screens.main import MainScreen

Result = TypeVar("Result")


class Modal(ModalScreen[Result]):
    """Keeps its own keys, and takes those that were given to going back, or to what has opened it."""

    OPENED_BY: ClassVar[str] = ""
    """The action that opens it, whose key closes it again."""

    @property
    def main(self) -> MainScreen | None:
        """The screen below; None in an application that has another."""
        return cast("MainScreen | None", getattr(self.app, "main", None))

    @property
    def names(self) -> KeyNames:
        return self.main.names if self.main is not None else KeyNames(back="esc")

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing here by itself."""
        keymap = self.main.keymap if self.main is not None else {}
        given = ",".join(keymap.get(action, "") for action in ("back", self.OPENED_BY)).split(",")
        if event.key in filter(None, given):
            event.stop()
            self.leave()

    def leave(self) -> None:
        self.dismiss(None)
