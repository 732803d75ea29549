"""A policy change that concerns a child is told to the adults who decide: each of them, in their language, and nobody else (CHG-08)."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import actions as accounts
from accounts import links
from accounts.actions import join
from accounts.models import Contact, Customer
from brands.models import Brand
from catalogue.models import PolicyVersion
from catalogue.tests.saying_policies import POLICY, saying, telling
from catalogue.tests.saying_policies import publish_policy as say_policy
from consents.actions.families import say_for, turn_off
from consents.states import Verb, Where
from consents.tests.acting import own
from jobs.actions import run_due
from jobs.models import Job
from ledger.proving import prove
from notifications import actions, preview
from notifications.models import Campaign, Message, Undeliverable
from notifications.tests.conftest import html_of, mails, text_of, work
from notifications.tests.families import a_child, decides, for_child
from notifications.tests.test_family_mail import GOLDEN, START


@pytest.fixture
def zosia(marta: Customer, pawel: Customer) -> Customer:
    Customer.objects.filter(pk=marta.pk).update(name="Marta Zielińska")
    return a_child(marta, pawel)


def changed(brand: Brand, *purposes: str, materiality: str = "needs_consent") -> PolicyVersion:
    """The policy's second version, which tells of these uses."""
    say_policy(brand)
    about = telling(saying(kept={"body": "We keep pictures, too."}), POLICY, materiality=materiality, kind="purpose", purposes=purposes)
    version: PolicyVersion = say_policy(brand, about, in_force_from=timezone.now() + timedelta(days=60))
    return version


def chosen() -> set[tuple[int, int, str, str]]:
    """Whose data it is about, who reads it, in which language, and what became of it."""
    prove()
    run_due()
    return set(Message.objects.filter(campaign__isnull=False).values_list("customer", "reader", "language", "state"))


def test_each_adult_who_decides_is_told_for_the_child(kingfisher: Brand, zosia: Customer, marta: Customer, pawel: Customer) -> None:
    changed(kingfisher, "photos")
    assert chosen() == {(zosia.pk, marta.pk, "en", "queued"), (zosia.pk, pawel.pk, "pl", "queued")}
    assert work() == 2
    assert {str(mail["To"]) for mail in mails()} == {"marta.zielinska@example.com", "pawel.zielinski@example.com"}
    by_language = {str(mail["Content-Language"]): mail for mail in mails()}
    english, polish = text_of(by_language["en"]), text_of(by_language["pl"])
    assert "Dear Marta," in english
    assert "a child for whom you decide, Zosia, differently" in english
    assert "(Zosia)" in polish
    assert "/family/" in english
    assert "/family/" in html_of(by_language["en"])
    assert "/requests/" not in english
    assert "x0mark" not in english + polish + html_of(by_language["en"])


def test_its_links_stop_what_is_the_childs(kingfisher: Brand, zosia: Customer) -> None:
    changed(kingfisher, "photos")
    work()
    tokens = {token for mail in mails() for token in re.findall(r"/u/([\w-]+)/", text_of(mail))}
    assert {links.read(kingfisher, token).customer.pk for token in tokens} == {zosia.pk}


@pytest.mark.parametrize("language", ["en", "pl"])
def test_it_reads_as_it_is_kept(db: None, request: Any, language: str) -> None:
    """UPDATE_GOLDEN=1 writes it anew."""
    with time_machine.travel(START, tick=False) as clock:
        kingfisher, marta = (request.getfixturevalue(name) for name in ("kingfisher", "marta"))
        Customer.objects.update(language=language, name="Marta Zielińska")
        zosia = a_child(Customer.objects.select_related("brand").get(pk=marta.pk))
        assert zosia.language == language
        changed(kingfisher, "photos")
        clock.shift(60)
        work()
    (mail,) = mails()
    found = re.sub(r"/u/[\w-]+/", "/u/TOKEN/", f"{str(mail['Subject']).strip()}\n\n{text_of(mail)}".replace("\r\n", "\n"))
    path = GOLDEN / f"policy_change.{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == found


def test_twice_is_once_and_whoever_comes_to_decide_is_told_later(kingfisher: Brand, zosia: Customer) -> None:
    version = changed(kingfisher, "photos")
    before = chosen()
    campaign = Campaign.objects.get(version=version)
    actions.choose_again(campaign)
    assert chosen() == before
    ewa = join(brand=kingfisher, address="ewa.lis@example.com", language="en")
    decides(ewa, zosia)
    Job.objects.filter(handler="notifications.choose").update(done_at=None, run_after=timezone.now(), cursor={})
    assert chosen() - before == {(zosia.pk, ewa.pk, "en", "queued")}


def test_a_mail_that_has_gone_is_not_chosen_anew(kingfisher: Brand, zosia: Customer) -> None:
    version = changed(kingfisher, "photos")
    assert work() == 2
    actions.choose_again(Campaign.objects.get(version=version))
    assert work() == 0


def test_whoever_no_longer_decides_when_it_would_go_reads_nothing(kingfisher: Brand, zosia: Customer, marta: Customer) -> None:
    changed(kingfisher, "photos")
    chosen()
    accounts.end_guardianship(zosia.guardians.get(guardian=marta), why="lost", by="staff:ola")
    work()
    told = Message.objects.filter(campaign__isnull=False)
    assert set(told.values_list("reader", "state", "why")) == {(marta.pk, "dropped", "over"), (told.get(state="sent").reader, "sent", "")}


def test_what_one_adult_has_answered_asks_no_other(kingfisher: Brand, zosia: Customer, marta: Customer) -> None:
    changed(kingfisher, "photos")
    chosen()
    say_for(zosia, marta, "photos", "", Verb.DENY, for_child(zosia, marta, "photos"))
    work()
    told = Message.objects.filter(campaign__isnull=False)
    assert set(told.values_list("state", "why")) == {("dropped", "not_affected")}


def test_what_the_child_has_turned_off_is_put_to_no_adult(kingfisher: Brand, zosia: Customer) -> None:
    turn_off(zosia, "photos", "", own(zosia, where=Where.CHILD))
    changed(kingfisher, "photos")
    assert chosen() == set()


def test_what_runs_by_an_adults_yes_is_told_when_it_changes(kingfisher: Brand, zosia: Customer, marta: Customer, pawel: Customer) -> None:
    say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    changed(kingfisher, "photos", materiality="material")
    assert {each[:2] for each in chosen()} == {(zosia.pk, marta.pk), (zosia.pk, pawel.pk)}


def test_what_is_about_adults_concerns_no_child_and_the_other_way_round(kingfisher: Brand, zosia: Customer, marta: Customer) -> None:
    changed(kingfisher, "letter")
    assert {each[0] for each in chosen()} == {marta.pk, *Customer.objects.filter(language="pl").values_list("pk", flat=True)}


def test_a_change_of_both_shows_each_what_is_put_to_them(kingfisher: Brand, zosia: Customer, marta: Customer) -> None:
    changed(kingfisher, "photos", "letter")
    work()
    to_marta = [text_of(mail) for mail in mails() if str(mail["To"]).startswith("marta")]
    for_zosia = next(text for text in to_marta if "Zosia" in text)
    for_herself = next(text for text in to_marta if "Zosia" not in text)
    assert (purposes(kingfisher, for_zosia), purposes(kingfisher, for_herself)) == ({"photos"}, {"letter"})


def purposes(brand: Brand, text: str) -> set[str]:
    return {links.read(brand, token).scope.purpose for token in re.findall(r"/u/([\w-]+)/", text)}


@pytest.mark.parametrize("why", ["no_address", "undeliverable"])
def test_an_adult_who_cannot_be_reached_is_told_in_the_center(kingfisher: Brand, marta: Customer, why: str) -> None:
    zosia = a_child(marta)
    if why == "no_address":
        Contact.objects.filter(customer=marta).update(proven_at=None)
    else:
        Undeliverable.objects.create(contact=marta.contacts.get(), reason="hard")
    changed(kingfisher, "photos")
    assert work() == 0
    (told,) = Message.objects.filter(campaign__isnull=False)
    assert (told.customer_id, told.reader, told.state, told.why) == (zosia.pk, marta.pk, "in_center", why)


def test_in_a_dispute_and_at_an_age_to_decide_alone_no_adult_reads_of_it(kingfisher: Brand, zosia: Customer, marta: Customer) -> None:
    accounts.freeze(zosia, by="staff:ola")
    young = a_child(marta, name="Ola", years=17)
    changed(kingfisher, "photos")
    prove()
    run_due()
    assert chosen() == {(zosia.pk, 0, zosia.language, "queued"), (young.pk, 0, young.language, "queued")}
    work()
    assert set(Message.objects.filter(campaign__isnull=False).values_list("state", "why")) == {("in_center", "no_address")}


def test_a_reminder_goes_to_the_adults_too(kingfisher: Brand, zosia: Customer) -> None:
    version = changed(kingfisher, "photos")
    assert work() == 2
    actions.begin_reminder(version)
    assert work() == 2
    assert sum("Not decided yet" in str(mail["Subject"]) for mail in mails()) == 1


def test_the_dry_run_shows_what_adults_read_for_a_child(kingfisher: Brand, zosia: Customer) -> None:
    run = preview.dry_run(changed(kingfisher, "photos"))
    assert (run.affected, run.nowhere) == (1, 0)
    (sample,) = run.samples
    assert "Zosia" in sample.text
    assert "/u/" in sample.text
