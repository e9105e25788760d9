"""One backward as far as it has been seen, and the moment of it that is shown: now, or a step back."""

from __future__ import annotations

from bisect import bisect_left

from gradtui.model.columns import NONE
from gradtui.model.gradients import GradHealth, Grads, Learnt, Passed
from gradtui.model.messages import Reason, Stepped
from gradtui.tui.gradients import NONFINITE


class Passage:
    """What was told of one backward, in the engine's order. It grows; the moment shown moves over it."""

    def __init__(self) -> None:
        self.passed: list[Passed] = []
        self.last: Stepped | None = None
        """The last thing said; None while backward hasn't been stepped into."""
        self.bad = 0
        """How many of the nodes passed were handed, or sent, only zeros or something not finite."""
        self.broken: list[int] = []
        """Places in `passed` of those that were handed something not finite."""
        self.learnt: dict[int, Learnt] = {}
        """By tensor what stands in the leaves' `.grad`, told at the end."""
        self._moment: int | None = None
        self._by_node: dict[int, list[int]] = {}

    def add(self, stepped: Stepped) -> None:
        """Go on to what was said now; whoever looked at the past sees the present again."""
        for item in stepped.passed:
            self._by_node.setdefault(item.node, []).append(len(self.passed))
            handed = [one.health for one in item.received if one is not None]
            sent = [one.health for one in item.sent if one is not None]
            if any(health in NONFINITE for health in handed):
                self.broken.append(len(self.passed))
            self.bad += any(health is not GradHealth.FINE for health in (*handed, *sent))
            self.passed.append(item)
        self.learnt.update((item.tensor, item) for item in stepped.learnt)
        self.last = stepped
        self._moment = None

    @property
    def begun(self) -> bool:
        return self.last is not None

    @property
    def ended(self) -> bool:
        return self.last is not None and self.last.reason is Reason.END

    @property
    def raised(self) -> bool:
        return self.last is not None and self.last.reason is Reason.RAISED

    # the moment shown

    @property
    def past(self) -> bool:
        """Whether what is shown is over."""
        return self._moment is not None

    @property
    def moment(self) -> int:
        """How many of the nodes seen had been passed at the moment shown."""
        return len(self.passed) if self._moment is None else self._moment

    def move(self, steps: int) -> bool:
        """Go back, or forward again up to now; False where there is nowhere to go."""
        wanted = self.moment + steps
        if wanted < 0 or wanted > len(self.passed) or (not self.past and steps > 0):
            return False
        self._moment = wanted if wanted < len(self.passed) else None
        return True

    def return_to_now(self) -> None:
        self._moment = None

    @property
    def next_node(self) -> int:
        """The node that came next at the moment shown, NONE after the last."""
        if self._moment is not None:
            return self.passed[self._moment].node
        return self.last.next_node if self.last is not None else NONE

    @property
    def receives(self) -> Grads:
        """What that node was handed."""
        if self._moment is not None:
            return self.passed[self._moment].received
        return self.last.receives if self.last is not None else ()

    @property
    def steps(self) -> int:
        """How many nodes of the backward had been passed."""
        if self._moment is not None:
            return self.passed[self._moment].step - 1
        return self.last.steps if self.last is not None else 0

    def of(self, node: int) -> Passed | None:
        """How backward went through a node, as far as it had at the moment shown; the last time."""
        found = self._by_node.get(node)
        if not found:
            return None
        if self._moment is None:
            return self.passed[found[-1]]
        place = bisect_left(found, self._moment)
        return self.passed[found[place - 1]] if place else None

    @property
    def latest(self) -> Passed | None:
        """The node passed last before the moment shown."""
        return self.passed[self.moment - 1] if self.moment else None
