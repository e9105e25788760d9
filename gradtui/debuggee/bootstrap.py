"""Where the debuggee begins: `PYTHON .../debuggee/bootstrap.py FD`, FD being one end of a socket pair.

It makes `gradtui` importable from its own folder and hands over to `launch`, which turns this very
`__main__` into the one that the program expects. Nothing is left behind: no name, no path, no module of the
standard library that the program didn't ask for, and no frame below the program's own.
"""


def _make_importable() -> tuple[set[str], set[str]]:
    """Names of the modules, and of the places for importing, that were known before any of ours."""
    import sys

    sys.path_importer_cache.pop(__file__, None)
    before = set(sys.modules), set(sys.path_importer_cache)
    folder = __file__.rpartition("/")[0].rpartition("/")[0]
    if not sys.flags.safe_path:
        del sys.path[
            0
        ]  # Python put it there for this script; none of the imports to come is meant to look there
    package = type(sys)("gradtui")
    package.__path__ = [folder]
    package.__file__ = folder + "/__init__.py"
    sys.modules["gradtui"] = package
    with open(package.__file__, encoding="utf-8") as file:
        exec(compile(file.read(), package.__file__, "exec"), package.__dict__)
    return before


if __name__ == "__main__":
    before = _make_importable()
    __import__("gradtui.debuggee.launch", fromlist=["prepare"]).prepare(*before)
    # Uncaught, it makes Python call sys.excepthook, and that is where the program runs: what Python calls
    # there has no frame beneath it, and a SystemExit raised there ends the process in Python's own way.
    raise RuntimeError("the program could not be started")
