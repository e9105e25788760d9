"""The debuggee's channel: messages in order, a quiet end, and never a word into somebody else's file."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gradtui.model.messages import Act, Answer, Command, Ready, Stopped
from gradtui.model.source import SourceFile
from gradtui.wire.channel import CANCEL, Channel
from gradtui.wire.codec import WireError, decode, encode
from tests.wire.examples import SNAPSHOT

LARGE = Stopped(
    replace(
        SNAPSHOT,
        stop=replace(SNAPSHOT.stop, loss=0.5),
        stops=(),
        sources=(SourceFile("big", "x" * 5_000_000),),
    )
)


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the viewer's end of its socket."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours.detach())
    with theirs:
        yield channel, theirs
    channel.close()


def everything(viewer: socket.socket) -> list[bytes]:
    """The lines that arrive until the other end closes."""
    with viewer.makefile("rb") as stream:
        return stream.readlines()


def test_messages_arrive_whole_and_in_order(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.extend(everything(viewer)))
    reader.start()

    assert channel.send(Ready("1"))
    assert channel.send(LARGE)
    assert channel.send(Ready("2"))
    channel.close()
    reader.join()

    assert [decode(line) for line in lines] == [Ready("1"), LARGE, Ready("2")]


def test_messages_that_arrive_in_fragments_are_received_whole(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    both = encode(Command(Act.STEP)) + encode(Command(Act.TO, 3))
    viewer.sendall(both[:10])
    sender = threading.Thread(target=lambda: viewer.sendall(both[10:]))
    sender.start()

    assert channel.receive() == Command(Act.STEP)
    assert channel.receive() == Command(Act.TO, 3)
    sender.join()


def test_a_poll_says_whether_a_message_waits(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    assert not channel.poll()

    viewer.sendall(encode(Command(Act.PAUSE)) * 2)

    assert channel.poll()
    assert channel.receive() == Command(Act.PAUSE)
    assert channel.poll()
    assert channel.receive() == Command(Act.PAUSE)
    assert not channel.poll()


def test_once_the_viewer_is_gone_what_is_sent_is_dropped_and_nothing_more_comes(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, viewer = ends
    viewer.sendall(encode(Command(Act.STEP)))
    viewer.close()

    assert not channel.send(LARGE)
    assert not channel.send(Ready("2"))
    assert channel.receive() is None
    assert channel.poll()


def test_what_is_no_message_is_an_error_and_the_next_one_is_read(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    viewer.sendall(b"hello\n" + encode(Command(Act.STEP)))

    with pytest.raises(WireError):
        channel.receive()
    assert channel.receive() == Command(Act.STEP)


def test_a_program_that_dies_of_broken_pipes_does_not_die_of_ours() -> None:
    ours, theirs = socket.socketpair()
    script = (
        "import signal, sys\n"
        "from gradtui.model.messages import Ready\n"
        "from gradtui.wire.channel import Channel\n"
        "signal.signal(signal.SIGPIPE, signal.SIG_DFL)\n"
        "channel = Channel(int(sys.argv[1]))\n"
        "sys.stdin.read()\n"
        "print(channel.send(Ready('2')))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(ours.fileno())],
        pass_fds=[ours.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    ours.close()
    theirs.close()

    assert child.communicate("")[0] == "False\n"
    assert child.returncode == 0


def test_a_message_that_a_signal_interrupts_is_sent_again_whole(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.extend(everything(viewer)))

    def interrupt(*_: object) -> None:
        reader.start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            channel.send(LARGE)  # nobody reads before the signal, so that it comes while this waits
    finally:
        signal.signal(signal.SIGALRM, before)
    channel.send(Ready("2"))
    channel.close()
    reader.join()

    assert lines[0].endswith(CANCEL.encode())
    assert [decode(line) for line in lines[1:]] == [LARGE, Ready("2")]


def test_nothing_is_written_into_a_file_that_took_the_place_of_the_socket(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    descriptor = ours.detach()
    channel = Channel(descriptor)
    file = tmp_path / "weights.bin"
    with file.open("wb") as stream:
        os.dup2(stream.fileno(), descriptor)

        assert not channel.send(Ready("2"))
        assert channel.receive() is None
        channel.close()

        os.write(descriptor, b"mine")  # and it's still open
    os.close(descriptor)
    theirs.close()
    assert file.read_bytes() == b"mine"


def test_an_answer_may_be_sent_while_commands_wait(ends: tuple[Channel, socket.socket]) -> None:
    channel, viewer = ends
    viewer.sendall(encode(Command(Act.STEP)) * 1000)

    assert channel.send(Answer(1, "tensor(0.)"))
    assert [channel.receive() for _ in range(1000)] == [Command(Act.STEP)] * 1000
