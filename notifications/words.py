"""The kinds of ledger entries about messages, and how the history tells them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ledger.kinds import Payload, Period, Words, register


def register_kinds() -> None:
    register("change.seen", fields=("policy", "version", "sha256"), period=Period.PROOF, words=change_seen, group="policy")
    register("campaign.paused", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_paused, group="policy")
    register("campaign.resumed", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_resumed, group="policy")
    register("campaign.ended", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_ended, group="policy")
    register("campaign.exported", fields=("policy", "version", "campaign"), period=Period.PUBLIC, words=campaign_exported, group="policy")


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
