"""Pools of every start method, with classes and functions of __main__."""
import multiprocessing
import os
import sys
from dataclasses import dataclass

print("imported as", __name__, sys.argv, flush=True) if __name__ != "__main__" else None


@dataclass
class Point:
    x: int


def double(point):
    return Point(point.x * 2), __name__, os.path.basename(sys.argv[0]), "gradtui.debuggee.launch" in sys.modules


if __name__ == "__main__":
    method = sys.argv[1]
    context = multiprocessing.get_context(method)
    with context.Pool(1) as pool:
        for point, name, script, ours in pool.map(double, [Point(n) for n in range(3)]):
            print(point, type(point) is Point, name, script)
            assert method == "fork" or not ours
    process = context.Process(target=sys.exit, args=(3,))
    process.start()
    process.join()
    print(process.exitcode)
