"""Calls itself through C until the stack is full."""
# ends: crashed, exit, memory, time-out

import sys

sys.setrecursionlimit(1 << 30)


def deeper(_: object) -> object:
    return max([0, 1], key=deeper)


deeper(0)
