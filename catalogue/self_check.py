"""The transparency self-check: what GDPR Art. 12 to 14 ask of a notice, held against what the brand says of itself and of each use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.models import PurposeVersion
from catalogue.models.policies import PRIVACY
from catalogue.published import Published, published

STALE = timedelta(days=365)
LONGEST_SENTENCE = 35  # words
MOST_ON_AVERAGE = 20  # words a sentence: beyond it many readers are lost (EDPB, WP 260 rev.01, section 12)
SENTENCE = re.compile(r"[^.!?…]+")
SAID = {
    "title": "Art. 13(1)(c)", "sentence": "Art. 13(1)(c)", "data": "Art. 14(1)(d)", "recipients": "Art. 13(1)(e)",
    "kept": "Art. 13(2)(a)", "if_no": "Art. 13(2)(e)", "ground": "Art. 13(1)(c)",
}  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """`where`: a purpose and language, or the brand itself; `law`: the article that asks for it."""

    where: str
    what: str
    law: str


def gaps(brand: Brand, now: datetime) -> list[Gap]:
    """All of them, in the order of the law. Three queries."""
    in_force = [each for each in published(brand, now).values() if each.retired_at is None or each.retired_at > now]
    dates = dict(PurposeVersion.objects.filter(pk__in=[each.version_id for each in in_force]).values_list("pk", "published_at"))
    found = [*_of_brand(brand), *_of_policy(brand, now)]
    for purpose in in_force:
        found += [*_of_purpose(brand, purpose), *_stale(purpose, dates.get(purpose.version_id), now)]
    return found


def _of_brand(brand: Brand) -> Iterator[Gap]:
    asked = {
        "legal_name": (_("No legal name"), "Art. 13(1)(a)"), "legal_address": (_("No postal address"), "Art. 13(1)(a)"),
        "privacy_officer_email": (_("No address of the data protection officer"), "Art. 13(1)(b)"),
        "authority_name": (_("No supervisory authority is named"), "Art. 13(2)(d)"),
        "authority_url": (_("No page of the supervisory authority to complain on"), "Art. 13(2)(d)"),
    }  # fmt: skip
    yield from (Gap(brand.name, what, law) for name, (what, law) in asked.items() if not getattr(brand, name))


def _of_policy(brand: Brand, now: datetime) -> Iterator[Gap]:
    policy = brand.policies.filter(key=PRIVACY).first()
    if policy is None or policy.newest is None:
        yield Gap(brand.name, _("No privacy policy is published"), "Art. 12(1)")
        return
    due = policy.review_due()
    if due is not None and due < now:
        yield Gap(policy.key, _("Nobody has read the policy again for twelve months"), "Art. 5(2)")


def _of_purpose(brand: Brand, purpose: Published) -> Iterator[Gap]:
    for language in brand.languages:
        where, texts = f"{purpose.key}, {language}", purpose.texts.get(language)
        if texts is None:
            yield Gap(where, _("Says nothing in this language"), "Art. 12(1)")
            continue
        for name, law in SAID.items():
            if not getattr(texts, name).strip():
                yield Gap(where, _("Does not say: %(what)s") % {"what": name}, law)
        yield from _hard_to_read(where, [texts.sentence, texts.data, texts.recipients, texts.kept, texts.if_no])
    if not purpose.uses:
        yield Gap(purpose.key, _("Names no data that it uses"), "Art. 14(1)(d)")


def _hard_to_read(where: str, texts: list[str]) -> Iterator[Gap]:
    lengths = [len(words) for text in texts for each in SENTENCE.findall(text) if (words := each.split())]
    if lengths and max(lengths) > LONGEST_SENTENCE:
        yield Gap(where, _("A sentence has %(n)d words") % {"n": max(lengths)}, "Art. 12(1)")
    if lengths and sum(lengths) > MOST_ON_AVERAGE * len(lengths):
        yield Gap(where, _("Sentences have %(n)d words on average") % {"n": sum(lengths) // len(lengths)}, "Art. 12(1)")


def _stale(purpose: Published, at: datetime | None, now: datetime) -> Iterator[Gap]:
    if at is not None and now - at > STALE:
        yield Gap(purpose.key, _("Nobody has revised it for twelve months"), "Art. 5(2)")
