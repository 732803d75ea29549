"""Every verb of consent: when its entry cannot be written, nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts.models import Customer
from consents import actions
from consents.decide import decide
from consents.models import Choice, Shown
from consents.states import Scope, State, Verb
from consents.tests.acting import ALLOW, allow, count, head, own, page, state
from ledger.models import Entry
from ledger.turns import turn

# ── No entry, no effect ─────────────────────────────────────────────────────────────────────────────────────────────


def breaks(customer: Customer) -> None:
    """The next entry of the customer's chain meets one that has its place already: the database refuses it."""
    with turn(customer.subject, brand=customer.brand.key, actor="system:tests") as this:
        this.append(customer.subject, "language.changed", {"language": "en", "before": "pl"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_head SET seq = seq - 1 WHERE subject = %s", [customer.subject])


VERBS = {
    "allow": lambda c: actions.say(c, "insight", "", Verb.ALLOW, page(c, "insight")),
    "deny": lambda c: actions.say(c, "recs", "", Verb.DENY, own(c)),
    "undo": lambda c: actions.undo(c, str(Choice.objects.get(customer=c, purpose="recs").receipt), own(c)),
    "deny_all": lambda c: actions.deny_all(c, own(c)),
    "stop": lambda c: actions.stop(c, Scope.MARKETING, own(c)),
    "lift": lambda c: actions.lift(c, Scope.SALE, own(c, seen=head(c))),
    "ask_to_confirm": lambda c: actions.ask_to_confirm(c, "insight", "", page(c, "insight")),
    "confirm": lambda c: actions.confirm(c, "news", "email", own(c)),
    "record_expiry": lambda c: actions.record_expiry(Choice.objects.get(customer=c, purpose="ads")),
}


@pytest.mark.parametrize("verb", VERBS)
def test_if_the_entry_fails_nothing_is_written(anna: Customer, verb: str) -> None:
    allow(anna, "recs")
    allow(anna, "ads")
    Choice.objects.filter(purpose="ads").update(expires_at=timezone.now() - timedelta(days=1))
    actions.ask_to_confirm(anna, "news", "email", page(anna, "news", "email"))
    actions.stop(anna, Scope.SALE, own(anna))
    breaks(anna)
    before = (rows(anna), count(anna), Shown.objects.count())
    with pytest.raises(DatabaseError), transaction.atomic():
        VERBS[verb](anna)
    assert (rows(anna), count(anna), Shown.objects.count()) == before


def rows(customer: Customer) -> Any:
    columns = Customer.objects.filter(pk=customer.pk).values()
    return list(Choice.objects.filter(customer=customer).order_by("pk").values()), list(columns)


def test_a_strangers_word_is_not_the_customers(anna: Customer, bea: Customer) -> None:
    """Each party has a row of its own: another party's yes is no yes of the customer's."""
    said = page(anna, "recs", party=bea.subject, actor=f"self:{bea.subject}")
    actions.say(anna, "recs", "", ALLOW, said)
    assert state(anna, "recs") == "none"
    assert not decide(anna, "recs").allowed
    assert Entry.objects.of(bea.subject).filter(kind="choice.decided").count() == 0
    assert State.GRANTED == state(anna, "recs", party=bea.subject)
