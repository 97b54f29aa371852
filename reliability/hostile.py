"""A web server on this machine that behaves well, or as badly as servers do."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import formatdate
from html import escape

#: Seconds for which a server that stalls says nothing; the program's patience is to be shorter in the trials.
STALL = 2.5
#: Any moment, as long as it is always the same.
WHEN = formatdate(1_679_479_500)

Fault = Callable[[socket.socket, bytes], None]


def item(number: int, text: str, link: str = "") -> str:
    """Return an item of a feed, with its whole text or a teaser."""
    title, _, body = text.partition("\n\n")
    more = f"<link>{link}</link>" if link else ""
    # a text of the feed's own counts as whole from 800 characters on
    whole = (
        "" if link else " ".join(f"Point {number}-{n} was put on the table by nobody in particular." for n in range(16))
    )
    return (
        f"<item><title>{escape(title)}</title><guid>{number}</guid>{more}<pubDate>{WHEN}</pubDate>"
        f"<description>{escape(f'<p>{body}</p><p>{whole}</p>')}</description></item>"
    )


def feed(items: Sequence[str], title: str = "Courier") -> bytes:
    """Return a feed of items."""
    return f"<rss version='2.0'><channel><title>{title}</title>{''.join(items)}</channel></rss>".encode()


def _answer(body: bytes, length: int | None = None, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body) if length is None else length}\r\n"
    )
    return f"{head}{more}Connection: close\r\n\r\n".encode() + body


def _stall(connection: socket.socket, body: bytes) -> None:
    time.sleep(STALL)


def _drip(connection: socket.socket, body: bytes) -> None:
    connection.sendall(_answer(b"", length=10_000))
    for _ in range(30):
        connection.sendall(b"x")
        time.sleep(STALL / 30)


def _reset(connection: socket.socket, body: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _half_and_reset(connection: socket.socket, body: bytes) -> None:
    connection.sendall(_answer(body)[: len(body) // 2])
    _reset(connection, body)


def _dropped_later(connection: socket.socket, body: bytes) -> None:
    """Keep the connection after a whole answer, and close it on the next question: hosts do when they tire of it."""
    connection.sendall(_answer(body).replace(b"Connection: close\r\n", b""))
    connection.recv(65_536)


#: What is sent in the place of the right answer, or done.
FAULTS: dict[str, Fault] = {
    "stalled": _stall,
    "dripped": _drip,
    "reset": _reset,
    "cut": _half_and_reset,
    "dropped later": _dropped_later,
    "silent": lambda connection, body: None,
    "too short": lambda connection, body: connection.sendall(_answer(body, length=len(body) + 1000)),
    "too long": lambda connection, body: connection.sendall(_answer(body + b"more", length=max(len(body) - 50, 0))),
    "no HTTP": lambda connection, body: connection.sendall(b"\x00\xff\x13SSH-2.0-nobody\r\n\r\n" * 20),
    "no length": lambda connection, body: connection.sendall(_answer(b"", length=-1)),
    "bad chunks": lambda connection, body: connection.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body
    ),
    "bad gzip": lambda connection, body: connection.sendall(_answer(body, more="Content-Encoding: gzip\r\n")),
    "odd headers": lambda connection, body: connection.sendall(
        _answer(b"", more="X" * 200_000 + "\r\n: \r\n\xa0\x00: \xff\r\n")
    ),
    "503": lambda connection, body: connection.sendall(
        b"HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ),
    "status 999": lambda connection, body: connection.sendall(b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"),
    "loop": lambda connection, body: connection.sendall(
        b"HTTP/1.1 302 No\r\nLocation: /0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ),
    "random bytes": lambda connection, body: connection.sendall(_answer(random.Random(len(body)).randbytes(3000))),
}


class Server:
    """Serves what was put; while it misbehaves, a share of its answers is one of ``FAULTS``. A context manager."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        #: Whole answers, by path.
        self.pages: dict[str, bytes] = {}
        self._chance: random.Random | None = None
        self._share = 0.0
        self._always: dict[str, str] = {}
        self.met: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self._socket = socket.create_server((host, port), backlog=256)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"

    def __enter__(self) -> Server:
        """Begin to answer."""
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answer no longer."""
        self._socket.close()

    def put(self, path: str, body: bytes) -> None:
        """Serve ``body`` under ``path``."""
        self.raw(path, _answer(body))

    def raw(self, path: str, answer: bytes) -> None:
        """Serve an answer with head and body under ``path``."""
        self.pages[path] = answer

    def wrong(self, path: str, fault: str, body: bytes) -> None:
        """Answer wrongly under ``path``, always in one way."""
        self.put(path, body)
        self._always[path] = fault

    def misbehave(self, chance: random.Random, *, share: float) -> None:
        """Answer wrongly from now on, in a share of cases."""
        self._chance, self._share, self.met = chance, share, Counter()

    def well(self) -> None:
        """Answer rightly from now on."""
        self._chance = None

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._reply(connection)
            except OSError:
                return  # whom we spoke to has left

    def _reply(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        asked = connection.recv(65_536)
        path = asked.split(b" ")[1].decode("latin-1") if asked.count(b" ") > 1 else ""
        self.asked[path] += 1
        answer = self.pages.get(path)
        name = self._always.get(path)
        if self._chance is not None and answer is not None and self._chance.random() < self._share:
            name = self._chance.choice(sorted(FAULTS))
        if name is not None and answer is not None:
            self.met[name] += 1
            FAULTS[name](connection, answer.partition(b"\r\n\r\n")[2])
        elif answer is None:
            connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        else:
            connection.sendall(answer)
