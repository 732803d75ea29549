"""A hundred guesses at once, on four web processes: no more are compared than are allowed, and whose account it is gets in all the same."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from http.cookies import SimpleCookie
from json import loads
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from preference_center.tests.servers import ROOT, Installation

pytestmark = pytest.mark.long
AT_ONCE, PROCESSES = 100, 4
CONFIRM = "/account/confirm/"


class Window:
    """A browser of a few lines: it keeps its cookies."""

    def __init__(self, port: int, session: str = "") -> None:
        self.port = port
        self.cookies = {settings.SESSION_COOKIE_NAME: session} if session else {}

    def go(self, path: str, **fields: str) -> tuple[int, str]:
        """A POST where there are fields. Status, and the page or where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": f"linden.localhost:{self.port}", "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urlencode(fields) if fields else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request("POST" if body else "GET", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {cookie.key: cookie.value for cookie in SimpleCookie(header).values() if cookie.value}
        return answer.status, answer.getheader("Location") or text

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        return self.go(path, csrfmiddlewaretoken=self.cookies.get(settings.CSRF_COOKIE_NAME, ""), **fields)


@pytest.fixture
def here(installation: Callable[..., Installation]) -> Installation:
    made = installation(SECRET_KEY=settings.SECRET_KEY, LOG_LEVEL="ERROR").prepare()
    made.web(workers=PROCESSES)
    return made


@pytest.fixture
def anna(here: Installation) -> Window:
    environment = {**here.environment, "DJANGO_SETTINGS_MODULE": "preference_center.settings"}
    command = [sys.executable, "-m", "preference_center.tests.counting.customers", "1"]
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return Window(here.port, next(iter(loads(made.stdout).values())))


def newest_code(here: Installation) -> tuple[str, str]:
    """The code, and to whom it went."""
    here.manage("tick")
    newest = max((here.data / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mail: Any = message_from_bytes(newest.read_bytes(), policy=policy.default)
    found = re.search(r"^(\d{6})\s*$", mail.get_body(("plain",)).get_content(), re.M)
    assert found
    return found[1], str(mail["To"])


def guess_together(window: Window, path: str, code: str) -> Counter[int]:
    gate = threading.Barrier(AT_ONCE)

    def one(number: int) -> int:
        mine = Window(window.port)
        mine.cookies = dict(window.cookies)
        gate.wait(60)
        return mine.post(path, code=f"{(int(code) + 1 + number) % 10**6:06d}")[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


def compared(here: Installation) -> int:
    return int(here.rows("SELECT count(*) FROM accounts_attempt")[0][0])


def test_a_hundred_at_once_are_five(here: Installation, anna: Window, capsys: Any) -> None:
    anna.go(CONFIRM)
    assert anna.post(CONFIRM, send="1")[0] == 302
    code, address = newest_code(here)
    before = compared(here)  # her sign-in
    answers = guess_together(anna, CONFIRM, code)
    step_up = compared(here)
    assert step_up - before <= settings.CODE_TRIES
    assert answers == {422: AT_ONCE}
    assert anna.post(CONFIRM, code=code)[0] == 422, "the right one is one too many, too"
    assert compared(here) == step_up

    stranger = Window(here.port)
    stranger.go("/sign-in/")
    assert stranger.post("/sign-in/", email=address)[0] == 302
    wrong, _address = newest_code(here)
    guess_together(stranger, "/sign-in/code/", wrong)
    assert compared(here) - step_up <= settings.CODE_TRIES

    assert anna.post(CONFIRM, send="1")[0] == 302
    fresh, _address = newest_code(here)
    assert anna.post(CONFIRM, code=fresh)[0] == 302, "whose account it is gets in"
    with capsys.disabled():
        total = compared(here) - before
        sys.stdout.write(f"\n2 x {AT_ONCE} guesses at once on {PROCESSES} processes: {total - 1} compared, and the owner got in\n")
