"""What the history page says of each kind of entry that this app writes."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django_countries import countries

from accounts.actions.looking import ANSWERS, REASONS
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
    title = _("Halted, to be safe") if payload["why"] == "desk" else _("“This was not me”")
    return Words(title, _("No copy leaves and nothing is deleted for some days."))


CLAIMS = {
    "mother": gettext_noop("the child’s mother"),
    "father": gettext_noop("the child’s father"),
    "parent": gettext_noop("a parent of the child"),
    "guardian": gettext_noop("the child’s legal guardian"),
}


def guardianship_started(payload: Payload) -> Words:
    mine = payload["subject"] == payload["child"]
    title = _("An adult decides for you from now on") if mine else _("You decide for a child from now on")
    return Words(title, _("As %(claim)s.") % {"claim": _(CLAIMS[payload["claim"]])} if payload["claim"] in CLAIMS else "")


def guardianship_ended(payload: Payload) -> Words:
    mine = payload["subject"] == payload["child"]
    title = _("An adult no longer decides for you") if mine else _("You no longer decide for a child")
    return Words(title, _(WHY_ENDED[payload["why"]]) if payload["why"] in WHY_ENDED else "")


WHY_ENDED = {
    "resigned": gettext_noop("They ended it themselves."),
    "revoked": gettext_noop("Taken back from the mail that had confirmed it."),
    "lost": gettext_noop("By a decision that was shown to us."),
    "erased": gettext_noop("The account was deleted."),
    "of_age": gettext_noop("The child came of age."),
    "restored": gettext_noop("Ended before a backup was put back, and ended again."),
}


def guardianship_frozen(payload: Payload) -> Words:
    if payload["state"] == "on":
        return Words(_("Support looks into who may decide"), _("Until that is settled, things can be turned off and nothing else."))
    return Words(_("It is settled who may decide"))


def birth_date_changed(payload: Payload) -> Words:
    return Words(_("Birth date corrected"), date_format(date.fromisoformat(payload["birth_date"]), "DATE_FORMAT"))


def age_declared(payload: Payload) -> Words:
    bands = {"adult": _("Of age."), "minor": _("Not of age yet, and old enough to decide alone about most things.")}
    return Words(_("An age was given when joining"), bands[payload["band"]])


def staff_changed(payload: Payload) -> Words:
    return Words(_("A member of staff changed how they sign in"))


def openid_set(payload: Payload) -> Words:
    return Words(_("The sign-in with the brand was set"), payload["issuer"])


def looked_at(payload: Payload) -> Words:
    title = _("We looked at your answers") if payload["what"] == ANSWERS else _("We looked at your data")
    because = _("Because: %(reason)s.") % {"reason": _(REASONS[payload["reason"]])}
    return Words(title, f"{because} “{payload['note']}”" if payload["note"] else because)


TAKEN = {
    "proof": gettext_noop("The proof of what you decided was taken out"),
    "request_log": gettext_noop("The log of requests was taken out"),
    "audit": gettext_noop("The record of what staff did was taken out"),
}


def roles_asked(payload: Payload) -> Words:
    return Words(_("Roles were asked for a member of staff"), ", ".join(payload["roles"]))


def roles_refused(payload: Payload) -> Words:
    return Words(_("Roles for a member of staff were not given"), ", ".join(payload["roles"]))


def roles_changed(payload: Payload) -> Words:
    return Words(_("A member of staff has other roles"), ", ".join(payload["roles"]) or _("none"))


def taken_away(payload: Payload) -> Words:
    return Words(_(TAKEN[payload["what"]]))


def viewed(payload: Payload) -> Words:
    return Words(_("A page of the desk was opened"), payload["page"])


def searched(payload: Payload) -> Words:
    return Words(_("A search for a customer"))


def register_kinds() -> None:
    register("record.looked_at", fields=("what", "reason", "note"), period=Period.WITH_PERSON, words=looked_at)
    register("staff.roles_asked", fields=("staff", "roles"), period=Period.PROOF, words=roles_asked)
    register("staff.roles_refused", fields=("staff", "roles"), period=Period.PROOF, words=roles_refused)
    register("staff.roles_changed", fields=("staff", "roles"), period=Period.PROOF, words=roles_changed)
    register("desk.taken_away", fields=("what",), period=Period.PROOF, words=taken_away)
    register("desk.viewed", fields=("page",), period=Period.PROOF, words=viewed)
    register("desk.searched", fields=("by", "found"), period=Period.PROOF, words=searched)
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
    register(
        "guardianship.started",
        fields=("guardian", "child", "claim", "method", "discloses", "evidence", "verified_by", "until"),
        period=Period.PROOF,
        words=guardianship_started,
    )
    register("guardianship.ended", fields=("guardian", "child", "why"), period=Period.PROOF, words=guardianship_ended)
    register("guardianship.frozen", fields=("state",), period=Period.PROOF, words=guardianship_frozen)
    register("birth_date.changed", fields=("birth_date", "before"), period=Period.WITH_PERSON, words=birth_date_changed)
    register("age.declared", fields=("band", "method"), period=Period.WITH_PERSON, words=age_declared)
    register("account.halted", fields=("why",), period=Period.WITH_PERSON, words=account_halted, group="sign_ins")
    register("staff.sign_in_changed", fields=("staff", "what"), period=Period.PROOF, words=staff_changed)
