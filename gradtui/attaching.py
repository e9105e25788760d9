"""A program without a screen that lets one come: `--listen` runs it, `--attach` opens the screen on it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace

from gradtui.check import Heard, pass_on_signals, save, summed_up
from gradtui.errors import CannotOpenError, say
from gradtui.model.messages import Hello, Ready, Seen, Stepped, Stopped
from gradtui.options import Options
from gradtui.recordings import recording_of_run
from gradtui.session.attached import Attached
from gradtui.session.events import Ended
from gradtui.session.launch import Launch
from gradtui.session.relay import Relay
from gradtui.session.rendezvous import folder, listening, socket_of
from gradtui.wire.codec import WireError
from gradtui.wire.recording import Writer


def listen(
    options: Options, launch: Launch, environment: Mapping[str, str], writer: Writer | None = None
) -> int:
    """Run the program to its end, let screens come to it, and write down what it tells; gives its status."""
    launch = replace(launch, stdout_to_stderr=options.json == "-")
    relay = Relay(recording_of_run(options, environment), say, writer.add if writer is not None else None)
    heard = asyncio.run(_relayed(relay, options, launch))
    if writer is not None:
        writer.close(heard.outcome)
    heard.refuse_what_never_ran()
    if options.saves:
        save(options, summed_up(options, heard.snapshots, heard.outcome, heard.torch), heard.snapshots)
    heard.say_what_killed_it()
    return heard.status


async def _relayed(relay: Relay, options: Options, launch: Launch) -> Heard:
    heard = Heard()
    try:
        await relay.open()
    except OSError as error:
        raise CannotOpenError(f"can't listen in {folder()}: {error.strerror or error}") from None
    if not options.quiet:
        say(f"`gradtui --attach {os.getpid()}` opens the screen on {options.program}.")
    live = relay.live
    pass_on_signals(live, heard)
    await live.start(launch)
    async for event in live.events():
        match event:
            case Hello():
                relay.greeted(event.pid)
            case Ready(torch):
                heard.torch = torch
            case Seen(snapshot) | Stopped(snapshot):
                if options.saves:
                    heard.snapshots.append(snapshot)
                if isinstance(event, Stopped):
                    relay.stopped(snapshot.stop)
            case Stepped():
                relay.stepped()
            case Ended(outcome):
                heard.outcome = outcome
    await relay.close(heard.outcome)
    await live.close()
    return heard


def attached_to(options: Options) -> Attached:
    """The way to the process that the options name. Raises CannotOpenError where there is none."""
    pid = options.attach
    try:
        return Attached(socket_of(int(pid)))
    except (FileNotFoundError, ConnectionRefusedError):
        others = ", ".join(str(one) for one in listening())
        there = f"; these do: {others}" if others else ""
        raise CannotOpenError(
            f"process {pid} doesn't listen in {folder()}, as one does "
            f"that `gradtui --listen` has started{there}"
        ) from None
    except (OSError, WireError) as error:
        why = getattr(error, "strerror", None) or error
        raise CannotOpenError(f"can't attach to {pid} in {folder()}: {why}") from None
