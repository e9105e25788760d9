"""A backward as far as it was seen, and the walk through its past: without a screen."""

from __future__ import annotations

from gradtui.model.columns import NONE
from gradtui.model.gradients import Passed
from gradtui.model.messages import Act, Command, FromViewer, Reason, Stepped
from gradtui.tui.command_sender import CommandSender
from gradtui.tui.passage import Passage
from tests.tui.feeds import gradient


def passed(node: int, step: int, norm: float = 1.0) -> Passed:
    return Passed(node, (gradient(norm),), (gradient(norm / 2),), step)


def walked(*nodes: int, next_node: int = NONE) -> Passage:
    """A passage that was told of each node by a message of its own."""
    passage = Passage()
    for number, node in enumerate(nodes):
        after = nodes[number + 1] if number + 1 < len(nodes) else next_node
        passage.add(Stepped((passed(node, number + 1),), after, number + 1, Reason.STEP, (gradient(),)))
    return passage


def test_a_passage_shows_now_until_somebody_goes_back() -> None:
    passage = walked(4, 2, 7, next_node=5)

    assert (passage.steps, passage.next_node, passage.past) == (3, 5, False)
    assert not passage.move(1)
    assert passage.move(-1)
    assert (passage.steps, passage.next_node, passage.past) == (2, 7, True)


def test_what_was_passed_later_is_not_known_in_the_past() -> None:
    passage = walked(4, 2, 7, next_node=5)
    passage.move(-2)

    assert passage.of(4) is not None
    assert passage.of(2) is None
    assert passage.of(7) is None


def test_nothing_comes_before_the_first_step_and_forth_ends_at_now() -> None:
    passage = walked(4, 2, next_node=5)

    assert passage.move(-1)
    assert passage.move(-1)
    assert not passage.move(-1)
    assert passage.move(1)
    assert passage.move(1)
    assert not passage.past
    assert passage.next_node == 5


def test_a_new_step_shows_the_present_again() -> None:
    passage = walked(4, 2, next_node=5)
    passage.move(-1)
    passage.add(Stepped((passed(5, 3),), 6, 3))

    assert not passage.past
    assert passage.next_node == 6


def test_a_node_that_is_passed_twice_shows_the_time_before_the_moment() -> None:
    passage = walked(4, 2, 4, next_node=5)
    second = passage.of(4)
    passage.move(-1)
    first = passage.of(4)

    assert second is not None
    assert first is not None
    assert (first.step, second.step) == (1, 3)


# commands


def test_a_key_that_is_held_down_is_worth_one_step_more_and_never_a_queue() -> None:
    sent: list[FromViewer] = []
    commands = CommandSender(sent.append)
    for _ in range(50):
        commands.tell(Command(Act.STEP))
    assert len(sent) == 1

    commands.answered()
    assert len(sent) == 2
    commands.answered()
    commands.answered()
    assert len(sent) == 2


def test_no_step_follows_a_stop_that_nobody_expected() -> None:
    sent: list[FromViewer] = []
    commands = CommandSender(sent.append)
    commands.tell(Command(Act.STEP))
    commands.tell(Command(Act.STEP))
    commands.forget()
    commands.answered()

    assert len(sent) == 1


def test_a_pause_is_sent_while_something_else_is_unanswered() -> None:
    sent: list[FromViewer] = []
    commands = CommandSender(sent.append)
    commands.tell(Command(Act.RUN))

    assert commands.tell(Command(Act.PAUSE))
    assert not commands.tell(Command(Act.FINISH))
    assert sent == [Command(Act.RUN), Command(Act.PAUSE)]


def test_a_step_is_late_only_after_a_moment() -> None:
    now = 0.0
    commands = CommandSender(lambda _: None, lambda: now)
    commands.tell(Command(Act.FINISH))
    assert not commands.late

    now = 5.0
    assert commands.late
