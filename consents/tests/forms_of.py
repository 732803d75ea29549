from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from consents.tests.reading import Page

SignedIn = Callable[[Customer], Client]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


def browser_at(brand: Brand, **headers: str) -> Client:
    """A browser at the brand's host, with nobody signed in."""
    return Client(headers={"host": brand.host, "user-agent": FIREFOX} | headers)


def choices_form(answer: Any, purpose: str) -> dict[str, str]:
    """The hidden fields of a purpose's form on the choices page."""
    forms = Page(answer.content.decode()).forms
    return next(form.fields for form in forms if form.action == f"/choices/{purpose}/")
