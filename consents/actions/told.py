"""What somebody told a colleague of ours: by phone, on paper, over the counter. A no is written down as it is; a yes only with a document
that shows it (GDPR Art. 7(1)). Either way the person is written to, with what was written down in their name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts.models import Customer
from accounts.uploads import sealed
from consents.actions.choices import say_in, stop
from consents.actions.elsewhere import Elsewhere, take_over_in
from consents.models import Evidence
from consents.saying import Outcome, Said
from consents.standing import offered
from consents.states import How, Scope, Verb, Where
from ledger.models import Entry
from ledger.turns import turn

SOURCES = {How.PHONE: "telephone", How.PAPER: "paper"}


class NoEvidence(ValueError):
    """A yes without a document that shows it, without the words that were read, or with a time that has not come."""


def record_no(customer: Customer, uses: Iterable[tuple[str, str]], *, by: str, how: How) -> list[Outcome]:
    """`uses`: (purpose, channel) of each. All of them or none, in one turn; twice is once. Raises UnknownPurpose."""
    meant = [(offered(customer, purpose, channel), channel) for purpose, channel in uses]
    said = _said(customer, by, how)
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        return [say_in(this, customer, purpose, channel, Verb.DENY, said) for purpose, channel in meant]


def record_stop(customer: Customer, scope: Scope, *, by: str, how: How) -> Entry | None:
    """A wide word: all marketing, sale, sensitive data. None when it stood already."""
    return stop(customer, scope, _said(customer, by, how))


def record_yes(
    customer: Customer, purpose: str, channel: str, *, by: str, how: How, wording: str, said_at: datetime, document: bytes, key: str
) -> Outcome:
    """`wording`: what was read to the person or stood on the paper; `said_at`: when they said so; `document`: as accounts.uploads passed
    it; `key`: of this form, so that twice is once. A later no, and a wide word, stand against it. Raises UnknownPurpose, NoEvidence."""
    if not document or not wording.strip() or said_at > timezone.now():
        raise NoEvidence(purpose)
    digest = hashlib.sha256(document).hexdigest()
    said = _said(customer, by, how, key)
    published = offered(customer, purpose, channel)
    with turn(customer.subject, brand=customer.brand.key, actor=by) as this:
        outcome = take_over_in(this, customer, published, channel, Verb.ALLOW, said, Elsewhere(said_at, wording, SOURCES[how], digest))
        if outcome.entry is not None:  # also where a later no stands: the entry names the document
            Evidence.objects.create(customer=customer, entry=outcome.entry.pk, sha256=digest, document=sealed(document))
    return outcome


def _said(customer: Customer, by: str, how: How, key: str | None = None) -> Said:
    """The word is the customer's own, and nobody here has proven that it was they: enough for a no."""
    return Said(actor=by, party=customer.subject, how=how, where=Where.DESK, assurance="IV0", language=customer.language, key=key)
