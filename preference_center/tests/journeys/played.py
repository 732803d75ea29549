"""The demo after its story, as the crawlers find it: two brands with purposes, policies and topics, and somebody at one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts import gates, links
from accounts.actions import change_contact, join
from accounts.assurance import Level, Proof
from accounts.models import Customer, ReplacedAddress
from accounts.put_back_links import signature_of
from brands.dress import dress
from brands.models import Brand
from consents import opting_in
from data_requests import links as request_links
from data_requests.actions import ask_for, receive
from data_requests.links import AGENT, FOLLOW, KEEP
from data_requests.models import Mandate, Request
from guardians.links import token_of
from jobs.actions import enqueue, run_due
from ledger.models import Entry
from notifications.policy_changes import day_of
from preference_center.demo import newsletter
from preference_center.demo.mailbox import mails
from preference_center.tests.cast import browser_at, play_the_story
from preference_center.tests.journeys.crawling import filled, patterns
from propagation.models import Endpoint, Partner

WHO = {"linden": "anna.kowalczyk@example.com", "kingfisher": "marta.zielinska@example.com"}
PURPOSE = {"linden": ("news", "email"), "kingfisher": ("letter", "")}  # what the letter is sent for


@dataclass
class Played:
    """The demo as it stands after its story, one letter sent, and somebody at one brand."""

    brand: Brand
    customer: Customer

    @property
    def letter(self) -> tuple[str, str]:
        """The purpose and channel that the newsletter needs a yes for."""
        return PURPOSE[self.brand.key]

    @property
    def values(self) -> dict[str, str]:
        """What stands in the gaps of the addresses."""
        purpose, channel = self.letter
        scope = links.Scope(purpose, channel)
        css = dress(self.brand).css_url.rpartition("-")[2].removesuffix(".css")
        receipt = Entry.objects.of(self.customer.subject).filter(kind="choice.decided").latest("seq").public_id
        return {
            "purpose": purpose, "channel": channel or "email", "receipt": str(receipt), "token": links.make(self.customer, scope),
            "number": "1", "old": "1", "new": "2", "session": "1", "passkey": "1", "key": self.brand.key, "digest": css,
            "question": "bed-size", "item": "mist", "code": "no-key", "endpoint": "ep_1", "rest": "nothing",
            "name": mails(self.brand)[0].name, "day": self.day, "kind": "correct", **self.request, **self.family,
        }  # fmt: skip

    @property
    def family(self) -> dict[str, str]:
        """Of a child, where there are children: elsewhere there are no such pages."""
        child = self.child
        code, token = (child.code, token_of(child)) if child else ("2" * 10, f"{'2' * 10}.1.{'a' * 22}")
        wish = child.wishes.latest("pk").pk if child else 0
        return {
            "child_code:code": code, "child_link:token": token, "invitation_code:code": "AAAA-AAAA-AAAA", "wish": str(wish), "pk": "1",
            "link": "no-link",
        }  # fmt: skip

    @property
    def child(self) -> Customer | None:
        wards = gates.wards_of(self.customer)
        return wards[0].child if wards else None

    @property
    def request(self) -> dict[str, str]:
        """Of a copy that is ready, and of an agent's request."""
        number = Request.objects.get(customer=self.customer, kind="copy").number
        key, mandate = self.brand.key, Mandate.objects.get(brand=self.brand).number
        return {
            "reference": number, "signature": request_links.signature(key, number), "follows": request_links.signature(key, number, FOLLOW),
            "mandate": mandate, "agent": request_links.signature(key, mandate, AGENT), "asker": "without-account",
            "keeps": request_links.signature(key, number, KEEP), "system": "shop", "year": str(timezone.localdate().year),
            "replaced": str(self.replaced.pk), "restores": signature_of(self.replaced, self.brand),
        }  # fmt: skip

    @property
    def replaced(self) -> ReplacedAddress:
        return ReplacedAddress.objects.get(customer__brand=self.brand)

    @property
    def day(self) -> str:
        """On which something changes."""
        newest = self.brand.policies.get(key="privacy").newest
        assert newest
        return day_of(newest).isoformat()

    @property
    def addresses(self) -> list[str]:
        values = self.values
        return [filled(route, values) for _, route in patterns()]


@pytest.fixture
def played(request: Any, the_law: None, mail_folder: Any, settings: Any) -> Played:
    settings.ROOT_URLCONF = "preference_center.tests.journeys.urls"
    play_the_story(f"the story, and more at {request.param}", partial(go_on, request.param))
    brand = Brand.objects.get(key=request.param)
    customer = Customer.objects.select_related("brand", "person").get(brand=brand, person__email=WHO[brand.key])
    return Played(brand, customer)


def go_on(key: str) -> None:
    """What the cast has not done: a letter, a copy that is ready, another address, an agent's request, a code asked for."""
    brand = Brand.objects.get(key=key)
    customer = Customer.objects.select_related("brand", "person").get(brand=brand, person__email=WHO[brand.key])
    browser_at(brand).post("/sign-in/", {"email": WHO[brand.key]})
    topic = brand.topics.first()
    assert topic
    newsletter.send(topic, "of the story")
    receive(customer, "copy", {}, Proof(Level.IV3, "passkey"), by=f"self:{customer.subject}")
    change_contact(customer=join(brand=brand, address="old@example.com", language="en"), address="new@example.com")
    ask_for(
        brand, "copy", {"text": ""}, person="nobody@example.com", agent="Ada", organisation="", address="ada@helpers.example",
        permission_on=timezone.localdate(), language="en",
    )  # fmt: skip
    opting_in.ask(brand, address="new@example.org", purpose=PURPOSE[key][0], channel=PURPOSE[key][1], language="en")
    run_due()


def have_a_partner_fail(brand: Brand) -> None:
    partner = Partner.objects.create(brand=brand, key="away", name="Away")
    endpoint = Endpoint.objects.create(
        partner=partner, number=f"ep_away_{brand.key}"[:24], url="https://away.example/", secret="whsec_", failing_since=timezone.now()
    )
    enqueue("propagation.tell_of_failing", {"endpoint": endpoint.pk})


both_brands = pytest.mark.parametrize("played", ["linden", "kingfisher"], indirect=True)
# What takes many seconds and shows the same of both: the second brand in the long run.
a_brand = pytest.mark.parametrize("played", ["linden", pytest.param("kingfisher", marks=pytest.mark.long)], indirect=True)
