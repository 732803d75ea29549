"""A real server on the loopback interface that answers as it is told, well and badly."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

KEY = "pck_a1_notASecret"


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int  # of the client: the same on a connection that is used again

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[[BaseHTTPRequestHandler, Asked], None]


@dataclass
class Server:
    """`answers`: one for each question; the last one stays. `asked`: what has come."""

    origin: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)  # lets those go that hang

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def next_answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    # ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def raw(self, data: bytes) -> Answer:
        """These bytes in place of an answer, then nothing more."""

        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.wfile.write(data)
            handler.close_connection = True

        return answer

    def body(self, status: int, content: bytes, **headers: str) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        return answer

    def json(self, value: Any, status: int = 200, **headers: str) -> Answer:
        return self.body(status, json.dumps(value).encode(), Content_Type="application/json", **headers)

    def problem(self, status: int, code: str, **headers: str) -> Answer:
        return self.json({"code": code, "status": status, "detail": "so it is"}, status, **headers)

    def stream(self, *lines: Any, breaks_off: bool = False, after: bytes = b"") -> Answer:
        """Chunked; `after`: bytes that follow the lines. Where it breaks off, the last chunk does not come."""

        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "application/x-ndjson")
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            for piece in [*(json.dumps(line).encode() + b"\n" for line in lines), after]:
                if piece:
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if breaks_off:
                handler.close_connection = True
            else:
                handler.wfile.write(b"0\r\n\r\n")

        return answer

    def hangs(self, before: bytes = b"") -> Answer:
        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.wfile.write(before)
            self.over.wait(30)
            handler.close_connection = True

        return answer

    def drips(self) -> Answer:
        """A byte every 50 ms, for ever."""

        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.over.wait(0.05):
                handler.wfile.write(b" ")

        return answer

    def resets(self) -> Answer:
        def answer(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            handler.close_connection = True

        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    told: Server

    def do_GET(self) -> None:
        asked = Asked(
            self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, self._body(), self.client_address[1]
        )
        self.told.next_answer(asked)(self, asked)

    do_POST = do_GET

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, format: str, *args: Any) -> None: ...


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is what half of these tests are about."""


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()
    listening = _Listening(("127.0.0.1", 0), type("Handler", (_Handler,), {"told": told}))
    told.origin = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
    thread.start()
    yield told
    told.over.set()
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def center(server: Server) -> Iterator[Any]:
    client = import_module("preference_center_client")
    with client.Center(server.origin, KEY, timeout=(0.5, 0.5)) as center:
        yield center
