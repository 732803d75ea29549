"""Signals of a browser. Global Privacy Control (w3c/gpc): a header that says "do not sell or share", obeyed here on the server.

A signal only reduces, and its absence says nothing: what it once set stands until the person lifts it in two steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import Customer
from consents import actions
from consents.saying import Said
from consents.states import SCOPE_COLUMN, How, Scope, Where
from ledger.models import Entry


@dataclass(frozen=True)
class Signal:
    """One kind of signal: how it is read, and which wide word it speaks."""

    name: str
    sent: Callable[[HttpRequest], bool]
    scope: Scope


def gpc_sent(request: HttpRequest) -> bool:
    """Sec-GPC: exactly "1". Several headers reach us folded into one line: one exact value among them counts."""
    return any(value.strip() == "1" for value in request.headers.get("Sec-GPC", "").split(","))


GPC = Signal("gpc", gpc_sent, Scope.SALE)
SIGNALS = (GPC,)


def sent(request: HttpRequest) -> set[Scope]:
    """The wide words that this request's signals speak."""
    return {signal.scope for signal in SIGNALS if signal.sent(request)}


def record(customer: Customer, signal: Signal, *, where: Where = Where.CHOICES) -> Entry | None:
    """The first sight of a signal becomes the person's own word, on every device. None: the word stands already."""
    said = Said(
        actor=f"signal:{signal.name}", party=customer.subject, how=How.SIGNAL, where=where, assurance="IV0", language=customer.language
    )
    return actions.stop(customer, signal.scope, said)


def record_all(request: HttpRequest, customer: Customer) -> list[Entry]:
    """What this request signals and the customer's record does not say yet. No query where nothing is new."""
    entries = []
    for signal in SIGNALS:
        if getattr(customer, SCOPE_COLUMN[signal.scope]) is None and signal.sent(request):
            entry = record(customer, signal)
            if entry is not None:
                setattr(customer, SCOPE_COLUMN[signal.scope], entry.seq)
                entries.append(entry)
    return entries
