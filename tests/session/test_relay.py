"""A program that listens, and the screens that come to it: a real child, real sockets."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gradtui.model.messages import PROTOCOL, Act, Answer, Command, Hello, Ready, Seen, Stepped, Stopped
from gradtui.model.recording import Recording
from gradtui.model.stops import Outcome
from gradtui.session import attached
from gradtui.session.attached import Attached
from gradtui.session.events import Ended, Event
from gradtui.session.launch import Launch
from gradtui.session.relay import Relay
from gradtui.session.rendezvous import listener, listening, socket_of
from tests.session.children import LIMIT, stand_in

RECORDING = Recording(PROTOCOL, "0.1.0", "train.py", 1.5e9)
STOPS = """
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Stop, StopKind

def hold(kind, index=1):
    channel.send(Stopped(Snapshot("train.py", "/", "2.13.0", "3.11", Stop(index, kind, -1))))
    command = channel.receive()
    channel.send(Answer(0, f"{kind} {index}: {command.act}"))
"""


@pytest.fixture(autouse=True)
def meeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they meet, in this test alone."""
    monkeypatch.setenv("GRADTUI_RUNTIME_DIR", str(tmp_path / "meeting"))
    return tmp_path / "meeting"


def there(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def mode(file: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(file.stat().st_mode)


class Listening:
    """A program that listens, while this is entered."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.said: list[str] = []
        self.answers: list[str] = []
        self.outcome: Outcome | None = None

    async def __aenter__(self) -> Listening:
        self.relay = Relay(RECORDING, self.said.append)
        await self.relay.open()
        await self.relay.live.start(self.launch)
        self.running = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.relay.live.kill()
        await asyncio.wait_for(self.running, LIMIT)

    async def _follow(self) -> None:
        async for event in self.relay.live.events():
            match event:
                case Hello():
                    self.relay.greeted(event.pid)
                case Stopped(snapshot):
                    self.relay.stopped(snapshot.stop)
                case Stepped():
                    self.relay.stepped()
                case Answer():
                    self.answers.append(event.text)
                case Ended(outcome):
                    self.outcome = outcome
                    await self.relay.close(outcome)
        await self.relay.live.close()

    async def until(self, condition: Callable[[], object]) -> None:
        for _ in range(100 * LIMIT):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it never came")


class Screen:
    """A screen that has come."""

    def __init__(self, attached: Attached) -> None:
        self.attached = attached
        self.seen: list[Event] = []

    async def __aenter__(self) -> Screen:
        await self.attached.start(Launch(None))  # type: ignore[arg-type]
        self.watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.attached.close()
        await asyncio.wait_for(self.watching, LIMIT)

    async def _watch(self) -> None:
        async for event in self.attached.events():
            self.seen.append(event)

    def held(self) -> list[str]:
        """At what it is held, or was while this screen was there."""
        return [
            f"{e.snapshot.stop.kind} {e.snapshot.stop.index}" for e in self.seen if isinstance(e, Stopped)
        ]

    def passed(self) -> list[str]:
        """What it was held at before."""
        return [f"{e.snapshot.stop.kind} {e.snapshot.stop.index}" for e in self.seen if isinstance(e, Seen)]


async def screen() -> Screen:
    """One that comes now; to connect blocks, so that it is done beside the program's own loop."""
    return Screen(await asyncio.to_thread(Attached, socket_of(os.getpid())))


async def test_while_nobody_is_there_only_breakpoints_wait(tmp_path: Path) -> None:
    body = (
        STOPS
        + """
hold(StopKind.BACKWARD); hold(StopKind.EXCEPTION); hold(StopKind.BREAKPOINT)
"""
    )
    async with Listening(stand_in(tmp_path, body)) as program:
        await program.until(lambda: program.said)
        assert program.answers == ["backward 1: run", "exception 1: run"]
        assert f"waits at a breakpoint: `gradtui --attach {os.getpid()}`" in program.said[0]
        async with await screen() as shown:
            await program.until(shown.held)
            assert (shown.passed(), shown.held()) == (["backward 1", "exception 1"], ["breakpoint 1"])
            assert shown.attached.recording == RECORDING
            shown.attached.send(Command(Act.CONTINUE))
            await program.until(lambda: len(program.answers) == 3)
            await asyncio.wait_for(asyncio.shield(shown.watching), LIMIT)
            assert isinstance(shown.seen[-1], Ended)
        assert program.answers[-1] == "breakpoint 1: continue"


async def test_while_somebody_is_there_it_is_held_as_on_a_screen_and_goes_on_when_he_goes(
    tmp_path: Path,
) -> None:
    body = (
        STOPS
        + """
hold(StopKind.BREAKPOINT)
hold(StopKind.BACKWARD)
hold(StopKind.BACKWARD, 2)
"""
    )
    async with Listening(stand_in(tmp_path, body)) as program:
        await program.until(lambda: program.said)
        async with await screen() as shown:
            await program.until(shown.held)
            shown.attached.send(Command(Act.CONTINUE))
            await program.until(lambda: len(shown.held()) == 2)
            assert program.answers == ["breakpoint 1: continue"]
        await program.until(lambda: len(program.answers) == 3)
        assert program.answers[1:] == ["backward 1: run", "backward 2: run"]


async def test_who_goes_in_the_middle_of_a_step_leaves_nothing_held(tmp_path: Path) -> None:
    body = f"""
while not channel.poll():
    time.sleep(0.01)
channel.receive()
{STOPS}
hold(StopKind.BACKWARD)
time.sleep(1)
channel.send(Stepped((), 3, 1))
channel.send(Answer(0, f"node 3: {{channel.receive().act}}"))
"""
    async with Listening(stand_in(tmp_path, body)) as program:
        async with await screen() as shown:
            await program.until(lambda: Hello in map(type, shown.seen))
            shown.attached.send(Command(Act.PAUSE))
            await program.until(shown.held)
            shown.attached.send(Command(Act.FINISH))
            await program.until(lambda: program.answers)
        await program.until(lambda: len(program.answers) == 2)
        assert program.answers == ["backward 1: finish", "node 3: run"]


async def test_a_program_that_ignores_the_signal_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "PATIENCE", 0.5)
    body = "signal.signal(signal.SIGTERM, signal.SIG_IGN); channel.send(Ready('2')); time.sleep(1000)"
    async with Listening(stand_in(tmp_path, body)) as program, await screen() as shown:
        await program.until(lambda: Ready("2") in shown.seen)
        shown.attached._pid = shown.attached._program  # as its relay would pass it on
        await asyncio.wait_for(shown.attached.kill(), LIMIT)
        assert isinstance(shown.seen[-1], Ended)
        assert shown.seen[-1].outcome.signal == 9


def test_what_a_killed_job_left_behind_is_not_offered(meeting: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    socket_of(gone.pid, make=True).touch()
    socket_of(os.getpid()).touch()

    assert listening() == [os.getpid()]
    assert [file.name for file in there(meeting)] == [f"{os.getpid()}.sock"]


async def test_one_screen_at_a_time(tmp_path: Path) -> None:
    async with Listening(stand_in(tmp_path, STOPS + "hold(StopKind.BREAKPOINT)")) as program:
        await program.until(lambda: program.said)
        async with await screen() as shown:
            await program.until(shown.held)
            with pytest.raises(ConnectionError):
                await screen()
            assert not program.answers  # nor has the one that was sent away let it go


async def test_a_command_given_while_it_ran_does_not_let_go_of_the_next_stop(tmp_path: Path) -> None:
    body = (
        STOPS
        + """
while not channel.poll():
    time.sleep(0.01)
print(channel.receive())
hold(StopKind.BREAKPOINT)
"""
    )
    async with Listening(stand_in(tmp_path, body)) as program:
        async with await screen() as shown:
            await program.until(lambda: Hello in map(type, shown.seen))
            shown.attached.send(Command(Act.PAUSE))
            await program.until(shown.held)
        await program.until(lambda: program.answers)
        assert program.answers == ["breakpoint 1: run"]  # of its going, and once


async def test_a_screen_can_end_the_program(tmp_path: Path) -> None:
    async with Listening(stand_in(tmp_path, "channel.send(Ready('2')); time.sleep(1000)")) as program:
        async with await screen() as shown:
            await program.until(lambda: Ready("2") in shown.seen)
            shown.attached._pid = program.relay.live._child.pid  # type: ignore[union-attr]  # as its relay would
            await asyncio.wait_for(shown.attached.kill(), LIMIT)
        assert isinstance(shown.seen[-1], Ended)
        assert shown.seen[-1].outcome.signal == 15


async def test_it_answers_to_the_numbers_of_both_processes_and_leaves_nothing_behind(
    tmp_path: Path, meeting: Path
) -> None:
    async with Listening(stand_in(tmp_path, "time.sleep(1000)")) as program:
        await program.until(lambda: len(there(meeting)) == 2)
        child = program.relay.live._child
        assert child is not None
        assert listener(socket_of(child.pid)) == os.getpid()
        assert listening() == [os.getpid()]
        assert mode(meeting) == 0o700
        assert mode(socket_of(os.getpid())) == 0o600
    assert not there(meeting)


def test_a_folder_that_others_can_enter_is_not_used(meeting: Path) -> None:
    meeting.mkdir(mode=0o755)
    with pytest.raises(PermissionError):
        socket_of(7, make=True)
    meeting.rmdir()
    meeting.symlink_to(meeting.parent)
    with pytest.raises(PermissionError):
        socket_of(7)


async def test_a_way_that_is_cut_ends_the_screen_in_a_sentence(tmp_path: Path) -> None:
    body = "channel.send(Ready('2')); time.sleep(1000)"
    async with Listening(stand_in(tmp_path, body)) as program, await screen() as shown:
        await program.until(lambda: Ready("2") in shown.seen)
        assert program.relay._screen is not None
        program.relay._screen.transport.abort()
        await asyncio.wait_for(asyncio.shield(shown.watching), LIMIT)
        last = shown.seen[-1]
        assert isinstance(last, Ended)
        assert last.outcome.complaint.startswith("The way to the program was cut")
