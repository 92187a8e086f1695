"""Looks for secrets: in the environment, in those of other processes, at home, and in hidden files of the project."""
# ends: exit
# refused: read
# needs: no reading of others' files

import contextlib
import os

HOME, PROJECT = "@home@", "@project@"
found = [repr(dict(os.environ))]


def look(path: str) -> None:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        found.append(repr(file.read()))


for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
    if name.isdigit():
        look(f"/proc/{name}/environ")
        look(f"/proc/{name}/cmdline")
for place in (HOME, HOME + "/.ssh", PROJECT):
    with contextlib.suppress(OSError):
        for name in os.listdir(place):
            look(f"{place}/{name}")
for path in (".netrc", ".ssh/id_ed25519", ".aws/credentials", ".config/token", "notes.txt"):
    look(f"{HOME}/{path}")
    look(os.path.expanduser(f"~/{path}"))
look(PROJECT + "/.env")

raise RuntimeError("found " + " ".join(found))
