"""A real server of a game in a process of its own, for tests that come in by the front door."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any

import httpx


class Server:
    """`ecsim game serve` on a free port.

    Args:
        file: of the game.
        port: to use again after a fall; 0 for a free one.
        workers: processes for previews; each takes seconds to begin.
    """

    def __init__(self, file: Path, port: int = 0, workers: int = 1) -> None:
        self.file, self.workers = file, workers
        self.port = port or _free_port()
        self.base = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "ecsim", "game", "serve", str(self.file), "--port", str(self.port), "--workers", str(self.workers)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        said = ""
        while "only" not in said:
            line = self.process.stdout.readline()
            assert line, f"the server did not start: {said}"
            said += line
        Thread(target=self._hear, args=(self.process.stdout,), daemon=True).start()
        self.facilitator = re.search(r"facilitator: (\S+)", said)[1]  # type: ignore[index]
        self.code = re.search(r"join code (\S+)", said)[1]  # type: ignore[index]

    @staticmethod
    def _hear(out: IO[str]) -> None:
        """Pass on what the server says later, so that it is seen where a test fails, and no full pipe holds the server up."""
        for line in out:
            print("server:", line, end="")

    def kill(self) -> None:
        """kill -9, of the server and its workers' parent."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def memory(self) -> float:
        """Resident memory of the server process, MB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Meanwhile previews and what-ifs get nowhere: the processes that compute them stand still."""
        wait_for(lambda: len(self._patient()) == self.workers)
        patient = self._patient()
        for worker in patient:
            os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            for worker in patient:
                os.kill(worker, signal.SIGCONT)

    def _patient(self) -> list[int]:
        """Processes of the server's that give way to it."""
        children = [child for task in Path(f"/proc/{self.process.pid}/task").iterdir() for child in (task / "children").read_text().split()]
        own = os.getpriority(os.PRIO_PROCESS, self.process.pid)
        return [int(child) for child in children if os.getpriority(os.PRIO_PROCESS, int(child)) > own]

    @contextmanager
    def client(self, link: str = "") -> Iterator[httpx.Client]:
        """A client that came in by a secret link."""
        with httpx.Client(base_url=self.base, timeout=60.0) as made:
            if link:
                made.get(link)
            yield made


def submit(client: httpx.Client, seat: str, rows: list[dict[str, Any]], room: str = "A") -> httpx.Response:
    """Hand in for the turn that is on, as the seat sees it."""
    view = client.get(f"/api/view/{room}/{seat}").json()
    return client.post(f"/api/submit/{room}/{seat}", json={"turn": view["turn"], "revision": view["revision"], "rows": rows})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
