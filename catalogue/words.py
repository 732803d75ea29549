"""The catalogue's kinds of ledger entries, and how the history of a brand tells them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from catalogue.models.policies import PRIVACY
from ledger.kinds import Payload, Period, Words, register


def register_kinds() -> None:
    register(
        "purpose.published",
        fields=("purpose", "version", "sha256", "basis", "classes", "channels", "parent", "says_the_same", "in_force_from"),
        period=Period.PUBLIC,
        words=purpose_published,
        group="policy",
    )
    register(
        "policy.published",
        fields=("policy", "version", "sha256", "in_force_from", "clauses"),
        period=Period.PUBLIC,
        words=policy_published,
        group="policy",
    )
    register("policy.reviewed", fields=("policy", "version"), period=Period.PUBLIC, words=policy_reviewed, group="policy")
    register("purpose.retired", fields=("purpose", "version"), period=Period.PUBLIC, words=purpose_retired, group="policy")


def purpose_published(payload: Payload) -> Words:
    values = {"purpose": payload["purpose"], "version": payload["version"]}
    if payload["version"] == 1:
        return Words(_("A new use of data was published: %(purpose)s") % values)
    detail = _("Reworded only. An officer confirmed that it says the same.") if payload["says_the_same"] else ""
    return Words(_("Version %(version)s of a use of data was published: %(purpose)s") % values, detail)


def purpose_retired(payload: Payload) -> Words:
    return Words(_("A use of data has ended: %(purpose)s") % {"purpose": payload["purpose"]})


def policy_published(payload: Payload) -> Words:
    values = {"version": payload["version"], "policy": payload["policy"]}
    if payload["policy"] == PRIVACY:
        return Words(_("Version %(version)s of the privacy policy was published.") % values)
    return Words(_("Version %(version)s of a policy was published: %(policy)s") % values)


def policy_reviewed(payload: Payload) -> Words:
    values = {"version": payload["version"], "policy": payload["policy"]}
    return Words(_("Version %(version)s of a policy was read again and still holds: %(policy)s") % values)
