"""Every verb about messages: it works, twice is once, and without its entry nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts.actions import signed_in
from accounts.models import Contact, Customer
from brands.models import Brand
from consents.models import Choice
from consents.tests.acting import allow
from jobs.models import Job
from ledger.models import Entry
from ledger.turns import turn
from notifications import actions, tasks
from notifications.addresses import in_vain, newest
from notifications.models import Campaign, ChangeSeen, Message, Undeliverable
from notifications.states import Class, State
from notifications.tests.conftest import mails, publish, work
from notifications.tests.making import fresh, message

OLA = "staff:" + "7" * 32


@pytest.fixture
def campaign(told: Campaign) -> Campaign:
    return Campaign.objects.select_related("brand", "version__policy__brand").get(pk=told.pk)


def sent(customer: Customer, **values: Any) -> Message:
    now = timezone.now()
    return message(customer, state="sent", sent_at=now, started_at=now, message_id=f"{Message.objects.count()}@h", **values)


def count(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def breaks(subject: str, brand: str) -> None:
    """The next entry of this chain meets one that has its place already: the database refuses it."""
    with turn(subject, brand=brand, actor="system:tests") as t:
        t.append(subject, "language.changed", {"language": "en", "before": "pl"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_head SET seq = seq - 1 WHERE subject = %s", [subject])


# ── Campaigns ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_campaign_begins_with_one_row_and_one_job_and_twice_is_once(campaign: Campaign) -> None:
    Campaign.objects.all().delete()
    Job.objects.all().delete()
    made = actions.begin_campaign(campaign.version)
    assert made is not None
    assert (made.kind, made.brand, made.version) == ("change", campaign.brand, campaign.version)
    assert actions.begin_campaign(campaign.version) == made
    assert [each.payload for each in Job.objects.filter(handler="notifications.choose")] == [{"campaign": made.pk}]


def test_a_version_that_says_the_same_tells_nobody(campaign: Campaign) -> None:
    Campaign.objects.all().delete()
    first = campaign.version.policy.versions.get(number=1)
    assert actions.begin_campaign(first) is None
    assert not Campaign.objects.exists()


def test_a_reminder_begins_once_a_version_beside_what_it_reminds_of(campaign: Campaign) -> None:
    made = actions.begin_reminder(campaign.version)
    assert made.kind == "reminder"
    assert actions.begin_reminder(campaign.version) == made
    assert Campaign.objects.count() == 2
    assert Job.objects.filter(handler="notifications.choose").count() == 2


def test_pause_and_resume_are_each_said_once_and_by_whom(campaign: Campaign) -> None:
    assert not actions.resume(campaign, by=OLA)
    assert actions.pause(campaign, by=OLA)
    assert not actions.pause(campaign, by=OLA)
    assert Campaign.objects.exclude(paused_at=None).get() == campaign
    assert actions.resume(campaign, by=OLA)
    assert not actions.resume(campaign, by=OLA)
    assert Campaign.objects.get(paused_at=None) == campaign
    entries = list(Entry.objects.filter(kind__startswith="campaign.").order_by("pk"))
    assert [each.kind for each in entries] == ["campaign.paused", "campaign.resumed"]
    assert {(each.subject, each.actor) for each in entries} == {(campaign.brand.subject, OLA)}
    assert {(each.act["policy"], each.act["version"], each.act["campaign"]) for each in entries} == {("privacy", 2, "change")}


@pytest.mark.parametrize("verb", [actions.pause, actions.resume])
def test_without_its_entry_a_campaign_stands_as_it_stood(campaign: Campaign, verb: Callable[..., bool]) -> None:
    if verb is actions.resume:
        actions.pause(campaign, by=OLA)
    before = list(Campaign.objects.values())
    breaks(campaign.brand.subject, campaign.brand.key)
    with pytest.raises(DatabaseError), transaction.atomic():
        verb(campaign, by=OLA)
    assert list(Campaign.objects.values()) == before


def test_a_campaign_that_is_ended_writes_to_nobody_more_and_says_so_once(campaign: Campaign, anna: Customer, carol: Customer) -> None:
    waiting, done = message(anna, campaign=campaign, urgent=False), sent(carol, campaign=campaign, urgent=False)
    actions.stumble(waiting, "KeyError")
    assert [actions.end(campaign, by=OLA) for _ in range(2)] == [1, 0]
    assert [(each.state, each.why) for each in map(fresh, (waiting, done))] == [("dropped", "over"), ("sent", "")]
    campaign.refresh_from_db()
    assert (campaign.paused_at, campaign.error) == (None, "")
    (entry,) = Entry.objects.filter(kind="campaign.ended")
    assert (entry.subject, entry.actor, entry.act["version"]) == (campaign.brand.subject, OLA, 2)


def test_without_its_entry_a_campaign_is_not_ended(campaign: Campaign, anna: Customer) -> None:
    one = message(anna, campaign=campaign, urgent=False)
    breaks(campaign.brand.subject, campaign.brand.key)
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.end(campaign, by=OLA)
    assert fresh(one).state == "queued"


def test_every_export_of_the_proof_is_written_down(campaign: Campaign) -> None:
    for _ in range(2):
        actions.note_export(campaign, by=OLA)
    entries = list(Entry.objects.filter(kind="campaign.exported"))
    assert [(each.actor, each.act["campaign"]) for each in entries] == [(OLA, "change")] * 2


def test_a_campaign_is_chosen_once_more_and_no_third_time(campaign: Campaign) -> None:
    before = Job.objects.filter(handler="notifications.choose").count()
    for _ in range(2):
        actions.choose_again(campaign)
    again = Job.objects.filter(handler="notifications.choose", payload={"campaign": campaign.pk})
    assert again.count() == before + 1


def test_a_campaign_that_stumbled_says_at_what_until_it_is_resumed(campaign: Campaign, anna: Customer) -> None:
    one = message(anna, campaign=campaign, urgent=False)
    actions.stumble(one, "KeyError")
    campaign.refresh_from_db()
    first = campaign.paused_at
    assert (bool(first), campaign.error) == (True, "KeyError")
    actions.stumble(one, "ValueError")
    campaign.refresh_from_db()
    assert (campaign.paused_at, campaign.error) == (first, "KeyError"), "the first fault is the one to mend"
    assert actions.resume(campaign, by=OLA)
    campaign.refresh_from_db()
    assert (campaign.paused_at, campaign.error) == (None, "")


def test_a_mail_on_its_own_that_stumbled_is_tried_again_later(anna: Customer) -> None:
    one, started = message(anna), message(anna, state=State.STARTED, lane=0)
    for each in (one, started):
        actions.stumble(each, "KeyError")
    assert fresh(one).answer == "KeyError"
    assert fresh(one).run_after > timezone.now() + timedelta(minutes=9)
    assert fresh(started).answer == ""


def test_a_mail_on_its_own_is_tried_so_often_and_then_put_aside(anna: Customer) -> None:
    one = message(anna)
    for _ in range(actions.STUMBLES):
        actions.stumble(fresh(one), "KeyError")
        assert fresh(one).state == "queued"
    assert Message.objects.stumbling().get() == one
    actions.stumble(fresh(one), "ValueError")
    assert (fresh(one).state, fresh(one).why, fresh(one).answer) == ("dropped", "broken", "ValueError")
    assert not Message.objects.stumbling().exists()


def test_a_mail_that_a_busy_server_put_off_has_not_stumbled_yet(campaign: Campaign, anna: Customer) -> None:
    loose, one = message(anna, attempts=1, answer="451"), message(anna, campaign=campaign, urgent=False, attempts=3, answer="451")
    assert not Message.objects.stumbling().exists()
    actions.stumble(one, "KeyError")
    campaign.refresh_from_db()
    assert (fresh(one).state, campaign.error) == ("queued", "KeyError")
    assert fresh(loose).state == "queued"


def test_a_campaigns_mail_that_stumbles_again_is_put_aside_and_its_campaign_goes_on(campaign: Campaign, anna: Customer) -> None:
    one = message(anna, campaign=campaign, urgent=False)
    actions.stumble(fresh(one), "KeyError")
    assert actions.resume(campaign, by=OLA)
    actions.stumble(fresh(one), "KeyError")
    campaign.refresh_from_db()
    assert (fresh(one).state, fresh(one).why, campaign.paused_at) == ("dropped", "broken", None)


@pytest.mark.django_db(transaction=True)
def test_somebody_is_told_to_look_once_it_is_committed_and_not_without_a_broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda **how: asked.append(how))
    actions.look_now()
    assert asked == []
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with transaction.atomic():
        actions.look_now()
        assert asked == []
    assert asked == [{"retry": False}]
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.look_now()
        raise RuntimeError
    assert len(asked) == 1


# ── Seen ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_that_a_change_was_seen_is_kept_once_with_the_first_moment(campaign: Campaign, anna: Customer, carol: Customer) -> None:
    mine, hers = (message(each, campaign=campaign, urgent=False) for each in (anna, carol))
    first = actions.see(anna, campaign.version)
    again = actions.see(anna, campaign.version)
    assert first == again
    entry = Entry.objects.get(kind="change.seen")
    assert (entry.pk, entry.subject, entry.actor) == (first.entry, anna.subject, f"self:{anna.subject}")
    assert (entry.act["version"], entry.act["sha256"]) == (2, campaign.version.sha256)
    assert fresh(mine).seen_at == entry.recorded_at == first.seen_at
    assert fresh(hers).seen_at is None
    assert not Choice.objects.exists(), "it answers nothing"


def test_without_its_entry_nothing_was_seen(campaign: Campaign, anna: Customer) -> None:
    one = message(anna, campaign=campaign, urgent=False)
    breaks(anna.subject, anna.brand.key)
    with pytest.raises(DatabaseError), transaction.atomic():
        actions.see(anna, campaign.version)
    assert not ChangeSeen.objects.exists()
    assert fresh(one).seen_at is None


# ── What comes back ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hard_bounce_ends_mail_to_the_address_and_a_soft_one_does_not(anna: Customer, carol: Customer) -> None:
    hard, soft = sent(anna), sent(carol)
    actions.bounced(hard, hard=True, answer="550 no such user")
    actions.bounced(soft, hard=False, answer="452 full")
    assert [(each.state, each.answer) for each in map(fresh, (hard, soft))] == [("bounced", "550"), ("bounced", "452")]
    assert [(each.contact.customer, each.reason) for each in Undeliverable.objects.all()] == [(anna, "hard")]


def test_a_bounce_told_twice_is_one(anna: Customer) -> None:
    one = sent(anna)
    actions.bounced(one, hard=True, answer="550")
    first = fresh(one).bounced_at
    actions.bounced(one, hard=True, answer="551" * 100)
    assert (fresh(one).bounced_at, fresh(one).answer) == (first, "550")
    assert Undeliverable.objects.count() == 1


@pytest.mark.parametrize("state", [State.QUEUED, State.STARTED, State.DROPPED, State.IN_CENTER])
def test_a_bounce_of_what_was_not_sent_changes_no_message(anna: Customer, state: State) -> None:
    one = message(anna, state=state, lane=0 if state is State.STARTED else None)
    actions.bounced(one, hard=False, answer="550")
    assert (fresh(one).state, fresh(one).answer) == (state, "")


def test_a_message_in_doubt_that_bounces_was_not_taken(anna: Customer) -> None:
    one = message(anna, state=State.IN_DOUBT)
    actions.bounced(one, hard=False, answer="550")
    assert fresh(one).state == "bounced"


def test_a_complaint_is_noted_once_and_changes_no_state(anna: Customer) -> None:
    one = sent(anna, klass=Class.MARKETING)
    allow(anna, "recs")
    before = list(Choice.objects.values())
    actions.complained(one)
    first = fresh(one).complained_at
    actions.complained(one)
    assert (fresh(one).state, fresh(one).complained_at) == ("sent", first)
    assert [each.reason for each in Undeliverable.objects.all()] == ["complaint"]
    assert list(Choice.objects.values()) == before
    assert first is not None


def test_a_bounce_of_before_says_nothing_of_an_address_proven_since(anna: Customer) -> None:
    one = sent(anna)
    Contact.objects.update(proven_at=timezone.now() + timedelta(seconds=1))
    actions.bounced(one, hard=True, answer="550")
    assert fresh(one).state == "bounced"
    assert not Undeliverable.objects.exists()
    actions.complained(one)
    assert [each.reason for each in Undeliverable.objects.all()] == ["complaint"], "that it works does not make mail welcome"


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("550 5.1.1 <anna@example.com> unknown", "550 5.1.1"), ("550-5.7.26 not you", "550 5.7.26"), (" 452 anna is full", "452"),
        ("5.1.1 anna@example.com", "5.1.1"), ("anna@example.com was not found", ""), ("", ""),
    ],
)  # fmt: skip
def test_of_what_the_server_said_only_its_codes_are_kept(anna: Customer, answer: str, kept: str) -> None:
    one = sent(anna)
    actions.bounced(one, hard=False, answer=answer)
    assert (fresh(one).state, fresh(one).answer) == ("bounced", kept)


def test_signing_in_by_a_code_mailed_there_shows_that_an_address_takes_mail_again(anna: Customer) -> None:
    actions.bounced(sent(anna), hard=True, answer="550")
    address = anna.contacts.get()
    assert in_vain(address)
    signed_in(customer=anna, how="passkey", browser="Safari on iPhone")
    assert in_vain(anna.contacts.get()), "nothing was mailed there"
    signed_in(customer=anna, how="code", browser="Safari on iPhone", proven=address.canonical)
    assert not in_vain(anna.contacts.get())


def test_a_bounce_after_the_proof_counts_anew(anna: Customer) -> None:
    actions.bounced(sent(anna), hard=True, answer="550")
    first = Undeliverable.objects.get().since
    actions.bounced(sent(anna), hard=True, answer="550")
    assert Undeliverable.objects.get().since > first


def test_of_a_message_that_names_no_address_the_newest_one_is_meant(anna: Customer) -> None:
    other = Contact.objects.create(brand=anna.brand, customer=anna, channel="email", canonical="z@example.com", address="z@example.com")
    assert newest(anna) == anna.contacts.get(canonical="anna.kowalczyk@example.com")
    Contact.objects.filter(pk=other.pk).update(proven_at=timezone.now())
    assert newest(anna) == other
    actions.bounced(message(anna, state=State.IN_DOUBT, contact=None), hard=True, answer="550")
    assert Undeliverable.objects.get().contact == other


def test_an_address_that_is_gone_cannot_be_in_vain(anna: Customer) -> None:
    one, nameless = sent(anna), message(anna, state=State.IN_DOUBT, contact=None)
    Contact.objects.all().delete()
    for each in (one, nameless):
        actions.bounced(each, hard=True, answer="550")
    assert not Undeliverable.objects.exists()


def test_it_is_one_brands_affair(linden: Brand, anna: Customer, kingfisher: Brand, marta: Customer) -> None:
    actions.bounced(sent(anna), hard=True, answer="550")
    publish(kingfisher, "club")
    assert {each.contact.brand_id for each in Undeliverable.objects.all()} == {linden.pk}
    assert newest(marta) is not None


# ── Once more ───────────────────────────────────────────────────────────────────────────────────────────────────────


def a_notice(customer: Customer) -> Message:
    entry = Entry.objects.of(customer.subject).order_by("-seq").first()
    assert entry is not None
    facts = {"what": "passkey_added", "at": "2026-11-14T10:00:00Z"}
    return sent(customer, contact=customer.contacts.get().pk, kind="sign_in_changed", klass=Class.SERVICE, entry=entry.pk, facts=facts)


def test_a_mail_goes_once_more_to_the_same_address_and_is_written_down(anna: Customer) -> None:
    notice = a_notice(anna)
    again = actions.send_again(notice, by=OLA)
    assert again is not None
    assert (again.contact, again.entry, again.facts, again.again) == (notice.contact, notice.entry, notice.facts, 1)
    entry = Entry.objects.of(anna.subject).get(kind="mail.sent_again")
    assert (entry.actor, entry.act["about"]) == (OLA, "sign_in_changed")
    assert actions.send_again(notice, by=OLA) is None  # twice is once
    work()
    assert len(mails()) == 1
    third = actions.send_again(notice, by=OLA)
    assert third is not None
    assert third.again == 2


@pytest.mark.parametrize("other", [{"state": "queued", "message_id": ""}, {"klass": "marketing"}, {"entry": None}, {"contact": 0}])
def test_what_is_not_sent_once_more(anna: Customer, other: dict[str, Any]) -> None:
    notice = a_notice(anna)
    Message.objects.filter(pk=notice.pk).update(**other)
    notice.refresh_from_db()
    before = Entry.objects.count()
    with pytest.raises(actions.NotRepeatable):
        actions.send_again(notice, by=OLA)
    assert (Entry.objects.count(), Message.objects.count()) == (before, 1)


def test_an_address_that_takes_no_mail_gets_none_once_more(anna: Customer) -> None:
    notice = a_notice(anna)
    actions.undeliverable(anna.contacts.get(), "hard")
    with pytest.raises(actions.NotRepeatable):
        actions.send_again(notice, by=OLA)


def test_without_its_entry_no_mail_goes_once_more(anna: Customer) -> None:
    notice = a_notice(anna)
    breaks(anna.subject, "linden")
    with pytest.raises(DatabaseError):
        actions.send_again(notice, by=OLA)
    assert Message.objects.count() == 1
