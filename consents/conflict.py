"""A yes against one's own wide no: two steps, the conflict shown between them (CCPA regulations 7028(a))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language

from accounts.models import Customer
from catalogue.published import published
from consents.history import entry_at
from consents.judging import covering
from consents.screens import decide_url, facts
from consents.states import How, Scope
from consents.words import labelled


@dataclass(frozen=True)
class Conflict:
    """What a second press has to be given against: the no that stands, and what this one use would pass on."""

    title: str
    sentence: str
    facts: list[tuple[str, str]]
    by_signal: bool
    action: str
    page: str


def conflict(customer: Customer, purpose_key: str, channel: str, posted: Mapping[str, str]) -> Conflict | None:
    """None when no opt-out of selling and sharing stands in the way, or when it was shown and the person pressed again."""
    purpose = published(customer.brand).get(purpose_key)
    if purpose is None or posted.get("conflict") == "seen" or channel not in (purpose.channels or ("",)):
        return None
    if customer.sale_stopped_seq is None or not covering(purpose, [(Scope.SALE, customer.sale_stopped_seq)]):
        return None
    texts = purpose.for_language(get_language() or "")
    entry = entry_at(customer, customer.sale_stopped_seq)
    by_signal = entry is not None and entry.act.get("how") == How.SIGNAL
    action = decide_url(purpose_key, channel)
    return Conflict(labelled(texts.title, channel), texts.sentence, facts(texts), by_signal, action, posted.get("page", ""))
