"""What a policy version tells people, and which controls it offers them: the same for the mail and for the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Customer
from brands.models import Brand
from catalogue.models import Change, PolicyVersion
from catalogue.policy_content import ChangeContent
from catalogue.published import Published, published
from consents.grounds import ground
from regimes.resolver import Place

CONTROL = frozenset({"consent", "legitimate_interest", "opt_out"})  # the grounds on which a person has a say


@lru_cache(maxsize=64)
def changes_of(version: int, sha256: str) -> tuple[ChangeContent, ...]:
    """Of a published version, by its row and its hash: they never change. In the order in which they are told."""
    rows = Change.objects.filter(version=version, version__sha256=sha256).order_by("order")
    return tuple(sorted((ChangeContent.of(row) for row in rows), key=place))


def told_by(version: PolicyVersion) -> tuple[ChangeContent, ...]:
    return changes_of(version.pk, version.sha256)


def place(change: ChangeContent) -> int:
    """Decisions first, then what is in people's favour, then the rest."""
    return 0 if change.asks else 1 if change.favourable else 2


def tag(change: ChangeContent, *, decides: bool) -> str:
    """`decides`: whether it waits for the reader's answer."""
    return _("Your decision") if decides else _("In your favour") if change.favourable else _("For your information")


def day_of(version: PolicyVersion) -> date:
    """The day from which it applies, where the installation is."""
    assert version.in_force_from
    return timezone.localdate(version.in_force_from)


def moment_of(version: PolicyVersion, now: datetime) -> datetime:
    """When a version is asked whom it concerns: as of the day on which it applies, since what begins on that day concerns people, too."""
    return max(now, version.in_force_from) if version.in_force_from else now


@dataclass(frozen=True)
class Control:
    """One use, on one channel, that the person may allow or not."""

    change: str  # key
    purpose: str
    channel: str


def controls(
    brand: Brand,
    changes: Iterable[ChangeContent],
    country: str,
    region: str,
    age: int | None,
    at: datetime,
    *,
    of_child: bool = False,
) -> tuple[Control, ...]:
    """Those that the law gives a person of that place and age. `of_child`: who is one, or was one here, to whom what is about children
    is put, too."""
    return tuple(
        Control(change.key, key, channel)
        for change in changes
        for key in change.purposes
        if (purpose := _open(brand, key, at, of_child=of_child)) and _basis(brand, purpose, country, region, age, at) in CONTROL
        for channel in purpose.channels or ("",)
    )


def _open(brand: Brand, key: str, at: datetime, *, of_child: bool) -> Published | None:
    purpose = published(brand, at).get(key)
    if purpose is None or (purpose.retired_at is not None and purpose.retired_at <= at):
        return None
    return purpose if of_child or purpose.audience != "children" else None


def was_child(customer: Customer) -> bool:
    """They are one, or were one here."""
    return customer.birth_date is not None or customer.minor_until is not None


def _basis(brand: Brand, purpose: Published, country: str, region: str, age: int | None, at: datetime) -> str:
    return ground(purpose, Place(country, region), age, at.date(), brand.home_regime).basis


def title(day: date, *, late: bool) -> str:
    """Of the page of that day, and of whatever leads there; `late`: it applies already."""
    return (_("What changed on %(day)s") if late else _("What changes on %(day)s")) % {"day": date_format(day, "MONTH_DAY_FORMAT")}


def headline(count: int, day: str) -> str:
    """The subject of the mail: the fact and the day."""
    said = ngettext("One change to our privacy policy on %(day)s", "%(count)s changes to our privacy policy on %(day)s", count)
    return said % {"count": in_words(count).capitalize(), "day": day}


def waits(decisions: int, others: int) -> str:
    """One sentence: what waits for the reader, and what needs nothing from them."""
    if not decisions:
        return _("Nothing for you to decide.")
    mine = ngettext("One change waits for your decision", "%(count)s changes wait for your decision", decisions)
    mine %= {"count": in_words(decisions).capitalize()}
    if not others:
        return f"{mine}."
    rest = ngettext("one needs nothing from you", "%(count)s need nothing from you", others) % {"count": in_words(others)}
    return _("%(decisions)s; %(others)s.") % {"decisions": mine, "others": rest}


def in_words(count: int) -> str:
    """From two to nine in words, in the form in which they stand with “changes”; more in figures."""
    words = [
        pgettext("number of changes", "two"), pgettext("number of changes", "three"), pgettext("number of changes", "four"),
        pgettext("number of changes", "five"), pgettext("number of changes", "six"), pgettext("number of changes", "seven"),
        pgettext("number of changes", "eight"), pgettext("number of changes", "nine"),
    ]  # fmt: skip
    return words[count - 2] if 2 <= count < 2 + len(words) else str(count)
