"""Runs for ever, and does not listen to whoever asks it to stop."""
# ends: time-out

import signal

for wanted in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
    signal.signal(wanted, signal.SIG_IGN)
while True:
    pass
