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

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model


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


@dataclass(frozen=True)
class Declaration:
    """The same, of a table that somebody else's package owns."""

    of: Any
    exported: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    keep: Any = field(default_factory=WithPerson)
    on_erasure: Any = DELETE


_third_party: dict[str, Declaration] = {}


def declare(tables: Mapping[str, Declaration]) -> None:
    """By model label ("mfa.Authenticator")."""
    _third_party.update(tables)


def declared(model: type[Model]) -> Any:
    """A class or Declaration with of, exported, withheld, plain, keep and on_erasure; None when nobody has decided."""
    own = model.__dict__.get("PersonalData")
    return own if own is not None else _third_party.get(model._meta.label)
