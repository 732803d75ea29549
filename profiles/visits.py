"""What names a visit, and the question that a page of the center shows in it."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest

from accounts.http import CustomerRequest
from consents.screens import Reader
from profiles import actions
from profiles.actions.asking import By
from profiles.cards import Card, card
from profiles.choosing import choose


def named(what: str) -> str:
    """32 hex digits of a visit: what its cookie or the brand calls it can be read from none of our rows."""
    return hashlib.sha256(f"visit|{what}".encode()).hexdigest()[:32]


def visit_of(request: HttpRequest) -> str:
    return named(request.session.session_key or "")


def is_really_shown(request: HttpRequest) -> bool:
    """Not what a browser fetches ahead, nor a HEAD: nobody reads it."""
    ahead = {request.headers.get("Sec-Purpose", "").partition(";")[0], request.headers.get("Purpose", "")}
    return request.method == "GET" and "prefetch" not in ahead


def prompt_for(request: CustomerRequest, reader: Reader) -> Card | None:
    """The question that this page shows, which is a showing from now on; None when nothing is asked. `reader`: of the page."""
    if not is_really_shown(request):
        return None
    visit, customer, language = visit_of(request), request.customer, reader.language
    prompt = choose(customer, visit, reader.now, reader).prompt
    if prompt is not None and prompt.ask is None:
        prompt = actions.show(customer, visit, By("center", language)).prompt
    if prompt is None or prompt.ask is None:
        return None
    hidden = [("ask", str(prompt.ask.pk)), ("next", request.path)]
    return card(request.brand, prompt.question, language, hidden=hidden)
