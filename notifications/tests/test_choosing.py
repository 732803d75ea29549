"""Whom a campaign chooses, and what it writes of each: everybody accounted for, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from jobs.actions import run_due
from jobs.models import Job
from ledger.proving import prove
from notifications import actions, handlers
from notifications.choosing import Choosing, People, next_people
from notifications.models import Campaign, Message, Undeliverable
from notifications.sending.loop import send_all
from notifications.states import State
from notifications.tests.conftest import mails, publish, text_of, work
from notifications.tests.making import message


def chosen(campaign: Campaign | None = None) -> dict[int, tuple[str, str]]:
    rows = Message.objects.filter(campaign=campaign) if campaign else Message.objects.all()
    return {each.customer_id: (each.state, each.why) for each in rows}


# ── Who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_whom_it_concerns_is_chosen_with_their_language(told: Campaign, anna: Customer, carol: Customer, marta: Customer) -> None:
    Customer.objects.filter(pk=carol.pk).update(language="pl")
    run_due()
    assert chosen() == {anna.pk: ("queued", ""), carol.pk: ("queued", "")}
    rows = {each.customer_id: each for each in Message.objects.all()}
    assert (rows[anna.pk].language, rows[carol.pk].language) == ("en", "pl")
    assert {(each.kind, each.klass, each.urgent, each.brand_id) for each in rows.values()} == {
        ("policy_change", "service", False, told.brand_id)
    }
    told.refresh_from_db()
    assert told.looked_at == 2
    assert told.chosen_at is not None


def test_whoever_has_no_address_or_one_in_vain_is_told_in_the_center(told: Campaign, anna: Customer, carol: Customer) -> None:
    Undeliverable.objects.create(contact=anna.contacts.get(), reason="hard")
    Contact.objects.filter(customer=carol).delete()
    run_due()
    assert chosen() == {anna.pk: ("in_center", "undeliverable"), carol.pk: ("in_center", "no_address")}
    assert send_all() == 0


def test_an_address_proven_anew_and_one_with_a_complaint_get_the_mail(told: Campaign, anna: Customer, carol: Customer) -> None:
    Undeliverable.objects.create(contact=anna.contacts.get(), reason="hard", since=timezone.now() - timedelta(days=9))
    Undeliverable.objects.create(contact=carol.contacts.get(), reason="complaint")
    assert work() == 2


def test_an_address_from_the_brands_records_is_used_where_none_is_proven(told: Campaign, anna: Customer) -> None:
    Contact.objects.update(proven_at=None)
    Contact.objects.create(brand=anna.brand, customer=anna, channel="sms", canonical="+48123456789", address="+48123456789")
    assert work() == 1
    assert mails()[0]["To"] == "anna.kowalczyk@example.com"


def test_a_minor_is_asked_by_the_law_of_their_age(told: Campaign, anna: Customer, carol: Customer) -> None:
    today = timezone.localdate()
    born = date(today.year - 12, 1, 1)
    Customer.objects.filter(pk=anna.pk).update(birth_date=born, minor_until=date(born.year + 18, 1, 1))
    run_due()
    assert set(chosen()) == {anna.pk, carol.pk}
    assert send_all() == 2


def test_a_minor_without_an_address_is_told_in_the_center_too(told: Campaign, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(birth_date=date(2014, 1, 1), minor_until=date(2032, 1, 1))
    Contact.objects.all().delete()
    work()
    assert chosen() == {anna.pk: ("in_center", "no_address")}


def test_what_people_have_decided_by_then_is_not_told_as_open(told: Campaign, anna: Customer) -> None:
    deny(anna, "room-photos")
    work()
    assert "Photos of your room" not in text_of(mails()[0])
    assert "parcel company" in text_of(mails()[0])


def test_people_of_another_brand_are_none_of_it(told: Campaign, anna: Customer, marta: Customer) -> None:
    run_due()
    assert marta.pk not in chosen()


# ── Once, and in pieces ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_run_writes_nothing(told: Campaign, anna: Customer, carol: Customer) -> None:
    Customer.objects.filter(pk=carol.pk).update(birth_date=date(2014, 1, 1), minor_until=date(2032, 1, 1))
    run_due()
    before = list(Message.objects.order_by("pk").values())
    everybody = next_people(told, 0, 100)
    assert everybody is not None
    campaign = Campaign.objects.select_related("brand", "version__policy").get(pk=told.pk)
    Choosing(campaign, everybody, timezone.now()).write()
    Job.objects.update(done_at=None, lease="", leased_until=None, run_after=timezone.now(), attempts=0, cursor={})
    run_due()
    assert list(Message.objects.order_by("pk").values()) == before


def test_it_goes_on_where_it_was_ended(told: Campaign, anna: Customer, carol: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "AT_ONCE", 1)
    calls: list[People] = []

    class Once(Choosing):
        def write(self) -> None:
            calls.append(self.people)
            super().write()
            if len(calls) == 2:
                raise RuntimeError("the worker breaks down")

    monkeypatch.setattr(handlers, "Choosing", Once)
    run_due()
    told.refresh_from_db()
    assert (set(chosen()), told.looked_at, told.chosen_at) == ({anna.pk}, 1, None)
    run_due(timezone.now() + timedelta(hours=1))
    told.refresh_from_db()
    assert (set(chosen()), told.looked_at) == ({anna.pk, carol.pk}, 2)
    assert told.chosen_at is not None
    assert [each.after for each in calls] == [0, anna.pk, anna.pk]


def test_what_was_ended_chooses_nobody_more(told: Campaign, anna: Customer, carol: Customer) -> None:
    actions.end(Campaign.objects.select_related("brand", "version__policy").get(pk=told.pk), by="staff:ola")
    run_due()
    assert chosen() == {}
    assert work() == 0


def test_where_nobody_is_left_there_are_no_next_people(told: Campaign, anna: Customer) -> None:
    assert next_people(told, 0, 10) == People(0, anna.pk, 1)
    assert next_people(told, anna.pk, 10) is None


def test_publishing_twice_tells_once(linden: Brand, anna: Customer) -> None:
    for _ in range(2):
        publish(linden, "shop")
        work()
    assert (Campaign.objects.count(), len(mails())) == (1, 1)


# ── Reminders ───────────────────────────────────────────────────────────────────────────────────────────────────────


def remind(told: Campaign) -> Campaign:
    """A week before the day, as the daily job does."""
    assert told.version.in_force_from
    with time_machine.travel(told.version.in_force_from - timedelta(days=6), tick=True):
        Job.objects.filter(handler="notifications.remind").delete()
        from jobs.actions import enqueue_daily

        enqueue_daily()
        run_due()
        prove()
        send_all()
    return Campaign.objects.get(kind="reminder")


@pytest.fixture
def sent(told: Campaign, anna: Customer, carol: Customer) -> Campaign:
    assert work() == 2
    return told


def test_a_reminder_goes_once_to_those_who_were_told_and_have_a_decision_open(sent: Campaign, anna: Customer, carol: Customer) -> None:
    allow(anna, "room-photos")
    reminder = remind(sent)
    assert chosen(reminder) == {carol.pk: ("sent", "")}
    assert remind(sent) == reminder
    last = [mail for mail in mails() if "Not decided yet" in mail["Subject"]]
    assert [mail["To"] for mail in last] == ["carol.novak@example.com"]
    assert "Photos of your room" in text_of(last[0])
    assert "parcel company" not in text_of(last[0])


def test_a_no_counts_as_decided_too(sent: Campaign, anna: Customer, carol: Customer) -> None:
    deny(anna, "room-photos")
    deny(carol, "room-photos")
    assert chosen(remind(sent)) == {}


def test_whoever_joined_since_is_told_a_week_before_and_reminded_of_nothing(sent: Campaign, anna: Customer, carol: Customer) -> None:
    from accounts.actions import join

    new = join(brand=anna.brand, address="new@example.com", language="en")
    assert set(chosen(remind(sent))) == {anna.pk, carol.pk}
    assert chosen(sent) == {each.pk: ("sent", "") for each in (anna, carol, new)}
    assert [mail["Subject"] for mail in mails() if mail["To"] == "new@example.com"] == [mails()[0]["Subject"]]
    remind(sent)
    assert Message.objects.filter(customer=new).count() == 1


@pytest.mark.parametrize("minor", [False, True])
def test_whoever_is_told_once_the_reminder_has_begun_is_not_reminded_as_well(told: Campaign, anna: Customer, minor: bool) -> None:
    """The second choosing may be ahead of the reminder's."""
    if minor:
        Customer.objects.update(birth_date=date(2010, 1, 1), minor_until=date(2028, 1, 1))
    reminder = actions.begin_reminder(told.version)
    message(anna, "policy_change", campaign=told, urgent=False, contact=None, state="in_center")
    campaign = Campaign.objects.select_related("brand", "version__policy").get(pk=reminder.pk)
    Choosing(campaign, People(0, anna.pk, 1), timezone.now()).write()
    assert not Message.objects.filter(campaign=reminder).exists()


def test_of_what_was_ended_nobody_is_reminded_or_told_later(told: Campaign, anna: Customer, carol: Customer) -> None:
    from accounts.actions import join

    run_due()
    told = Campaign.objects.select_related("brand", "version__policy").get(pk=told.pk)
    assert actions.end(told, by="staff:ola") == 2
    new = join(brand=anna.brand, address="new@example.com", language="en")
    with pytest.raises(Campaign.DoesNotExist):
        remind(told)
    assert mails() == []
    assert not Message.objects.filter(customer=new).exists()


def test_a_reminder_that_the_day_has_overtaken_is_over(sent: Campaign, anna: Customer, carol: Customer) -> None:
    reminder = actions.begin_reminder(sent.version)
    run_due()
    day = sent.version.in_force_from
    assert day
    with time_machine.travel(day + timedelta(minutes=1), tick=True):
        assert send_all() == 0
    assert chosen(reminder) == {anna.pk: ("dropped", "over"), carol.pk: ("dropped", "over")}


def test_what_changes_is_told_even_once_the_day_has_come(told: Campaign, anna: Customer) -> None:
    run_due()
    day = told.version.in_force_from
    assert day
    with time_machine.travel(day + timedelta(minutes=1), tick=True):
        assert send_all() == 1


@pytest.mark.parametrize("minor", [False, True])
@pytest.mark.parametrize(
    ("state", "reminded"),
    [("queued", False), ("dropped", False), ("in_center", True), ("bounced", True), ("in_doubt", True)],
)
def test_only_those_who_were_told_are_reminded(told: Campaign, anna: Customer, state: str, reminded: bool, minor: bool) -> None:
    if minor:
        Customer.objects.update(birth_date=date(2010, 1, 1), minor_until=date(2028, 1, 1))
    message(anna, "policy_change", campaign=told, urgent=False, contact=None, state=state)
    reminder = actions.begin_reminder(told.version)
    campaign = Campaign.objects.select_related("brand", "version__policy").get(pk=reminder.pk)
    Choosing(campaign, People(0, anna.pk, 1), timezone.now()).write()
    asks = Message.objects.filter(campaign=reminder).exists()
    assert asks is (reminded and _asked_of(told, anna))


def _asked_of(told: Campaign, customer: Customer) -> bool:
    from notifications import policy_changes
    from notifications.affected import concerns, telling

    row = Customer.objects.get(pk=customer.pk)
    row.brand = customer.brand
    return any(concerns(row, each, timezone.now()) for each in telling(policy_changes.told_by(told.version), open_only=True))


def test_too_early_and_once_it_applies_nobody_is_reminded(sent: Campaign) -> None:
    from jobs.actions import enqueue_daily

    day = sent.version.in_force_from
    assert day
    for moment in (day - timedelta(days=9), day + timedelta(hours=1)):
        with time_machine.travel(moment, tick=True):
            enqueue_daily()
            run_due()
    assert not Campaign.objects.filter(kind="reminder").exists()


def test_whoever_was_told_less_than_a_week_ago_is_not_reminded_yet(told: Campaign, anna: Customer) -> None:
    assert told.version.in_force_from
    Campaign.objects.update(created_at=told.version.in_force_from - timedelta(days=8))
    work()
    with time_machine.travel(told.version.in_force_from - timedelta(days=6), tick=True):
        from jobs.actions import enqueue_daily

        enqueue_daily()
        run_due()
    assert not Campaign.objects.filter(kind="reminder").exists()
    assert Message.objects.get().state == State.SENT
