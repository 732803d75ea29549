"""The child's own page as ready sentences: what is on, who said so and why, and what the child can do about it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Customer, Guardianship
from catalogue.models.purposes import AGE_GROUPS
from catalogue.published import Published
from consents import shown
from consents.forms import Page
from consents.models import Choice
from consents.words import labelled
from guardians.actions.wishing import REMIND_AFTER
from guardians.family import quoted
from guardians.models import Wish
from guardians.reading import OLDER_FROM, Known, read

YOUNGER, OLDER = AGE_GROUPS


@dataclass(frozen=True)
class Use:
    """One block. `can`: what the buttons offer: off (it is on), ask, asked (waits)."""

    id: str
    title: str
    sentence: str
    pictogram: str
    state: str
    lines: list[str]
    can: str
    url: str
    page: str
    may_remind: bool = False


@dataclass(frozen=True)
class OwnPage:
    name: str
    seen_by: str
    seen_more: str
    uses: list[Use]
    words: str  # younger or older
    wishes: list[Wish]  # about no use: copy, correct, delete
    officer: str  # the first name of whoever looks after this
    alone: bool  # old enough: the link shows nothing any more but how the page becomes theirs
    address_waits: bool


def own_page(child: Customer, language: str, *, words: str = "") -> OwnPage:
    """Six queries."""
    now = timezone.now()
    known = read([child], now, notes=True)[0]
    if known.decides_alone:
        return _of_age(child)
    mine = words if words in {YOUNGER, OLDER} else OLDER if (known.age or 0) >= OLDER_FROM else YOUNGER
    who = adults(known.guardians)
    return OwnPage(
        name=child.name.split(" ")[0],
        seen_by=_seen_by(who),
        seen_more=_seen_more(known, who),
        uses=[_use(known, purpose, channel, language, mine) for purpose, channel in known.uses()],
        words=mine,
        wishes=[wish for wish in known.wishes if wish.what != Wish.What.ALLOW and wish.state != Wish.State.TAKEN_BACK],
        officer=(child.brand.privacy_officer_name or "").split(" ")[0],
        alone=False,
        address_waits=False,
    )


def _of_age(child: Customer) -> OwnPage:
    """Whoever had the link may still have it: nothing is read by it any more."""
    page = getattr(child, "child_page", None)
    waits = page is not None and page.asked_at is not None
    return OwnPage("", "", "", [], OLDER, [], "", alone=True, address_waits=waits)


def adults(ties: Iterable[Guardianship]) -> list[str]:
    """“Your mum”, “Your dad”, or their name."""
    return [adult(tie) for tie in ties]


def adult(tie: Guardianship) -> str:
    name = tie.guardian.name if tie.guardian is not None else ""
    return {"mother": _("your mum"), "father": _("your dad")}.get(tie.parenthood_claim, name or _("an adult who looks after you"))


def _seen_by(who: list[str]) -> str:
    if not who:
        return _("No adult sees this page right now")
    names = _("%(some)s and %(last)s") % {"some": ", ".join(who[:-1]), "last": who[-1]} if who[1:] else who[0]
    return _first_large(_("%(who)s can see this page") % {"who": names})


def _first_large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _seen_more(known: Known, who: list[str]) -> str:
    if not who:
        return _("Until an adult is here, nothing new is turned on.")
    return _("They see what you choose here, and why you ask for something.")


def _use(known: Known, purpose: Published, channel: str, language: str, words: str) -> Use:
    child = known.child
    texts = purpose.for_language(language)
    title, sentence = texts.child_words(words)
    decision = known.decision(purpose, channel)
    own = known.word(child.subject, purpose.key, channel)
    wish = known.open_wish(Wish.What.ALLOW, purpose.key, channel)
    screen = shown.to_child(child.brand, purpose, channel, language, words)
    page = Page(known.nonce, known.seen, screen.version, screen.language, screen.sha256)
    can = "off" if decision.allowed else "asked" if wish else "ask"
    return Use(
        id=f"use-{purpose.key}{'-' + channel if channel else ''}",
        title=labelled(title, channel),
        sentence=sentence,
        pictogram=purpose.pictogram,
        state=_state(decision.allowed, own),
        lines=[*_answers(known, purpose, channel), *([_waits(known)] if wish else [])],
        can=can,
        url=_url(purpose.key, channel),
        page=str(page),
        may_remind=wish is not None and known.now - (wish.reminded_at or wish.made_at) >= REMIND_AFTER,
    )


def _url(purpose: str, channel: str) -> str:
    if channel:
        return reverse("guardians:own_channel", args=[purpose, channel])
    return reverse("guardians:own_use", args=[purpose])


def _state(on: bool, own: Choice | None) -> str:
    if on:
        return _("It is on.")
    if own is not None and own.is_no:
        return _("It is off. You turned it off.")
    return _("It is off.")


def _answers(known: Known, purpose: Published, channel: str) -> Iterator[str]:
    """Each adult's word, when, and the note with it; then the answer to a wish, where its note came with no new word."""
    told: set[str] = set()
    ties = {tie.guardian_subject: tie for tie in known.ties}
    for choice in known.spoken(purpose.key, channel):
        tie = ties.get(choice.party)
        if tie is None or not known.counts(choice) or not (choice.is_no or choice.stands(known.now)):
            continue
        said = _("%(who)s said no, %(day)s.") if choice.is_no else _("%(who)s said yes, %(day)s.")
        text = said % {"who": adult(tie), "day": date_format(timezone.localtime(choice.recorded_at), "MONTH_DAY_FORMAT")}
        note = known.notes.get(str(choice.receipt))
        told |= {note.text} if note else set()
        yield _first_large(text) + (f" {quoted(note.text)}" if note else "")
    answered = [wish for wish in known.wishes if (wish.purpose, wish.channel) == (purpose.key, channel) and wish.answer]
    if answered and answered[-1].answer not in told:
        yield quoted(answered[-1].answer)


def _waits(known: Known) -> str:
    who = adults(known.guardians)
    if len(who) == 1:
        return _("You asked for it. %(who)s has not answered yet.") % {"who": _first_large(who[0])}
    return _("You asked for it. Nobody has answered yet.")
