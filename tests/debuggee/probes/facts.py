"""Prints what a program can see of its interpreter and of itself, as sorted JSON."""
import sys

MODULES = sorted(name for name in sys.modules if name.partition(".")[0] != "gradtui")
STACK = []
frame = sys._getframe()
while frame is not None:
    STACK.append((frame.f_code.co_filename, frame.f_code.co_name))
    frame = frame.f_back
NAMES = list(globals())
THREADING = "threading" in sys.modules

import gc
import json
import locale
import os
import random
import resource
import signal
import threading
import warnings


def dunder(name):
    value = globals().get(name, "missing")
    return value if isinstance(value, (str, type(None))) else type(value).__qualname__


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.get_inheritable(int(name))
        except OSError:
            pass
    return sorted(name for name, inherited in found.items() if inherited)


print(
    json.dumps(
        {
            "argv": sys.argv,
            "orig_argv": sys.orig_argv,
            "path": sys.path,
            "flags": str(sys.flags),
            "xoptions": sys._xoptions,
            "warnoptions": sys.warnoptions,
            "executable": [sys.executable, sys._base_executable, sys.prefix, sys.base_prefix],
            "dunders": {n: dunder(n) for n in ("__name__", "__file__", "__spec__", "__package__", "__cached__", "__doc__")},
            "loader": [dunder("__loader__"), getattr(globals()["__loader__"], "path", None)],
            "spec": [getattr(__spec__, n, None) for n in ("name", "origin", "cached", "parent")],
            "builtins": str(__builtins__),
            "names": NAMES,
            "main": sys.modules["__main__"].__dict__ is globals(),
            "modules": MODULES,
            "stack": STACK,
            "threading": THREADING,
            "threads": threading.active_count(),
            "filters": [str(f) for f in warnings.filters],
            "signals": {str(s): str(signal.getsignal(s)) for s in signal.valid_signals()},
            "descriptors": descriptors(),
            "locale": [locale.setlocale(locale.LC_ALL), sys.getdefaultencoding(), sys.getfilesystemencoding()],
            "streams": [
                [s.encoding, s.errors, s.line_buffering, s.isatty(), s.name, s.write_through]
                for s in (sys.stdin, sys.stdout, sys.stderr)
            ],
            "limits": [sys.getrecursionlimit(), sys.getswitchinterval(), resource.getrlimit(resource.RLIMIT_NOFILE)],
            "gc": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.get_freeze_count(), len(gc.callbacks)],
            "random": random.Random(5).random(),
            "traced": [str(sys.gettrace()), str(sys.getprofile())],
            "hooks": [
                sys.excepthook is sys.__excepthook__,
                sys.displayhook is sys.__displayhook__,
                sys.unraisablehook is sys.__unraisablehook__,
                sys.breakpointhook is sys.__breakpointhook__,
            ],
            "path_hooks": [str(h).partition(" at ")[0] for h in sys.path_hooks],
            "importers": sorted(str(p) for p in sys.path_importer_cache if "gradtui" not in str(p)),
            "environment": dict(sorted(os.environ.items())),
            "cwd": os.getcwd(),
            "pid": os.getpid() == os.getpgid(0) or os.getppid() > 0,
            "exception": str(sys.exc_info()),
            "last": hasattr(sys, "last_value"),
            "sys": sorted(vars(sys)),
        },
        indent=1,
    )
)
