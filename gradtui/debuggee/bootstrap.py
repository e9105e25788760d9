"""Where the debuggee begins: `PYTHON .../debuggee/bootstrap.py FD`, FD being one end of a socket pair.

It makes `gradtui` importable from its own folder and hands over to `launch`, which turns this very
`__main__` into the one that the program expects. Nothing is left behind: no name, no path, no module of the
standard library that the program didn't ask for.
"""


def _begin() -> None:
    """Run the program: the last thing that happens here, because afterwards none of these names exist."""
    import sys

    before = set(sys.modules)
    folder = __file__.rpartition("/")[0].rpartition("/")[0]
    if not sys.flags.safe_path:
        # Put there by Python for this script: none of the imports below is to find a file of ours by chance.
        del sys.path[0]
    sys.path_importer_cache.pop(__file__, None)
    package = type(sys)("gradtui")
    package.__path__ = [folder]
    package.__file__ = folder + "/__init__.py"
    sys.modules["gradtui"] = package

    from gradtui.debuggee import launch

    launch.main(before)


_begin()
