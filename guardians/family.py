"""The family page as ready sentences and values: the templates only place them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import gates
from accounts.ages import place_of
from accounts.models import Customer, Guardianship
from accounts.sealed import unseal
from catalogue.published import Published, published
from consents import shown
from consents.forms import Page
from consents.grounds import GENERAL
from consents.models import Choice
from consents.screens import second_layer
from consents.standing import basis_here
from consents.states import NO, State
from consents.words import labelled
from guardians.methods import METHODS
from guardians.models import ChildPage, GuardianClaim, Invitation, Wish
from guardians.reading import OLDER_FROM, Known, read
from regimes import days
from regimes.resolver import age_of_consent, majority

INLINE = 2  # children: up to here the choices of the first stand on the family page itself; the others have a page each


@dataclass(frozen=True)
class Decide:
    """Two equal buttons and a note for the child (templates/guardians/_decide.html). `state`: open, allow or deny."""

    action: str
    label: str
    labelled_by: str
    state: str
    page: str
    child: str
    answers: bool = False  # to a wish: “Allow it”, “Not this time”


@dataclass(frozen=True)
class Row:
    id: str
    name: str
    decide: Decide
    lines: list[str]
    receipt_url: str
    on: bool


@dataclass(frozen=True)
class Card:
    id: str
    title: str
    sentence: str
    more: SafeString
    rows: list[Row]
    by_channel: bool


@dataclass(frozen=True)
class Asked:
    """A wish that waits for an answer. `decide` for a use, else `request_url`: where the guardian begins what was asked for."""

    id: str
    pk: int
    title: str
    text: str
    decide: Decide | None = None
    request_url: str = ""


@dataclass(frozen=True)
class Child:
    code: str
    name: str
    how_old: str
    asked: list[Asked]
    summary: str
    cards: list[Card]
    passes: tuple[str, str] | None  # title and text of what passes to the child at the next birthday that counts
    alone: bool
    frozen: bool
    address: str = ""  # that waits to become the sign-in of the page
    lifts: list[Row] = field(default_factory=list)  # of a child who decides alone: noes of one’s own that still stand in the way


@dataclass(frozen=True)
class Adult:
    name: str
    detail: str
    tag: str
    tone: str
    invitation: int = 0


@dataclass(frozen=True)
class FamilyPage:
    children: list[Child]
    adults: list[Adult]
    claim: GuardianClaim | None
    refused: GuardianClaim | None


def family(guardian: Customer, language: str) -> FamilyPage:
    """Eight queries, whatever the number of children, uses and entries."""
    now = timezone.now()
    wards = gates.wards_of(guardian, now)
    known = read([ward.child for ward in wards], now)
    pages = {page.child_id: page for page in ChildPage.objects.filter(child__in=[ward.child.pk for ward in wards])}
    first = sorted(zip(wards, known, strict=True), key=lambda each: not each[1].has_open_wish)
    children = [
        child_view(guardian, ward, each, language, pages.get(ward.child.pk), cards=number == 0 and len(wards) <= INLINE)
        for number, (ward, each) in enumerate(first)
    ]
    newest = guardian.guardian_claims.order_by("-created_at").first()
    claim = newest if newest is not None and newest.decided_at is None else None
    refused = newest if newest is not None and newest.state == GuardianClaim.State.REFUSED else None
    return FamilyPage(
        children=children,
        adults=[*_adults(guardian, known), *_invited(guardian, now)] if wards else [],
        claim=claim,
        refused=refused,
    )


def one_child(guardian: Customer, ward: gates.Ward, language: str) -> Child:
    known = read([ward.child], timezone.now())[0]
    return child_view(guardian, ward, known, language, ChildPage.objects.filter(child=ward.child).first(), cards=True)


def child_view(guardian: Customer, ward: gates.Ward, known: Known, language: str, page: ChildPage | None, *, cards: bool) -> Child:
    alone, frozen = known.decides_alone, ward.is_frozen
    hidden = alone or frozen
    reader = _Reader(guardian, known, language)
    found = [] if hidden else reader.cards()
    return Child(
        code=ward.child.code,
        name=called(ward.child),
        how_old=_how_old(known),
        asked=[] if hidden else reader.asked(),
        summary="" if hidden else _summary(known, found),
        cards=found if cards else [],
        passes=None if alone else _passes(known),
        alone=alone,
        frozen=frozen,
        lifts=reader.own_noes() if alone and not frozen else [],
        address=unseal(page.sealed)["to"] if page is not None and page.sealed and not frozen else "",
    )


def called(child: Customer) -> str:
    """By their first name; what the family itself wrote."""
    return child.name.split(" ")[0] if child.name else _("Your child")


class _Reader:
    """One guardian's view of one child's uses."""

    def __init__(self, guardian: Customer, known: Known, language: str) -> None:
        self.guardian, self.known, self.language = guardian, known, language
        self.names = {tie.guardian_subject: adult_name(tie) for tie in known.ties}

    def cards(self) -> list[Card]:
        by_purpose: dict[str, tuple[Published, list[str]]] = {}
        for purpose, channel in self.known.uses():
            by_purpose.setdefault(purpose.key, (purpose, []))[1].append(channel)
        return [self._card(purpose, channels) for purpose, channels in by_purpose.values()]

    def own_noes(self) -> list[Row]:
        rows = (self._row(purpose, channel) for purpose, channel in self.known.uses())
        return [row for row in rows if row.decide.state == "deny"]

    def _card(self, purpose: Published, channels: list[str]) -> Card:
        texts = purpose.for_language(self.language)
        rows = [self._row(purpose, channel) for channel in channels]
        card_id = f"{self.known.child.code}-{purpose.key}"
        return Card(card_id, texts.title, texts.sentence, second_layer(texts, self.language), rows, bool(purpose.channels))

    def _row(self, purpose: Published, channel: str) -> Row:
        known = self.known
        own = known.word(self.guardian.subject, purpose.key, channel)
        row_id = f"{known.child.code}-{purpose.key}-{channel or 't'}"
        texts = purpose.for_language(self.language)
        state = "open" if own is None else "allow" if own.stands(known.now) else "deny" if own.is_no else "open"
        return Row(
            id=row_id,
            name=shown.channel_name(channel) if channel else texts.title,
            decide=self._decide(purpose, channel, row_id, state),
            lines=list(self._lines(purpose, channel, own)),
            receipt_url=reverse("guardians:receipt", args=[known.child.code, own.receipt]) if own is not None else "",
            on=known.decision(purpose, channel).allowed,
        )

    def _decide(self, purpose: Published, channel: str, row_id: str, state: str, *, answers: bool = False) -> Decide:
        known, child = self.known, self.known.child
        screen = shown.screen(child.brand, purpose, channel, self.language, basis_here(child, purpose))
        page = Page(known.nonce, known.seen, screen.version, screen.language, screen.sha256)
        label = labelled(purpose.for_language(self.language).title, channel)
        return Decide(decide_url(child.code, purpose.key, channel), label, row_id, state, str(page), called(child), answers)

    def _lines(self, purpose: Published, channel: str, own: Choice | None) -> Iterable[str]:
        """Who said what, and why it is off where somebody else’s word keeps it off."""
        known = self.known
        child, name = known.child, called(known.child)
        theirs = known.word(child.subject, purpose.key, channel)
        if own is None or own.state not in {State.GRANTED, *NO}:
            yield _("You have not decided: we treat it as “Don’t allow”.")
        elif self._together(purpose, channel, own, theirs):
            yield _("You, together with %(name)s, %(day)s.") % {"name": name, "day": _day(own.recorded_at)}
        else:
            yield _("You, %(day)s.") % {"day": _day(own.recorded_at)}
        for choice in known.spoken(purpose.key, channel):
            if choice.party not in {self.guardian.subject, child.subject} and known.counts(choice):
                yield from _others(choice, self.names.get(choice.party, ""), known.now)
        yield from self._former(purpose, channel)
        if theirs is not None and theirs.is_no:
            yield _("%(name)s turned it off, %(day)s. It stays off until %(name)s asks for it again.") % {
                "name": name, "day": _day(theirs.recorded_at),
            }  # fmt: skip
        elif own is not None and own.stands(known.now) and self._waits_for_child(purpose, theirs):
            yield _("The law asks for %(name)s’s yes, too. It starts when %(name)s asks for it on their own page.") % {"name": name}

    def _former(self, purpose: Published, channel: str) -> Iterable[str]:
        """A no of somebody who no longer decides, while nobody has said yes since."""
        noes = [each for each in self.known.spoken(purpose.key, channel) if each.is_no and not self.known.counts(each)]
        if noes and self.known.decision(purpose, channel).seq in {each.seq for each in noes}:
            yield _("%(name)s, who no longer decides, had said no. If you allow it now, it is on.") % {
                "name": self.names.get(noes[0].party, _("Somebody"))
            }

    def _together(self, purpose: Published, channel: str, own: Choice, theirs: Choice | None) -> bool:
        """The yes of both where the law wants both; elsewhere a yes to what the child had asked for."""
        if not own.stands(self.known.now):
            return False
        asked = [wish for wish in self.known.wishes if (wish.purpose, wish.channel) == (purpose.key, channel)]
        granted = any(wish.state == Wish.State.ALLOWED and wish.answered_by == own.party for wish in asked)
        return granted or (theirs is not None and theirs.stands(self.known.now))

    def _waits_for_child(self, purpose: Published, theirs: Choice | None) -> bool:
        return self.known.decider(purpose) == "self_and_guardian" and (theirs is None or not theirs.stands(self.known.now))

    def asked(self) -> list[Asked]:
        return [found for wish in self.known.wishes if wish.state == Wish.State.OPEN and (found := self._asked(wish)) is not None]

    def _asked(self, wish: Wish) -> Asked | None:
        child, name = self.known.child, called(self.known.child)
        wish_id = f"wish-{wish.pk}"
        said = f"{quoted(wish.note)} " if wish.note else ""
        text = said + _("Asked on %(day)s.") % {"day": _day(wish.made_at)}
        if wish.what != Wish.What.ALLOW:
            url = reverse("guardians:request", args=[child.code, wish.what])
            return Asked(wish_id, wish.pk, str(WISHES[Wish.What(wish.what)]) % {"name": name}, text, request_url=url)
        purpose = published(child.brand).get(wish.purpose)
        if purpose is None:
            return None
        title = labelled(purpose.for_language(self.language).title, wish.channel)
        decide = self._decide(purpose, wish.channel, wish_id, "open", answers=True)
        return Asked(wish_id, wish.pk, _("%(name)s would like: %(what)s") % {"name": name, "what": title}, text, decide=decide)


def quoted(words: str) -> str:
    """In the quotation marks of the reader’s language."""
    return _("“%(note)s”") % {"note": words}


WISHES = {
    Wish.What.COPY: gettext_lazy("%(name)s would like to see everything that we know"),
    Wish.What.CORRECT: gettext_lazy("%(name)s says that something is wrong"),
    Wish.What.DELETE: gettext_lazy("%(name)s would like to have their data deleted"),
}


def decide_url(code: str, purpose: str, channel: str) -> str:
    if channel:
        return reverse("guardians:decide_channel", args=[code, purpose, channel])
    return reverse("guardians:decide", args=[code, purpose])


def _others(choice: Choice, name: str, now: datetime) -> Iterable[str]:
    who = {"name": name, "day": _day(choice.recorded_at)}
    if choice.is_no:
        yield _("%(name)s said no, %(day)s. It stays off until they lift it.") % who
    elif choice.stands(now):
        yield _("%(name)s said yes, %(day)s.") % who


def adult_name(tie: Guardianship) -> str:
    return tie.guardian.name if tie.guardian is not None and tie.guardian.name else _("The other adult")


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _how_old(known: Known) -> str:
    age, name = known.age or 0, called(known.child)
    years = ngettext("%(n)d year old.", "%(n)d years old.", age) % {"n": age}
    if known.decides_alone:
        return years
    rest = _("You decide, %(name)s can ask.") if age < OLDER_FROM else _("%(name)s proposes, you confirm.")
    return f"{years} {rest % {'name': name}}"


def _summary(known: Known, cards: list[Card]) -> str:
    rows = [row for card in cards for row in card.rows]
    on = sum(row.on for row in rows)
    if not rows:
        return _("There is nothing to decide for %(name)s.") % {"name": called(known.child)}
    text = ngettext("%(on)d of %(n)d optional use is on.", "%(on)d of %(n)d optional uses are on.", len(rows))
    return text % {"on": on, "n": len(rows)}


def _passes(known: Known) -> tuple[str, str] | None:
    child = known.child
    if child.birth_date is None:
        return None
    place = place_of(child)
    age = min(age_of_consent(place, GENERAL, known.now.date()), majority(place))
    day = days.birthday(child.birth_date, age)
    named = {"day": date_format(day, "DATE_FORMAT"), "name": called(child), "age": age}
    title = _("On %(day)s %(name)s turns %(age)d") % named
    text = (
        _("From that day %(name)s decides alone. We write to you 90, 30 and 7 days before. Then you no longer see these choices.") % named
    )
    return title, text


def _adults(guardian: Customer, known: list[Known]) -> list[Adult]:
    """Everybody who decides for one of the children, once."""
    found: dict[str, Adult] = {}
    for each in known:
        for tie in each.guardians:
            if tie.guardian_subject not in found:
                mine = tie.guardian_subject == guardian.subject
                name = adult_name(tie)
                method = METHODS[tie.adulthood_method].title if tie.adulthood_method in METHODS else tie.adulthood_method
                detail = _("Confirmed on %(day)s: %(how)s.") % {"day": _day(tie.started_at), "how": method}
                found[tie.guardian_subject] = Adult(_("%(name)s (you)") % {"name": name} if mine else name, detail, _("Confirmed"), "good")
    return sorted(found.values(), key=lambda adult: adult.name)


def _invited(guardian: Customer, now: datetime) -> Iterable[Adult]:
    for row in Invitation.objects.open(now).filter(invited_by=guardian).order_by("created_at"):
        said = unseal(row.sealed)
        detail = _("Invited by you on %(day)s. Sees nothing yet.") % {"day": _day(row.created_at)}
        yield Adult(said["name"] or said["to"], detail, _("Waiting"), "wait", row.pk)
