"""A yes against one's own wide no: two steps, the conflict shown between them (CCPA regulations 7028(a))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import Published, published
from consents.history import entry_at
from consents.judging import covering
from consents.privacy_choices import opted_out_here
from consents.screens import decide_url, facts
from consents.signals import gpc_sent
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
    carried: list[tuple[str, str]]  # what the first form said, said again by the second


def conflict(customer: Customer, purpose_key: str, channel: str, posted: Mapping[str, str]) -> Conflict | None:
    """None when no opt-out of selling and sharing stands in the way, or when it was shown and the person pressed again."""
    purpose = published(customer.brand).get(purpose_key)
    if purpose is None or posted.get("conflict") == "seen" or channel not in (purpose.channels or ("",)):
        return None
    if customer.sale_stopped_seq is None or not covering(purpose, [(Scope.SALE, customer.sale_stopped_seq)]):
        return None
    entry = entry_at(customer, customer.sale_stopped_seq)
    return _shown(purpose, channel, posted, by_signal=entry is not None and entry.act.get("how") == How.SIGNAL)


def conflict_here(request: HttpRequest, brand: Brand, purpose_key: str, channel: str) -> Conflict | None:
    """The same for somebody who has not signed in: against the browser's signal now, or what was opted out of in it before."""
    purpose = published(brand).get(purpose_key)
    by_signal = gpc_sent(request)
    if purpose is None or request.POST.get("conflict") == "seen" or not covering(purpose, [(Scope.SALE, 0)]):
        return None
    if not by_signal and Scope.SALE not in opted_out_here(request):
        return None
    return _shown(purpose, channel, request.POST, by_signal=by_signal)


def _shown(purpose: Published, channel: str, posted: Mapping[str, str], *, by_signal: bool) -> Conflict:
    texts = purpose.for_language(get_language() or "")
    action = decide_url(purpose.key, channel)
    carried = [("page", posted.get("page", "")), *((name, posted[name]) for name in ("where", "next") if name in posted)]
    return Conflict(labelled(texts.title, channel), texts.sentence, facts(texts), by_signal, action, carried)
