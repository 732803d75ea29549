"""How it stood at a moment in the past, read from the ledger alone: what the brand answers when somebody asks years later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.ages import age_of
from accounts.models import Customer
from catalogue.published import published
from consents.judging import Decision, Facts, Guarding, Word, judge
from consents.states import Scope
from ledger.models import Entry
from regimes.resolver import Place

KINDS = ("choice.decided", "scope.changed", "restriction.changed")


def stood_at(customer: Customer, purpose: str, channel: str, at: datetime) -> Decision:
    """The answer decide() would have given then, with the purpose as it was published then. The place is the customer's of today."""
    words: dict[tuple[str, str], Word] = {}
    scopes: dict[Scope, int] = {}
    restricted: int | None = None
    ties = _ties(customer, at)
    entries = Entry.objects.of(customer.subject).readable().filter(kind__in=KINDS, recorded_at__lte=at).order_by("seq")
    for entry in entries.iterator():
        act = entry.act
        if entry.kind == "restriction.changed":
            restricted = entry.seq if act["state"] == "on" else None
        elif entry.kind == "scope.changed":
            _fold_scope(scopes, Scope(act["scope"]), act["state"], entry.seq)
        elif act["purpose"] == purpose and act["channel"] in {channel, ""} and act["outcome"] == "applied":
            words[act["party"], act["channel"]] = word(act, entry.seq, ties.get(act["party"]))
    return judge(
        Facts(
            at=at,
            purpose=published(customer.brand, at).get(purpose),
            channel=channel,
            subject=customer.subject,
            known=customer.created_at <= at,
            place=Place(customer.country, customer.region),
            home=customer.brand.home_regime,
            age=age_of(customer, at),
            restricted_seq=restricted,
            scopes=tuple((scope, scopes[scope]) for scope in Scope if scope in scopes),  # in decide()'s order
            words=tuple(words.values()),
        )
    )


def word(act: dict[str, Any], seq: int, guarding: Guarding | None = None) -> Word:
    """A party's word, from the payload of its entry."""
    expires_at = datetime.fromisoformat(act["expires_at"]) if act["expires_at"] else None
    return Word(act["party"], act["channel"], act["state"], seq, act["seen"], expires_at, guarding)


def _fold_scope(scopes: dict[Scope, int], scope: Scope, state: str, seq: int) -> None:
    if state == "on":
        scopes[scope] = seq
    else:
        scopes.pop(scope, None)


def _ties(customer: Customer, at: datetime) -> dict[str, Guarding]:
    """Guardianships as they stood: an end that came later had not come yet."""
    ties: dict[str, list[Guarding]] = defaultdict(list)
    for row in customer.guardians.filter(started_at__lte=at).order_by("started_at"):
        ended = row.ended_at is not None and row.ended_at <= at
        tie = Guarding.of(row)
        ties[row.guardian_subject].append(tie if ended else replace(tie, ended_at=None, ended_seq=None))
    return {party: each[-1] for party, each in ties.items()}
