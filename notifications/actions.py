"""What may be done about messages: begin a campaign, pause it and let it go on, note that a change was seen, note what comes back."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Contact, Customer
from catalogue.models import Change, PolicyVersion
from jobs.actions import enqueue
from ledger.turns import turn
from notifications.addresses import in_vain, newest
from notifications.models import Campaign, ChangeSeen, Message, Undeliverable
from notifications.states import State, Why

STUMBLES = 6  # tries to write a mail on its own, ten minutes apart


class NotRepeatable(ValueError):
    """A mail that is not sent once more."""


# ── Campaigns ───────────────────────────────────────────────────────────────────────────────────────────────────────


def begin_campaign(version: PolicyVersion) -> Campaign | None:
    """One row and one job, whatever the number of people; None where the version changes only how things are said. Twice is once."""
    if not version.changes.exclude(materiality=Change.Materiality.EDITORIAL).exists():
        return None
    return _begin(version, Campaign.Kind.CHANGE)


def begin_reminder(version: PolicyVersion) -> Campaign:
    """To those who were told and have a decision open. One a version."""
    return _begin(version, Campaign.Kind.REMINDER)


@transaction.atomic
def _begin(version: PolicyVersion, kind: str) -> Campaign:
    campaign, made = Campaign.objects.get_or_create(version=version, kind=kind, defaults={"brand": version.policy.brand})
    if made:
        enqueue("notifications.choose", {"campaign": campaign.pk}, once=f"notifications.choose {campaign.pk}")
    return campaign


def pause(campaign: Campaign, *, by: str) -> bool:
    """Nothing more of it goes out, from the next mail on. False when it stands so already."""
    return _switch(campaign, timezone.now(), "campaign.paused", by)


def resume(campaign: Campaign, *, by: str) -> bool:
    """It goes on where it was, and whoever is asked is asked anew. False when it was not paused."""
    return _switch(campaign, None, "campaign.resumed", by)


def end(campaign: Campaign, *, by: str) -> int:
    """Nothing more of it goes out, ever. Returns how many were still waiting: the center shows them what changes all the same."""
    brand = campaign.brand
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        going = Campaign.objects.filter(pk=campaign.pk, ended_at=None)
        if not going.update(ended_at=timezone.now(), paused_at=None, error=""):
            return 0
        t.append(brand.subject, "campaign.ended", _act(campaign))
        return Message.objects.filter(campaign=campaign, state=State.QUEUED).update(state=State.DROPPED, why=Why.OVER)


def note_export(campaign: Campaign, *, by: str) -> None:
    """Somebody takes the proof of each person away as a file."""
    brand = campaign.brand
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        t.append(brand.subject, "campaign.exported", _act(campaign))


def send_again(message: Message, *, by: str) -> Message | None:
    """To the same address, as it reads today, if it still may be read there. None while one waits already. Raises NotRepeatable for news
    and campaigns, and for an address at which mail is in vain."""
    customer = message.customer
    with turn(customer.subject, brand=customer.brand.key, actor=by) as t:
        contact = Contact.objects.filter(pk=message.contact or 0).first()
        if contact is None or in_vain(contact) or not Message.objects.repeatable().filter(pk=message.pk).exists():
            raise NotRepeatable(message.pk)
        same = Message.objects.filter(entry=message.entry, kind=message.kind, contact=message.contact)
        if same.open().exists():
            return None
        t.append(customer.subject, "mail.sent_again", {"about": message.kind})
        look_now()
        return Message.objects.create(
            brand=message.brand, customer=customer, contact=message.contact, kind=message.kind, klass=message.klass,
            language=customer.language, entry=message.entry, again=same.count(), facts=message.facts,
        )  # fmt: skip


def choose_again(campaign: Campaign) -> None:
    """Some days before it applies: whoever has come to be concerned since, by a yes or a move, is told, too. Once a campaign."""
    enqueue("notifications.choose", {"campaign": campaign.pk}, once=f"notifications.choose {campaign.pk} again")


def _switch(campaign: Campaign, paused_at: datetime | None, kind: str, by: str) -> bool:
    brand = campaign.brand
    with turn(brand.subject, brand=brand.key, actor=by) as t:
        changed = Campaign.objects.filter(pk=campaign.pk, ended_at=None, paused_at__isnull=paused_at is not None)
        if not changed.update(paused_at=paused_at, error=""):
            return False
        t.append(brand.subject, kind, _act(campaign))
    if paused_at is None:
        look_now()
    return True


def _act(campaign: Campaign) -> dict[str, str | int | None]:
    return {"policy": campaign.version.policy.key, "version": campaign.version.number, "campaign": campaign.kind}


def stumble(message: Message, error: str) -> None:
    """A mail could not be written. Its campaign waits for a person to look, a mail on its own is tried again later. One that cannot be
    written after that either is put aside, so that it holds up nobody else."""
    mine, now = Message.objects.filter(pk=message.pk, state=State.QUEUED), timezone.now()
    if message.campaign_id is None:
        tried_enough, again = message.attempts >= STUMBLES, now + settings.MAIL_TRIED_AGAIN_AFTER
    else:
        tried_enough, again = message.stumbled, now
    if tried_enough:
        mine.update(state=State.DROPPED, why=Why.BROKEN, answer=error)
        return
    mine.update(attempts=F("attempts") + 1, run_after=again, answer=error)
    if message.campaign_id is not None:
        Campaign.objects.filter(pk=message.campaign_id, paused_at=None).update(paused_at=now, error=error)


def look_now() -> None:
    """Says "there is mail to send" once the transaction is committed. Lost, it costs two seconds: the schedule says it, too."""
    from notifications.tasks import send

    if settings.CELERY_BROKER_URL:
        transaction.on_commit(lambda: send.apply_async(retry=False), robust=True)


# ── Seen ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def see(customer: Customer, version: PolicyVersion) -> ChangeSeen:
    """The customer has the page of the version's changes before them. The first time counts; it is not an answer to anything."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as t:
        before = ChangeSeen.objects.filter(customer=customer, version=version).first()
        if before is not None:
            return before
        act = {"policy": version.policy.key, "version": version.number, "sha256": version.sha256}
        entry = t.append(customer.subject, "change.seen", act)
        Message.objects.filter(customer=customer, campaign__version=version, seen_at=None).update(seen_at=entry.recorded_at)
        return ChangeSeen.objects.create(customer=customer, version=version, entry=entry.pk, seen_at=entry.recorded_at)


# ── What comes back ─────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def bounced(message: Message, *, hard: bool, answer: str) -> None:
    """The mail came back. It only reduces mailing: no consent changes. A soft one (a full mailbox) is noted with the message alone."""
    there = Message.objects.filter(pk=message.pk, bounced_at=None, state__in=(State.SENT, State.IN_DOUBT))
    there.update(state=State.BOUNCED, bounced_at=timezone.now(), answer=_code(answer))
    if hard:
        _in_vain(message, Undeliverable.Reason.HARD)


@transaction.atomic
def complained(message: Message) -> None:
    """Somebody called it spam: no marketing goes there any more. Service mail does; what was allowed stays as it was."""
    Message.objects.filter(pk=message.pk, complained_at=None).update(complained_at=timezone.now())
    _in_vain(message, Undeliverable.Reason.COMPLAINT)


def undeliverable(contact: Contact, reason: str) -> None:
    """Mail to this address is in vain from now on, until it is proven anew."""
    since = timezone.now()
    row, made = Undeliverable.objects.get_or_create(contact_id=contact.pk, reason=reason, defaults={"since": since})
    if not made:
        row.since = since
        row.save(update_fields=["since"])


def _in_vain(message: Message, reason: str) -> None:
    """The address that the message went to, if it is still the customer's. Proven after that, it works: a bounce told late, or once more,
    says nothing. A complaint stands: that the address works does not make the mail welcome."""
    contact = Contact.objects.filter(pk=message.contact).first() if message.contact else newest(message.customer)
    if contact is None:
        return
    works = contact.proven_at and message.started_at and contact.proven_at > message.started_at
    if not (works and reason == Undeliverable.Reason.HARD):
        undeliverable(contact, reason)


def _code(answer: str) -> str:
    """The server's code and enhanced status alone: the words after it like to repeat the address."""
    found = re.match(r"\s*(\d{3})?[ -]?(\d\.\d{1,3}\.\d{1,3})?", answer)
    return " ".join(filter(None, found.groups())) if found else ""
