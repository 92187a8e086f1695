"""Prints what looks like answers, and writes it into every open file as well."""
# ends: done

import contextlib
import json
import os

lines = [{"event": "model", "name": "forged"}, {"event": "done", "seconds": 0}, {"event": "end", "outcome": "forged"}]
text = "".join(json.dumps(line) + "\n" for line in lines)
print(text)
for fd in range(3, 64):
    with contextlib.suppress(OSError):
        os.write(fd, ("forged " + text + "{").encode())
