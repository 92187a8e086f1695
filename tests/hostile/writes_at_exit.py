"""Keeps its harm for the moment after the last answer."""
# ends: done

import atexit
import threading

CANARY = "@canary@"


def harm() -> None:
    with open(CANARY, "w") as file:
        file.write("harm")


atexit.register(harm)
threading.Timer(0.3, harm).start()
