"""The cast: two brands from their starter packs, and people who have joined them. A test names whom it needs.

Anna and Carol (a stranger to everybody) are customers of Linden, Marta and Paweł of Kingfisher. Nobody has decided anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from allauth.core import context
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.test import Client, RequestFactory

import brands
import catalogue
from accounts.actions import join
from accounts.models import Customer
from accounts.signing_in import let_in
from brands import dress
from brands.actions import load_pack as load_brand
from brands.models import Brand
from catalogue.actions import load_pack as load_purposes
from catalogue.published import forget
from consents import shown
from ledger.proving import prove
from ledger.tests.made_once import made_once
from notifications import kinds
from notifications.campaign_mail import ChangeMail
from preference_center.demo import story
from regimes import law
from regimes.actions import SHIPPED, load
from regimes.models import RegimeVersion

BY = "system:tests"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


@pytest.fixture
def the_law(db: None) -> None:
    """The regimes that ship, loaded."""
    if not RegimeVersion.objects.exists():
        made_once("the law", lambda: load(path=SHIPPED, by=BY))
        law.reload()


def open_brand(key: str, purposes: str) -> Brand:
    made_once(f"{key} with {purposes}", partial(_open_brand, key, purposes))
    brand = Brand.objects.get(key=key)
    _forget(brand)
    return brand


def _forget(brand: Brand) -> None:
    """The same brand under the same epochs comes back for another test: what the process remembers of it goes."""
    forget(brand)
    shown._screens.clear()
    dress._dress.cache_clear()
    dress._latest.clear()
    for kind in kinds._kinds.values():
        if isinstance(kind, ChangeMail):
            kind._letters.clear()


def _open_brand(key: str, purposes: str) -> None:
    brand = load_brand(Path(brands.__file__).parent / "packs" / f"{key}.yaml", host=f"{key}.localhost", by=BY)
    load_purposes(brand, Path(catalogue.__file__).parent / "packs" / purposes, by=BY)
    prove()


def play_the_story(name: str = "the story", also: Callable[[], object] | None = None) -> None:
    """The demo as `make run` finds it, and what a test adds to it under a name of its own."""

    def play() -> None:
        story.play()
        if also:
            also()

    made_once(name, play)
    for brand in Brand.objects.all():
        _forget(brand)


@pytest.fixture
def linden(the_law: None) -> Brand:
    """The shop, with its purposes published in English and Polish."""
    return open_brand("linden", "shop.yaml")


@pytest.fixture
def kingfisher(the_law: None) -> Brand:
    """The children's sports club, with its purposes published."""
    return open_brand("kingfisher", "club.yaml")


def joined(brand: Brand, address: str, language: str) -> Customer:
    """The same customer in every test, down to their reference: what is made once after them comes back as well."""
    made_once(f"{address} of {brand.key}", lambda: join(brand=brand, address=address, language=language))
    found: Customer = brand.customers.select_related("brand", "person").get(contacts__canonical=address)
    return found


@pytest.fixture
def anna(linden: Brand) -> Customer:
    return joined(linden, "anna.kowalczyk@example.com", "en")


@pytest.fixture
def carol(linden: Brand) -> Customer:
    return joined(linden, "carol.novak@example.com", "en")


@pytest.fixture
def marta(kingfisher: Brand) -> Customer:
    return joined(kingfisher, "marta.zielinska@example.com", "en")


@pytest.fixture
def pawel(kingfisher: Brand) -> Customer:
    return joined(kingfisher, "pawel.zielinski@example.com", "pl")


SignedIn = Callable[[Customer], Client]


def browser_at(brand: Brand, **headers: str) -> Client:
    """A browser at the brand's host, with nobody signed in."""
    return Client(headers={"host": brand.host, "user-agent": FIREFOX} | headers)


@pytest.fixture
def signed_in() -> SignedIn:
    """`signed_in(anna)`: a browser at her brand's host in which she has just signed in with a code, without the mail."""

    def sign_in(customer: Customer) -> Client:
        client = browser_at(customer.brand)
        request: Any = RequestFactory().get("/")
        request.META.update(client.defaults)  # its host and its name
        request.session, request.user = client.session, AnonymousUser()
        request.brand, request.customer = customer.brand, None
        request._messages = default_storage(request)
        with context.request_context(request):
            assert customer.person is not None
            assert let_in(request, person=customer.person, customer=customer, how="code")
            request.session.save()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return sign_in
