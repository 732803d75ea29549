"""What must be true of the changes that a version of a policy is published with (requirements CHG-01, CHG-03, CHG-06)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from brands.models import Brand
from catalogue.models import Change, PolicyVersion
from catalogue.models.vocabulary import KEY
from catalogue.policy_content import ChangeContent, PolicyContent
from catalogue.problems import Problem
from catalogue.published import versions_of
from catalogue.validation import copy_problems

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CONSENT = "consent"
LONGEST_TITLE = 120  # characters: it is a heading, and the subject of a mail may quote it


def unwritable(content: PolicyContent) -> Iterator[Problem]:
    """What keeps the changes from even standing on a draft."""
    for key, times in Counter(change.key for change in content.changes).items():
        if not SLUG.fullmatch(key) or len(key) > KEY:
            yield Problem("change_unclear", _("“%(key)s” is no key: small letters, digits and hyphens.") % {"key": key}, "", key)
        if times > 1:
            yield Problem("change_twice", _("“%(key)s” names more than one change.") % {"key": key}, "", key)
    for change in content.changes:
        if change.kind not in Change.Kind.values or change.materiality not in Change.Materiality.values:
            yield _about(change, "change_kind_unknown", _("There is no such kind of change."))
        if change.audience not in Change.Audience.values:
            yield _about(change, "change_audience_unknown", _("There is no such audience."))


def problems(brand: Brand, content: PolicyContent, newest: PolicyContent | None) -> Iterator[Problem]:
    """Everything about the changes but the day; empty when nothing is in the way."""
    if newest is None:
        if content.changes:
            yield Problem("changes_of_the_first", _("The first version changes nothing: take its changes out."))
        return
    differing = content.differing(newest)
    if content.texts != newest.texts and not content.changes:
        yield Problem("changes_missing", _("Nobody would learn what changed: describe each change."))
    told = {anchor for change in content.changes for anchor in change.anchors}
    for anchor in differing:
        if content.changes and anchor not in told:
            message = _("The clause “%(anchor)s” reads otherwise than before, and no change tells of it.") % {"anchor": anchor}
            yield Problem("change_untold", message, "", anchor)
    for change in content.changes:
        yield from _one(brand, change, differing)


def too_soon(brand: Brand, content: PolicyContent, start: datetime, now: datetime) -> Iterator[Problem]:
    """People are told before it applies, never after; and no use that it tells of begins before the policy says it does."""
    notice = settings.POLICY_NOTICE
    if content.needs_notice and start < now + notice:
        message = ngettext(
            "People must be told %(days)s day before it applies: choose a later day.",
            "People must be told %(days)s days before it applies: choose a later day.",
            notice.days,
        )
        yield Problem("notice_too_short", message % {"days": notice.days})
    for change in content.changes:
        for key in change.purposes:
            versions = versions_of(brand, key)
            if versions and now < versions[0].in_force_from < start:
                message = _("The use “%(key)s” would begin before the policy that tells of it: give both the same day.")
                yield Problem("use_before_policy", message % {"key": key}, "", change.key)


def day_taken(newest: PolicyVersion | None, content: PolicyContent, start: datetime) -> Iterator[Problem]:
    """The page of what changes on a day tells of one version."""
    if newest is None or newest.in_force_from is None or not content.needs_notice:
        return
    same_day = timezone.localdate(newest.in_force_from) == timezone.localdate(start)
    if same_day and newest.changes.exclude(materiality=Change.Materiality.EDITORIAL).exists():
        yield Problem("day_taken", _("The version before it changes things on the same day: choose a later day."))


def _one(brand: Brand, change: ChangeContent, differing: tuple[str, ...]) -> Iterator[Problem]:
    for name, words in (("titles", change.titles), ("for_you", change.for_you)):
        for language in brand.languages:
            if not words.get(language, "").strip():
                yield _about(change, "change_text_missing", _("It is not told in “%(language)s”.") % {"language": language}, language)
            yield from copy_problems(words.get(language, ""), language, f"{change.key}.{name}", purpose=False)
    if any(len(title) > LONGEST_TITLE for title in change.titles.values()):
        yield _about(change, "change_title_long", _("Its title is longer than %(n)s characters.") % {"n": LONGEST_TITLE})
    if change.favourable and change.asks:
        yield _about(change, "change_favour_asked", _("What needs a yes is no favour."))
    for anchor in change.anchors:
        if anchor not in differing:
            message = _("The clause “%(anchor)s” reads as before.") % {"anchor": anchor}
            yield _about(change, "change_of_nothing", message)
    for country in change.countries:
        if country not in countries:
            yield _about(change, "country_unknown", _("“%(country)s” is no country.") % {"country": country})
    yield from _purposes(brand, change)


def _purposes(brand: Brand, change: ChangeContent) -> Iterator[Problem]:
    if change.asks and not change.purposes:
        yield _about(change, "purpose_missing", _("It needs consent: name the use that people decide on."))
    for key in change.purposes:
        versions = versions_of(brand, key)
        if not versions:
            yield _about(change, "purpose_unknown", _("There is no published use “%(key)s”.") % {"key": key})
        elif change.asks and versions[-1].basis != CONSENT:
            yield _about(change, "purpose_not_asked", _("The use “%(key)s” does not stand on consent.") % {"key": key})


def _about(change: ChangeContent, code: str, message: str, language: str = "") -> Problem:
    return Problem(code, message, language, change.key)
