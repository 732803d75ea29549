"""What a place is: a page of the product by name, with the way a person gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.test import Client
from playwright.sync_api import Page

from brands.models import Brand


@dataclass
class World:
    """One brand with four people: somebody new, somebody who has decided some things, somebody at the desk, and somebody who comes by
    links from mails alone. Where the brand has children, the second decides for one."""

    brand: Brand
    sessions: dict[str, Client]
    settings: Any
    work: Callable[[], int]

    @property
    def uses(self) -> list[str]:
        """Where the two first forms of the choices page post."""
        return ["/choices/recs/", "/choices/ads/"] if self.brand.key == "linden" else ["/choices/cancel/", "/choices/letter/"]

    @contextmanager
    def setting(self, name: str, value: Any) -> Iterator[None]:
        before = getattr(self.settings, name)
        setattr(self.settings, name, value)
        yield
        setattr(self.settings, name, before)


Go = Callable[[Page, World], Any]


@dataclass(frozen=True)
class Place:
    """`url`: the name of the address that answers, "" for none. `who`: nobody, fresh, usual or staff. `mail`: the body of a mail, to which
    the rules for pages do not apply. `english`: for designers, in one language. `gpc`: the browser sends its signal. `brand`: the only one
    that has it, "" for each."""

    name: str
    url: str
    who: str
    go: Go
    status: int = 200
    mail: bool = False
    english: bool = False
    gpc: bool = False
    brand: str = ""


def at(path: str) -> Go:
    return lambda page, _: page.goto(path)
