"""A partner's server: a real one on loopback, that checks what it gets with the reference library, and answers as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Answer = Callable[[BaseHTTPRequestHandler, "Got"], None]


@dataclass(frozen=True)
class Got:
    number: str
    body: dict[str, Any]
    raw: bytes
    headers: dict[str, str]
    at: float

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["data"]
        return found


@dataclass
class Partner:
    """`secrets`: any of them; `answer`: what it does, a status or a function; `got`: what was genuine, in order."""

    port: int = 0
    secrets: list[str] = field(default_factory=list)
    answer: int | Answer = 204
    got: list[Got] = field(default_factory=list)
    calls: int = 0
    forged: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def of(self, kind: str) -> list[Got]:
        return [each for each in self.got if each.body["type"] == kind]

    def taken(self) -> list[str]:
        """Numbers, each once: what a partner does by the webhook-id."""
        return list(dict.fromkeys(each.number for each in self.got))


@contextmanager
def a_partner(**values: Any) -> Iterator[Partner]:
    partner = Partner(**values)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802  (http.server names the method)
            partner.calls += 1
            raw = self.rfile.read(int(self.headers["content-length"]))
            given = {name.lower(): value for name, value in self.headers.items()}
            if not _is_genuine(partner.secrets, raw, given):
                partner.forged += 1
                return say(self, 401)
            got = Got(given["webhook-id"], json.loads(raw), raw, given, time.monotonic())
            if callable(partner.answer):
                return partner.answer(self, got)
            if 200 <= partner.answer < 300:
                partner.got.append(got)
            return say(self, partner.answer)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", partner.port), Handler)
    server.daemon_threads = True
    partner.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield partner
    finally:
        server.shutdown()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if status != 204:
        handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _is_genuine(secrets: list[str], raw: bytes, headers: dict[str, str]) -> bool:
    for secret in secrets:
        try:
            Webhook(secret).verify(raw, headers)
        except WebhookVerificationError:
            continue
        return True
    return False
