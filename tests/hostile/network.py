"""Calls home: by name, by number, by a file that is a socket, and with a library."""
# ends: done
# refused: network
# needs: no network

import contextlib
import socket
import urllib.request

PORT = int("@port@")
SOCKET = "@socket@"


def by_number() -> None:
    socket.create_connection(("127.0.0.1", PORT), timeout=2)


def by_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"harm", ("127.0.0.1", PORT))


def by_file() -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(SOCKET)


def by_library() -> None:
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=2)


def by_name() -> None:
    socket.getaddrinfo("localhost", PORT)
    socket.create_connection(("localhost", PORT), timeout=2)


def listening() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))


for harm in (by_number, by_datagram, by_file, by_library, by_name, listening):
    with contextlib.suppress(OSError):
        harm()
