"""What the history page says of each kind of entry that this app writes."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django_countries import countries

from accounts.browsers import in_words
from ledger.kinds import Payload, Period, Words, register


def joined(payload: Payload) -> Words:
    return Words(_("First sign-in here"), _("The page opened to you with your proven address."))


def met(payload: Payload) -> Words:
    return Words(_("First contact without an account"), _("By an address that was proven with a code."))


def recorded(payload: Payload) -> Words:
    return Words(_("First known here"), _("From the records of the brand."))


def external_id_tied(payload: Payload) -> Words:
    return Words(_("The brand noted which number its own systems have for you"))


def signed_in(payload: Payload) -> Words:
    how = {"passkey": _("with a passkey"), "openid": _("with the brand’s own account")}.get(payload["how"], _("with a code by email"))
    return Words(_("Sign-in %(how)s") % {"how": how}, in_words(payload["browser"] or ""))


def contact_changed(payload: Payload) -> Words:
    return Words(_("Change of the address we write to"))


def name_changed(payload: Payload) -> Words:
    return Words(_("Change of name"), payload["name"])


def language_changed(payload: Payload) -> Words:
    return Words(_("Change of language"), payload["language"])


def place_changed(payload: Payload) -> Words:
    return Words(_("Change of country: %(country)s") % {"country": countries.name(payload["country"])}, payload["region"] or "")


def sessions_ended(payload: Payload) -> Words:
    return Words(_("Signing out on other devices"))


def sign_in_changed(payload: Payload) -> Words:
    return Words(what_changed(payload["what"]))


def what_changed(what: str) -> str:
    """The same words in the history and in the mail that tells of it."""
    titles = {
        "passkey_added": _("New passkey"),
        "passkey_removed": _("Passkey removed"),
        "passkey_renamed": _("Passkey renamed"),
        "authenticator_added": _("New authenticator app"),
        "authenticator_removed": _("Authenticator app removed"),
        "openid_linked": _("The brand’s own account linked"),
        "openid_unlinked": _("The brand’s own account no longer linked"),
        "recovery_codes_made": _("New recovery codes"),
    }
    return titles[what]


def account_halted(payload: Payload) -> Words:
    return Words(_("“This was not me”"), _("No copy leaves and nothing is deleted for some days."))


def staff_changed(payload: Payload) -> Words:
    return Words(_("A member of staff changed how they sign in"))


def openid_set(payload: Payload) -> Words:
    return Words(_("The sign-in with the brand was set"), payload["issuer"])


def register_kinds() -> None:
    register("openid.set", fields=("issuer", "client_id", "in_use"), period=Period.PROOF, words=openid_set)
    register("person.joined", fields=("how", "language", "country"), period=Period.WITH_PERSON, words=joined)
    register("person.met", fields=("language", "country", "region"), period=Period.WITH_PERSON, words=met)
    register("person.recorded", fields=("language", "country"), period=Period.WITH_PERSON, words=recorded)
    register("external_id.tied", fields=("new", "contacts"), period=Period.WITH_PERSON, words=external_id_tied)
    register("person.signed_in", fields=("how", "browser"), period=Period.WITH_PERSON, words=signed_in, group="sign_ins")
    register("contact.changed", fields=("channel", "what"), period=Period.WITH_PERSON, words=contact_changed)
    register("name.changed", fields=("name", "before"), period=Period.WITH_PERSON, words=name_changed)
    register("language.changed", fields=("language", "before"), period=Period.WITH_PERSON, words=language_changed)
    register("place.changed", fields=("country", "region", "evidence", "before"), period=Period.WITH_PERSON, words=place_changed)
    register("sessions.ended", fields=("count",), period=Period.WITH_PERSON, words=sessions_ended, group="sign_ins")
    register("sign_in.changed", fields=("what",), period=Period.WITH_PERSON, words=sign_in_changed, group="sign_ins")
    register("account.halted", fields=("why",), period=Period.WITH_PERSON, words=account_halted, group="sign_ins")
    register("staff.sign_in_changed", fields=("staff", "what"), period=Period.PROOF, words=staff_changed)
