"""What a copy may be narrowed to. Everything is the rule, and what the boxes begin with: it is a right in full, not a consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import DateTimeField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SYSTEMS = "systems"


@dataclass(frozen=True)
class Part:
    """`categories`: keys of the data categories that the tables declare."""

    key: str
    title: StrOrPromise
    hint: StrOrPromise
    categories: frozenset[str] = frozenset()


PARTS: Mapping[str, Part] = {
    part.key: part
    for part in (
        Part(
            "account", _("Account and addresses"), _("Your name, your place, how we reach you"), frozenset({"account", "contact"}),
        ),
        Part(
            "choices", _("Your choices and their history"), _("What you allowed and refused, each with its receipt"),
            frozenset({"choices", "history"}),
        ),
        Part("answers", _("What you told us"), _("Your answers, what you were asked, and what it was used for"), frozenset({"answers"})),
        Part("messages", _("Messages sent to you"), _("What we wrote, when, and whether it arrived")),
        Part("requests", _("Your requests"), _("What you asked, what we answered, and the letters"), frozenset({"requests"})),
        Part("sign_ins", _("Your sign-ins"), _("When and with which browsers"), frozenset({"sign_ins"})),
        Part(SYSTEMS, _("Other systems of ours"), _("What they hold, as they hold it")),
    )
}  # fmt: skip
MESSAGES_FROM = "notifications."  # tables whose history is that of messages
OF_CATEGORY = {category: part.key for part in PARTS.values() for category in part.categories}
# What a person gave, and what was seen of their use (GDPR Art. 20(1), WP242 rev.01); not what was made of it.
PORTABLE = frozenset({"account", "contact", "choices", "answers", "requests", "sign_ins"})
# The moment of a row, where a table has one: what a copy since a day goes by. Other tables are in it whole.
MOMENTS: Mapping[str, str] = {
    "ledger.Entry": "recorded_at", "notifications.Message": "queued_at", "notifications.ChangeSeen": "seen_at",
    "consents.Received": "received_on", "requests.Request": "received_on", "requests.Letter": "at", "requests.Wait": "asked_on",
    "usersessions.UserSession": "last_seen_at",
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """`parts`: keys; `since`: the first day; `portable`: only what GDPR Art. 20 is about."""

    parts: frozenset[str] = frozenset(PARTS)
    since: date | None = None
    portable: bool = False

    def takes(self, table: str, category: str) -> bool:
        part = "messages" if table.startswith(MESSAGES_FROM) else OF_CATEGORY[category]
        return part in self.parts and (category in PORTABLE or not self.portable)

    def rows(self, table: str) -> dict[str, Any]:
        """For a filter of the table's rows."""
        moment = MOMENTS.get(table)
        if moment is None or self.since is None:
            return {}
        has_a_time = isinstance(apps.get_model(table)._meta.get_field(moment), DateTimeField)
        first = timezone.make_aware(datetime.combine(self.since, time.min)) if has_a_time else self.since
        return {f"{moment}__gte": first}

    @property
    def is_all(self) -> bool:
        return self == EVERYTHING

    @property
    def titles(self) -> list[StrOrPromise]:
        return [part.title for part in PARTS.values() if part.key in self.parts]


EVERYTHING = Scope()


def scope_of(asked: Mapping[str, Any]) -> Scope:
    """Of what a request says; nothing said is everything."""
    parts = frozenset(asked.get("parts") or PARTS) & frozenset(PARTS)
    since = date.fromisoformat(asked["since"]) if asked.get("since") else None
    return Scope(parts or frozenset(PARTS), since, bool(asked.get("portable")))
