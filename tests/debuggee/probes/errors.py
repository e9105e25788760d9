"""Raises, deeply and in every form that a traceback has; the first argument says which, the second who prints it."""
import io
import logging
import sys
import traceback

how, who = sys.argv[1:3]


class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def deep(n):
    if n == 0:
        raise ValueError("at the bottom", n)
    return deep(n - 1)


def cause():
    try:
        deep(3)
    except ValueError as error:
        raise TypeError("because") from error


def context():
    try:
        deep(1)
    except ValueError:
        return {}["missing"]


def group():
    errors = []
    for action in cause, context, lambda: deep(0):
        try:
            action()
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("several", [*errors, ExceptionGroup("inner", errors[:1])])


def notes():
    try:
        deep(1)
    except ValueError as error:
        error.add_note("a note\nof two lines")
        raise


def recursion():
    return recursion()


def odd():
    raise Odd


def syntax():
    exec("a = = 1")


def compiled():
    exec(compile("def f():\n    1 / 0\nf()", "made up", "exec"), {})


def imported():
    import does.nothing  # noqa


def torch_missing():
    sys.path[:] = []
    import torch  # noqa


def cut():
    try:
        deep(2)
    except ValueError as error:
        raise error.with_traceback(None) from None


def main():
    globals()[how]()


if who == "python":
    main()
else:
    try:
        main()
    except Exception:
        if who == "traceback":
            traceback.print_exc()
        elif who == "stack":
            traceback.print_stack()
            print(traceback.format_stack(), sys._getframe().f_back)
        elif who == "logging":
            logging.basicConfig()
            logging.exception("caught", stack_info=True)
