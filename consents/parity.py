"""What giving and taking back cost: presses by the shortest way, from each page where somebody may stand (GDPR Art. 7(3)). A browser walks
all of these ways in the tests (preference_center/tests/journeys/test_click_table.py) and holds the table to what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Way:
    """`key`: of the page in the test; `give`, `take_back`: presses, at most, over every use and channel."""

    key: str
    name: Any
    give: int
    take_back: int


WAYS = (
    Way("overview", _("Overview"), 2, 2),
    Way("choices", _("Your choices"), 1, 1),
    Way("data map by purpose", _("How we use data"), 2, 2),
    Way("data map by company", _("How we use data, by company"), 2, 2),
    Way("history", _("History"), 2, 2),
    Way("receipt", _("A receipt"), 2, 2),
    Way("privacy policy", _("Privacy policy"), 2, 2),
    Way("privacy choices", _("Your Privacy Choices"), 2, 2),
    Way("account", _("Your account"), 2, 2),
    Way("contact", _("Contact"), 2, 2),
    Way("choices, signed out", _("Your choices, signed out"), 3, 3),
    Way("data map, signed out", _("How we use data, signed out"), 4, 4),
    Way("privacy policy, signed out", _("Privacy policy, signed out"), 4, 4),
    Way("privacy choices, signed out", _("Your Privacy Choices, signed out"), 4, 4),
    Way("a link in a mail", _("A link in a mail"), 4, 1),
)
