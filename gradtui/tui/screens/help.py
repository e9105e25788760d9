"""All keys on one screen, read from the bindings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from gradtui.tui.keymap import NAMES, spoken
from gradtui.tui.palette import ACCENT, MUTED
from gradtui.tui.screens.modal import Modal

TOGETHER: dict[tuple[str | None, str | None], str] = {
    ("top", "bottom"): "bottom",
    ("fold-all", "unfold-all"): "unfold",
    ("quit", "suspend"): "to the shell",
    ("draw-anew", "light"): "light or dark",
}
"""Two actions that stand on one line, and what is said of the second."""

Section = tuple[str, Sequence[Binding]]


class Keys(Widget):
    """The keys of some parts of the screen, in two columns."""

    DEFAULT_CSS = "Keys { width: auto; height: auto; background: ansi_default; color: ansi_default; }"

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self.sections = sections

    def render(self) -> Text:
        left: list[Text] = []
        right: list[Text] = []
        half = sum(len(bindings) + 1 for _, bindings in self.sections) / 2
        for title, bindings in self.sections:
            # A section that would make the left column much the longer one goes to the right.
            column = left if not right and len(left) + len(bindings) / 2 < half else right
            column.append(Text(title, "bold"))
            column += [_line(binding) for binding in bindings]
        width = max((line.cell_len for line in left), default=0) + 3
        lines = []
        for row in range(max(len(left), len(right))):
            line = left[row].copy() if row < len(left) else Text()
            line.pad_right(width - line.cell_len)
            if row < len(right):
                line.append_text(right[row])
            lines.append(line)
        for line in lines:
            line.truncate(max(20, self.app.size.width - 4), overflow="ellipsis")
        return Text("\n").join(lines)


class HelpScreen(Modal[None]):
    CSS = """
    HelpScreen { align: center middle; background: transparent; }
    HelpScreen Keys {
        border: round ansi_cyan; border-title-color: ansi_cyan; padding: 0 1;
        max-width: 100%; max-height: 100%;
    }
    """

    OPENED_BY = "help"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1,enter,space", "dismiss(None)", "Back")
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self.sections = sections

    def compose(self) -> ComposeResult:
        keys = Keys(self.sections)
        keys.border_title = "Keys"
        keys.border_subtitle = f"{self.names['back']}: back"
        yield keys


def _line(binding: Binding) -> Text:
    keys = " ".join(spoken(key) for key in binding.key.split(","))
    return Text.assemble((f"{keys:<9}", ACCENT), (f" {binding.description}", ""))


def one_line(bindings: Sequence[Binding], key: str, description: str) -> list[Binding]:
    """The bindings, those that go to a pane by its number as one."""
    kept = [item for item in bindings if not (item.action.startswith("pane(") and item.key.isdigit())]
    return [Binding(key, "", description), *kept] if len(kept) < len(bindings) else kept


def paired(bindings: Sequence[Binding]) -> list[Binding]:
    """The bindings, what goes there and back again as one: `n N` for the next match and the one before."""
    found: list[Binding] = []
    for item in bindings:
        before = found[-1] if found else None
        back = _counterpart(before, item) if before is not None else ""
        if before is not None and back:
            keys = f"{before.key.split(',')[0]},{item.key.split(',')[0]}"
            found[-1] = Binding(keys, before.action, f"{before.description}, or {back}")
        else:
            found.append(item)
    return found


def _counterpart(one: Binding, other: Binding) -> str:
    """`back` or `forth`, where the other does what one does in that direction."""
    if (one.id, other.id) in TOGETHER:
        return TOGETHER[one.id, other.id]
    if one.action.endswith("(1)") and other.action == f"{one.action[:-2]}-1)":
        return "back"
    return "forth" if one.action.endswith("(-1)") and other.action == f"{one.action[:-3]}1)" else ""


__all__ = ["MUTED", "NAMES", "HelpScreen", "Keys", "Section", "one_line", "paired"]
