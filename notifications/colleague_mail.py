"""What a colleague at the desk wrote down in somebody's name is told them at once, so that nothing is recorded behind their back."""

from __future__ import annotations

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

OWN = {True: "consents:choices", False: "accounts:account"}  # where the reader changes a choice, and what is about their account


def stands(message: Message) -> bool:
    """Its content is still there, and whoever is written to may still read it."""
    customer = _customer(message)
    return customer is not None and bool(_entry(message).payload) and may_read(message.customer, customer)


def context(message: Message) -> dict[str, Any]:
    entry, customer = _entry(message), _customer(message)
    assert customer is not None
    act, for_child = entry.act, customer.pk != message.customer_id
    with words.read_at(message.brand, message.customer.subject if for_child else ""):
        what = words_of(entry).title
    is_choice = entry.kind in {"choice.decided", "scope.changed"}
    yes = entry.kind == "choice.decided" and act["state"] == State.GRANTED and act["outcome"] == "applied"
    token = links.make(customer, links.Scope(act["purpose"], act["channel"])) if yes and not for_child else ""
    return {
        "who": colleagues.in_words(entry.actor, colleagues.names_of([entry.actor])),
        "what": what,
        "at": timezone.localtime(entry.recorded_at),
        "about": called(customer) if for_child else "",
        "url": reverse("consents:link", args=[token]) if token else reverse("guardians:family" if for_child else OWN[is_choice]),
        "is_choice": is_choice,
        "turns_off": bool(token),
    }


def _entry(message: Message) -> Entry:
    assert message.entry is not None
    return Entry.objects.get(pk=message.entry)


def _customer(message: Message) -> Customer | None:
    return Customer.objects.select_related("brand").filter(subject=_entry(message).subject).first()
