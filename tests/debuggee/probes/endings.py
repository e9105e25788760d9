"""Ends in the way that its first argument names, with exit handlers and a thread still to come."""
import atexit
import os
import signal
import sys
import threading
import time


def last():
    print("atexit", "__file__" in globals(), getattr(sys, "last_value", "no last value"), flush=True)


def thread():
    time.sleep(0.05)
    print("thread", flush=True)


def hook(kind, error, traceback):
    print("hook", kind, error, traceback.tb_frame.f_code.co_name, traceback.tb_next is None, sys.exc_info(), flush=True)
    if how == "hook_exits":
        sys.exit(5)
    if how == "hook_breaks":
        raise ValueError("in the hook")


how = sys.argv[1]
atexit.register(last)
threading.Thread(target=thread).start()
if how.startswith("hook"):
    sys.excepthook = hook
if how == "no_hook":
    del sys.excepthook
if how == "none_hook":
    sys.excepthook = None
match how:
    case "end":
        print("the end")
    case "exit":
        sys.exit()
    case "exit_3":
        exit(3)
    case "exit_true":
        sys.exit(True)
    case "exit_minus":
        sys.exit(-2)
    case "exit_bye":
        sys.exit("bye ✓")
    case "exit_thing":
        sys.exit((1, "two"))
    case "os_exit":
        os._exit(7)
    case "interrupt" | "hook_interrupt":
        raise KeyboardInterrupt
    case "sigint":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    case "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    case "term":
        os.kill(os.getpid(), signal.SIGTERM)
    case "abort":
        os.abort()
    case "exec":
        os.execv(sys.executable, [sys.executable, "-c", "import sys; print('another'); sys.exit(4)"])
    case "atexit_raises":
        atexit.register(int, "no number")
    case "atexit_exits":
        atexit.register(sys.exit, 9)
    case "thread_raises":
        threading.Thread(target=[].pop).start()
    case "no_stderr":
        sys.stderr = None
        1 / 0
    case "generator_exit":
        raise GeneratorExit
    case "inside_except":
        try:
            1 / 0
        except ZeroDivisionError:
            sys.exit("out of except")
    case "exit_in_finally":
        try:
            1 / 0
        finally:
            sys.exit(6)
    case "main_replaced":
        import types

        sys.modules["__main__"] = types.ModuleType("__main__")
        raise ValueError("main is another")
    case _:
        raise ValueError("wrong ✗")
