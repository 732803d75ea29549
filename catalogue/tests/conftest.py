from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from brands.actions import make_brand
from brands.models import Brand
from catalogue import actions
from catalogue.content import Content, TextFacts, UseFacts
from catalogue.models import DataCategory, PurposeVersion, Recipient, Safeguard, Source
from catalogue.models.frozen import Version
from catalogue.tests import desk
from ledger.models import Entry
from ledger.tests.made_once import made_once
from regimes.actions import SHIPPED, load
from regimes.law import NoLaw, law, reload

OLA = "staff:0123456789abcdef0123456789abcdef"  # the privacy officer
WORDS: dict[Any, dict[str, dict[str, Any]]] = {
    DataCategory: {
        "email": {"names": {"en": "Email address", "pl": "Adres e-mail"}, "sensitive": False},
        "name": {"names": {"en": "Name", "pl": "Imię"}, "sensitive": False},
        "health": {"names": {"en": "Allergies", "pl": "Alergie"}, "sensitive": True},
    },
    Source: {
        "you": {"names": {"en": "You told us", "pl": "Podane przez Ciebie"}, "kind": "person"},
        "visits": {"names": {"en": "Your visits", "pl": "Wizyty"}, "kind": "observed"},
    },
    Recipient: {
        "listova": {"name": "Listova", "country": "PL", "role": "processor", "third_party": False, "what_for": {"en": "a", "pl": "b"}},
        "pisarz": {"name": "Pisarz", "country": "PL", "role": "processor", "third_party": False, "what_for": {"en": "a", "pl": "b"}},
        "adfield": {"name": "Adfield", "country": "IE", "role": "controller", "third_party": True, "what_for": {"en": "a", "pl": "b"}},
    },
    Safeguard: {"locked": {"names": {"en": "Locked", "pl": "Zamknięte"}}, "half": {"names": {"en": "Half", "pl": ""}}},
}


@pytest.fixture
def the_law(db: None) -> None:
    try:
        law()
    except NoLaw:
        made_once("the law", lambda: load(path=SHIPPED, by="system:tests"))
        reload()


@pytest.fixture
def brand(the_law: None) -> Brand:
    return a_brand("linden")


def a_brand(key: str) -> Brand:
    brand = bare_brand(key)
    for model, words in WORDS.items():
        for word, fields in words.items():
            actions.declare(brand, model, word, **fields)
    return brand


def bare_brand(key: str) -> Brand:
    """A brand without a catalogue."""
    return make_brand(
        key=key, name="Linden & Loom", host=f"{key}.localhost", by="system:tests", default_language="en", languages=["en", "pl"],
        country="PL", home_regime="pl-national", legal_name="Linden & Loom sp. z o.o.", legal_address="ul. Tkacka 8, Łódź",
        privacy_officer_email="iod@linden.example", authority_name="UODO", support_email="help@linden.example",
        sender_name="Linden & Loom", sender_email="post@linden.example",
    )  # fmt: skip


EN = TextFacts(
    title="News", sentence="New collections, once a month.", data="Your email address", recipients="Listova sends it",
    sold="No", kept="Until you stop it", if_no="Nothing changes", ground="Your consent",
)  # fmt: skip
PL = TextFacts(
    title="Nowości", sentence="Nowe kolekcje, raz w miesiącu.", data="Twój adres e-mail", recipients="Wysyła Listova",
    sold="Nie", kept="Do wycofania zgody", if_no="Nic się nie zmienia", ground="Twoja zgoda",
)  # fmt: skip
SEND = UseFacts(
    category="email", source="you", recipient="listova", role="processor", country="PL", retention_days=30,
    retention_after="collected", safeguards=("locked",),
)  # fmt: skip
NEWS = Content(basis="consent", classes=("email_marketing",), texts={"en": EN, "pl": PL}, uses=(SEND,))


def said(content: Content = NEWS, **fields: Any) -> Content:
    """The same content with these fields of both languages said otherwise."""
    return replace(content, texts={language: replace(text, **fields) for language, text in content.texts.items()})


def using(*uses: UseFacts, content: Content = NEWS) -> Content:
    return replace(content, uses=tuple(sorted(uses)))


def publish(brand: Brand, content: Content = NEWS, key: str = "news", **more: Any) -> PurposeVersion:
    """The first version of a purpose, or its next one."""
    purpose = brand.purposes.filter(key=key).first()
    draft = actions.revise(purpose, content=content) if purpose else actions.draft_purpose(brand, key=key, content=content)
    return actions.publish(draft, **({"by": OLA} | more))


@pytest.fixture
def news(brand: Brand) -> PurposeVersion:
    return publish(brand)


def entry_of(version: Version) -> Entry:
    return Entry.objects.get(public_id=str(version.entry_public_id))


@pytest.fixture
def staff(client: Client, brand: Brand, settings: Any) -> Callable[..., Client]:
    """Signs a member of staff in at the brand, with these permissions."""
    settings.ROOT_URLCONF = "catalogue.tests.desk"
    settings.MIDDLEWARE = desk.MIDDLEWARE
    settings.TEMPLATES = desk.TEMPLATES
    client.defaults["HTTP_HOST"] = brand.host

    def with_permissions(*codenames: str, email: str = "ola@linden.example") -> Client:
        role = Group.objects.create(name=f"of {email}")
        role.permissions.set(Permission.objects.filter(content_type__app_label="catalogue", codename__in=codenames))
        person = get_user_model().objects.create_user(email)
        person.roles.create(brand=brand, group=role)
        client.force_login(person)
        return client

    return with_permissions
