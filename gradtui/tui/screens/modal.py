"""What screens above the main one have in common: the user's own keys lead back from them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from gradtui.tui.keymap import KeyNames

if TYPE_CHECKING:
    from gradtui.tui.screens.panes import Panes

Result = TypeVar("Result")


class Modal(ModalScreen[Result]):
    """Keeps its own keys, and takes those that were given to going back, or to what has opened it."""

    OPENED_BY: ClassVar[str] = ""
    """The action that opens it, whose key closes it again."""

    @property
    def main(self) -> Panes | None:
        """The screen below; None in an application that has another."""
        return cast("Panes | None", getattr(self.app, "main", None))

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


class ListBox(Vertical):
    """A box as high as what is in it; where there is no room for that, its list is lower and scrolls.

    By itself Textual gives a child that is as high as its lines all of them, and cuts off what is too much.
    """

    def __init__(self, listed: Widget, most: int, share: int = 100) -> None:
        super().__init__()
        self.listed = listed
        self.most = most
        """Lines of the list where there is room."""
        self.share = share
        """Per cent of the screen's lines that the box may have."""

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self.fit())

    def fit(self) -> None:
        """Give the list what the rest of the box leaves."""
        rest = sum(child.outer_size.height for child in self.children if child is not self.listed)
        room = self.screen.size.height * self.share // 100 - self.gutter.height - rest
        lines = max(1, min(self.most, room))
        if self.listed.styles.max_height is None or self.listed.styles.max_height.value != lines:
            self.listed.styles.max_height = lines
