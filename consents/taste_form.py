"""What somebody likes to hear about, as a form: taste, not permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Customer
from consents.models import Taste
from consents.screens import ChoicesPage


@dataclass(frozen=True)
class Pick:
    value: str
    name: str
    hint: str = ""
    checked: bool = False


@dataclass(frozen=True)
class TasteForm:
    topics: list[Pick]
    days: list[Pick]
    pauses: list[Pick]


def taste_form(customer: Customer, page: ChoicesPage) -> TasteForm | None:
    """Topics, how often, a break. None while nothing is allowed that it could narrow: nobody meets a ticked box before a yes."""
    topics = list(customer.brand.topics.all())
    allowed = {card.id for card in page.optional if any(row.stitch == "on" for row in card.all_rows)}
    if not allowed.intersection(topic.purpose for topic in topics):
        return None
    taste = customer.tastes.filter(channel="email").first() or Taste(customer=customer, channel="email")
    today = timezone.localdate()
    pauses = [first_of_month(today, 2), first_of_month(today, 4)]
    if taste.pause_until is not None and taste.pause_until > today and taste.pause_until not in pauses:
        pauses.insert(0, taste.pause_until)
    return TasteForm(
        [Pick(topic.key, in_language(topic.names), checked=topic.key not in taste.topics_off) for topic in topics],
        [
            Pick(str(each.days), in_language(each.names), in_language(each.hints), each.days == taste.days_between)
            for each in customer.brand.frequencies.all()
        ],
        [
            Pick("", _("No break"), checked=taste.pause_until is None or taste.pause_until <= today),
            *(
                Pick(
                    each.isoformat(),
                    _("Write nothing until %(day)s") % {"day": date_format(each, "DATE_FORMAT")},
                    "",
                    each == taste.pause_until,
                )
                for each in pauses
            ),
        ],
    )


def in_language(names: Mapping[str, str]) -> str:
    return names.get(get_language() or "") or next(iter(names.values()), "")


def first_of_month(today: date, months: int) -> date:
    year, month = divmod(today.month - 1 + months, 12)
    return date(today.year + year, month + 1, 1)
