"""Writes where it may not: directly, and through links that lie where it may."""
# ends: done
# refused: write
# needs: no writing outside

import contextlib
import os
import sqlite3

CANARY = "@canary@"
BESIDE = os.path.dirname(CANARY)


def write(path: str) -> None:
    with open(path, "a") as file:
        file.write("harm")


def through_a_hard_link() -> None:
    os.link(CANARY, "hard")
    write("hard")


def through_a_symbolic_link() -> None:
    os.symlink(CANARY, "soft")
    write("soft")


def through_a_folder() -> None:
    os.symlink(BESIDE, "folder")
    write("folder/new")


def through_a_descriptor() -> None:
    folder = os.open(BESIDE, os.O_RDONLY)
    os.close(os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=folder))


for harm in (
    lambda: write(CANARY),
    lambda: write(BESIDE + "/new"),
    lambda: write("../../new"),
    lambda: os.mkdir(BESIDE + "/new"),
    lambda: os.symlink("x", BESIDE + "/new"),
    lambda: os.mkfifo(BESIDE + "/new"),
    lambda: sqlite3.connect(BESIDE + "/new").execute("create table t(x)"),
    through_a_hard_link,
    through_a_symbolic_link,
    through_a_folder,
    through_a_descriptor,
):
    with contextlib.suppress(OSError, sqlite3.Error):
        harm()

write("own")
with open("own") as own:
    assert own.read() == "harm"
