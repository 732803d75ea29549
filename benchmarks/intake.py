"""Sending a request from its last page, against saving one decision from the web form: the same server, turn by turn."""

from __future__ import annotations

import re
import time
from statistics import median
from urllib.parse import urlencode

from benchmarks.harness import Row, percentile
from benchmarks.options import Options
from benchmarks.save_web import HEAD, POSTED, Form
from benchmarks.web import Answer, Line, server
from data_requests.models import Request

GOAL = 0.70
WORKERS = 1
NUMBER = re.compile(r"/requests/R-[0-9A-Z]{4}-[0-9A-Z]{4}/")


class Asking:
    """The two pages of a request that needs a sign-in alone, as the same customer as `form`."""

    def __init__(self, form: Form, port: int) -> None:
        self.form = form
        self.path, self.fields = "", ""
        self.line = Line(port, self.posted, self.took)
        self.where = ""

    def press(self, path: str, **fields: str) -> float:
        """Seconds until the answer was whole."""
        self.path, self.fields = path, urlencode({"csrfmiddlewaretoken": self.form.token, **fields})
        start = time.perf_counter()
        answer = self.line.ask()
        took = time.perf_counter() - start
        self.took(answer)
        return took

    def posted(self) -> bytes:
        form = self.form
        head = HEAD.format(method="POST", path=self.path, host=form.host, cookie=form.cookie)
        return (head + POSTED.format(host=form.host, length=len(self.fields)) + self.fields).encode()

    def took(self, answer: Answer) -> None:
        self.where = answer.header("location")
        if answer.status != 303:
            raise RuntimeError(f"{self.path} was answered with {answer.status} {self.where}")


def rows(options: Options) -> list[Row]:
    sent, saved = [], []
    with server(WORKERS) as (port, _tree):
        form = Form(0, port)
        asking = Asking(form, port)
        end = time.perf_counter() + 10 * options.slice
        while time.perf_counter() < end or len(sent) < 30:
            asking.press("/requests/review/", text="Which decision was made by a computer, and why?")
            sent.append(asking.press("/requests/review/check/"))
            if not NUMBER.match(asking.where):
                raise RuntimeError(f"the request went to {asking.where}")
            start = time.perf_counter()
            answer = form.line.ask()
            saved.append(time.perf_counter() - start)
            form.took(answer)
    if Request.objects.count() < len(sent):
        raise RuntimeError("an answer without a request")
    ratio = median(saved) / median(sent)
    return [
        Row(
            "send a request (last page), 1 at once", options.database, _said(sent), f"save a decision (web form): {_said(saved)}",
            f"{ratio:.2f}", f"≥ {GOAL:.2f}", ratio >= GOAL,
        )
    ]  # fmt: skip


def _said(took: list[float]) -> str:
    return f"{len(took)}, p50 {median(took) * 1e3:.1f} ms, p95 {percentile(took, 95) * 1e3:.1f} ms"
