"""Where each part of the screen stands at every size: a pure function, and the layout that asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement

from gradtui.tui.screen_size import LEAST_HEIGHT, LEAST_WIDTH, LEFT, MEDIUM, is_wide, too_small

if TYPE_CHECKING:
    from textual.widget import Widget

LEAST = Size(LEAST_WIDTH, LEAST_HEIGHT)
LOW = 14
"""Lines below which there is room for one pane only: the one with the focus."""

LOWER = ("findings", "parameters", "output", "stops", "saved", "optimizers")
"""What is always a tab."""
SIDE = ("node", "source")
"""What stands beside the tree where there is room, and is a tab where there isn't."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the screen is laid out, given its size and what the user chose."""

    width: int
    height: int
    front: str
    """The tab that was brought to the front; empty where none was."""
    told: bool = False
    """Whether the headline says already what the findings begin with."""
    zoomed: str = ""
    """The pane that has the whole screen."""
    headline: int = 1
    """Lines of the headline; 0 before there is anything to say."""
    bare: bool = False
    """Nothing but output is there to be shown: no stop has come yet."""

    @property
    def too_small(self) -> bool:
        return too_small(self.width, self.height)

    @property
    def narrow(self) -> bool:
        return self.width < MEDIUM

    @property
    def wide(self) -> bool:
        return is_wide(self.width, self.height)

    @property
    def tabs(self) -> tuple[str, ...]:
        if self.narrow:
            return (*SIDE, *LOWER)
        return tuple(pane for pane in LOWER if pane != "output") if self.wide else LOWER

    @property
    def shown(self) -> str:
        """The pane under the tabs."""
        if self.front in self.tabs:
            return self.front
        # The line that the headline is about, where that stands nowhere else, and not its sentence once more.
        return "source" if self.narrow and self.told else LOWER[0]

    def regions(self) -> dict[str, Region]:
        """The place of everything that is shown."""
        width, height = self.width, self.height
        if self.too_small:
            return {"small": Region(0, 0, width, height)}
        top = 1 + self.headline
        body = Region(0, top, width, height - top - 1)
        found = {"header": Region(0, 0, width, 1), "footer": Region(0, height - 1, width, 1)}
        if self.headline:
            found["headline"] = Region(0, 1, width, self.headline)
        if self.bare:
            return found | {"output": body}
        if self.zoomed:
            return found | {self.zoomed: body}
        if self.narrow:
            return found | self._stacked(body)
        return found | (self._three(body) if self.wide else self._side_by_side(body))

    def _stacked(self, body: Region) -> dict[str, Region]:
        lower = max(5, body.height * 42 // 100)
        tree, below = body.split_horizontal(body.height - lower)
        return {"graph": tree} | self._tabbed(below)

    def _side_by_side(self, body: Region) -> dict[str, Region]:
        lower = max(7, body.height * 32 // 100)
        upper, below = body.split_horizontal(body.height - lower)
        tree, side = upper.split_vertical(upper.width * 56 // 100)
        return {"graph": tree} | self._beside(side, min(12, side.height * 45 // 100)) | self._tabbed(below)

    def _three(self, body: Region) -> dict[str, Region]:
        left, right = body.split_vertical(body.width * LEFT // 100)
        tree, below = left.split_horizontal(left.height - left.height * 36 // 100)
        side, output = right.split_horizontal(right.height - right.height * 24 // 100)
        return (
            {"graph": tree, "output": output}
            | self._beside(side, min(20, side.height * 45 // 100))
            | self._tabbed(below)
        )

    def _beside(self, side: Region, node: int) -> dict[str, Region]:
        above, below = side.split_horizontal(node)
        return {"node": above, "source": below}

    def _tabbed(self, region: Region) -> dict[str, Region]:
        strip, pane = region.split_horizontal(1)
        return {"tabs": strip, self.shown: pane}


class ScreenLayout(Layout):
    """Places the children of the main screen by its plan."""

    name = "screen"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002 - Textual's own signature
    ) -> ArrangeResult:
        parent.pre_layout(self)
        plan = parent.plan_for(size)  # type: ignore[attr-defined]
        regions = plan.regions()
        placements = []
        for child in children:
            region = regions.get(_place(child))
            if region is not None and region.area:
                placements.append(WidgetPlacement(region, _NOWHERE, Spacing(), child))
        return placements


_NOWHERE = Region(0, 0, 0, 0).offset


def _place(child: Widget) -> str:
    return "footer" if child.id == "search" else child.id or ""
