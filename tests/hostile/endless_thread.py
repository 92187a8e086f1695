"""Comes to its end, but leaves a thread that does not."""
# ends: done

import threading
import time


def turn() -> None:
    while True:
        time.sleep(0.01)


threading.Thread(target=turn).start()
