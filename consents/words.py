"""What the history page says of choices, in the language of the page. The titles are those of the version decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue.published import published, version_of
from consents.naming import register_names
from consents.shown import channel_name
from consents.states import How, Scope, State, Where
from ledger.kinds import Payload, Period, Words, register

_brand: ContextVar[Brand] = ContextVar("brand")
_reader: ContextVar[str] = ContextVar("reader", default="")


@contextmanager
def read_at(brand: Brand, reader: str = "") -> Iterator[None]:
    """An entry names purposes by key: whose catalogue they stand in is known to the page that shows them. `reader`: the reference of who
    reads, where it is not whose record it is."""
    token, by = _brand.set(brand), _reader.set(reader)
    try:
        yield
    finally:
        _brand.reset(token)
        _reader.reset(by)


def brand_read() -> Brand:
    """Whose record is read; for the words of other apps' kinds."""
    return _brand.get()


def register_kinds() -> None:
    register(
        "choice.decided",
        fields=(
            "purpose", "version", "channel", "party", "basis", "state", "before", "seen", "shown", "language", "how", "where",
            "assurance", "expires_at", "occurred_at", "outcome", "undoes", "evidence", "regimes",
        ),
        period=Period.PROOF,
        words=choice_decided,
        group="choices",
    )  # fmt: skip
    register(
        "scope.changed",
        fields=("scope", "state", "party", "seen", "language", "how", "where", "assurance", "occurred_at", "evidence"),
        period=Period.PROOF,
        words=scope_changed,
        group="choices",
    )

    register(
        "taste.changed",
        fields=("channel", "topics_off", "days_between", "pause_until", "where"),
        period=Period.WITH_PERSON,
        words=taste_changed,
        group="choices",
    )

    register(
        "recipient.confirmed",
        fields=("recipient", "name", "about", "outcome", "evidence"),
        period=Period.PROOF,
        words=recipient_confirmed,
        group="choices",
    )
    register(
        "consent.claimed",
        fields=("purpose", "version", "channel", "party", "how", "where", "missing", "evidence", "occurred_at"),
        period=Period.PROOF,
        words=consent_claimed,
        group="choices",
    )
    register("restriction.changed", fields=("state", "request"), period=Period.PROOF, words=restriction_changed, group="choices")
    register(
        "data.received",
        fields=("source", "categories", "received_on", "tell_by"),
        period=Period.WITH_PERSON,
        words=data_received,
        group="account",
    )


def restriction_changed(act: Payload) -> Words:
    title = _("Your data is kept and not used, while we check") if act["state"] == "on" else _("Your data is used again as you allow")
    return Words(title, act["request"])


def data_received(act: Payload) -> Words:
    names = register_names(_brand.get())
    data = ", ".join(names.category(key) for key in act["categories"])
    day = date_format(date.fromisoformat(act["received_on"]), "DATE_FORMAT")
    title = _("We got data about you from %(source)s") % {"source": names.source(act["source"])}
    return Words(title, _("%(data)s, on %(day)s.") % {"data": data, "day": day})


def label_of(act: Payload) -> str:
    """“News and offers, Email”; the key of a purpose that this brand has never published."""
    version = version_of(_brand.get(), act["purpose"], act["version"])
    title = version.for_language(get_language() or "").title if version else act["purpose"]
    return labelled(title, act["channel"])


def title_now(purpose: str, channel: str) -> str:
    """The same of a use as it is published today; its key, when it is not."""
    version = published(_brand.get()).get(purpose)
    return labelled(version.for_language(get_language() or "").title if version else purpose, channel)


def labelled(title: str, channel: str) -> str:
    return f"{title}, {channel_name(channel)}" if channel else title


def choice_decided(act: Payload) -> Words:
    titles = {
        State.GRANTED: _("You allowed: %(what)s"),
        State.REFUSED: _("You chose “Don’t allow”: %(what)s"),
        State.WITHDRAWN: _("You stopped: %(what)s"),
        State.OBJECTED: _("You objected: %(what)s"),
        State.OPTED_OUT: _("You opted out: %(what)s"),
        State.PENDING: _("You asked to allow, and a confirmation is awaited: %(what)s"),
        State.EXPIRED: _("Your yes has run out: %(what)s"),
        State.DEFERRED: _("You put off deciding: %(what)s"),
        State.UNSET: _("You took your no back: %(what)s"),
    }
    if act.get("outcome") == "superseded":
        title = _("An earlier yes came in, and your later no stands: %(what)s") % {"what": label_of(act)}
        return Words(title, _detail(act))
    if act["party"] != (_reader.get() or act["subject"]):
        return _somebody_else_decided(act)
    return Words(titles[State(act["state"])] % {"what": label_of(act)}, _detail(act))


def _somebody_else_decided(act: Payload) -> Words:
    """In a child’s record: by a guardian, for whoever is not that guardian; by the child, for a guardian."""
    titles = {
        State.GRANTED: _("Allowed: %(what)s"),
        State.REFUSED: _("“Don’t allow” chosen: %(what)s"),
        State.WITHDRAWN: _("Stopped: %(what)s"),
        State.OBJECTED: _("Objected to: %(what)s"),
        State.OPTED_OUT: _("Opted out of: %(what)s"),
        State.PENDING: _("Asked for, and a confirmation is awaited: %(what)s"),
        State.EXPIRED: _("A yes no longer counts: %(what)s"),
        State.DEFERRED: _("Decision put off: %(what)s"),
        State.UNSET: _("A no was taken back: %(what)s"),
    }
    who = _("By the child.") if act["party"] == act["subject"] else _("By a parent or guardian.")
    return Words(titles[State(act["state"])] % {"what": label_of(act)}, " ".join([who, _detail(act)]).strip())


def recipient_confirmed(act: Payload) -> Words:
    name = {"name": act["name"]}
    return {
        "done": Words(_("%(name)s confirmed that it did what you chose") % name),
        "nothing": Words(_("%(name)s confirmed that it had nothing of yours") % name),
        "kept": Words(_("%(name)s answered that it keeps something") % name, _("Ask us why, and until when.")),
    }[act["outcome"]]


def consent_claimed(act: Payload) -> Words:
    title = _("An earlier system says that you allowed: %(what)s") % {"what": label_of(act)}
    return Words(title, _("It could not show what you read, when or where. We count it as not decided."))


def scope_changed(act: Payload) -> Words:
    on = act["state"] == "on"
    title = {
        Scope.MARKETING: _("You stopped all marketing") if on else _("You lifted the stop of all marketing"),
        Scope.SALE: _("You said no to selling and sharing") if on else _("You lifted the no to selling and sharing"),
        Scope.SENSITIVE: _("You limited the use of sensitive data") if on else _("You lifted the limit on sensitive data"),
    }[Scope(act["scope"])]
    return Words(title, _detail(act))


def taste_changed(act: Payload) -> Words:
    """What somebody likes to hear about: never what they allow."""
    parts = []
    if act["topics_off"]:
        parts.append(ngettext("%(n)d topic left out.", "%(n)d topics left out.", len(act["topics_off"])) % {"n": len(act["topics_off"])})
    if act["days_between"]:
        parts.append(ngettext("At most once a day.", "At most every %(n)d days.", act["days_between"]) % {"n": act["days_between"]})
    if act["pause_until"]:
        parts.append(_("A break until %(day)s.") % {"day": date_format(date.fromisoformat(act["pause_until"]), "DATE_FORMAT")})
    return Words(_("You changed what you like to hear about, %(channel)s") % {"channel": channel_name(act["channel"])}, " ".join(parts))


def _detail(act: Payload) -> str:
    how = how_words(act["how"])
    version = _("Version %(number)s of this use.") % {"number": act["version"]} if "version" in act else ""
    return " ".join(filter(None, [how or where_words(act["where"]), version]))


def how_words(how: str) -> str:
    """Only where it was not simply a press of a button."""
    return {
        How.UNDO: _("By undoing the choice before."),
        How.SIGNAL: _("Set by your browser’s privacy signal."),
        How.DOUBLE_OPT_IN: _("Confirmed from your mailbox."),
        How.EXPIRY: _("It had been given for a limited time."),
        How.PHONE: _("By phone, recorded by our team."),
        How.PAPER: _("On paper, recorded by our team."),
        How.LINK: _("By a link in a message from us."),
        How.ONE_CLICK: _("By the unsubscribe button of a mail program."),
        How.IMPORT: _("Taken over from an earlier system."),
    }.get(How(how), "")


def where_words(where: str) -> str:
    """Nothing for what another app calls a place."""
    return WHERE.get(where, lambda: "")()


WHERE: Mapping[str, Callable[[], str]] = {
    Where.CHOICES: lambda: _("In this privacy center."),
    Where.MAP: lambda: _("On the page about how we use data."),
    Where.PRIVACY_CHOICES: lambda: _("On the page for opting out."),
    Where.PROMPT: lambda: _("When we asked."),
}


def state_words(state: str) -> str:
    """One word for the receipt: before and after."""
    return {
        State.UNSET: _("Not decided"),
        State.DEFERRED: _("Put off"),
        State.PENDING: _("Waiting for confirmation"),
        State.GRANTED: _("Allowed"),
        State.REFUSED: _("Not allowed"),
        State.WITHDRAWN: _("Not allowed"),
        State.EXPIRED: _("Run out"),
        State.OBJECTED: _("Objected"),
        State.OPTED_OUT: _("Opted out"),
    }[State(state)]
