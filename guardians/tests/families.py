"""A family at the club, made by the real actions: Marta and Paweł, seen in person, and their children."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.actions import Verified, begin_guardianship, join, new_child
from accounts.models import Customer, Guardianship
from brands.models import Brand
from catalogue.published import published
from consents import shown
from consents.decide import decide as may
from consents.forms import Page, new_nonce
from consents.saying import Outcome, Said
from consents.standing import basis_here
from consents.states import How, Verb, Where
from guardians import actions
from ledger.models import Head
from regimes.days import birthday

STAFF = "staff:" + "a" * 32
OTHER_STAFF = "staff:" + "b" * 32
SEEN = Verified("mother", "in_person", discloses=True, by=STAFF)
FATHER = Verified("father", "in_person", discloses=True, by=STAFF)
BY_MAIL = Verified("mother", "email_plus")


def born(years: int, days: int = 40) -> date:
    """Of somebody who is that old, and was it some days ago."""
    day = timezone.localdate() - timedelta(days=days)
    return birthday(
        day.replace(year=day.year - years) if (day.month, day.day) != (2, 29) else day.replace(year=day.year - years, day=28), 0
    )


def a_child(guardian: Customer, years: int = 11, name: str = "Zosia", verified: Verified = SEEN, **place: str) -> Customer:
    child = new_child(guardian, name, born(years))
    for column, value in place.items():
        setattr(child, column, value)
    begin_guardianship(guardian=guardian, child=child, verified=verified, by=STAFF)
    return child


def tied(guardian: Customer, child: Customer, verified: Verified = FATHER) -> Guardianship:
    return begin_guardianship(guardian=guardian, child=child, verified=verified, by=STAFF)


def said_by(guardian: Customer, child: Customer, purpose: str, channel: str = "", seen: int | None = None) -> Said:
    """As the family page has it: with what it shows, and the head it has seen."""
    version = published(child.brand)[purpose]
    screen = shown.screen(child.brand, version, channel, guardian.language, basis_here(child, version))
    head = Head.objects.values_list("seq", flat=True).get(pk=child.subject) if seen is None else seen
    return Said(
        f"guardian:{guardian.subject}",
        guardian.subject,
        How.BUTTON,
        Where.FAMILY,
        "IV2",
        guardian.language,
        head,
        screen.version,
        screen.sha256,
    )


def decides(guardian: Customer, child: Customer, purpose: str, verb: str, *, note: str = "", channel: str = "") -> Outcome:
    return actions.decide(child, guardian, purpose, channel, Verb(verb), said_by(guardian, child, purpose, channel), note=note)


def page_of(child: Customer, purpose: str, channel: str = "") -> str:
    """The hidden field of the child's own page."""
    screen = shown.to_child(child.brand, published(child.brand)[purpose], channel, child.language, "younger")
    head = Head.objects.values_list("seq", flat=True).get(pk=child.subject)
    return str(Page(new_nonce(), head, screen.version, screen.language, screen.sha256))


def wishes(child: Customer, purpose: str, note: str = "") -> Any:
    return actions.make_wish(child, "allow", purpose=purpose, note=note, page=page_of(child, purpose))


def turns_off(child: Customer, purpose: str) -> Outcome:
    from consents.actions import turn_off

    said = Said(f"self:{child.subject}", child.subject, How.LINK, Where.CHILD, "IV1", child.language)
    return turn_off(child, purpose, "", said)


def answer(child: Customer, purpose: str) -> tuple[bool, str]:
    decision = may(child, purpose)
    return decision.allowed, decision.reason.value


def adult(brand: Brand, name: str, language: str = "en") -> Customer:
    found = join(brand=brand, address=f"{name.lower()}@example.com", language=language)
    found.name = name
    found.save(update_fields=["name"])
    found.brand = brand
    return found


def mails() -> list[str]:
    """The texts of what was written to the folder, oldest first, each behind its address."""
    folder = Path(settings.MAIL_DIR)
    found = (
        [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))] if folder.exists() else []
    )
    texts = []
    for each in found:
        body = each.get_body(("plain",))
        assert body is not None
        texts.append(f"{each['To']} {body.get_content()}")
    return texts
