"""What a table says of the personal data in it. Every concrete model carries a nested `class PersonalData`:

of          a lookup path to a Customer or Person ("customer", "choice__customer"), or Reference("subject"), a column that
            holds a ledger reference, or Nobody("why there is none")
exported    {field: key of the data category}: what a copy for the person holds
withheld    {field: why it is not in the copy}
plain       keys, flags and times that say nothing on their own
keep        WithPerson(), Proof(), Days(n, after="field") or ForEver("ground")
on_erasure  DELETE, EMPTY(("field", ...)), KEEP("ground", "until") or CHAIN (emptied under a tombstone)

One walker over all models serves access, erasure and retention; a test refuses an undeclared field.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    column: str


@dataclass(frozen=True)
class Nobody:
    why: str


@dataclass(frozen=True)
class WithPerson:
    """Goes when the person is erased."""


@dataclass(frozen=True)
class Proof:
    """Stays, without the row that ties it to a person, until the regime's proof period is over."""


@dataclass(frozen=True)
class Days:
    days: int
    after: str


@dataclass(frozen=True)
class ForEver:
    ground: str


@dataclass(frozen=True)
class _Delete:
    pass


@dataclass(frozen=True)
class _Chain:
    pass


@dataclass(frozen=True)
class EMPTY:
    fields: tuple[str, ...]


@dataclass(frozen=True)
class KEEP:
    ground: str
    until: str


DELETE = _Delete()
CHAIN = _Chain()
