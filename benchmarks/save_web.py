"""Saving one decision from the web form: POST /choices/recs/ with session and CSRF through the web server, against the two bare rows."""

from __future__ import annotations

import re
from statistics import median
from urllib.parse import urlencode

from benchmarks import base_two_rows
from benchmarks.browsers import session_cookie
from benchmarks.harness import Crew, Row, paired, percentile, repeating
from benchmarks.options import Options
from benchmarks.pressing import Presser
from benchmarks.web import Answer, Line, browsing, server
from consents import forms
from consents.states import Verb
from ledger.models import Entry

GOAL = 0.30
WORKERS = 2
AT_ONCE = 8
HEAD = "{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept-Language: en\r\n"
POSTED = "Origin: http://{host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')


class Form:
    """The form of one customer, opened once by a GET and then posted again and again, as if each answer had been read."""

    def __init__(self, number: int, port: int) -> None:
        self.presser = Presser(number)
        self.cookie = session_cookie(self.presser.customer)
        self.presser.seen = Entry.objects.filter(subject=self.presser.customer.subject).count()  # the sign-in was one more
        self.host = f"{self.presser.customer.brand.host}:{port}"
        self.line = Line(port, self.opened, self.took)
        page = self.line.ask()
        token = TOKEN.search(page.body)
        if page.status != 200 or token is None:
            raise RuntimeError(f"/choices/ answered {page.status}")
        self.token = token[1].decode()
        self.cookie += f"; {page.header('set-cookie').partition(';')[0]}"
        self.line.request = self.posted
        self.saved = 0

    def opened(self) -> bytes:
        return (HEAD.format(method="GET", path="/choices/", host=self.host, cookie=self.cookie) + "\r\n").encode()

    def posted(self) -> bytes:
        """The button not yet pressed, on a page of its own nonce that has seen everything up to now."""
        presser = self.presser
        verb = presser.verb = Verb.ALLOW if presser.verb is Verb.DENY else Verb.DENY
        page = forms.Page(forms.new_nonce(), presser.seen + self.saved, presser.screen.version, "en", presser.screen.sha256)
        body = urlencode({"csrfmiddlewaretoken": self.token, "page": str(page), "decision": verb.value})
        head = HEAD.format(method="POST", path="/choices/recs/", host=self.host, cookie=self.cookie)
        return (head + POSTED.format(host=self.host, length=len(body)) + body).encode()

    def took(self, answer: Answer) -> None:
        if answer.status != 303 or not answer.header("location").startswith("/choices/"):
            raise RuntimeError(f"the form was answered with {answer.status} {answer.header('location')}")
        self.saved += 1

    def check(self) -> None:
        """Every answer was a decision saved, not a page that asks anew."""
        there = Entry.objects.filter(subject=self.presser.customer.subject).count()
        if there != self.presser.seen + self.saved:
            raise RuntimeError(f"{self.saved} answers, {there - self.presser.seen} entries")


def rows(options: Options) -> list[Row]:
    base_two_rows.make_tables()
    crew = Crew(WORKERS, base_two_rows.two_rows)
    with server(WORKERS) as (port, tree):
        opened = [Form(number, port) for number in range(AT_ONCE)]
        alone = paired(browsing([opened[0].line], tree), repeating(base_two_rows.two_rows()), seconds=options.slice)
        together = paired(browsing([form.line for form in opened], tree), crew, seconds=options.slice)
        for form in opened:
            form.check()
    crew.dismiss()
    found = []
    for at_once, done, beside in ((1, alone, "1 process"), (AT_ONCE, together, f"{WORKERS} processes")):
        took = tuple(each for ours in done.ours for each in ours.took)
        times = f"p50 {median(took) * 1e3:.1f} ms, p95 {percentile(took, 95) * 1e3:.1f} ms"
        found.append(
            Row(
                f"save a decision (web form), {at_once} at once", options.database, f"{done.ours_text()}, {times}",
                f"{beside}: {done.base_text()}", f"{done.rate} (by CPU {done.cpu_as_rate.median:.2f})", f"≥ {GOAL:.2f}",
                done.rate.median >= GOAL,
            )
        )  # fmt: skip
    return found
