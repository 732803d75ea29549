"""One kept-alive session with the center: what is sent again and when, and how much of an answer is read, for how long."""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from .answers import parsed
from .faults import CenterError, NotUnderstood, Problem, Unreachable

T = TypeVar("T")

AGENT = "preference-center-client/0.1"
PIECE = 64 * 1024  # bytes read at most in one go
LARGEST = 8 * 1024 * 1024  # bytes of an answer that is not streamed
LONGEST_LINE = 1024 * 1024  # bytes of a line of one that is
LARGEST_PROBLEM = 256 * 1024  # bytes
PATIENCE = 60.0  # seconds for a call with all its repetitions, where it names no other time; and for any one wait
FIRST_WAIT, LONGEST_BACKOFF = 0.1, 10.0  # seconds
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_chance = random.SystemRandom()  # no seed that forked processes would share: they would all come back at the same moment


@dataclass(frozen=True, slots=True)
class Call:
    """`body`: bytes, or what opens a file of them for each time that it is sent."""

    method: str
    url: str
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], AbstractContextManager[IO[bytes]]] | None = None


class Wire:
    """`timeout`: seconds to connect, and between two bytes. `retries`: how often a call is repeated at most."""

    def __init__(self, key: str, timeout: tuple[float, float], retries: int) -> None:
        connect, read = timeout
        if not 0 < min(connect, read) <= max(connect, read) < math.inf:
            raise ValueError("timeout is two numbers of seconds: to connect, and between two bytes")
        if not 0 <= retries <= 20:
            raise ValueError("retries is a number from 0 to 20")
        self.timeout, self.retries = timeout, retries
        self._auth = _Auth(key)
        self._open_session()

    def close(self) -> None:
        self._session.close()

    def ask(self, call: Call, within: float = PATIENCE) -> dict[str, Any]:
        """The JSON object that it is answered with. `within`: seconds for all of it, repetitions and waits included. Raises
        CenterError."""
        ends = time.monotonic() + within

        def attempt() -> dict[str, Any]:
            with self._send(call, ends) as response:
                return parsed(_whole(response, LARGEST, ends))

        return self._patiently(attempt, ends)

    def open(self, call: Call, within: float = PATIENCE) -> requests.Response:
        """A stream, for `lines`; the caller closes it. `within`: seconds until it begins. Raises CenterError."""
        ends = time.monotonic() + within
        return self._patiently(lambda: self._send(call, ends), ends)

    def _patiently(self, attempt: Callable[[], T], ends: float) -> T:
        for count in range(self.retries + 1):
            try:
                return attempt()
            except CenterError as fault:
                wait = fault.retry_after if fault.retry_after is not None else 0.0
                wait += backoff(count)
                too_long = wait > PATIENCE or time.monotonic() + wait >= ends
                if not fault.passing or too_long or count == self.retries:
                    raise
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _send(self, call: Call, ends: float) -> requests.Response:
        """One attempt: a response with status 2xx whose body is still to be read."""
        connect, read = (min(seconds, ends - time.monotonic()) for seconds in self.timeout)
        if min(connect, read) <= 0:
            raise Unreachable("no time is left")
        with call.body() if callable(call.body) else nullcontext(call.body) as body, _faults():
            response = self._live_session().request(
                call.method, call.url, params=call.params, headers=dict(call.headers), data=body, timeout=(connect, read), stream=True,
                allow_redirects=False,
            )  # fmt: skip
        if 200 <= response.status_code < 300:
            return response
        with response:
            raise _problem(response, ends)

    def _live_session(self) -> requests.Session:
        """After a fork, two processes would read each other's answers from one connection: the child opens its own."""
        if self._process != os.getpid():
            self._open_session()
        return self._session

    def _open_session(self) -> None:
        self._session, self._process = _Session(), os.getpid()
        self._session.auth = self._auth
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A compressed stream that breaks off loses the lines that had arrived.
        self._session.headers.update({"User-Agent": AGENT, "Accept-Encoding": "identity"})


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere: even where it does not follow one, `requests` would read all of a redirect's body."""
        return None


class _Auth(AuthBase):
    """Also with no key it is the session's: otherwise `requests` would look for a password in ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            r.headers["Authorization"] = f"Bearer {self._key}"
        return r


def lines(response: requests.Response) -> Generator[dict[str, Any], None, None]:
    """The JSON objects of an NDJSON stream, each as soon as it is there. Raises Unreachable where it breaks off."""
    rest = b""
    while piece := _read(response):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield parsed(line)
        if len(rest) > LONGEST_LINE:
            raise NotUnderstood("a line that does not end")
    if rest.strip():
        yield _last(rest)


def _last(rest: bytes) -> dict[str, Any]:
    """An object that lacks its newline, and nothing else, is whole."""
    try:
        return parsed(rest)
    except NotUnderstood:
        raise Unreachable("it broke off in the middle of a line") from None


def backoff(count: int) -> float:
    """Seconds to wait after attempt `count` (from 0): full jitter, so that those who failed together do not come back together."""
    return _chance.uniform(0, min(LONGEST_BACKOFF, FIRST_WAIT * 2**count))


def safe_origin(url: str) -> str:
    """Scheme, host and port. Raises ValueError where it is not https, except on this machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("not the address of a center")
    here = parts.hostname in LOOPBACK or parts.hostname.endswith(".localhost")
    if not (parts.scheme == "https" or (parts.scheme == "http" and here)):
        raise ValueError("the address of a center begins with https://")
    if parts.port == 0:
        raise ValueError("port 0 is none")
    return f"{parts.scheme}://{parts.netloc}"


@contextmanager
def _faults() -> Iterator[None]:
    """Whatever the network does becomes Unreachable. The text of the original may show a URL: only its type is passed on."""
    try:
        yield
    except CenterError:
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        fault = Unreachable(type(error).__name__)
        fault.passing = not isinstance(error, ValueError)  # a URL or header that cannot be sent
        raise fault from None


def _read(response: requests.Response) -> bytes:
    """What has arrived, up to PIECE bytes; b"" at the end. `read` would wait until a piece is full."""
    with _faults():
        return bytes(response.raw.read1(PIECE) or b"")


def _whole(response: requests.Response, largest: int, ends: float) -> bytes:
    content = bytearray()
    while piece := _read(response):
        content += piece
        if len(content) > largest:
            raise NotUnderstood("an answer that does not end")
        if time.monotonic() > ends:
            raise Unreachable("an answer that takes too long")
    return bytes(content)


def _problem(response: requests.Response, ends: float) -> Problem:
    try:
        said = parsed(_whole(response, LARGEST_PROBLEM, ends))
    except Unreachable:
        said = {}
    code, detail, errors = said.get("code"), said.get("detail"), said.get("errors")
    return Problem(
        code if isinstance(code, str) and code else "unexplained",
        response.status_code,
        detail if isinstance(detail, str) else "",
        tuple(error for error in errors if isinstance(error, dict)) if isinstance(errors, list) else (),
        _retry_after(response.headers.get("Retry-After", "")),
    )


def _retry_after(value: str) -> float | None:
    """Seconds from now: a number of them or a date (RFC 9110). None where it is neither."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
