"""What happens in the ledger becomes messages: which, to whom, once, and what the mails say."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Contact, Customer
from brands.models import Brand
from catalogue.tests.saying_policies import POLICY, saying, telling
from catalogue.tests.saying_policies import publish_policy as say_policy
from consents import actions as consents
from consents.models import Received
from consents.states import How
from jobs.models import Job
from ledger import followers
from ledger.models import Cursor, Entry, Log, Parked
from ledger.proving import prove
from ledger.turns import turn
from notifications.follower import Messages
from notifications.models import Campaign, Message, Undeliverable
from notifications.tests.conftest import html_of, mails, publish, text_of, work


def told(kind: str = "") -> list[Message]:
    """What the follower makes of the ledger as it stands."""
    prove()
    rows = Message.objects.order_by("pk")
    return list(rows.filter(kind=kind) if kind else rows)


def sign_in(customer: Customer, *browsers: str) -> None:
    for browser in browsers:
        accounts.signed_in(customer=customer, how="code", browser=browser)


def change(customer: Customer, what: str) -> Entry:
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as t:
        return t.append(customer.subject, "sign_in.changed", {"what": what})


# ── Sign-ins ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_browser_never_seen_before_is_told_by_mail_the_first_is_not(anna: Customer) -> None:
    sign_in(anna, "Firefox on Linux", "Firefox on Linux", "Chrome on Windows", "Chrome on Windows", "Firefox on Linux")
    assert [each.facts["browser"] for each in told("new_device")] == ["Chrome on Windows"]
    assert "anna" not in str([each.facts for each in told()])


def test_the_mail_about_a_browser_says_which_and_when_to_every_proven_address(anna: Customer) -> None:
    for name, proven_at in (("second", timezone.now()), ("third", None)):
        address = f"{name}@example.com"
        Contact.objects.create(
            brand=anna.brand, customer=anna, channel="email", canonical=address, address=address, proven_at=proven_at
        )  # fmt: skip
    sign_in(anna, "Firefox on Linux", "Chrome on Windows")
    assert work() == 2
    found = mails()
    assert {mail["To"] for mail in found} == {"anna.kowalczyk@example.com", "second@example.com"}
    for mail in found:
        assert "another browser" in mail["Subject"]
        assert "Chrome on Windows" in text_of(mail)
        assert "Chrome on Windows" in html_of(mail)
        assert "List-Unsubscribe" not in mail


def test_another_persons_browser_is_not_known_to_this_one(anna: Customer, carol: Customer) -> None:
    sign_in(carol, "Chrome on Windows")
    sign_in(anna, "Firefox on Linux", "Chrome on Windows")
    assert [each.customer_id for each in told("new_device")] == [anna.pk]


def test_a_browser_whose_name_is_odd_is_told_of_once(anna: Customer) -> None:
    sign_in(anna, "Firefox on Linux", 'Odd "100%_" Łódź', 'Odd "100%_" Łódź', 'Odd "100%x" Łódź')
    assert [each.facts["browser"] for each in told("new_device")] == ['Odd "100%_" Łódź', 'Odd "100%x" Łódź']


# ── Ways to sign in ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_change_of_the_sign_in_is_told_by_mail_but_a_new_name(anna: Customer) -> None:
    for what in ("passkey_added", "passkey_renamed", "passkey_removed"):
        change(anna, what)
    assert [each.facts["what"] for each in told("sign_in_changed")] == ["passkey_added", "passkey_removed"]
    assert work() == 2
    assert ["New passkey, on" in text_of(mails()[0]), "Passkey removed, on" in text_of(mails()[1])] == [True, True]
    assert all("has changed" in mail["Subject"] for mail in mails())


def test_a_notice_speaks_the_language_of_its_reader(anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    change(anna, "passkey_added")
    work()
    (mail,) = mails()
    assert 'lang="pl"' in html_of(mail)
    assert "New passkey" not in text_of(mail)


def test_whoever_has_no_proven_address_is_sent_nothing(anna: Customer) -> None:
    Contact.objects.update(proven_at=None)
    change(anna, "passkey_added")
    assert told() == []


def test_an_address_taken_back_before_the_mail_goes_gets_none(anna: Customer) -> None:
    change(anna, "passkey_added")
    prove()
    Contact.objects.all().delete()
    assert work() == 0
    assert (Message.objects.get().state, Message.objects.get().why) == ("dropped", "no_address")


def test_an_address_that_takes_no_mail_gets_none_until_it_is_proven_anew(anna: Customer) -> None:
    contact = anna.contacts.get()
    bad = Undeliverable.objects.create(contact=contact, reason="complaint")
    change(anna, "passkey_added")
    assert work() == 1  # a complaint stops marketing alone
    Undeliverable.objects.filter(pk=bad.pk).update(reason="hard")
    change(anna, "passkey_removed")
    assert work() == 0
    assert (Message.objects.latest("pk").state, Message.objects.latest("pk").why) == ("dropped", "undeliverable")
    Contact.objects.update(proven_at=timezone.now())
    change(anna, "passkey_added")
    assert work() == 1


# ── Data from others ────────────────────────────────────────────────────────────────────────────────────────────────


def test_data_from_somebody_else_is_told_by_mail_in_their_language_once(kingfisher: Brand, marta: Customer) -> None:
    noted = received_by(marta)
    Customer.objects.filter(pk=marta.pk).update(language="pl")
    assert work() == 1
    (mail,) = mails()
    assert mail["To"] == "marta.zielinska@example.com"
    assert "24 listopada 2026" in text_of(mail)
    assert "/how-we-use-data/?by=source" in text_of(mail)
    assert "List-Unsubscribe" not in mail
    noted.refresh_from_db()
    assert noted.told_at is not None
    received_by(marta)
    assert work() == 0


def test_somebody_without_an_address_stays_untold(kingfisher: Brand, marta: Customer) -> None:
    Contact.objects.update(proven_at=None)
    noted = received_by(marta)
    assert work() == 0
    noted.refresh_from_db()
    assert noted.told_at is None


def test_a_mail_for_what_is_gone_is_not_sent(kingfisher: Brand, marta: Customer) -> None:
    noted = received_by(marta)
    prove()
    noted.delete()
    assert work() == 0
    assert (Message.objects.get().state, Message.objects.get().why) == ("dropped", "over")


def received_by(customer: Customer) -> Received:
    """From the first source of the club's register that is not the customer."""
    from consents.naming import register_names

    names = register_names(customer.brand)
    source, kinds = next((source, kinds) for source, kinds in names.by_source.items() if source != "you" and kinds)
    return consents.receive(customer, source=source, categories=sorted(kinds)[:1], received_on=date(2026, 11, 24), by="system:tests")


# ── Policies ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("materiality", ["editorial", "material"])
def test_a_first_version_tells_nobody_and_the_next_what_is_more_than_words(linden: Brand, anna: Customer, materiality: str) -> None:
    say_policy(linden)
    prove()
    assert not Campaign.objects.exists()
    following = saying(kept={"body": "We keep orders for **24 months**."})
    say_policy(linden, telling(following, POLICY, materiality=materiality), in_force_from=timezone.now() + timedelta(days=60))
    prove()
    assert Campaign.objects.count() == (materiality == "material")


def test_publishing_writes_one_campaign_and_one_job_whatever_the_number_of_people(linden: Brand) -> None:
    for number in range(30):
        accounts.join(brand=linden, address=f"reader-{number}@example.com", language="en")
    jobs = Job.objects.count()
    publish(linden, "shop")
    prove()
    assert (Campaign.objects.count(), Message.objects.count(), Job.objects.count() - jobs) == (1, 0, 1)


# ── Once ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_read_twice_tells_once(linden: Brand, anna: Customer) -> None:
    publish(linden, "shop")
    sign_in(anna, "Firefox on Linux", "Chrome on Windows")
    change(anna, "passkey_added")
    before = [each.pk for each in told()]
    jobs = Job.objects.count()
    Cursor.objects.filter(follower="notifications").update(position=0)
    assert [each.pk for each in told()] == before
    assert (Campaign.objects.count(), Job.objects.count()) == (1, jobs)


def test_if_a_message_cannot_be_written_its_entry_waits_and_the_others_go_on(anna: Customer, carol: Customer) -> None:
    class Fails(Messages):
        def handle(self, entry: Entry, position: int) -> None:
            super().handle(entry, position)
            if entry.subject == anna.subject and entry.kind == "sign_in.changed":
                raise RuntimeError

    change(anna, "passkey_added")
    change(carol, "passkey_added")
    followers.follow(Fails())
    try:
        assert [each.customer_id for each in told()] == [carol.pk]
        assert Parked.objects.get().subject == anna.subject
    finally:
        followers.follow(Messages())
    Parked.objects.update(next_try=timezone.now())
    followers.run_all()
    assert {each.customer_id for each in Message.objects.all()} == {anna.pk, carol.pk}


def test_whoever_was_erased_before_the_follower_came_is_passed_over(anna: Customer) -> None:
    change(anna, "passkey_added")
    Customer.objects.filter(pk=anna.pk).delete()
    assert told() == []


def test_an_installation_that_was_there_before_tells_nobody_of_what_was(anna: Customer) -> None:
    change(anna, "passkey_added")
    prove()
    Message.objects.all().delete()
    Cursor.objects.filter(follower="notifications").delete()
    import_module("notifications.migrations.0002_begin_where_the_ledger_stands").begin_here(apps, connection.schema_editor())
    assert Cursor.objects.get(follower="notifications").position == Log.objects.get(pk=1).position
    assert told() == []
    change(anna, "passkey_removed")
    assert len(told()) == 1


# ── What a colleague wrote down ─────────────────────────────────────────────────────────────────────────────────────

SAM, KIM = "staff:" + "a" * 32, "staff:" + "b" * 32


def told_by_phone(customer: Customer, *uses: tuple[str, str], by: str = SAM) -> None:
    consents.record_no(customer, uses, by=by, how=How.PHONE)


def test_what_one_colleague_writes_down_before_the_mail_goes_is_one_mail(anna: Customer) -> None:
    told_by_phone(anna, ("news", "email"), ("ads", ""))
    accounts.change_name(customer=anna, name="Anna K.", by=SAM)
    (message,) = told("colleague")
    assert len(message.facts["also"]) == 2
    told_by_phone(anna, ("news", "sms"), by=KIM)
    assert len(told("colleague")) == 2  # each colleague answers for their own
    work()
    assert sorted(text_of(mail).count("News and offers") for mail in mails()) == [1, 1]


def test_a_mail_that_went_takes_nothing_in_and_nothing_is_told_twice(anna: Customer) -> None:
    told_by_phone(anna, ("news", "email"))
    told("colleague")
    work()
    told_by_phone(anna, ("ads", ""))
    replayed = Entry.objects.of(anna.subject).filter(actor=SAM).order_by("seq").last()
    assert replayed is not None
    work()
    assert len(mails()) == 2
    assert "News" not in text_of(mails()[1])
    Messages().handle(replayed, 0)
    assert len(told("colleague")) == 2


@pytest.mark.parametrize("begun", [{"message_id": "1@h"}, {"again": 1}])
def test_a_mail_that_was_begun_or_is_sent_once_more_takes_nothing_in(anna: Customer, begun: dict[str, Any]) -> None:
    """A mail tried again is the same mail to the mailbox, which may have it already."""
    told_by_phone(anna, ("news", "email"))
    (waiting,) = told("colleague")
    Message.objects.filter(pk=waiting.pk).update(**begun)
    told_by_phone(anna, ("ads", ""))
    assert len(told("colleague")) == 2
