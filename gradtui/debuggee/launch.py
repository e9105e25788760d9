"""Run the program as Python would have run it, and tell an Observer about it.

The module `__main__` that Python made for the bootstrap is made over into the one that it would have made for
the program, so that everything that depends on its identity (pickling, multiprocessing, teardown) holds.
"""

from __future__ import annotations

import atexit
import io
import marshal
import os
import sys
from contextlib import suppress
from importlib.machinery import BuiltinImporter, SourceFileLoader, SourcelessFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import Any, NoReturn

from gradtui.debuggee.ending import Ending, forget_last
from gradtui.debuggee.imports import TorchImport
from gradtui.debuggee.observer import Guarded, Observer
from gradtui.debuggee.tracebacks import unseen
from gradtui.model.messages import PROTOCOL, Hello, Plan
from gradtui.wire.channel import Channel

FLAGS = {"script": (), "module": ("-m",), "code": ("-c",)}
FILE = ("__file__", "__cached__")
KEPT = {"threading"}
"""Modules of the standard library of which there must never be two."""


def prepare(modules: set[str], places: set[str]) -> None:
    """Take the plan from the viewer, and let Python run the program when it next calls `sys.excepthook`.

    Given are names in `sys.modules` and in `sys.path_importer_cache` that the program would have found there.
    """
    _take_terminal()
    channel = _open(int(sys.argv[1]))
    plan = channel.receive()
    if not isinstance(plan, Plan):
        raise SystemExit(1)  # the viewer is gone, or speaks another protocol: nobody waits for more
    sys.orig_argv[-2:] = [*FLAGS[plan.form], *plan.argv]
    observer = Guarded(lambda: _watch(plan, channel))
    ending = Ending(observer, channel)
    torch = TorchImport(observer.torch_imported)
    hook = sys.excepthook

    @unseen
    def main(*_: object) -> None:
        sys.excepthook = hook
        forget_last()
        torch.install()
        run(plan, ending)

    def forked() -> None:
        ending.forked()
        torch.remove()

    sys.excepthook = main
    _forget(modules, places)
    atexit.register(ending.finish)
    os.register_at_fork(after_in_child=forked)


def _take_terminal() -> None:
    """Where we lead a session of our own, make the terminal that we were given its terminal.

    Only then does Ctrl-C typed into it interrupt the program, and a new size reach it.
    """
    if os.getsid(0) == os.getpid() and os.isatty(0):
        with suppress(OSError):
            os.close(os.open(os.ttyname(0), os.O_RDWR))


def _open(descriptor: int) -> Channel:
    os.set_inheritable(descriptor, False)
    channel = Channel(descriptor)
    channel.send(Hello(PROTOCOL, os.getpid(), sys.version.partition(" ")[0]))
    return channel


def _watch(plan: Plan, channel: Channel) -> Observer:
    from gradtui.debuggee.instrumentation import watch

    made: Observer = watch(plan, channel)
    return made


def _forget(modules: set[str], places: set[str]) -> None:
    """Let the program import for itself what we imported of the standard library.

    Its own folder may hold a `json.py`, and `sys.modules` is as it would have been. We keep our copies, and
    what of ours is loaded later gets the program's: no class of theirs may be compared across that line.
    """
    for name in set(sys.modules) - modules - KEPT:
        if name.partition(".")[0] != "gradtui":
            del sys.modules[name]
    for place in set(sys.path_importer_cache) - places:
        del sys.path_importer_cache[place]


@unseen
def run(plan: Plan, ending: Ending) -> None:
    """Run the program in `__main__`, up to its end but for exit handlers and threads.

    It raises SystemExit as the program's end, and only returns where it was interrupted.
    """
    names = vars(sys.modules["__main__"])  # the program may put something else in its place
    error = None
    try:
        _run(plan, ending)
    except BaseException as raised:
        error = raised
    # What follows isn't part of `except`: the hook of a program finds no exception being handled.
    final = ending.of(error)
    if final is None and not _is_file(plan, names):
        # Python goes on after an interrupt, and takes __file__ away, as it was the bootstrap that it ran.
        atexit.register(names.update, {name: names[name] for name in FILE if name in names})
    elif _is_file(plan, names) and not ending.exited:
        for name in FILE:
            names.pop(name, None)
    if final is not None and not sys.flags.inspect:  # under PYTHONINSPECT Python goes on to its prompt
        raise final


def _is_file(plan: Plan, names: dict[str, Any]) -> bool:
    """Whether Python sets FILE for this program, and takes that away when its main module has ended."""
    return plan.form == "script" and names.get("__spec__") is None


@unseen
def _run(plan: Plan, ending: Ending) -> None:
    if plan.form == "script":
        _script(plan, ending)
    elif plan.form == "module":
        _module(plan)
    else:
        _code(plan, ending)


@unseen
def _script(plan: Plan, ending: Ending) -> None:
    typed = plan.argv[0]
    path = _absolute(typed)
    sys.argv[:] = plan.argv
    if _has_main(path):
        sys.path.insert(0, path)
        _become(BuiltinImporter)
        _run_module("__main__", False)
        return
    code, loader = _read(path, ending)
    if not sys.flags.safe_path:
        sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    _exec(code, _become(loader("__main__", path), __file__=path, __cached__=None))


def _absolute(typed: str) -> str:
    """As Python does it, which leaves dots and links as they are."""
    if os.path.isabs(typed):
        return typed
    return os.getcwd() if typed == "." else f"{os.getcwd()}/{typed}"


@unseen
def _module(plan: Plan) -> None:
    sys.argv[:] = ["-m", *plan.argv[1:]]
    if not sys.flags.safe_path:
        sys.path.insert(0, os.getcwd())
    _become(BuiltinImporter)
    _run_module(plan.argv[0], True)


@unseen
def _code(plan: Plan, ending: Ending) -> None:
    sys.argv[:] = ["-c", *plan.argv[1:]]
    if not sys.flags.safe_path:
        sys.path.insert(0, "")
    code = _compile(plan.argv[0], "<string>", ending)
    _exec(code, _become(BuiltinImporter))


@unseen
def _exec(code: CodeType, names: dict[str, Any]) -> None:
    exec(code, names)


@unseen
def _run_module(name: str, alter_argv: bool) -> None:
    """What Python itself calls for `-m`, and for a folder or an archive with a `__main__.py`."""
    import runpy

    runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]


def _become(loader: object, **more: object) -> dict[str, Any]:
    """The names of `__main__`, with what Python sets before a program begins and nothing else."""
    names = vars(sys.modules["__main__"])
    kept = {name: names[name] for name in ("__annotations__", "__builtins__") if name in names}
    names.clear()
    names.update(
        __name__="__main__", __doc__=None, __package__=None, __loader__=loader, __spec__=None, **kept, **more
    )
    return names


def _has_main(path: str) -> bool:
    """Whether Python would look for a `__main__.py` inside: a folder, or an archive, whatever its name."""
    for hook in sys.path_hooks:
        try:
            sys.path_importer_cache[path] = hook(path)
        except ImportError:
            continue
        return True
    sys.path_importer_cache[path] = None
    return False


def _read(path: str, ending: Ending) -> tuple[CodeType, type[SourceFileLoader | SourcelessFileLoader]]:
    """The code of a script, and what Python would say has loaded it."""
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        _leave_to_python(error, 2, ending)
    if source.startswith(MAGIC_NUMBER):
        return marshal.loads(source[16:]), SourcelessFileLoader
    return _compile(source, path, ending), SourceFileLoader


def _compile(source: str | bytes, path: str, ending: Ending) -> CodeType:
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        _leave_to_python(error, 1, ending)


def _leave_to_python(error: Exception, status: int, ending: Ending) -> NoReturn:
    """Nothing of the program has run, nor will it: let Python itself say so, in its own words."""
    ending.not_begun(error, status)
    os.execv(sys.executable, sys.orig_argv)
