"""The demo is played through the same actions as the pages: twice is once, its ledger holds, and outside it there is nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import gates
from accounts.models import Customer, Guardianship, Person
from brands.models import Brand
from consents.checking import choices, scopes
from consents.decide import decide
from consents.models import Choice
from guardians.models import GuardianClaim, Invitation, Note, Wish
from ledger.models import Entry, Waiting
from preference_center.demo.cast import CAST, WITH_AUTHENTICATOR, member
from preference_center.demo.story import how_to_sign_in, play
from preference_center.in_use import InUse, alone, at_work

pytestmark = pytest.mark.usefixtures("the_law")


def totals() -> list[int]:
    return [
        model.objects.count() for model in (Brand, Customer, Person, Choice, Entry, Guardianship, GuardianClaim, Invitation, Wish, Note)
    ]


def customer(name: str) -> Customer:
    who = member(name)
    found: Customer = Customer.objects.select_related("brand", "person").get(brand__key=who.brand, person__email=who.email)
    return found


def test_the_story_is_true_and_twice_is_once() -> None:
    play()
    anna, carol, marta = customer("anna"), customer("carol"), customer("marta")
    assert decide(anna, "recs").allowed
    assert decide(anna, "news", "email").allowed
    assert decide(anna, "news", "sms").reason == "withdrawn"
    assert decide(anna, "makers").reason == "refused"
    assert decide(anna, "insight").reason == "undecided"
    assert not carol.choices.exists()
    assert decide(marta, "sponsors").reason == "withdrawn"
    assert all(choice.how == "button" for choice in Choice.objects.all())
    assert [*choices(), *scopes()] == []
    assert not Waiting.objects.exists(), "its entries are sealed"
    before = totals()
    play()
    assert totals() == before


def test_marta_decides_for_two_children_and_pawel_is_invited() -> None:
    play()
    zosia, kuba = (ward.child for ward in gates.wards_of(customer("marta")))
    assert (zosia.name, kuba.name) == ("Zosia", "Kuba")
    assert decide(zosia, "results").allowed
    assert decide(zosia, "photos").reason == "refused"
    assert decide(kuba, "videos").allowed
    assert not kuba.wishes.open().exists()
    (wish,) = zosia.wishes.open()
    assert (wish.what, wish.purpose) == (Wish.What.ALLOW, "album")
    assert not decide(zosia, "album").allowed
    assert gates.wards_of(customer("pawel")) == []
    invitation = Invitation.objects.open(timezone.now()).get(invited_by=customer("marta"))
    assert set(invitation.children) == {zosia.subject, kuba.subject}


def test_who_works_at_the_desk_is_nobodys_customer() -> None:
    play()
    for who in CAST:
        person = Person.objects.get(email=who.email)
        assert person.works_somewhere is who.staff
        assert person.customers.exists() is not who.staff
        assert person.has_usable_password() is False


def test_it_tells_how_to_sign_in() -> None:
    told = how_to_sign_in("8123")
    for who in CAST:
        assert who.email in told
    assert "http://linden.localhost:8123/" in told
    assert "http://kingfisher.localhost:8123/demo/mailbox/" in told
    for name in WITH_AUTHENTICATOR:
        assert member(name).secret in told


def test_while_the_center_runs_its_files_are_not_deleted(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.DATA_DIR = True, str(tmp_path)
    with at_work(tmp_path), at_work(tmp_path), pytest.raises(CommandError, match="stop it first"):
        call_command("demo", reset=True)
    with alone(tmp_path), pytest.raises(InUse), at_work(tmp_path):
        pass


@pytest.mark.parametrize("path", ["/demo/mailbox/", "/demo/mailbox/1-00000000/", "/demo/mailbox/1-00000000/html/"])
def test_outside_the_demo_there_is_no_mailbox(linden: Brand, path: str) -> None:
    assert settings.DEMO is False
    assert Client(headers={"host": linden.host}).get(path).status_code == 404
