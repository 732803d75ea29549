"""The ways to the pages of a family, which a brand without children does not have."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from playwright.sync_api import Page

from accounts.assurance import Level, Proof
from accounts.models import Customer
from data_requests import actions as requests
from guardians import actions
from guardians.claim_links import link_of
from guardians.links import token, token_of
from guardians.models import GuardianClaim
from guardians.tests.families import STAFF, a_child, born, decides, wishes
from preference_center.tests.journeys.walking import ask_for_a_code, enter_code, newest_code, press

if TYPE_CHECKING:
    from preference_center.tests.journeys.places import World

WITH_TWO_FACTORS = Proof(Level.IV3, "passkey")
SEND = "main form .btns button, main form .btn--primary"


def have_a_family(guardian: Customer) -> None:
    """One child, of whom some things are decided, one is wished for, one is asked to be corrected; and another adult is invited."""
    zosia = a_child(guardian)
    decides(guardian, zosia, "videos", "allow")
    decides(guardian, zosia, "photos", "deny", note="Poczekajmy.")
    wishes(zosia, "album", "Wszyscy tam są.")
    actions.invite(guardian, [zosia], name="Paweł", address="pawel@example.com")
    requests.receive(zosia, "correct", {"text": "Zofia."}, WITH_TWO_FACTORS, by=f"guardian:{guardian.subject}")


def adult(world: World, name: str) -> Customer:
    found: Customer = world.brand.customers.select_related("brand", "person").get(person__email=f"{name}@example.com")
    return found


def child(world: World, name: str = "Zosia") -> Customer:
    found: Customer = world.brand.customers.select_related("brand", "child_page").get(name=name)
    return found


def of_child(what: str = "") -> Callable[[Page, World], Any]:
    """A page of Zosia's guardian."""
    return lambda page, world: page.goto(f"/family/{child(world).code}/{what}")


def sent(path: str) -> Callable[[Page, World], Any]:
    """The form there as it is."""

    def go(page: Page, _: World) -> None:
        page.goto(path)
        press(page.locator(SEND).first)

    return go


# ── Becoming a guardian ─────────────────────────────────────────────────────────────────────────────────────────────


def _claim(world: World, method: str) -> GuardianClaim:
    """Of somebody who decides for nobody yet."""
    claim = actions.begin_claim(adult(world, "nowa"), claim="parent", method=method, name="Tola", birth_date=born(7))
    claim.guardian = adult(world, "nowa")
    return claim


def _family(page: Page) -> None:
    page.goto("/family/")
    assert page.locator("main .notice").count()


def claimed_by_mail(page: Page, world: World) -> None:
    _claim(world, "email_plus")
    _family(page)


def confirmed_by_mail(page: Page, world: World) -> None:
    assert actions.confirm_by_mail(_claim(world, "email_plus"))
    _family(page)


def claimed_in_person(page: Page, world: World) -> None:
    _claim(world, "in_person")
    _family(page)


def claimed_on_paper(page: Page, world: World) -> None:
    _claim(world, "signed_form")
    _family(page)


def paper_handed_in(page: Page, world: World) -> None:
    actions.hand_in(_claim(world, "signed_form"), "sealed", b"a picture")
    _family(page)


def refused(page: Page, world: World) -> None:
    actions.refuse(_claim(world, "in_person"), "Dokument stracił ważność.", by=STAFF)
    _family(page)


def paper(page: Page, world: World) -> None:
    _claim(world, "signed_form")
    page.goto("/family/form/")


def paper_missing(page: Page, world: World) -> None:
    paper(page, world)
    press(page.locator(SEND).first)


def confirm(page: Page, world: World) -> None:
    page.goto(f"/family/confirm/{link_of(_claim(world, 'email_plus'))}/")


def revoke(page: Page, world: World) -> None:
    page.goto(f"/family/revoke/{link_of(_claim(world, 'email_plus'))}/")


def revoked(page: Page, world: World) -> None:
    revoke(page, world)
    press(page.locator("main form button"))


# ── Invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def invited(page: Page, _: World) -> None:
    page.goto("/family/invite/")
    page.fill("input[name=name]", "Paweł")
    page.fill("input[name=address]", "pawel@example.com")
    page.check("input[name=children]")
    press(page.locator(SEND).first)


def wrong_code(page: Page, _: World) -> None:
    page.goto("/family/invitation/")
    page.fill("main input[name=code]", "AAAA-AAAA-AAAA")
    press(page.locator(SEND).first)


def invitation(page: Page, world: World) -> None:
    _row, code = actions.invite(adult(world, "stara"), [child(world)], name="Ewa", address="")
    page.goto(f"/family/invitation/{code}/")


def accept_error(page: Page, world: World) -> None:
    invitation(page, world)
    press(page.locator(SEND).first)


# ── Of a child ──────────────────────────────────────────────────────────────────────────────────────────────────────


def older_than_before(page: Page, world: World) -> None:
    page.goto(f"/family/{child(world).code}/details/")
    page.fill("input[name=birth_date]", born(12).isoformat())
    press(page.locator(SEND).first)


def request(page: Page, world: World) -> None:
    page.goto(f"/family/{child(world).code}/requests/")
    press(page.locator("main .rows h3 a").first)


def frozen(page: Page, world: World) -> None:
    """A dispute about a child of somebody else than Zosia's guardian, whose pages go on."""
    actions.open_dispute(a_child(adult(world, "nowa"), name="Olek"), "Nowe orzeczenie.", by=STAFF)
    page.goto("/family/")


def ada(world: World) -> Customer:
    """Old enough to decide alone."""
    there = world.brand.customers.select_related("brand", "child_page").filter(name="Ada").first()
    return there or a_child(adult(world, "nowa"), years=16, name="Ada")


def grown(page: Page, world: World) -> None:
    actions.ask_for_page(ada(world), "ada@example.com")
    page.goto("/family/")
    assert "ada@example.com" in page.locator("main").inner_text()


# ── At the desk ─────────────────────────────────────────────────────────────────────────────────────────────────────


def desk_claim(page: Page, world: World) -> None:
    page.goto(f"/desk/guardians/guardianclaim/{_claim(world, 'in_person').pk}/")
    press(page.locator("#content button[value=look]"))


def desk_dispute(page: Page, world: World) -> None:
    dispute = actions.open_dispute(a_child(adult(world, "nowa"), name="Iga"), "Nowe orzeczenie.", by=STAFF)
    page.goto(f"/desk/guardians/dispute/{dispute.pk}/")
    press(page.locator("#content button[value=look]"))


def desk_dispute_closed(page: Page, world: World) -> None:
    dispute = actions.open_dispute(a_child(adult(world, "inna"), name="Ala"), "Nowe orzeczenie.", by=STAFF)
    page.goto(f"/desk/guardians/dispute/{dispute.pk}/")


# ── The child's own page ────────────────────────────────────────────────────────────────────────────────────────────


def own(page: Page, world: World) -> None:
    page.goto(f"/me/{token_of(child(world))}/")


def own_older(page: Page, world: World) -> None:
    own(page, world)
    page.goto("/me/?words=older")


def own_asked(page: Page, world: World) -> None:
    """Right after something was asked for."""
    own(page, world)
    page.locator("summary").first.click()
    press(page.locator("button[value=ask]").first)


def link_over(page: Page, world: World) -> None:
    page.goto(f"/me/{token(child(world), 99)}/")


def own_left(page: Page, world: World) -> None:
    own(page, world)
    press(page.locator("form[action='/me/leave/'] button"))


def own_grown(page: Page, world: World) -> None:
    page.goto(f"/me/{token_of(ada(world))}/")


def claim(page: Page, world: World) -> None:
    own_grown(page, world)
    page.goto("/me/claim/")


def claim_error(page: Page, world: World) -> None:
    claim(page, world)
    page.fill("main input[name=address]", "ada@")
    press(page.locator(SEND).first)


def claim_code(page: Page, world: World) -> None:
    claim(page, world)
    page.fill("main input[name=address]", _address())
    press(page.locator(SEND).first)
    world.work()


def claim_code_error(page: Page, world: World) -> None:
    claim_code(page, world)
    enter_code(page, "12345")


# ── The age gate ────────────────────────────────────────────────────────────────────────────────────────────────────


def _address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def gate(page: Page, world: World) -> None:
    """By somebody who has just proven an address that is new here."""
    address = _address()
    ask_for_a_code(page, address)
    world.work()
    enter_code(page, newest_code(world.settings.MAIL_DIR, address))


def _say_born(page: Page, day: date) -> None:
    page.fill("input[name=birth_date]", day.isoformat())
    press(page.locator(SEND).first)


def gate_error(page: Page, world: World) -> None:
    gate(page, world)
    _say_born(page, timezone.localdate() + timedelta(days=400))


def too_young(page: Page, world: World) -> None:
    gate(page, world)
    _say_born(page, born(12))


def too_young_error(page: Page, world: World) -> None:
    too_young(page, world)
    press(page.locator(SEND).first)


def adult_asked(page: Page, world: World) -> None:
    too_young(page, world)
    page.fill("input[name=name]", "Tola")
    page.fill("input[name=address]", "mama@example.com")
    press(page.locator(SEND).first)


def code_to_hand_over(page: Page, world: World) -> None:
    too_young(page, world)
    page.fill("input[name=name]", "Tola")
    press(page.locator(SEND).first)
