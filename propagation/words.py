"""What the brand's record says of partners, keys and endpoints. They are about no person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ledger.kinds import Payload, Period, Words, register


def partner_named(act: Payload) -> Words:
    return Words(_("A partner was named or changed: %(name)s") % {"name": act["name"]})


def api_key_issued(act: Payload) -> Words:
    return Words(_("A key to the API was made for %(partner)s") % {"partner": act["partner"]}, ", ".join(act["verbs"]))


def api_key_revoked(act: Payload) -> Words:
    return Words(_("A key to the API was revoked: %(number)s") % {"number": act["number"]})


def endpoint_changed(act: Payload) -> Words:
    titles = {
        "opened": _("An endpoint of %(partner)s was opened"),
        "changed": _("An endpoint of %(partner)s was changed"),
        "closed": _("An endpoint of %(partner)s was switched off"),
        "rotated": _("The secret of an endpoint of %(partner)s was exchanged"),
        "replayed": _("Events were sent to %(partner)s again"),
        "tested": _("An endpoint of %(partner)s was tested"),
    }
    return Words(titles[act["what"]] % {"partner": act["partner"]})


def import_begun(act: Payload) -> Words:
    return Words(_("Choices were imported from an earlier system"), act["preset"])


def register_kinds() -> None:
    register("partner.named", fields=("key", "name", "recipient", "in_use"), period=Period.PROOF, words=partner_named)
    register("api_key.issued", fields=("number", "partner", "verbs", "purposes", "expires_at"), period=Period.PROOF, words=api_key_issued)
    register("api_key.revoked", fields=("number", "partner"), period=Period.PROOF, words=api_key_revoked)
    register("endpoint.changed", fields=("number", "partner", "what", "count"), period=Period.PROOF, words=endpoint_changed)
    register("import.begun", fields=("number", "preset", "sha256", "dry"), period=Period.PROOF, words=import_begun)
