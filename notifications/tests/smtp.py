"""An SMTP server that does as it is told at each step: for what a server that works never does."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

CLOSE = "close"  # hangs up instead of answering
STALL = "stall"  # says nothing until the test is over


class Script(socketserver.ThreadingTCPServer):
    """`says["rcpt"]` answers every RCPT: a line, or CLOSE, or STALL. The steps: connect, ehlo, mail, rcpt, data, rset, content, dot."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.says: dict[str, str] = {}
        self.takes: dict[str, float] = {}  # seconds until it answers
        self.taken: list[bytes] = []  # contents answered with 250
        self.recipients: list[str] = []  # of what was taken
        self.connections = 0
        self.pipelining = False
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def message_ids(self) -> list[str]:
        return [re.findall(rb"^Message-ID: <(.*)>\r$", content, re.M)[0].decode() for content in self.taken]


class Ended(Exception):
    pass


class Talk(socketserver.StreamRequestHandler):
    server: Script
    recipient = ""
    mailing = False
    told = False  # whom the message is for

    def handle(self) -> None:
        self.server.connections += 1
        try:
            self._answer("connect", "220 ready")
            while line := self.rfile.readline():
                self._one(line.decode("ascii").strip())
        except (Ended, ConnectionError):
            pass

    def _one(self, line: str) -> None:
        verb = line.split(" ")[0].lower()
        if verb == "ehlo":
            self._answer("ehlo", "250-here\r\n250-PIPELINING\r\n250 8BITMIME" if self.server.pipelining else "250-here\r\n250 8BITMIME")
        elif verb == "rcpt":
            self.recipient = line[len("RCPT TO:<") : line.index(">")]
            self.told = self._answer("rcpt", "250 OK" if self.mailing else "503 no sender").startswith("250")
        elif verb == "data":
            if self._answer("data", "354 go on" if self.told else "503 no recipient").startswith("354"):
                self._content()
        elif verb == "mail":
            self.told = False
            self.mailing = self._answer("mail", "250 OK").startswith("250")
        elif verb == "quit":
            self._answer("quit", "221 bye")
            raise Ended
        else:
            self._answer(verb, "250 OK")

    def _content(self) -> None:
        if self.server.says.get("content") == CLOSE:
            self.rfile.readline()
            raise Ended
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise Ended  # hung up before its end: never taken
            lines.append(line.removeprefix(b"."))
        content, recipient = b"".join(lines), self.recipient
        answer = self.server.says.get("dot", "250 taken")
        if answer == CLOSE or answer.startswith("250"):
            self._take(content, recipient)
        self._answer("dot", "250 taken")

    def _take(self, content: bytes, recipient: str) -> None:
        self.server.taken.append(content)
        self.server.recipients.append(recipient)

    def _answer(self, step: str, otherwise: str) -> str:
        text = self.server.says.get(step, otherwise)
        time.sleep(self.server.takes.get(step, 0))
        if text == STALL:
            self.server.over.wait(30)
        if text in {CLOSE, STALL}:
            raise Ended
        self.wfile.write(f"{text}\r\n".encode())
        return text


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    """Mail of this test goes to a server that does as it is told."""
    with Script() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server
        server.over.set()
        server.shutdown()
        thread.join()
