"""A live session: a real child, in a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gradtui.model.messages import Act, Answer, Command, Evaluate, Finished, Hello, Plan, Ready, Stopped
from gradtui.model.stops import Outcome, StopKind
from gradtui.session import child as child_module
from gradtui.session import live as live_module
from gradtui.session.child import Child
from gradtui.session.live import Live
from gradtui.wire.codec import encode
from tests.session.children import Told, once, program, run, stand_in


async def test_what_it_says_and_prints_arrives_and_then_its_end(tmp_path: Path) -> None:
    told = await run(
        stand_in(
            tmp_path,
            """
            channel.send(Ready(" ".join(plan.argv)))
            print("epoch 1")
            channel.send(Finished(Outcome(0)))
            """,
        )
    )

    assert [type(message) for message in told.messages] == [Hello, Ready, Finished]
    assert Ready("train.py") in told.messages
    assert told.output == b"epoch 1\r\n"
    assert told.outcome == Outcome(0)


async def test_it_answers_what_it_is_told(tmp_path: Path) -> None:
    body = """
    while (message := channel.receive()).act is not Act.CONTINUE:
        channel.send(Answer(message.node, message.act))
    channel.send(Finished(Outcome(0)))
    """

    def react(live: Live, told: Told) -> None:
        if isinstance(told.events[-1], Hello):
            live.send(Command(Act.TO, 7))
        if told.events[-1] == Answer(7, "to"):
            live.send(Command(Act.CONTINUE))

    told = await run(stand_in(tmp_path, body), react)

    assert Answer(7, "to") in told.messages
    assert told.outcome.status == 0


async def test_everything_it_printed_before_a_sudden_death_arrives(tmp_path: Path) -> None:
    body = """
    for line in range(20_000):
        os.write(1, b"%039d\\n" % line)
    os._exit(3)
    """
    told = await run(stand_in(tmp_path, body))

    assert told.output == b"".join(b"%039d\r\n" % line for line in range(20_000))
    assert told.outcome.status == 3
    assert "os._exit" in told.outcome.complaint


async def test_large_messages_arrive_whole_and_in_order_while_the_loop_goes_on(tmp_path: Path) -> None:
    body = """
    for number in range(4):
        channel.send(Answer(number, "x" * 3_000_000))
        channel.send(Ready(str(number)))
    """
    told = await run(stand_in(tmp_path, body))
    messages = told.messages[1:]

    assert messages == [each for n in range(4) for each in (Answer(n, "x" * 3_000_000), Ready(str(n)))]


async def test_it_has_a_terminal_of_the_size_it_was_given(tmp_path: Path) -> None:
    body = """
    import os, sys
    print(*[os.isatty(number) for number in range(3)], *os.get_terminal_size(), os.environ["TERM"])
    print(os.tcgetpgrp(0) == os.getpid() == os.getsid(0))
    """
    told = await run(replace(program(tmp_path, body), columns=101, rows=33))

    assert told.output == b"True True True 101 33 xterm-256color\r\nTrue\r\n"


async def test_its_terminal_takes_a_new_size_and_tells_it(tmp_path: Path) -> None:
    body = """
    import os, signal
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})
    print("ready", flush=True)
    signal.sigwait({signal.SIGWINCH})
    print("now", *os.get_terminal_size())
    """
    told = await run(program(tmp_path, body), once(b"ready", lambda live: live.resize(61, 17)))

    assert told.output.endswith(b"now 61 17\r\n")


async def test_input_gets_what_is_typed(tmp_path: Path) -> None:
    told = await run(
        program(tmp_path, 'print("hello", input("name? "))'),
        once(b"name? ", lambda live: live.type("Ada Löwe\r".encode())),
    )

    assert "hello Ada Löwe\r\n".encode() in told.output


async def test_a_typed_ctrl_c_interrupts_it(tmp_path: Path) -> None:
    body = """
    import time
    print("begin", flush=True)
    time.sleep(60)
    """
    told = await run(program(tmp_path, body), once(b"begin", lambda live: live.type(b"\x03")))

    assert b"KeyboardInterrupt" in told.output
    assert (told.outcome.status, told.outcome.signal) == (130, signal.SIGINT)
    assert told.outcome.raised is not None
    assert told.outcome.raised.type == "KeyboardInterrupt"


async def test_it_inherits_the_socket_and_what_we_were_passed_on_but_nothing_of_ours(tmp_path: Path) -> None:
    ours, passed_on = os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(passed_on, True)
    body = """
    for number in range(3, 256):
        try:
            os.fstat(number)
        except OSError:
            continue
        print("socket" if number == int(sys.argv[1]) else number)
    """
    told = await run(stand_in(tmp_path, body))
    inherited = set(told.output.decode().split())
    inheritable = {str(number) for number in range(3, 256) if is_inheritable(number)}
    os.close(ours)
    os.close(passed_on)

    assert inherited == {"socket", *inheritable}
    assert str(passed_on) in inheritable
    assert str(ours) not in inheritable


@pytest.mark.parametrize(
    ("body", "status", "number", "complaint"),
    [
        ("channel.send(Finished(Outcome(0)))", 0, 0, ""),
        ("channel.send(Finished(Outcome(1))); sys.exit(1)", 1, 0, ""),
        # What a shell would see counts, whatever was said before.
        ("channel.send(Finished(Outcome(0))); os._exit(9)", 9, 0, ""),
        ("os._exit(9)", 9, 0, "ended with status 9"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", 139, 11, "killed by signal 11 (Segmentation fault)"),
        ("channel.send(Finished(Outcome(0))); os.kill(os.getpid(), 9)", 137, 9, "killed by signal 9"),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", 130, 2, ""),
    ],
)
async def test_an_end_is_told_as_a_shell_would_see_it(
    tmp_path: Path, body: str, status: int, number: int, complaint: str
) -> None:
    outcome = (await run(stand_in(tmp_path, body))).outcome

    assert (outcome.status, outcome.signal) == (status, number)
    assert complaint in outcome.complaint
    assert bool(complaint) == bool(outcome.complaint)


async def test_what_finished_said_of_an_exception_is_in_the_outcome(tmp_path: Path) -> None:
    outcome = (await run(program(tmp_path, "raise ValueError('no')"))).outcome

    assert outcome.status == 1
    assert outcome.raised is not None
    assert (outcome.raised.type, outcome.raised.message) == ("ValueError", "no")


async def test_an_interpreter_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    launch = replace(stand_in(tmp_path, ""), interpreter=str(tmp_path / "python"))
    outcome = (await run(launch)).outcome

    assert not outcome.ran
    assert outcome.status == 127
    assert outcome.complaint == f"{tmp_path}/python can't be run: No such file or directory."


async def test_an_interpreter_that_is_no_python_is_one_sentence(tmp_path: Path) -> None:
    outcome = (await run(replace(stand_in(tmp_path, ""), interpreter="/bin/false"))).outcome

    assert not outcome.ran
    assert outcome.status == 1
    assert outcome.complaint.startswith("/bin/false isn't a Python that gradtui can use")


async def test_nonsense_on_the_wire_ends_the_watching_but_not_the_program(tmp_path: Path) -> None:
    body = """
    os.write(int(sys.argv[1]), b"nonsense\\n")
    channel.send(Ready("2"))
    while channel.receive() is not None:
        pass
    print("went on")
    """
    told = await run(stand_in(tmp_path, body))

    assert told.output == b"went on\r\n"
    assert "can't be understood" in told.outcome.complaint
    assert told.outcome.status == 0


async def test_a_newer_debuggee_is_refused_in_a_sentence(tmp_path: Path) -> None:
    body = """
    channel.send(Hello(PROTOCOL + 1, 1, "3"))
    """
    told = await run(stand_in(tmp_path, body))

    assert "newer gradtui" in told.outcome.complaint


async def test_a_process_that_it_left_behind_does_not_delay_the_end(tmp_path: Path) -> None:
    body = """
    left = os.fork()
    if left == 0:
        time.sleep(300)
    print(left, flush=True)
    """
    told = await run(stand_in(tmp_path, body))

    os.kill(int(told.output), signal.SIGKILL)  # it's still there
    assert told.outcome.status == 0


async def test_a_stopped_program_can_be_killed(tmp_path: Path) -> None:
    """It is held by the exception as well that the interrupt raises, and asks for a command again."""
    body = """
    try:
        print("held", flush=True)
        channel.receive()
    except KeyboardInterrupt:
        print("held again", flush=True)
        channel.receive()
        print("let go", flush=True)
        os._exit(130)
    """
    told = await run(stand_in(tmp_path, body), once(b"held", lambda live: live.kill()))

    assert b"let go" in told.output
    assert told.outcome.status == 130


async def test_a_program_that_ignores_every_wish_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = tuple((number, seconds and 0.2) for number, seconds in child_module.PATIENCE)
    monkeypatch.setattr(live_module, "PATIENCE", patience)
    body = """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
    time.sleep(300)
    """
    told = await run(stand_in(tmp_path, body), once(b"deaf", lambda live: live.kill()))

    assert told.outcome.signal == signal.SIGKILL


async def test_closing_ends_the_program_and_lets_go_of_every_descriptor(tmp_path: Path) -> None:
    before = descriptors()
    live = Live()
    await live.start(stand_in(tmp_path, "channel.send(Ready(str(os.getpid()))); time.sleep(300)"))
    async for event in live.events():
        if isinstance(event, Ready):
            break
    await live.close()

    assert not live.running
    assert descriptors() == before


async def test_a_session_that_ended_can_still_be_spoken_to(tmp_path: Path) -> None:
    live = Live()
    await live.start(stand_in(tmp_path, ""))
    async for _ in live.events():
        pass
    live.send(Command(Act.CONTINUE))
    live.type(b"x")
    live.resize(10, 10)
    live.signal(signal.SIGINT)
    await live.kill()
    await live.close()
    live.send(Command(Act.CONTINUE))
    live.type(b"x")
    live.resize(10, 10)
    await live.close()


async def test_without_a_terminal_of_its_own_it_has_our_streams(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    launch = stand_in(tmp_path, 'print("out"); print("err", file=sys.stderr)', terminal=False)
    told = await run(launch)
    captured = capfd.readouterr()

    assert (captured.out, captured.err, told.output) == ("out\n", "err\n", b"")

    await run(replace(launch, stdout_to_stderr=True))
    captured = capfd.readouterr()

    assert (captured.out, sorted(captured.err.split())) == ("", ["err", "out"])


async def test_the_program_runs_where_it_is_told_to(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    launch = replace(stand_in(tmp_path, "print(os.getcwd())"), folder=str(folder))

    assert (await run(launch)).output.decode().strip() == str(folder)


async def test_the_real_bootstrap_is_the_default_and_runs_a_plan(tmp_path: Path) -> None:
    launch = program(tmp_path, "import sys; print(sys.argv[1:], __name__)")
    plan = Plan((*launch.plan.argv, "--lr", "0.1"), "script")
    told = await run(replace(launch, plan=plan, interpreter=sys.executable))

    assert told.output == b"['--lr', '0.1'] __main__\r\n"
    assert told.outcome == Outcome(0)


async def test_a_program_is_held_before_backward_until_it_is_told_to_go_on(tmp_path: Path) -> None:
    body = """
    import torch
    weight = torch.ones(3, requires_grad=True)
    for step in range(2):
        (weight * 2).sum().backward()
        print(weight.grad.tolist())
    """
    printed = [b"", b"[2.0, 2.0, 2.0]\r\n"]
    let_go: list[bytes] = []

    def react(live: Live, told: Told) -> None:
        # What it prints and what it says come by two ways, and either may be the faster one.
        stops = sum(isinstance(event, Stopped) for event in told.events)
        if len(let_go) < stops and told.output == printed[len(let_go)]:
            let_go.append(told.output)
            live.send(Command(Act.CONTINUE))

    told = await run(program(tmp_path, body), react)
    snapshots = [message.snapshot for message in told.messages if isinstance(message, Stopped)]

    assert [snapshot.stop.kind for snapshot in snapshots] == [StopKind.BACKWARD, StopKind.BACKWARD]
    assert [snapshot.trace.sites[snapshot.stop.site].line for snapshot in snapshots] == [5, 5]
    graph = snapshots[0].graph
    assert graph is not None
    assert [graph.node_name(node) for node in range(len(graph))] == [
        "SumBackward0", "MulBackward0", "AccumulateGrad",
    ]  # fmt: skip
    assert let_go == printed
    assert told.output == b"[2.0, 2.0, 2.0]\r\n[4.0, 4.0, 4.0]\r\n"
    assert told.outcome == Outcome(0)


async def test_a_program_that_evaluates_something_ends_when_it_is_ended_and_goes_on_with_nothing(
    tmp_path: Path,
) -> None:
    body = """
    import torch
    torch.ones(3, requires_grad=True).sum().backward()
    print("went on")
    """
    ended: list[asyncio.Task[None]] = []

    def react(live: Live, told: Told) -> None:
        if isinstance(told.events[-1], Stopped):
            live.send(Evaluate(1, "print('evaluates') or __import__('time').sleep(60)"))
        elif b"evaluates" in told.output and not ended:
            ended.append(live.kill())

    told = await run(program(tmp_path, body), react)

    assert b"went on" not in told.output
    assert told.outcome.status == 130


def descriptors() -> int:
    """How many this process has open."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


def is_inheritable(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:
        return False


async def test_a_program_that_was_started_before_is_followed_from_its_beginning(tmp_path: Path) -> None:
    body = """
    import os
    print(*os.get_terminal_size())
    """
    launch = replace(program(tmp_path, body), columns=101, rows=33)
    child = Child(launch)
    child.tell(encode(launch.plan))
    await asyncio.sleep(0.5)

    told = await run(launch, live=Live(child))

    assert told.output == b"101 33\r\n"
    assert told.outcome.status == 0


async def test_a_plan_too_long_to_be_said_at_once_is_said_to_its_end(tmp_path: Path) -> None:
    launch = program(tmp_path, "import sys; print(len(sys.argv[1]))")
    launch = replace(launch, plan=Plan((*launch.plan.argv, "x" * 3_000_000), "script"))
    child = Child(launch)
    child.tell(encode(launch.plan))

    told = await run(launch, live=Live(child))

    assert child.untold
    assert told.output == b"3000000\r\n"


def test_a_program_that_is_never_told_what_to_run_runs_nothing(tmp_path: Path) -> None:
    before = descriptors()
    child = Child(program(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')"))
    time.sleep(0.5)
    child.end()

    assert not child.running
    assert not (tmp_path / "ran").exists()
    assert descriptors() == before
