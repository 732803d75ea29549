"""Mail that people allowed: asked when its turn comes, with its headers, stopped by one press."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from consents.decide import decide
from consents.models import Choice, Taste, Topic
from consents.states import Reason
from consents.tests.acting import allow, deny
from jobs.actions import run_due
from ledger.models import Entry
from ledger.turns import turn
from notifications import actions, hooks
from notifications.marketing import send_to_all, write_to_all
from notifications.models import Message, Undeliverable
from notifications.sending.loop import send_all
from notifications.states import Class
from notifications.tests.conftest import html_of, mails, publish, text_of, work
from notifications.tests.making import fresh

KIND = "newsletter"


@pytest.fixture
def topic(linden: Brand, anna: Customer) -> Topic:
    """Anna allows news by email; it is about rugs."""
    allow(anna, "news", "email")
    return Topic.objects.create(brand=linden, key="rugs", purpose="news", names={"en": "Rugs", "pl": "Dywany"})


def sent_to(topic: Topic) -> list[EmailMessage]:
    before = len(mails())
    write_to_all(topic, KIND)
    send_all()
    return mails()[before:]


def only() -> Message:
    return Message.objects.select_related("customer").get()


def stop_link(mail: EmailMessage) -> str:
    header = str(mail["List-Unsubscribe"]).strip()
    assert (header[0], header[-1]) == ("<", ">")
    return header.strip("<>")


# ── To whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_goes_to_those_who_allow_it_and_nobody_else(topic: Topic, anna: Customer, carol: Customer, marta: Customer) -> None:
    (mail,) = sent_to(topic)
    assert mail["To"] == "anna.kowalczyk@example.com"
    one = only()
    assert (one.customer, one.klass, one.urgent, one.facts, one.state) == (anna, "marketing", False, {"topic": "rugs"}, "sent")
    assert Taste.objects.get(customer=anna).last_sent_at is not None


def test_a_no_between_choosing_and_sending_wins(topic: Topic, anna: Customer) -> None:
    assert write_to_all(topic, KIND) == 1
    deny(anna, "news", "email")
    assert send_all() == 0
    assert (only().state, only().why) == ("dropped", "not_allowed")
    assert not Taste.objects.exists()


def test_a_topic_they_do_not_want_a_break_and_too_often_are_kept_to(topic: Topic, anna: Customer) -> None:
    taste = Taste.objects.create(customer=anna, channel="email", topics_off=["rugs"])
    assert sent_to(topic) == []
    Taste.objects.filter(pk=taste.pk).update(topics_off=[], pause_until=timezone.localdate() + timedelta(days=3))
    assert sent_to(topic) == []
    Taste.objects.filter(pk=taste.pk).update(pause_until=None)
    assert len(sent_to(topic)) == 1
    assert set(Message.objects.exclude(state="sent").values_list("state", "why")) == {("dropped", "not_allowed")}


def test_without_a_proven_address_it_does_not_go(topic: Topic, anna: Customer) -> None:
    Contact.objects.update(proven_at=None)
    assert sent_to(topic) == []
    assert (only().state, only().why) == ("dropped", "no_address")


def test_a_topic_that_is_gone_is_over(topic: Topic) -> None:
    write_to_all(topic, KIND)
    Topic.objects.all().delete()
    assert send_all() == 0
    assert (only().state, only().why) == ("dropped", "over")


@pytest.mark.parametrize(("reason", "after"), [("hard", 1), ("complaint", 0)])
def test_an_address_in_vain_gets_none_until_it_is_proven_anew_and_one_with_a_complaint_none_ever(
    topic: Topic, anna: Customer, reason: str, after: int
) -> None:
    Undeliverable.objects.create(contact=anna.contacts.get(), reason=reason)
    assert sent_to(topic) == []
    assert (only().state, only().why) == ("dropped", "undeliverable")
    Contact.objects.update(proven_at=timezone.now())
    assert len(sent_to(topic)) == after


def test_a_complaint_stops_marketing_and_no_service_mail(topic: Topic, anna: Customer) -> None:
    sent_to(topic)
    choices = list(Choice.objects.values())
    hooks.take([{"type": "complaint", "message_id": only().message_id}])
    assert sent_to(topic) == []
    assert list(Choice.objects.values()) == choices
    assert decide(anna, "news", "email").allowed, "what they allowed stands; it is the address that gets none"
    with turn(anna.subject, brand=anna.brand.key, actor="system:tests") as t:
        t.append(anna.subject, "sign_in.changed", {"what": "passkey_added"})
    publish(anna.brand, "shop")
    assert work() == 2


def test_the_same_issue_twice_is_once_and_the_next_one_is_another(topic: Topic) -> None:
    """Pressed twice, and again when its job is long done."""
    for _ in range(2):
        assert send_to_all(topic, KIND, "november") == send_to_all(topic, KIND, "november")
        run_due()
    assert Message.objects.count() == 1
    send_to_all(topic, KIND, "december")
    run_due()
    assert Message.objects.count() == 2


def test_a_job_of_a_topic_that_is_gone_writes_nothing(topic: Topic) -> None:
    job = send_to_all(topic, KIND, "november")
    topic.delete()
    run_due()
    job.refresh_from_db()
    assert job.done_at is not None
    assert not Message.objects.exists()


# ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_marketing_carries_the_headers_of_one_click_and_a_link_to_stop(topic: Topic) -> None:
    (mail,) = sent_to(topic)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = stop_link(mail)
    assert link in text_of(mail)
    assert link in html_of(mail)
    assert "/u/" in link
    assert "anna" not in link


def test_no_service_mail_carries_them(topic: Topic, anna: Customer) -> None:
    with turn(anna.subject, brand=anna.brand.key, actor="system:tests") as t:
        t.append(anna.subject, "sign_in.changed", {"what": "passkey_added"})
    publish(anna.brand, "shop")
    work()
    assert len(mails()) == 2
    for mail in mails():
        assert not [name for name in mail if name.lower().startswith("list-")]


def test_there_is_no_pixel_and_no_picture_from_elsewhere(topic: Topic, anna: Customer) -> None:
    publish(anna.brand, "shop")
    write_to_all(topic, KIND)
    work()
    assert len(mails()) == 2
    for mail in mails():
        assert "<img" not in html_of(mail)
        assert "url(" not in html_of(mail)


def test_one_click_from_the_mail_stops_it_and_nothing_else(topic: Topic, anna: Customer) -> None:
    allow(anna, "recs")
    (mail,) = sent_to(topic)
    path = "/u/" + stop_link(mail).split("/u/")[1]
    client = Client(headers={"host": anna.brand.host}, enforce_csrf_checks=True)
    assert client.get(path).status_code == 200
    assert decide(anna, "news", "email").allowed
    for _ in range(2):
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert decide(anna, "news", "email").reason is Reason.WITHDRAWN
    assert decide(anna, "recs").allowed
    assert sent_to(topic) == []
    assert Entry.objects.of(anna.subject).latest("seq").actor == f"link:{anna.subject}"


def test_the_language_is_the_readers(topic: Topic, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    (mail,) = sent_to(topic)
    assert "Dywany" in text_of(mail)


def test_in_doubt_it_is_not_sent_again(topic: Topic, settings: Any, script: Any) -> None:
    script.says = {"dot": "close"}
    write_to_all(topic, KIND)
    send_all()
    script.says = {}
    send_all()
    assert (only().state, only().klass) == ("in_doubt", Class.MARKETING)
    assert len(script.taken) == 1
    actions.bounced(fresh(only()), hard=False, answer="250 it did arrive after all, and came back")
    assert only().state == "bounced"
