"""Every action by its words: what ctrl+p lists, with the key that would have done it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import ClassVar, cast

from rich.text import Text
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode

from gradtui.tui.keymap import as_set, spoken
from gradtui.tui.screens.keys import AROUND, BACKWARD, OF_PANES, own
from gradtui.tui.screens.main import MainScreen
from gradtui.tui.screens.panes import PANES
from gradtui.tui.widgets.rows import Rows

KEYS = 10
"""Cells for the keys of an action."""


ALSO = {
    "picture": "picture export save svg png pdf dot",
    "break": "breakpoint",
    "breaks": "breakpoints conditional nan",
    "value": "print show gradient",
    "evaluate": "print python repl",
    "rerun": "restart reload",
    "quit": "exit close leave",
    "copy": "clipboard yank",
}
"""By its name in the settings what people call an action beside the words that it is listed by."""


class Actions(Provider):
    """All that the screen and its panes can do; an action of a pane brings that pane into focus first."""

    async def discover(self) -> Hits:
        for binding, run in self._all():
            yield DiscoveryHit(self._shown(binding, Text(_said(binding))), run, text=_said(binding))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for binding, run in self._all():
            if binding.id is not None and query.casefold() == binding.id:  # its name in the settings of keys
                yield Hit(1.0, self._shown(binding, Text(_said(binding))), run, text=_said(binding))
                continue
            also = ALSO.get(binding.id or "", "").split()
            if len(query) > 2 and any(word.startswith(query.casefold()) for word in also):
                yield Hit(1.0, self._shown(binding, Text(_said(binding))), run, text=_said(binding))
                continue
            score = matcher.match(_said(binding))
            if score > 0:
                # A part of the words is what most people type: it comes before letters strewn over them.
                score = 1.0 if query.casefold() in _said(binding).casefold() else min(0.9, score / 10)
                shown = self._shown(binding, matcher.highlight(_said(binding)))
                yield Hit(score, shown, run, text=_said(binding))

    @property
    def main(self) -> MainScreen:
        return cast("MainScreen", self.screen)

    def _all(self) -> Iterator[tuple[Binding, Callable[[], Awaitable[None]]]]:
        for binding in self._set(*BACKWARD, *AROUND):
            if binding.id != "actions":
                yield binding, partial(self._run, binding, "")
        for pane, part in OF_PANES.items():
            own_pane = self.main.focused_pane if isinstance(self.main.focused, part) else pane
            for binding in self._set(part):
                yield binding, partial(self._run, binding, own_pane)
        for binding in self._set(Rows):
            yield binding, partial(self._run, binding, self.main.focused_pane or "graph")

    def _set(self, *parts: type[DOMNode]) -> list[Binding]:
        return as_set(own(*parts), self.main.keymap)

    async def _run(self, binding: Binding, pane: str) -> None:
        if pane and self.main.focused_pane != pane:
            self.main.action_pane(pane)
        node: DOMNode = self.main.query_one(f"#{pane}") if pane else self.main
        await self.app.run_action(binding.action, node)

    def _shown(self, binding: Binding, words: Text | Content) -> Content:
        keys = " ".join(spoken(key) for key in binding.key.split(",")[:2])
        said = words if isinstance(words, Content) else Content.from_rich_text(words)
        return Content.assemble((f"{keys:<{KEYS}}", "bold"), said)


def _said(binding: Binding) -> str:
    return f"To the pane {binding.description}" if binding.id in PANES else binding.description


class ActionsScreen(CommandPalette):
    """Textual's palette in the colours of the terminal, without what needs a font."""

    CSS: ClassVar[str] = """
    ActionsScreen #--container { margin: 0 2; max-width: 76; height: 100%; background: transparent; }
    ActionsScreen #--input { border: round ansi_cyan; background: ansi_default; height: 3; }
    ActionsScreen SearchIcon { display: none; }
    ActionsScreen CommandInput, ActionsScreen CommandInput:focus {
        border: none; height: 1; padding: 0 1; background: ansi_default; color: ansi_default;
    }
    ActionsScreen #--input.--list-visible { border: round ansi_cyan; }
    ActionsScreen CommandList {
        border: round ansi_bright_black; background: ansi_default; color: ansi_default; max-height: 17;
        scrollbar-size-vertical: 1; scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default;
    }
    ActionsScreen CommandList > .option-list--option { padding: 0 1; text-style: none; color: ansi_default; }
    ActionsScreen CommandList > .option-list--option-highlighted {
        color: ansi_bright_white; background: ansi_blue; text-style: bold;
    }
    ActionsScreen CommandList:nocolor > .option-list--option-highlighted { text-style: reverse; }
    ActionsScreen LoadingIndicator { display: none; }
    """

    def __init__(self) -> None:
        super().__init__([Actions], placeholder="What do you want to do?")
