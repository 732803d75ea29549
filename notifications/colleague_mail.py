"""What a colleague at the desk wrote down in somebody's name is told them at once, so that nothing is recorded behind their back. What is
written down before the mail goes (ten boxes of one form) is told in the same mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts import colleagues, links
from accounts.models import Customer
from consents import words
from consents.history import words_of
from consents.states import State
from ledger.models import Entry
from notifications.families import called, may_read
from notifications.models import Message
from notifications.states import State as Sending

OWN = {True: "consents:choices", False: "accounts:account"}  # where the reader changes a choice, and what is about their account
CHOICES = frozenset({"choice.decided", "scope.changed"})


@dataclass(frozen=True)
class Line:
    """`off`: the path that turns it off without a sign-in, of a yes."""

    what: str
    off: str


def joined(entry: Entry, reader: Customer, contact: int) -> bool:
    """Whether a mail to this address, about the same person and by the same colleague, still waits, and tells of this entry as well. One
    that was begun takes nothing in any more: what it says is read after that, and a mail tried again is the same mail."""
    never_begun = {"state": Sending.QUEUED, "message_id": "", "again": 0}
    waiting = Message.objects.select_for_update().filter(customer=reader, contact=contact, kind="colleague", **never_begun)
    for message in waiting:
        first = _first(message)
        if (first.subject, first.actor) == (entry.subject, entry.actor):
            if entry.pk not in _told(message):
                message.facts = {"also": [*message.facts.get("also", []), entry.pk]}
                message.save(update_fields=["facts"])
            return True
    return False


def stands(message: Message) -> bool:
    """Its content is still there, and whoever is written to may still read it."""
    customer = _customer(message)
    return customer is not None and bool(_entries(message)) and may_read(message.customer, customer)


def context(message: Message) -> dict[str, Any]:
    message.refresh_from_db(fields=["facts"])  # the mail has begun: nothing joins it now
    entries, customer = _entries(message), _customer(message)
    assert customer is not None
    for_child = customer.pk != message.customer_id
    with words.read_at(message.brand, message.customer.subject if for_child else ""):
        lines = [Line(words_of(entry).title, "" if for_child else _off(entry, customer)) for entry in entries]
    first = entries[0]
    all_choices = all(entry.kind in CHOICES for entry in entries)
    return {
        "who": colleagues.in_words(first.actor, colleagues.names_of([first.actor])),
        "lines": lines,
        "at": timezone.localtime(first.recorded_at),
        "about": called(customer) if for_child else "",
        "url": reverse("guardians:family" if for_child else OWN[all_choices]),
        "is_choice": all_choices,
        "turns_off": all(line.off for line in lines),
    }


def _off(entry: Entry, customer: Customer) -> str:
    """One press, without a sign-in, for a yes that counts."""
    act = entry.act
    if entry.kind != "choice.decided" or act["state"] != State.GRANTED or act["outcome"] != "applied":
        return ""
    return reverse("consents:link", args=[links.make(customer, links.Scope(act["purpose"], act["channel"]))])


def _first(message: Message) -> Entry:
    assert message.entry is not None
    return Entry.objects.get(pk=message.entry)


def _told(message: Message) -> list[int | None]:
    return [message.entry, *message.facts.get("also", [])]


def _entries(message: Message) -> list[Entry]:
    """Those that can still be read, as they came."""
    return list(Entry.objects.readable().filter(pk__in=_told(message)).order_by("seq"))


def _customer(message: Message) -> Customer | None:
    return Customer.objects.select_related("brand").filter(subject=_first(message).subject).first()
