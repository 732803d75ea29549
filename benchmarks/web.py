"""The product's web server, as `manage.py up` starts it, and a browser that keeps its connection and wastes no time."""

from __future__ import annotations

import selectors
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from benchmarks.harness import Side, Slice
from benchmarks.places import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(workers: int, application: str = "") -> Iterator[tuple[int, psutil.Process]]:
    """The port and the process of a granian with one thread a worker. `application`: another than the product's own."""
    from preference_center.management.commands.up import web

    port = free_port()
    command = web("127.0.0.1", port, workers)
    command = [*command[:-1], application] if application else command
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()


def wait_for(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the web server does not answer")


def cpu_of(tree: psutil.Process) -> float:
    """Seconds of CPU of a process and of all that it has started."""
    times = [process.cpu_times() for process in (tree, *tree.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


# ── A browser ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class Line:
    """One kept connection. `request` gives the bytes of the next request and takes the answer to the one before."""

    port: int
    request: Callable[[], bytes]
    took: Callable[[Answer], None]
    socket: socket.socket = field(init=False)
    sent_at: float = 0.0
    received: bytes = b""

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.received = b""
        self.socket.sendall(self.request())

    def read(self) -> Answer | None:
        """What has come; None until it is whole."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server hung up")
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        answer = Answer(int(status.split()[1]), headers, body)
        whole = len(body) >= int(answer.header("content-length") or 0) and answer.header("transfer-encoding") != "chunked"
        return answer if whole or body.endswith(b"0\r\n\r\n") else None

    def ask(self) -> Answer:
        self.send()
        while (answer := self.read()) is None:
            pass
        return answer


def browsing(lines: list[Line], tree: psutil.Process) -> Side:
    """All lines at once, each with one request in flight. The CPU is that of the server's processes."""

    def side(seconds: float) -> Slice:
        took: list[float] = []
        with selectors.DefaultSelector() as selector:
            cpu, start = cpu_of(tree), time.perf_counter()
            for line in lines:
                selector.register(line.socket, selectors.EVENT_READ, line)
                line.send()
            open_lines = len(lines)
            while open_lines:
                for key, _events in selector.select():
                    line = key.data
                    answer = line.read()
                    if answer is None:
                        continue
                    now = time.perf_counter()
                    took.append(now - line.sent_at)
                    line.took(answer)
                    if now < start + seconds:
                        line.send()
                    else:
                        selector.unregister(line.socket)
                        open_lines -= 1
            return Slice(len(took), time.perf_counter() - start, cpu_of(tree) - cpu, tuple(took))

    return side
