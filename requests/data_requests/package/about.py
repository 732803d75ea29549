"""What goes with a copy (GDPR Art. 15(1)): what the data is used for, who gets it by name, how long, from where; of this person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from accounts.models import Customer
from catalogue.published import published
from consents.decide import decide
from consents.naming import in_language
from consents.screens import facts


@dataclass(frozen=True)
class Use:
    """One purpose. `runs`: whether it does for this person now, on any channel; `facts`: the six, as the center shows them."""

    title: str
    sentence: str
    runs: bool
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class About:
    uses: list[Use]
    recipients: list[tuple[str, str]]  # by name, and what for
    sources: list[tuple[str, str]]  # from where, and which data


def about(customer: Customer, now: datetime) -> About:
    uses, recipients, sources = [], dict[str, str](), dict[str, set[str]]()
    for purpose in published(customer.brand, now).values():
        if purpose.retired_at is not None and purpose.retired_at <= now:
            continue
        texts = purpose.for_language(get_language() or "")
        runs = any(decide(customer, purpose.key, channel, now).allowed for channel in purpose.channels or ("",))
        uses.append(Use(texts.title, texts.sentence, runs, facts(texts)))
        for path in purpose.uses:
            if path.recipient:
                recipients.setdefault(path.recipient_name, in_language(path.recipient_what_for))
            sources.setdefault(in_language(path.source_names), set()).add(in_language(path.category_names))
    return About(uses, sorted(recipients.items()), [(source, ", ".join(sorted(data))) for source, data in sorted(sources.items())])
