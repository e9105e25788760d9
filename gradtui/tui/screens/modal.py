"""What screens above the main one have in common: the user's own keys lead back from them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from gradtui.tui.keymap import KeyNames, spoken
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.search import Search

if TYPE_CHECKING:
    from gradtui.tui.screens.panes import Panes

Result = TypeVar("Result")
IDLE = frozenset(["app.focus_next", "app.focus_previous", "screen.copy_text", "screen.minimize"])
"""What keys of every Textual screen do: nothing that a popup would show."""


class Notice(Footer):
    """What is said while a popup is open, in the place of the last line that it may cover."""

    DEFAULT_CSS = "Notice { layer: above; dock: bottom; display: none; }"

    def watch_notice(self, notice: str) -> None:
        self.display = bool(notice)


class Modal(ModalScreen[Result]):
    """Keeps its own keys, and takes those that were given to going back, or to what has opened it; of any
    other it says that it does nothing here."""

    DEFAULT_CSS = "Modal { layers: default above; }"

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "app.help_quit", show=False)]

    OPENED_BY: ClassVar[str] = ""
    """The action that opens it, whose key closes it again."""

    @property
    def main(self) -> Panes | None:
        """The screen below; None in an application that has another."""
        return cast("Panes | None", getattr(self.app, "main", None))

    @property
    def names(self) -> KeyNames:
        return self.main.names if self.main is not None else KeyNames(back="esc")

    def on_mount(self) -> None:
        if self.main is not None:  # what is said below, in a line that this may cover, is said here too
            self.watch(self.main.query_one(Footer), "notice", self._show_notice, init=False)

    def _show_notice(self, text: str) -> None:
        notice = next(iter(self.query(Notice)), None)
        if notice is None and text:
            notice = Notice()
            self.mount(notice)
        if notice is not None:
            notice.notice = text

    def on_key(self, event: events.Key) -> None:
        """A key that means nothing here by itself."""
        keymap = self.main.keymap if self.main is not None else {}
        given = ",".join(keymap.get(action, "") for action in ("back", self.OPENED_BY)).split(",")
        if event.key in filter(None, given):
            event.stop()
            self.leave()
        elif self.main is not None and self.is_current and not self._means_something(event.key):
            self.main.say(f"{spoken(event.key)} does nothing here: {self.names['back']} goes back first.")

    def _means_something(self, key: str) -> bool:
        """Whether a key is bound here, or was typed before what is to be searched for had the focus."""
        bound = self.active_bindings.get(key)
        return isinstance(self.focused, Search) or (bound is not None and bound.binding.action not in IDLE)

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
