"""An OpenID provider of its own, on loopback: it says yes to everybody, and can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "center", "a long secret of the stub"


class StubProvider:
    """`sub` is who is signed in there. `lie` changes the claims of the next tokens, `sign` who signs them, `answer` the whole answer."""

    def __init__(self) -> None:
        self.key = _key()
        self.published = [self.key]
        self.sub = "sub-of-anna"
        self.lie: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.answer: tuple[int, bytes] | None = None
        self.asked: list[dict[str, str]] = []  # every authorization request
        self.tokens = 0
        self._codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def signed(self, claims: dict[str, Any], *, key: RSAKey | OctKey | None = None, kid: str = "one", alg: str = "RS256") -> str:
        return jwt.encode({"alg": alg, "kid": kid}, claims, key or self.key, algorithms=[alg])

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys", "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.asked.append(query)
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """RFC 6749 4.1.3, with the proof of RFC 7636: a code is good once."""
        query = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if query is None or not _same(authorization):
            return 400, {"error": "invalid_grant"}
        if query["code_challenge"] != challenge or query["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        self.tokens += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.sub, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": query["nonce"]} | self.lie
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.sign(claims)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == "/.well-known/openid-configuration":
                    self._json(200, stub.configuration())
                elif parts.path == "/keys":
                    self._json(200, {"keys": [key.as_dict(private=False) for key in stub.published]})
                else:
                    self.send_response(302)
                    self.send_header("Location", stub.authorize(query))
                    self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._json(*stub.token(form, self.headers.get("Authorization", "")))

            def _json(self, status: int, values: dict[str, Any]) -> None:
                status, body = stub.answer or (status, json.dumps(values).encode())
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        return Handler


def _same(authorization: str) -> bool:
    """RFC 6749 2.3.1: the two may be form-encoded first."""
    kind, _space, value = authorization.partition(" ")
    client, _colon, secret = base64.b64decode(value or "").decode().partition(":")
    return kind == "Basic" and client == CLIENT and secret.replace("+", " ").replace("%20", " ") == SECRET


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@contextmanager
def running() -> Iterator[StubProvider]:
    stub = StubProvider()
    thread = Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.server.shutdown()
        stub.server.server_close()
        thread.join()
