"""All web processes are killed fifty times while decisions pour in: what was acknowledged is in the ledger, and nothing is torn."""

from __future__ import annotations

import faulthandler
import http.client
import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from brands.flash import Notice, newest
from preference_center.tests.servers import ROOT, Installation, wait_for

pytestmark = pytest.mark.long

KILLS = 50
CUSTOMERS = 6
FORM = re.compile(r'<form method="post" action="(/choices/[a-z/]+/)">(.*?)</form>', re.S)
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"')
PRESSED = re.compile(r'value="(allow|deny)" aria-pressed="true"')


@dataclass
class Person:
    """Somebody who presses one button after another, each on a page fetched for it, and writes down what was answered."""

    port: int
    subject: str
    session: str
    saved: list[tuple[str, str, str]] = field(default_factory=list)  # receipt, address, decision
    others: list[tuple[str, str, str]] = field(default_factory=list)  # answered with something else: what, address, decision
    unknown: int = 0  # sent, and no answer came
    csrf: str = ""

    def go_on(self, stop: threading.Event, chance: random.Random) -> None:
        while not stop.is_set():
            try:
                page = self.fetch()
            except (OSError, http.client.HTTPException):
                stop.wait(0.05)
                continue
            try:
                self.press(page, chance)
            except (OSError, http.client.HTTPException):
                self.unknown += 1

    def fetch(self) -> str:
        answer, body = self.ask("GET", "/choices/")
        if answer.status != 200:
            raise http.client.HTTPException(answer.status)
        for cookie in SimpleCookie(answer.getheader("Set-Cookie") or "").values():
            if cookie.key == settings.CSRF_COOKIE_NAME:
                self.csrf = cookie.value
        return body

    def press(self, page: str, chance: random.Random) -> None:
        """The answer that does not stand yet, of one use."""
        address, form = chance.choice([found for found in FORM.findall(page) if "aria-pressed" in found[1]])
        stands = PRESSED.search(form)
        decision = "deny" if stands and stands[1] == "allow" else "allow"
        fields = dict(HIDDEN.findall(form)) | {"decision": decision}
        answer, _body = self.ask("POST", address, urlencode(fields))
        if answer.status != 303:
            raise http.client.HTTPException(answer.status)
        notice = notice_of(answer)
        if notice.receipt_url:
            self.saved.append((notice.receipt_url.removeprefix("/history/").strip("/"), address, decision))
        else:
            self.others.append((notice.title, address, decision))

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Host": f"linden.localhost:{self.port}", "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}"}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                headers["Cookie"] += f"; {settings.CSRF_COOKIE_NAME}={self.csrf}"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()


def notice_of(answer: http.client.HTTPResponse) -> Notice:
    """What the next page would say on top, from the cookie of the answer."""
    for header in answer.headers.get_all("Set-Cookie") or []:
        for cookie in SimpleCookie(header).values():
            if cookie.key == "messages":
                request = RequestFactory().get("/")
                request.COOKIES["messages"] = cookie.value
                return newest(CookieStorage(request)) or Notice("", "none")
    return Notice("", "none")


@pytest.fixture
def here(installation: Callable[..., Installation]) -> Installation:
    """An installation that signs with the key of this process, so that its cookies can be read here."""
    return installation(SECRET_KEY=settings.SECRET_KEY, LOG_LEVEL="ERROR").prepare()


@pytest.fixture
def people(here: Installation) -> list[Person]:
    command = [sys.executable, "-m", "preference_center.tests.counting.customers", str(CUSTOMERS)]
    environment = {**here.environment, "DJANGO_SETTINGS_MODULE": "preference_center.settings"}
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return [Person(here.port, subject, session) for subject, session in json.loads(made.stdout).items()]


def test_every_acknowledged_decision_is_in_the_ledger_and_none_is_torn(here: Installation, people: list[Person]) -> None:
    faulthandler.dump_traceback_later(900, exit=True)  # four minutes alone on two cores, more beside other tests
    stop, started = threading.Event(), time.monotonic()
    threads = [threading.Thread(target=one.go_on, args=(stop, random.Random(n)), daemon=True) for n, one in enumerate(people)]
    for thread in threads:
        thread.start()
    chance = random.Random(50)
    try:
        for _ in range(KILLS):
            web = here.web(workers=2)
            before = saved(people)
            wait_for(lambda before=before: saved(people) > before + 5, "decisions to pour in")  # type: ignore[misc]
            time.sleep(chance.random() / 4)
            web.kill()
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    seconds = time.monotonic() - started
    here.manage("tick")
    verified = here.manage("verify_ledger", "--all").stdout
    entries = decided(here)
    for one in people:
        seqs = [agrees(entries[receipt.replace("-", "")], one, address, decision) for receipt, address, decision in one.saved]
        assert seqs == sorted(set(seqs))
        assert not one.others, one.others
    unknown = sum(one.unknown for one in people)
    assert saved(people) <= len(entries) <= saved(people) + unknown
    mode, lost = "PostgreSQL" if here.database_url else "SQLite", len(entries) - saved(people)
    sys.stdout.write(
        f"\n{mode}: {KILLS} kills of all web processes in {seconds:.0f} s; {saved(people)} decisions acknowledged, all in the ledger; "
        f"{unknown} without an answer, of which {lost} were saved. {verified}"
    )


def saved(people: list[Person]) -> int:
    return sum(len(one.saved) for one in people)


def decided(here: Installation) -> dict[str, dict[str, Any]]:
    """The payloads of the decisions, by receipt in hex."""
    rows = here.rows("SELECT public_id, payload FROM ledger_entry WHERE kind = 'choice.decided'")
    return {str(public_id).replace("-", ""): json.loads(payload) for public_id, payload in rows}


def agrees(act: dict[str, Any], one: Person, address: str, decision: str) -> int:
    """That the entry says what was answered; returns its place in the person's chain."""
    purpose, _slash, channel = address.removeprefix("/choices/").strip("/").partition("/")
    assert (act["subject"], act["purpose"], act["channel"], act["outcome"]) == (one.subject, purpose, channel, "applied")
    assert act["state"] in ({"granted"} if decision == "allow" else {"refused", "withdrawn"})
    return int(act["seq"])
