"""The kinds of ledger entries about messages, and how the history tells them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.kinds import Payload, Period, Words, register

# What a mail of each kind is about, as the desk and the history of whoever got it say it.
ABOUT = {
    "new_device": gettext_noop("A sign-in from another browser"),
    "sign_in_changed": gettext_noop("A change of how they sign in"),
    "data_received": gettext_noop("Data that came from somebody else"),
    "request_received": gettext_noop("A request of theirs came in"),
    "request_moved": gettext_noop("What came of a request"),
    "family": gettext_noop("Their family"),
    "colleague": gettext_noop("What one of us wrote down for them"),
    "policy_change": gettext_noop("A change of the policy"),
    "policy_reminder": gettext_noop("A reminder to decide"),
}
NEWS = gettext_noop("News")


def about(kind: str) -> str:
    """In the language that is active."""
    return _(ABOUT.get(kind, NEWS))


def register_kinds() -> None:
    register("mail.sent_again", fields=("about",), period=Period.WITH_PERSON, words=sent_again)
    register("change.seen", fields=("policy", "version", "sha256"), period=Period.PROOF, words=change_seen, group="policy")
    register("campaign.paused", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_paused, group="policy")
    register("campaign.resumed", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_resumed, group="policy")
    register("campaign.ended", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_ended, group="policy")
    register("campaign.exported", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_exported, group="policy")


def sent_again(payload: Payload) -> Words:
    return Words(_("We sent you a mail once more"), _("It goes to the address it went to before, and says what it says today."))


def change_seen(payload: Payload) -> Words:
    return Words(_("You read what version %(version)s of the privacy policy changes.") % {"version": payload["version"]})


def campaign_paused(payload: Payload) -> Words:
    return Words(_("Telling people of version %(version)s of the privacy policy was paused.") % {"version": payload["version"]})


def campaign_resumed(payload: Payload) -> Words:
    return Words(_("Telling people of version %(version)s of the privacy policy goes on.") % {"version": payload["version"]})


def campaign_ended(payload: Payload) -> Words:
    return Words(_("Telling people of version %(version)s of the privacy policy was ended.") % {"version": payload["version"]})


def campaign_exported(payload: Payload) -> Words:
    return Words(
        _("The proof of who was told of version %(version)s of the privacy policy was exported.") % {"version": payload["version"]}
    )
