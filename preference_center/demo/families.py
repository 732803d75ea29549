"""Marta's family at the club: Zosia, 11, who has a wish open, and Kuba, 14, who proposes; Paweł is invited and has not come yet."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from accounts import gates
from accounts.models import Customer, Person
from catalogue.published import published
from consents import shown
from consents.forms import Page, new_nonce
from consents.saying import Said
from consents.standing import basis_here
from consents.states import How, Verb, Where
from guardians import actions
from guardians.models import Wish
from ledger.models import Head
from preference_center.demo.cast import member

ZOSIA, KUBA = ("Zosia", 11, 100), ("Kuba", 14, 70)  # name, years, and days since the birthday
# Who decides on what, with the child's wish before it, and the note for the child.
DECISIONS = (
    ("Zosia", "health", Verb.ALLOW, "", ""),
    ("Zosia", "photos", Verb.DENY, "", "Let us wait with that until you are older."),
    ("Zosia", "videos", Verb.DENY, "", ""),
    ("Zosia", "results", Verb.ALLOW, "I want to see my name.", "Well swum."),
    ("Kuba", "results", Verb.ALLOW, "Everyone in my group is there.", ""),
    ("Kuba", "videos", Verb.ALLOW, "It helps with the turn.", ""),
)


def play(marta: Customer | None) -> None:
    """By the same actions as the pages. Twice is once."""
    if marta is None or gates.wards_of(marta):
        return
    name, years, days = ZOSIA
    claim = actions.begin_claim(marta, claim="mother", method="in_person", name=name, birth_date=_born(years, days))
    actions.accept(claim, by=f"staff:{Person.objects.get(email=member('iga').email).reference}")
    name, years, days = KUBA
    actions.add_child(marta, name=name, birth_date=_born(years, days), claim="mother")
    children = {ward.child.name: ward.child for ward in gates.wards_of(marta)}
    for who, purpose, verb, wish, note in DECISIONS:
        _decide(marta, children[who], purpose, verb, wish, note)
    _wish(children["Zosia"], "album", "All my friends are in it.")
    pawel = member("pawel")
    actions.invite(marta, list(children.values()), name=pawel.name, address=pawel.email)


def _born(years: int, days: int) -> date:
    day = timezone.localdate() - timedelta(days=days)
    return date(day.year - years, day.month, min(day.day, 28))


def _decide(marta: Customer, child: Customer, purpose: str, verb: Verb, wish: str, note: str) -> None:
    if wish:
        _wish(child, purpose, wish)
    page = _page(child, purpose, marta.language)
    said = Said(
        f"guardian:{marta.subject}", marta.subject, How.BUTTON, Where.FAMILY, "IV2", page.language, page.seen, page.version, page.shown
    )  # fmt: skip
    actions.decide(child, marta, purpose, "", verb, said, note=note)


def _wish(child: Customer, purpose: str, note: str) -> None:
    actions.make_wish(child, Wish.What.ALLOW, purpose=purpose, note=note, page=str(_page(child, purpose, child.language)))


def _page(child: Customer, purpose: str, language: str) -> Page:
    """What the page would have shown."""
    version = published(child.brand)[purpose]
    screen = shown.screen(child.brand, version, "", language, basis_here(child, version))
    seen = Head.objects.values_list("seq", flat=True).get(pk=child.subject)
    return Page(new_nonce(), seen, screen.version, screen.language, screen.sha256)
