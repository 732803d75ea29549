"""The ledger follower that turns entries into messages: a row an entry and address; what fans out becomes a campaign and a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import ClassVar

from django.db.models import F

from accounts.colleagues import STAFF
from accounts.models import Contact, ContactQuerySet, Customer
from catalogue.models import PolicyVersion
from catalogue.models.policies import PRIVACY
from ledger.canonical import timestamp
from ledger.followers import Follower
from ledger.models import Entry
from notifications import actions, families
from notifications.colleague_mail import joined
from notifications.models import Message
from notifications.states import Class


class Messages(Follower):
    name: ClassVar[str] = "notifications"
    from_start: ClassVar[bool] = True  # an installation that was there before begins where it stood: see the migration

    def handle(self, entry: Entry, position: int) -> None:
        """A kind that nobody is written to about passes by; so does an entry whose payload has gone meanwhile."""
        handler = HANDLERS.get(entry.kind)
        if handler is not None and entry.payload:
            handler(entry)


def _policy_published(entry: Entry) -> None:
    """A constant number of rows, whatever the number of people."""
    if entry.act["policy"] == PRIVACY and entry.act["version"] > 1:
        version = PolicyVersion.objects.select_related("policy__brand").get(entry=entry.pk)
        actions.begin_campaign(version)


def _signed_in(entry: Entry) -> None:
    """A family of browsers never seen before is told of, unless it is the very first sign-in."""
    before = Entry.objects.of(entry.subject).filter(kind="person.signed_in", seq__lt=entry.seq)
    mark = f'"browser":{json.dumps(entry.act["browser"], ensure_ascii=False)}'
    if before.exists() and not before.filter(payload__contains=mark).exists():
        _tell(entry, "new_device", browser=entry.act["browser"], at=timestamp(entry.recorded_at))


def _sign_in_changed(entry: Entry) -> None:
    if entry.act["what"] not in QUIET:
        _tell(entry, "sign_in_changed", what=entry.act["what"], at=timestamp(entry.recorded_at))


def _data_received(entry: Entry) -> None:
    _tell(entry, "data_received")


def _request_received(entry: Entry) -> None:
    _tell(entry, "request_received", request=entry.act["request"], happened="received")


def _request_moved(entry: Entry) -> None:
    _tell(entry, "request_moved", request=entry.act["request"], happened=entry.kind.removeprefix("request."))


def _request_letter(entry: Entry) -> None:
    """Of what the desk writes; what the person wrote, they know."""
    if not entry.act["from_person"]:
        _request_moved(entry)


def _request_asked(entry: Entry) -> None:
    if not entry.act["answered"]:
        _request_moved(entry)


def _request_verified(entry: Entry) -> None:
    """Where proof came with the request, the mail that confirms it says so already."""
    mark = f'"request":{json.dumps(entry.act["request"])}'
    waited = Entry.objects.of(entry.subject).filter(kind="request.identity_pending", payload__contains=mark)
    if waited.exists():
        _request_moved(entry)


def _by_colleague(entry: Entry) -> None:
    """What people decide themselves, they know."""
    if entry.actor.startswith(STAFF):
        _tell(entry, "colleague")


def _decided(entry: Entry) -> None:
    _by_colleague(entry)
    _family(entry)


def _family(entry: Entry) -> None:
    child, readers = families.told_of(entry)
    for reader in readers:
        _write(entry, "family", reader, reader.contacts.proven(), {"happened": entry.kind, "child": child})


def _tell(entry: Entry, kind: str, **facts: str) -> None:
    """To every proven address of the customer, in their language; of a request also to those that the brand's records have, since
    whoever reads the mail there may have to stop it. Of a child's data and requests to those who decide for the child. Nobody to tell,
    nothing to write."""
    customer = Customer.objects.select_related("brand").filter(subject=entry.subject).first()
    if customer is None:
        return
    readers = families.readers_of(customer) if kind in OF_CHILDREN else [customer]
    for reader in readers:
        every = kind in TO_ALL and reader.pk == customer.pk
        _write(entry, kind, reader, reader.contacts.all() if every else reader.contacts.proven(), facts)


def _write(entry: Entry, kind: str, reader: Customer, contacts: ContactQuerySet, facts: dict[str, str]) -> None:
    mailboxes = contacts.filter(channel=Contact.Channel.EMAIL).order_by(F("proven_at").desc(nulls_last=True))
    Message.objects.bulk_create(
        (
            Message(
                brand=reader.brand, customer=reader, contact=contact.pk, kind=kind, klass=Class.SERVICE, language=reader.language,
                entry=entry.pk, facts=facts,
            )
            for contact in mailboxes
            if kind != "colleague" or not joined(entry, reader, contact.pk)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    actions.look_now()


# Of the other states the page tells, and nobody is written to.
TOLD = ("extended", "fulfilled", "partly_fulfilled", "refused", "withdrawn", "expired_unverified")
TO_ALL = frozenset({"request_received", "request_moved"})
OF_CHILDREN = TO_ALL | {"data_received", "colleague"}
QUIET = frozenset({"passkey_renamed"})  # nobody gains or loses a way in by it
HANDLERS: dict[str, Callable[[Entry], None]] = {
    "policy.published": _policy_published,
    "person.signed_in": _signed_in,
    "sign_in.changed": _sign_in_changed,
    "data.received": _data_received,
    "scope.changed": _by_colleague,
    "account.halted": _by_colleague,
    "name.changed": _by_colleague,
    "language.changed": _by_colleague,
    "sessions.ended": _by_colleague,
    "request.received": _request_received,
    "request.verified": _request_verified,
    "request.downloaded": _request_moved,
    "request.missed": _request_moved,
    "request.letter": _request_letter,
    "request.asked": _request_asked,
    "request.pause_ends": _request_moved,
    **{f"request.{state}": _request_moved for state in TOLD},
    **dict.fromkeys(families.KINDS, _family),
    "choice.decided": _decided,
}
