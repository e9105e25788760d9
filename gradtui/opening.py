"""From the command line to the screen, with everything begun as early as it can be.

The splash is drawn first, then the program is started, and only then is imported what takes long: by the
time the screen is there, the program has been importing torch for as long.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from gradtui.config import config_file, keymap_in, keys_in
from gradtui.errors import begin_line, say
from gradtui.program import launch_of
from gradtui.session.child import Child
from gradtui.tui.screen_size import output_shape, terminal_size
from gradtui.tui.splash import Splash

if TYPE_CHECKING:
    from gradtui.model.recording import Recording
    from gradtui.options import Options
    from gradtui.session.attached import Attached
    from gradtui.session.launch import Launch
    from gradtui.tui.keymap import Keymap
    from gradtui.tui.running import Ran
    from gradtui.tui.wishes import Wishes


def on_screen(options: Options) -> Ran:
    """Run the program on the screen until the user leaves."""
    # What can be refused at once is refused on the terminal as it is.
    file = config_file(os.environ)
    keys = keys_in(file)
    launch = replace(launch_of(options, check=False), terminal=True)
    gc.disable()  # until the screen is drawn: of what is imported nothing becomes garbage
    with Splash(options.program, ascii_only=options.ascii) as splash:
        columns, rows = output_shape(*terminal_size(os.environ))
        launch = replace(launch, columns=columns, rows=rows)
        with _begun(launch, splash) as child:
            # Nothing may run under a configuration that will be refused; to judge it takes all of the screen.
            if not keys:
                _let_run(child, launch)
            keymap = keymap_in(file, keys)
            from gradtui.tui.running import run_app

            wishes = _wishes(options, splash, keymap)
            return run_app(launch, wishes, child=child, script=options.program, say=_say_on_a_line)


def _say_on_a_line(sentence: str) -> None:
    """Say something below what the program has printed, whose last line may be unended."""
    begin_line()
    say(sentence)


def recordings_on_screen(options: Options, files: Sequence[tuple[str, Recording]]) -> Ran:
    """Show recordings until the user leaves."""
    with _opened(options, files[0][1].title) as wishes:
        from gradtui.tui.recordings import Recordings
        from gradtui.tui.running import show_recordings

        return show_recordings(Recordings(files), wishes)


def attached_on_screen(options: Options, attached: Attached) -> Ran:
    """Show a program that runs elsewhere until the user leaves."""
    with _opened(options, attached.recording.title) as wishes:
        from gradtui.tui.running import show_attached

        return show_attached(attached, wishes)


@contextmanager
def _opened(options: Options, title: str) -> Iterator[Wishes]:
    """The splash before a screen that starts no program."""
    file = config_file(os.environ)
    keymap = keymap_in(file, keys_in(file))
    gc.disable()
    with Splash(title, ascii_only=options.ascii) as splash:
        yield _wishes(options, splash, keymap)


def _wishes(options: Options, splash: Splash, keymap: Keymap) -> Wishes:
    from gradtui.tui.wishes import Wishes

    return Wishes(splash, options.muted, options.mute, keymap, options.ascii, options.quiet)


@contextmanager
def _begun(launch: Launch, splash: Splash) -> Iterator[Child | None]:
    """Start the program, and see to it that it ends with us; None where it can't be started."""
    try:
        child = Child(launch)
    except OSError:  # of which the screen will tell, when it tries
        yield None
        return
    splash.first = child.end
    try:
        yield child
    finally:
        splash.lift()  # nobody is to look at it while the program thinks about its end
        child.end()


def _let_run(child: Child | None, launch: Launch) -> None:
    """Tell it what to run."""
    if child is not None:
        from gradtui.wire.codec import encode

        child.tell(encode(launch.plan))
