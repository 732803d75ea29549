"""Every page of the product by name, with the way a person gets there. A new page is one more line here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, resolve
from django.utils import timezone
from playwright.sync_api import Page

import catalogue
from accounts import factors, links
from accounts.actions import change_contact, join, meet
from accounts.actions.colleagues import appoint
from accounts.assurance import BY_ADDRESS, NOTHING, Level, Proof
from accounts.models import Customer, OpenIdProvider, ReplacedAddress
from accounts.put_back_links import signature_of
from accounts.sealed import seal
from accounts.tests.conftest import Browser
from brands.models import Brand
from catalogue.actions import load_policy, revise, revise_policy
from consents.opting_in import OptIn
from consents.states import Verb
from data_requests import actions
from data_requests import links as request_links
from data_requests.models import Claim
from jobs.actions import run_due
from ledger.proving import prove
from notifications.policy_changes import day_of
from notifications.sending.loop import send_all
from preference_center.demo.cast import PACKS
from preference_center.demo.mailbox import mails
from preference_center.demo.story import decide, offer_topics
from preference_center.tests.cast import SignedIn
from preference_center.tests.journeys import family_pages as families
from preference_center.tests.journeys import question_pages as asked
from preference_center.tests.journeys.places import Go, Place, World, at
from preference_center.tests.journeys.walking import OpenPage, answer, ask_for_a_code, carry, enter_code, newest_code, press
from preference_center.tests.servers import Server, wait_for

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(signed_in: SignedIn, mail_folder: Any, settings: Any, work: Callable[[], int], db: None) -> MakeWorld:
    settings.ROOT_URLCONF = "preference_center.tests.journeys.urls"

    def make(brand: Brand, language: str = "en") -> World:
        load_policy(brand, Path(catalogue.__file__).parent / "packs" / f"policy-{PACKS[brand.key]}", by="system:tests")
        brand.refresh_from_db()
        offer_topics(brand)
        fresh = join(brand=brand, address="nowa@example.com", language=language)
        usual = join(brand=brand, address="stara@example.com", language=language)
        join(brand=brand, address="listy@example.com", language=language)
        usual.name = "Anna Kowalczyk"
        usual.save(update_fields=["name"])
        for purpose, channel, verb in DECISIONS[brand.key]:
            decide(usual, purpose, channel, verb)
        if brand.has_minors:
            families.have_a_family(usual)
        asked.have_questions(usual)
        sessions = {"fresh": signed_in(fresh), "usual": signed_in(usual), "staff": at_the_desk(brand, settings)}
        work()
        return World(brand, sessions, settings, work)

    return make


DECISIONS: dict[str, list[tuple[str, str, Verb]]] = {
    "linden": [("recs", "", Verb.ALLOW), ("news", "email", Verb.ALLOW), ("makers", "", Verb.DENY), ("news", "email", Verb.DENY)],
    "kingfisher": [("cancel", "", Verb.ALLOW), ("sponsors", "", Verb.ALLOW), ("sponsors", "", Verb.DENY)],
}


def at_the_desk(brand: Brand, settings: Any) -> Client:
    """A browser in which somebody with every role has shown an authenticator."""
    roles = Group.objects.values_list("name", flat=True)
    person = appoint(brand, f"ola@{brand.key}.example", roles, by="system:tests")
    factors.add_authenticator(person=person, customer=None, brand=brand, secret=SECRET)
    browser = Browser(brand, settings.MAIL_DIR)
    browser.sign_in(person.email)
    assert browser.post("/account/second-factor/", {"token": number(SECRET), "next": "/desk/"}).status_code == 302
    return browser


def number(secret: str) -> str:
    """What an authenticator app shows now, and will go on showing for some seconds."""
    wait_for(lambda: time.time() % 30 < 25, "the next number")
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────


def at_the_club(name: str, url: str, who: str, go: Go, status: int = 200) -> Place:
    """Where there are children."""
    return Place(name, url, who, go, status, brand="kingfisher")


def _opt_in(page: Page, world: World) -> None:
    """The link in the mail."""
    purpose, channel = {"linden": ("news", "email"), "kingfisher": ("letter", "")}[world.brand.key]
    wanted = OptIn(world.brand.key, "new@example.com", purpose, channel, "en", timezone.now().isoformat(timespec="seconds"))
    page.goto(f"/yes/{seal(wanted.__dict__)}/")


def _opted_in(page: Page, world: World) -> None:
    _opt_in(page, world)
    page.locator("main form button").first.click()


def _code_page(page: Page, world: World) -> None:
    ask_for_a_code(page, "someone@example.com")
    world.work()


def _wrong_code(page: Page, world: World) -> None:
    _code_page(page, world)
    enter_code(page, "12345")


def _too_many(page: Page, world: World) -> None:
    with world.setting("CODE_WRONG_PER_DAY", 0):
        ask_for_a_code(page, "someone@example.com")


def _saved(page: Page, world: World) -> None:
    page.goto("/choices/")
    press(answer(page, world.uses[1], "allow"))


def _stopped(page: Page, world: World) -> None:
    page.goto("/")
    press(page.locator("form[action='/choices/marketing/'] button"))


def _receipt(page: Page, _: World) -> None:
    page.goto("/history/?show=choices")
    press(page.locator("main .ledger a").first)


def _recovery_codes(page: Page, _: World) -> None:
    page.goto("/account/authenticator/")
    secret = page.locator("#scan ~ * code, section code").first.inner_text().replace(" ", "")
    enter_code(page, number(secret))


def _mail(page: Page, world: World) -> None:
    _code_page(page, world)
    page.goto("/demo/mailbox/")
    press(page.locator("main .rows a").first)


def _mail_itself(page: Page, world: World) -> None:
    _mail(page, world)
    press(page.locator("main .btns a").first)


def _stale(page: Page, world: World) -> None:
    page.goto("/choices/")
    page.context.clear_cookies(name="csrf")
    press(answer(page, world.uses[0], "deny"))


def _signed_out_yes(page: Page, world: World) -> None:
    page.goto("/choices/")
    press(answer(page, world.uses[0], "allow"))


def _wrong_address(page: Page, world: World) -> None:
    _signed_out_yes(page, world)
    _ask_to_confirm(page, "nowa@")


def _address_code(page: Page, world: World) -> None:
    _signed_out_yes(page, world)
    _ask_to_confirm(page, "nikt@example.com")


def _wrong_address_code(page: Page, world: World) -> None:
    _address_code(page, world)
    enter_code(page, "12345")


def _ask_to_confirm(page: Page, address: str) -> None:
    page.fill("input[type=email]", address)
    press(page.locator("main form:has(input[type=email]) button"))


def _taste(page: Page, world: World) -> None:
    """Topics are offered to whoever allows some of the news."""
    page.goto("/choices/")
    press(answer(page, "/choices/news/email/" if world.brand.key == "linden" else "/choices/letter/", "allow"))
    assert page.locator("#prefs").count()


def _new_recovery_codes(page: Page, world: World) -> None:
    form = page.locator("form[action='/account/recovery-codes/'] button")
    page.goto("/account/authenticator/")
    if not form.count():
        _recovery_codes(page, world)
        page.goto("/account/authenticator/")
    press(form)


def _no_such_region(page: Page, _: World) -> None:
    page.goto("/account/")
    page.fill("input[name=region]", "1!")
    press(page.locator("form:has(input[name=region]) button"))


def _no_such_name(page: Page, _: World) -> None:
    page.goto("/account/")
    page.fill("main input[name=name]#id_name", "Anna\u202eanna")
    press(page.locator("form[action='/account/name/'] button"))


def _opted_out(page: Page, _: World) -> None:
    page.goto("/privacy-choices/")
    press(page.locator("button[value=sale]"))


def _link(page: Page, world: World) -> None:
    customer = world.brand.customers.get(person__email="listy@example.com")
    scope = links.Scope("news", "sms") if world.brand.key == "linden" else links.Scope("cancel", "")
    page.goto(f"/u/{links.make(customer, scope)}/")


def _link_stopped(page: Page, world: World) -> None:
    _link(page, world)
    press(page.locator("button[value=stop]"))


def _link_fewer(page: Page, world: World) -> None:
    _link(page, world)
    page.locator("summary").click()
    page.locator("input[name=pause]").first.check()
    press(page.locator("button[value=fewer]"))


def _link_everything(page: Page, world: World) -> None:
    _link(page, world)
    press(page.locator("button[value=all]"))


def _changes(page: Page, world: World) -> None:
    page.goto(f"/changes/{_day_of_change(world.brand)}/")


def _changes_decided(page: Page, world: World) -> None:
    _changes(page, world)
    press(answer(page, f"/choices/{NEW_USE[world.brand.key]}/", "deny"))


def _change_link(page: Page, world: World) -> None:
    customer = world.brand.customers.get(person__email="listy@example.com")
    scope = links.Scope(NEW_USE[world.brand.key], "", _day_of_change(world.brand))
    page.goto(f"/u/{links.make(customer, scope)}/")


def _change_link_denied(page: Page, world: World) -> None:
    _change_link(page, world)
    press(page.locator("button[value=deny]"))


def _change_mail_itself(page: Page, world: World) -> None:
    prove()
    run_due()
    send_all()
    name = next(each.name for each in mails(world.brand) if f"/changes/{_day_of_change(world.brand)}/" in each.text)
    page.goto(f"/demo/mailbox/{name}/html/")


NEW_USE = {"linden": "room-photos", "kingfisher": "stroke-video"}  # of the pack, from the day on which its policy changes


def _day_of_change(brand: Brand) -> str:
    newest = brand.policies.get(key="privacy").newest
    assert newest
    return day_of(newest).isoformat()


def _conflict(page: Page, world: World) -> None:
    page.goto("/privacy-choices/")
    if page.locator("button[value=sale]").count():
        press(page.locator("button[value=sale]"))
    page.goto("/choices/")
    press(answer(page, "/choices/ads/" if world.brand.key == "linden" else "/choices/sponsors/", "allow"))


def _customer(world: World, name: str) -> Customer:
    found: Customer = world.brand.customers.select_related("brand", "person").get(person__email=f"{name}@example.com")
    return found


def _ask_error(page: Page, _: World) -> None:
    page.goto("/requests/correct/")
    page.fill("textarea", "")
    press(page.locator("main .btns button"))


def _check(page: Page, _: World) -> None:
    page.goto("/requests/review/")
    page.fill("textarea", "Why do I see these suggestions?")
    press(page.locator("main .btns button"))


def _check_copy(page: Page, _: World) -> None:
    page.goto("/requests/copy/")
    press(page.locator("main .btns button"))


def _request(page: Page, world: World) -> None:
    _check(page, world)
    press(page.locator("main .btns button"))


def _message_error(page: Page, world: World) -> None:
    _request(page, world)
    press(page.locator("form[action$='/message/'] button"))


def _copy(world: World) -> str:
    """The number of a copy that is ready."""
    usual = _customer(world, "stara")
    request = actions.receive(usual, "copy", {}, Proof(Level.IV3, "passkey"), by=f"self:{usual.subject}").request
    prove()
    run_due()
    return str(request.number)


def _ready(page: Page, world: World) -> None:
    page.goto(f"/requests/{_copy(world)}/")


def _unproven(page: Page, world: World) -> None:
    usual = _customer(world, "stara")
    request = actions.receive(usual, "copy", {}, NOTHING, by="staff:" + "0" * 32, via="phone").request
    page.goto(f"/requests/{request.number}/")


def _not_me(page: Page, world: World) -> None:
    number = _copy(world)
    page.goto(f"/requests/{number}/not-me/{request_links.signature(world.brand.key, number)}/")


def _not_me_done(page: Page, world: World) -> None:
    guest = _customer(world, "listy")
    request = actions.receive(guest, "copy", {}, NOTHING, by=f"self:{guest.subject}").request
    page.goto(f"/requests/{request.number}/not-me/{request_links.signature(world.brand.key, request.number)}/")
    press(page.locator("main form button"))


def _asking(page: Page, asker: str) -> None:
    page.goto(f"/requests/{asker}/")
    page.check("input[name=kind][value=copy]")
    press(page.locator("main .btns button"))


def _asking_who_error(page: Page, _: World) -> None:
    _asking(page, "for-somebody-else")
    press(page.locator("main .btns button"))


def _asking_check(page: Page, _: World) -> None:
    _asking(page, "without-account")
    page.fill("input[name=name]", "Nora Nowak")
    page.fill("input[name=email]", "nora@example.com")
    page.fill("textarea[name=shown]", "4711, 89,90")
    press(page.locator("main .btns button"))


def _asking_check_error(page: Page, world: World) -> None:
    _asking_check(page, world)
    press(page.locator("main .btns button"))


def _request_code(page: Page, world: World) -> None:
    _asking_check(page, world)
    page.check("input[name=declared]")
    press(page.locator("main .btns button"))
    world.work()


def _wrong_request_code(page: Page, world: World) -> None:
    _request_code(page, world)
    enter_code(page, "12345")


def _guest(page: Page, world: World) -> None:
    _request_code(page, world)
    enter_code(page, newest_code(world.settings.MAIL_DIR, "nora@example.com"))


def _limited(page: Page, world: World) -> None:
    page.goto("/requests/limited/")


def _follow(page: Page, world: World) -> None:
    usual = _customer(world, "stara")
    request = actions.receive(usual, "object", {"text": "No."}, NOTHING, by="staff:" + "0" * 32, via="phone").request
    page.goto(f"/requests/{request.number}/follow/{request_links.signature(world.brand.key, request.number, request_links.FOLLOW)}/")


def _mandate(page: Page, world: World) -> None:
    made = actions.ask_for(
        world.brand, "copy", {"text": ""}, person="stara@example.com", agent="Ada Agent", organisation="Privacy Helpers",
        address="ada@helpers.example", permission_on=date(2026, 11, 2), language="en",
    )  # fmt: skip
    world.work()
    page.goto(f"/requests/agent/{made.number}/{request_links.signature(world.brand.key, made.number, request_links.AGENT)}/")


def _paused(page: Page, world: World) -> None:
    fresh = _customer(world, "nowa")
    request = actions.receive(fresh, "restrict", {"text": "Wrong."}, Proof(Level.IV2, "session"), by=f"self:{fresh.subject}").request
    actions.fulfil(request, "We agree.", by="staff:" + "0" * 32)
    page.goto(f"/requests/{request.number}/")


def _copy_error(page: Page, _: World) -> None:
    page.goto("/requests/copy/")
    for box in page.locator("input[name=parts]").all():
        box.uncheck()
    press(page.locator("main .btns button"))


def _delete_error(page: Page, _: World) -> None:
    page.goto("/requests/delete/")
    press(page.locator("main .btns button"))


def _delete_check(page: Page, _: World) -> None:
    page.goto("/requests/delete/")
    page.check("input[name=what][value=all]")
    press(page.locator("main .btns button"))


def _delete_waits(world: World) -> str:
    """The number of a deletion that waits."""
    usual = _customer(world, "stara")
    waits = actions.receive(usual, "delete", {}, Proof(Level.IV3, "passkey"), by=f"self:{usual.subject}").request
    return str(waits.number)


def _delete_one(page: Page, world: World) -> None:
    page.goto(f"/requests/{_delete_waits(world)}/")


def _keep(page: Page, world: World) -> None:
    number = _delete_waits(world)
    page.goto(f"/requests/{number}/keep/{request_links.signature(world.brand.key, number, request_links.KEEP)}/")


def _kept(page: Page, world: World) -> None:
    _keep(page, world)
    press(page.locator("main form button"))


def _certificate(page: Page, world: World) -> None:
    gone = join(brand=world.brand, address="kasia@example.com", language="en")
    request = actions.receive(gone, "delete", {}, Proof(Level.IV3, "passkey"), by=f"self:{gone.subject}").request
    for item in request.items.exclude(system="center"):
        actions.item_done(item, "done", by="staff:" + "0" * 32, count=3)
    later = timezone.now() + timedelta(days=4)
    actions.start(request, by="system:tests", now=later)
    actions.erase(request, by="system:tests", now=later)
    world.work()
    page.goto(f"/requests/{request.number}/follow/{request_links.signature(world.brand.key, request.number, request_links.FOLLOW)}/")


def _refused(world: World) -> str:
    fresh = _customer(world, "nowa")
    request = actions.receive(fresh, "correct", {"text": "I am taller."}, Proof(Level.IV2, "session"), by=f"self:{fresh.subject}").request
    actions.refuse(request, "accurate", "We measured again.", by="staff:" + "0" * 32)
    return str(request.number)


def _figures(page: Page, world: World) -> None:
    """Where the brand shows them, which it does from now on."""
    _refused(world)
    Brand.objects.filter(pk=world.brand.pk).update(shows_figures=True)
    page.goto("/requests/figures/")


def _appeal_error(page: Page, world: World) -> None:
    page.goto(f"/requests/{_refused(world)}/appeal/")
    press(page.locator("main .btns button"))


def _claimed(page: Page, world: World) -> None:
    """At the desk, of what somebody without an account asked for."""
    somebody = meet(brand=world.brand, address="ktos@example.com", language="pl", country="PL")
    somebody.brand, claim = world.brand, Claim(name="Nora Nowak", shown="4711, 89,90")
    request = actions.receive(somebody, "copy", {"text": ""}, BY_ADDRESS, by=f"self:{somebody.subject}", claim=claim).request
    page.goto(f"/desk/requests/request/{request.pk}/")
    press(page.locator("#content button[value=look]"))


def _with_brand(world: World) -> None:
    """Offered from now on; nobody goes there, so nobody has to be there."""
    where = {name: f"https://accounts.example/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    said = {"label": world.brand.name, "issuer": "https://accounts.example", "client_id": "center", "in_use": True}
    OpenIdProvider.objects.get_or_create(brand=world.brand, defaults=said | where)


def _sign_in_with_brand(page: Page, world: World) -> None:
    _with_brand(world)
    page.goto("/sign-in/")


def _account_with_brand(page: Page, world: World) -> None:
    _with_brand(world)
    page.goto("/account/")


def _address_again(page: Page, _: World) -> None:
    page.goto("/account/address/")
    page.fill("input[type=email]", "anna@")
    press(page.locator("main form button").first)


def _new_address_code(page: Page, world: World) -> None:
    page.goto("/account/address/")
    page.fill("input[type=email]", "nowszy@example.com")
    press(page.locator("main form button").first)
    world.work()


def _replaced(world: World) -> str:
    """The path of the link in the mail to an address that was replaced."""
    customer = join(brand=world.brand, address=f"stary{ReplacedAddress.objects.count()}@example.com", language="en")
    change_contact(customer=customer, address=f"nowy{customer.pk}@example.com")
    row = ReplacedAddress.objects.latest("pk")
    return f"/account/address/{row.pk}/{signature_of(row, world.brand)}/"


def _put_back(page: Page, world: World) -> None:
    page.goto(_replaced(world))


def _put_back_done(page: Page, world: World) -> None:
    page.goto(_replaced(world))
    press(page.locator("main form button"))


def _put_back_over(page: Page, world: World) -> None:
    path = _replaced(world)
    ReplacedAddress.objects.update(put_back_at=timezone.now())
    page.goto(path)


def _desk_request(page: Page, world: World) -> None:
    _desk_request_closed(page, world)
    press(page.locator("#content button[value=look]"))


def _desk_request_closed(page: Page, world: World) -> None:
    usual = _customer(world, "stara")
    actions.receive(usual, "complaint", {"text": "Slow."}, Proof(Level.IV2, "session"), by=f"self:{usual.subject}")
    page.goto("/desk/requests/request/")
    press(page.locator("#result_list tbody a").first)


def _desk_found(page: Page, world: World) -> None:
    usual = _customer(world, "stara")
    page.goto("/desk/people/")
    page.fill("input[name=typed]", usual.code)
    press(page.locator("#content form button"))


def _desk_person_closed(page: Page, world: World) -> None:
    _desk_found(page, world)
    press(page.locator("#content table a").first)


def _desk_person(page: Page, world: World) -> None:
    """With every act unfolded, and one that was refused."""
    _desk_person_closed(page, world)
    if page.locator("select[name=reason]").count() and not page.locator(".person").count():
        page.select_option("select[name=reason]", "called")
        press(page.locator("#content form button"))
    page.locator("#act-no summary").click()
    press(page.locator("#act-no button"))


def _desk_figures(page: Page, world: World) -> None:
    prove()
    page.goto("/desk/figures/")


def _preview(end: str) -> Go:
    def go(page: Page, world: World) -> None:
        page.goto("/desk/")
        draft = revise(world.brand.purposes.order_by("order")[0])
        page.goto(f"/desk/preview/purpose/{draft.pk}/{end}?language={page.locator('html').get_attribute('lang')}")

    return go


def _preview_policy(page: Page, world: World) -> None:
    page.goto("/desk/")
    draft = revise_policy(world.brand.policies.get(key="privacy"))
    page.goto(f"/desk/preview/policy/{draft.pk}/as-read/?language={page.locator('html').get_attribute('lang')}")


def _preview_look(page: Page, world: World) -> None:
    page.goto(f"/desk/brands/theme/{world.brand.theme.pk}/change/")
    press(page.locator("button[formaction]"))


def _first_change(path: str) -> Go:
    def go(page: Page, _: World) -> None:
        page.goto(path)
        press(page.locator("#result_list tbody th a").first)

    return go


# In this order each finds its people as its name says.
PLACES = (
    Place("sign-in", "accounts:sign_in", "nobody", at("/sign-in/")),
    Place("sign-in-error", "accounts:sign_in", "nobody", lambda page, _: ask_for_a_code(page, "anna@"), 422),
    Place("sign-in-code", "accounts:sign_in_code", "nobody", _code_page),
    Place("sign-in-code-error", "accounts:sign_in_code", "nobody", _wrong_code, 422),
    Place("sign-in-too-many", "accounts:sign_in", "nobody", _too_many, 429),
    Place("overview-first-visit", "home:overview", "fresh", at("/")),
    Place("overview", "home:overview", "usual", at("/")),
    Place("choices-first-visit", "consents:choices", "fresh", at("/choices/")),
    Place("choices", "consents:choices", "usual", at("/choices/")),
    Place("demo-partners", "demo:partners", "nobody", at("/demo/partners/")),
    Place("opt-in", "consents:opt_in", "nobody", _opt_in),
    Place("opted-in", "consents:opt_in", "nobody", _opted_in),
    Place("opt-in-over", "consents:opt_in", "nobody", at("/yes/nothing/"), 410),
    Place("history", "consents:history", "usual", at("/history/")),
    Place("history-nothing", "consents:history", "fresh", at("/history/?show=choices")),
    Place("choices-saved", "consents:choices", "fresh", _saved),
    Place("choices-stopped", "consents:choices", "usual", _stopped),
    Place("choices-taste", "consents:choices", "usual", _taste),
    Place("receipt", "consents:receipt", "usual", _receipt),
    *asked.PLACES,
    Place("account", "accounts:account", "usual", at("/account/")),
    Place("account-error", "accounts:place", "usual", _no_such_region, 422),
    Place("account-name-error", "accounts:name", "usual", _no_such_name, 422),
    Place("new-address", "accounts:address", "usual", at("/account/address/")),
    Place("new-address-error", "accounts:address", "usual", _address_again, 422),
    Place("new-address-code", "accounts:address_code", "usual", _new_address_code),
    Place("put-back", "accounts:put_back", "nobody", _put_back),
    Place("put-back-done", "accounts:put_back", "nobody", _put_back_done),
    Place("put-back-over", "accounts:put_back", "nobody", _put_back_over),
    Place("confirm", "accounts:confirm", "usual", at("/account/confirm/")),
    Place("authenticator", "accounts:authenticator", "usual", at("/account/authenticator/")),
    Place("recovery-codes", "accounts:authenticator", "fresh", _recovery_codes),
    Place("new-recovery-codes", "accounts:recovery_codes", "fresh", _new_recovery_codes),
    Place("choices-signed-out", "consents:choices", "nobody", at("/choices/")),
    Place("choices-signed-out-gpc", "consents:choices", "nobody", at("/choices/"), gpc=True),
    Place("address", "consents:address", "nobody", _signed_out_yes),
    Place("address-error", "consents:address", "nobody", _wrong_address, 422),
    Place("address-code", "consents:address_code", "nobody", _address_code),
    Place("address-code-error", "consents:address_code", "nobody", _wrong_address_code, 422),
    Place("practices", "consents:practices", "usual", at("/how-we-use-data/")),
    Place("practices-signed-out", "consents:practices", "nobody", at("/how-we-use-data/")),
    Place("practices-company", "consents:practices", "usual", at("/how-we-use-data/?by=company")),
    Place("practices-company-signed-out", "consents:practices", "nobody", at("/how-we-use-data/?by=company")),
    Place("practices-data", "consents:practices", "nobody", at("/how-we-use-data/?by=data")),
    Place("practices-source", "consents:practices", "nobody", at("/how-we-use-data/?by=source")),
    Place("privacy-choices", "consents:privacy_choices", "nobody", at("/privacy-choices/")),
    Place("privacy-choices-honoured", "consents:privacy_choices", "nobody", _opted_out),
    Place("privacy-choices-gpc", "consents:privacy_choices", "nobody", at("/privacy-choices/"), gpc=True),
    Place("policy", "catalogue:policy", "nobody", at("/policy/")),
    Place("policy-version", "catalogue:policy_version", "usual", at("/policy/2/")),
    Place("policy-compared", "catalogue:policy_compare", "nobody", at("/policy/1...2/")),
    Place("link", "consents:link", "nobody", _link),
    Place("link-fewer", "consents:link", "nobody", _link_fewer),
    Place("link-stopped", "consents:link", "nobody", _link_stopped),
    Place("link-everything", "consents:link", "nobody", _link_everything),
    Place("link-over", "consents:link", "nobody", at("/u/nothing/"), 410),
    Place("changes", "notifications:change", "usual", _changes),
    Place("changes-signed-out", "notifications:change", "nobody", _changes),
    Place("changes-decided", "notifications:change", "fresh", _changes_decided),
    Place("change-link", "consents:link", "nobody", _change_link),
    Place("change-link-denied", "consents:link", "nobody", _change_link_denied),
    Place("change-mail-itself", "demo:mail_html", "nobody", _change_mail_itself, mail=True),
    Place("conflict", "consents:decide", "fresh", _conflict),
    Place("choices-gpc", "consents:choices", "fresh", at("/choices/"), gpc=True),
    Place("conflict-gpc", "consents:decide", "fresh", _conflict, gpc=True),
    Place("privacy-choices-known", "consents:privacy_choices", "fresh", at("/privacy-choices/"), gpc=True),
    Place("requests-signed-out", "requests:hub", "nobody", at("/requests/")),
    Place("requests-ask", "requests:ask", "usual", at("/requests/correct/")),
    Place("requests-ask-error", "requests:ask", "usual", _ask_error, 422),
    Place("requests-ask-copy", "requests:ask", "fresh", at("/requests/copy/")),
    Place("requests-check", "requests:check", "usual", _check),
    Place("requests-check-copy", "requests:check", "fresh", _check_copy),
    Place("requests-one", "requests:one", "usual", _request),
    Place("requests-message-error", "requests:message", "usual", _message_error, 422),
    Place("requests-unproven", "requests:one", "usual", _unproven),
    Place("requests-ready", "requests:one", "usual", _ready),
    Place("requests-copy-error", "requests:ask", "usual", _copy_error, 422),
    Place("requests-paused", "requests:one", "fresh", _paused),
    Place("requests", "requests:hub", "usual", at("/requests/")),
    Place("requests-asking", "requests:asking", "nobody", at("/requests/without-account/")),
    Place("requests-asking-agent", "requests:asking", "nobody", at("/requests/for-somebody-else/")),
    Place("requests-asking-who", "requests:asking_who", "nobody", lambda page, _: _asking(page, "without-account")),
    Place("requests-asking-who-error", "requests:asking_who", "nobody", _asking_who_error, 422),
    Place("requests-asking-check", "requests:asking_check", "nobody", _asking_check),
    Place("requests-asking-check-error", "requests:asking_check", "nobody", _asking_check_error, 422),
    Place("requests-code", "requests:code", "nobody", _request_code),
    Place("requests-code-error", "requests:code", "nobody", _wrong_request_code, 422),
    Place("requests-guest", "requests:one", "nobody", _guest),
    Place("requests-limited", "requests:limited", "nobody", _limited),
    Place("requests-follow", "requests:follow", "nobody", _follow),
    Place("requests-mandate", "requests:mandate", "nobody", _mandate),
    Place("sign-in-with-brand", "accounts:sign_in", "nobody", _sign_in_with_brand),
    Place("account-with-brand", "accounts:account", "usual", _account_with_brand),
    Place("requests-delete", "requests:delete", "usual", at("/requests/delete/")),
    Place("requests-delete-error", "requests:delete", "usual", _delete_error, 422),
    Place("requests-delete-check", "requests:delete_check", "usual", _delete_check),
    Place("requests-delete-one", "requests:one", "usual", _delete_one),
    Place("requests-keep", "requests:keep", "nobody", _keep),
    Place("requests-kept", "requests:keep", "nobody", _kept),
    Place("requests-certificate", "requests:follow", "nobody", _certificate),
    Place("requests-refused", "requests:one", "fresh", lambda page, world: page.goto(f"/requests/{_refused(world)}/")),
    Place("requests-figures", "requests:figures", "nobody", _figures),
    Place("requests-appeal", "requests:appeal", "fresh", lambda page, world: page.goto(f"/requests/{_refused(world)}/appeal/")),
    Place("requests-appeal-error", "requests:appeal", "fresh", _appeal_error, 422),
    Place("requests-not-me", "requests:not_me", "nobody", _not_me),
    Place("requests-not-me-done", "requests:not_me", "nobody", _not_me_done),
    Place("contact", "home:contact", "nobody", at("/contact/")),
    Place("accessibility", "home:accessibility", "usual", at("/accessibility/")),
    Place("demo-mailbox", "demo:mailbox", "nobody", at("/demo/mailbox/")),
    Place("demo-mail", "demo:mail", "nobody", _mail),
    Place("demo-mail-itself", "demo:mail_html", "nobody", _mail_itself, mail=True),
    Place("not-found", "", "usual", at("/no-such-page/"), 404),
    Place("stale-form", "consents:decide", "usual", _stale, 403),
    Place("second-factor", "accounts:second_factor", "staff", at("/account/second-factor/")),
    Place("desk", "desk:index", "staff", at("/desk/")),
    Place("desk-list", "desk:ledger_entry_changelist", "staff", at("/desk/ledger/entry/")),
    Place("desk-form", "desk:brands_brand_change", "staff", _first_change("/desk/brands/brand/")),
    Place("desk-record", "desk:record_of_processing", "staff", at("/desk/record-of-processing/")),
    Place("desk-received-add", "desk:consents_received_add", "staff", at("/desk/consents/received/add/")),
    *asked.DESK_PLACES,
    Place("desk-partners", "desk:propagation_partner_changelist", "staff", at("/desk/propagation/partner/")),
    Place("desk-partner-add", "desk:propagation_partner_add", "staff", at("/desk/propagation/partner/add/")),
    Place("desk-key-add", "desk:propagation_apikey_add", "staff", at("/desk/propagation/apikey/add/")),
    Place("desk-endpoint-add", "desk:propagation_endpoint_add", "staff", at("/desk/propagation/endpoint/add/")),
    Place("desk-deliveries", "desk:propagation_delivery_changelist", "staff", at("/desk/propagation/delivery/")),
    Place("desk-passings", "desk:consents_passing_changelist", "staff", at("/desk/consents/passing/")),
    Place("desk-comparisons", "desk:propagation_comparison_changelist", "staff", at("/desk/propagation/comparison/")),
    Place("desk-imports", "desk:propagation_import_changelist", "staff", at("/desk/propagation/import/")),
    Place("desk-requests", "desk:requests_request_changelist", "staff", at("/desk/requests/request/")),
    Place("desk-request", "desk:requests_request_one", "staff", _desk_request),
    Place("desk-request-closed", "desk:requests_request_one", "staff", _desk_request_closed),
    Place("desk-people", "desk:people", "staff", at("/desk/people/")),
    Place("desk-people-found", "desk:people", "staff", _desk_found),
    Place("desk-person-closed", "desk:person", "staff", _desk_person_closed),
    Place("desk-person", "desk:person", "staff", _desk_person, status=422),
    Place("desk-figures", "desk:figures", "staff", _desk_figures),
    Place("desk-reports", "desk:reports", "staff", at("/desk/reports/")),
    Place("desk-preview", "desk:preview_purpose", "staff", _preview("")),
    Place("preview-policy", "desk:preview_policy_as_read", "staff", _preview_policy),
    Place("preview-look", "desk:preview_theme", "staff", _preview_look),
    Place("preview-purpose", "desk:preview_purpose_as_read", "staff", _preview("as-read/")),
    Place("desk-colleagues", "desk:colleagues", "staff", at("/desk/colleagues/")),
    Place("desk-request-claimed", "desk:requests_request_one", "staff", _claimed),
    Place("desk-system-add", "desk:requests_system_add", "staff", at("/desk/requests/system/add/")),
    Place("desk-openid", "desk:accounts_openidprovider_changelist", "staff", at("/desk/accounts/openidprovider/")),
    Place("desk-request-receive", "desk:requests_request_receive", "staff", at("/desk/requests/request/receive/")),
    Place("styleguide", "brands:styleguide", "staff", at("/styleguide/"), english=True),
    # of a family
    at_the_club("family-nothing", "guardians:family", "fresh", at("/family/")),
    at_the_club("family", "guardians:family", "usual", at("/family/")),
    at_the_club("family-child", "guardians:child", "usual", families.of_child()),
    at_the_club("family-begin", "guardians:begin", "fresh", at("/family/begin/")),
    at_the_club("family-begin-error", "guardians:begin", "fresh", families.sent("/family/begin/"), 422),
    at_the_club("family-begin-verified", "guardians:begin", "usual", at("/family/begin/")),
    at_the_club("family-begin-verified-error", "guardians:begin", "usual", families.sent("/family/begin/"), 422),
    at_the_club("family-invite", "guardians:invite", "usual", at("/family/invite/")),
    at_the_club("family-invite-error", "guardians:invite", "usual", families.sent("/family/invite/"), 422),
    at_the_club("family-invited", "guardians:invite", "usual", families.invited),
    at_the_club("family-code", "guardians:enter_code", "fresh", at("/family/invitation/")),
    at_the_club("family-code-error", "guardians:enter_code", "fresh", families.wrong_code, 422),
    at_the_club("family-invitation", "guardians:invitation", "nobody", families.invitation),
    at_the_club("family-invitation-over", "guardians:invitation", "nobody", at("/family/invitation/AAAA-AAAA-AAAA/"), 404),
    at_the_club("family-accept", "guardians:invitation", "fresh", families.invitation),
    at_the_club("family-accept-error", "guardians:invitation", "fresh", families.accept_error, 422),
    at_the_club("family-paper", "guardians:paper", "fresh", families.paper),
    at_the_club("family-paper-error", "guardians:paper", "fresh", families.paper_missing, 422),
    at_the_club("family-confirm", "guardians:confirm", "fresh", families.confirm),
    at_the_club("family-revoke", "guardians:revoke", "nobody", families.revoke),
    at_the_club("family-revoked", "guardians:revoke", "nobody", families.revoked),
    at_the_club("family-claimed-by-mail", "guardians:family", "fresh", families.claimed_by_mail),
    at_the_club("family-confirmed-by-mail", "guardians:family", "fresh", families.confirmed_by_mail),
    at_the_club("family-claimed-in-person", "guardians:family", "fresh", families.claimed_in_person),
    at_the_club("family-claimed-on-paper", "guardians:family", "fresh", families.claimed_on_paper),
    at_the_club("family-paper-handed-in", "guardians:family", "fresh", families.paper_handed_in),
    at_the_club("family-refused", "guardians:family", "fresh", families.refused),
    at_the_club("family-link", "guardians:link", "usual", families.of_child("link/")),
    at_the_club("family-preview", "guardians:preview", "usual", families.of_child("page/")),
    at_the_club("family-history", "guardians:history", "usual", families.of_child("history/")),
    at_the_club("family-requests", "guardians:requests", "usual", families.of_child("requests/")),
    at_the_club("family-request", "requests:one", "usual", families.request),
    at_the_club("family-request-copy", "guardians:request", "usual", families.of_child("requests/copy/")),
    at_the_club("family-request-correct", "guardians:request", "usual", families.of_child("requests/correct/")),
    at_the_club("family-request-delete", "guardians:request", "usual", families.of_child("requests/delete/")),
    at_the_club("family-details", "guardians:details", "usual", families.of_child("details/")),
    at_the_club("family-details-error", "guardians:details", "usual", families.older_than_before, 422),
    at_the_club("family-resign", "guardians:resign", "usual", families.of_child("resign/")),
    at_the_club("family-grown", "guardians:family", "fresh", families.grown),
    at_the_club("family-frozen", "guardians:family", "fresh", families.frozen),
    at_the_club("child", "guardians:own", "nobody", families.own),
    at_the_club("child-older", "guardians:own", "nobody", families.own_older),
    at_the_club("child-asked", "guardians:own", "nobody", families.own_asked),
    at_the_club("child-over", "guardians:own", "nobody", at("/me/"), 404),
    at_the_club("child-link-over", "guardians:open", "nobody", families.link_over, 404),
    at_the_club("child-left", "guardians:leave", "nobody", families.own_left),
    at_the_club("child-grown", "guardians:own", "nobody", families.own_grown),
    at_the_club("child-claim", "guardians:claim", "nobody", families.claim),
    at_the_club("child-claim-error", "guardians:claim", "nobody", families.claim_error, 422),
    at_the_club("child-claim-code", "guardians:claim_code", "nobody", families.claim_code),
    at_the_club("child-claim-code-error", "guardians:claim_code", "nobody", families.claim_code_error, 422),
    at_the_club("age-gate", "guardians:gate", "nobody", families.gate),
    at_the_club("age-gate-error", "guardians:gate", "nobody", families.gate_error, 422),
    at_the_club("too-young", "guardians:too_young", "nobody", families.too_young),
    at_the_club("too-young-error", "guardians:too_young", "nobody", families.too_young_error, 422),
    at_the_club("too-young-asked", "guardians:too_young", "nobody", families.adult_asked),
    at_the_club("desk-claims", "desk:guardians_guardianclaim_changelist", "staff", at("/desk/guardians/guardianclaim/")),
    at_the_club("desk-claim", "desk:guardians_guardianclaim_one", "staff", families.desk_claim),
    at_the_club("desk-dispute-closed", "desk:guardians_dispute_one", "staff", families.desk_dispute_closed),
    at_the_club("desk-claim-child", "desk:guardians_guardianclaim_find", "staff", at("/desk/guardians/guardianclaim/child/")),
    at_the_club("desk-disputes", "desk:guardians_dispute_changelist", "staff", at("/desk/guardians/dispute/")),
    at_the_club("desk-dispute", "desk:guardians_dispute_one", "staff", families.desk_dispute),
    at_the_club("desk-dispute-open", "desk:guardians_dispute_open", "staff", at("/desk/guardians/dispute/open/")),
    at_the_club("too-young-code", "guardians:too_young", "nobody", families.code_to_hand_over),
)


# Addresses that never show a page of their own, and why.
FORM = "takes a form and sends on to another page"
FILE = "a file"
PROGRAMS = "answers programs"
NO_PAGE = {
    "accounts:send_again": FORM,
    "accounts:passkey_sign_in": PROGRAMS,
    "accounts:passkey_sign_in_complete": PROGRAMS,
    "accounts:sign_out": FORM,
    "accounts:language": FORM,
    "accounts:end_session": FORM,
    "accounts:sign_out_everywhere": FORM,
    "accounts:passkey_begin": PROGRAMS,
    "accounts:passkey_add": PROGRAMS,
    "accounts:passkey_rename": FORM,
    "accounts:passkey_remove": FORM,
    "accounts:authenticator_remove": FORM,
    "catalogue:policy_json": FILE,
    "catalogue:policy_jsonld": FILE,
    "consents:undo": FORM,
    "consents:signal": PROGRAMS,
    "metrics": PROGRAMS,
    "demo:partner_hook": PROGRAMS,
    "propagation:openapi": FILE,
    "propagation:problem": PROGRAMS,
    "consents:deny_all": FORM,
    "consents:marketing": FORM,
    "consents:taste": FORM,
    "consents:decide_channel": "the same view as consents:decide",
    "consents:practices_csv": FILE,
    "consents:practices_jsonld": FILE,
    "consents:receipt_json": FILE,
    "consents:receipt_jsonld": FILE,
    "accounts:openid_sign_in": FORM,
    "accounts:openid_link": FORM,
    "accounts:openid_unlink": FORM,
    "accounts:openid_callback": "answers the provider, and sends on",
    "requests:end_pause": FORM,
    "requests:prove": FORM,
    "requests:withdraw": FORM,
    "requests:fetch": FILE,
    "requests:certificate": FILE,
    "requests:figures_of": "the same view as requests:figures",
    "requests:figures_csv": FILE,
    "requests:answer": PROGRAMS,
    "brands:stylesheet": FILE,
    "brands:logo": FILE,
    "well_known:consent_keys": FILE,
    "well_known:gpc": FILE,
    "well_known:security_txt": FILE,
    "well_known:change_password": "sends on to the account",
    "healthz": PROGRAMS,
    "notifications:mail_hook": PROGRAMS,
    "demo:newsletter": FORM,
    "demo:pay": FORM,
    "demo:arrived": FORM,
    "profiles:again": FORM,
    "profiles:undo": FORM,
    "profiles:delete": FORM,
    "profiles:delete_unused": FORM,
    "profiles:download": FILE,
    "profiles:look": FILE,
    "guardians:take_back": FORM,
    "guardians:invitation_back": FORM,
    "guardians:decide": FORM,
    "guardians:decide_channel": "the same view as guardians:decide",
    "guardians:deny_all": FORM,
    "guardians:answer": FORM,
    "guardians:receipt": FILE,
    "guardians:address": FORM,
    "guardians:own_wish": FORM,
    "guardians:own_use": FORM,
    "guardians:own_channel": "the same view as guardians:own_use",
}


def places_at(brand: Brand) -> list[Place]:
    return [place for place in PLACES if place.brand in ("", brand.key)]


def names(patterns: Iterable[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """Every URL name there is, with its namespace; of the desk, which Django's admin makes, none."""
    for each in patterns:
        if isinstance(each, URLResolver):
            if each.namespace != "desk":
                yield from names(each.url_patterns, f"{namespace}{each.namespace}:" if each.namespace else namespace)
        else:
            yield f"{namespace}{each.name}"


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


@contextmanager
def opened(place: Place, world: World, open_page: OpenPage, server: Server, **options: Any) -> Iterator[Page]:
    """The page of a fresh browser profile that has gone there, closed afterwards."""
    if place.gpc:
        options["extra_http_headers"] = {"Sec-GPC": "1"}
    page = open_page(world.brand.key, **options)
    if place.who != "nobody":
        carry(world.sessions[place.who], page, server.url(world.brand.key))
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status) if answer.request.resource_type == "document" else None)
    place.go(page, world)
    assert statuses[-1] == place.status, f"{place.name}: {page.url} answered {statuses[-1]}"
    assert name_of(page.url) == place.url, f"{place.name}: {page.url} is not {place.url}"
    yield page
    page.context.close()
