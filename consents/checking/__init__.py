"""What verify_ledger asks of the projections: that every row says what its entry says, and every entry has its row.

Both readers remember the newest acts of some people, read the rows of those people in one statement, and look closer only at what does
not fit at first glance: rows are read after the entries, and a person may have gone on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Customer
from consents.checking.choices import Choices
from consents.checking.wide_words import WideWords
from ledger.checking import Fault
from ledger.checking.projections import shown

__all__ = ["Choices", "WideWords", "choices", "erased", "scopes"]


def choices() -> Iterator[Fault]:
    return shown(Choices())


def scopes() -> Iterator[Fault]:
    return shown(WideWords())


def erased(subjects: set[str]) -> set[str]:
    """Those of these subjects that belong to no customer any more."""
    return subjects - set(Customer.objects.filter(subject__in=subjects).values_list("subject", flat=True))
