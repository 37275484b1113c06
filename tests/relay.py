"""A connection that can be made bad: between a browser and a server, what the server says can be lost, and the line cut."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread


class Relay:
    """Passes on what is sent to a port of its own.

    Args:
        port: of the server.

    Attributes:
        lost: whether what the server says is lost.
        down: whether nobody gets through.
    """

    def __init__(self, port: int) -> None:
        self.lost = self.down = False
        self._server = port
        self._lines: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        Thread(target=self._open, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and let none through."""
        self.down = True
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._lines.clear()

    def close(self) -> None:
        """For good."""
        self.cut()
        self._door.close()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._door.accept()
                if self.down:
                    browser.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server))
                self._lines += [browser, server]
                for one, other in ((browser, server), (server, browser)):
                    Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                if not (self.lost and one.getpeername()[1] == self._server):
                    other.sendall(said)
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
