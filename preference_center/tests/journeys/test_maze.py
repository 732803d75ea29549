"""No maze: every setting is at most two clicks from the overview, and from every page there is a way back."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from accounts.models import Customer
from consents.states import Verb
from guardians.links import COOKIE, token_of
from preference_center.demo.story import decide
from preference_center.tests.cast import SignedIn, browser_at
from preference_center.tests.journeys.clicking import controls
from preference_center.tests.journeys.crawling import Crawl, Links, Seen, patterns
from preference_center.tests.journeys.played import Played, a_brand, both_brands
from profiles import actions
from profiles.actions.asking import By, Way
from profiles.models import Question

FARTHEST = 2
# Addresses that take a POST and are no setting: steps on the way in, or the answer to what a page has just shown.
STEPS = {
    "accounts:sign_in", "accounts:sign_in_code", "accounts:send_again", "accounts:passkey_sign_in", "accounts:passkey_sign_in_complete",
    "accounts:passkey_add", "accounts:second_factor", "accounts:confirm", "consents:undo", "consents:address", "consents:address_code",
    "consents:link", "demo:newsletter",
    # of a request: what comes after the question, and on the page of each
    "requests:check", "requests:prove", "requests:message", "requests:withdraw", "requests:fetch", "requests:not_me",
    "requests:end_pause", "requests:follow",
    "requests:keep", "requests:appeal", "requests:delete", "requests:delete_check",
    "requests:code", "requests:asking", "requests:asking_who", "requests:asking_check",
    "accounts:address_code", "accounts:put_back",
    "consents:opt_in",  # in a mail
    # on the way to being a guardian, and in a mail; what a child does stands on their own page (below); a request is one of several
    "guardians:take_back", "guardians:paper", "guardians:confirm", "guardians:revoke", "guardians:enter_code", "guardians:invitation",
    "guardians:answer", "guardians:address", "guardians:request", "guardians:gate", "guardians:too_young",
    "guardians:leave", "guardians:own_wish", "guardians:own_use", "guardians:own_channel", "guardians:claim", "guardians:claim_code",
    # right after an answer, in an embedded prompt, and for answers that nobody used for half a year
    "profiles:undo", "profiles:by_link", "profiles:delete_unused",
    "demo:checkout", "demo:pay", "demo:arrived", "demo:order",  # to buy is no setting
    # where the brand has a provider (accounts/tests/test_openid.py)
    "accounts:openid_sign_in", "accounts:openid_link", "accounts:openid_unlink",
}  # fmt: skip
MACHINES = {"notifications:mail_hook", "requests:answer", "consents:signal", "demo:partner_hook"}  # no person posts there
# These stand beside each passkey, where one is added; a passkey is made by a device (accounts/tests/test_passkeys.py).
BESIDE_A_PASSKEY = {"accounts:passkey_rename", "accounts:passkey_remove"}
# With an app it is removed and new codes are made; without one it is set up.
NOT_HERE = {  # of the starter packs: a use about children has no channels, and a shop has no children
    "linden": {name for name, _ in patterns() if name.startswith("guardians:")},
    "kingfisher": {"consents:decide_channel", "guardians:decide_channel"},
}
SECOND_FACTOR = {"linden": {"accounts:authenticator"}, "kingfisher": {"accounts:authenticator_remove", "accounts:recovery_codes"}}


def posts_of(seen: Seen) -> set[str]:
    """The paths that the page's forms post to."""
    return {urlsplit(urljoin(f"http://here{seen.path}", action if action != "." else "")).path for action in Links(seen.html).posts}


def settings_of(client: Client, addresses: list[str]) -> set[str]:
    """The name of every address that takes a POST: each says what it takes to whoever asks in a way that it does not."""
    names = [name for name, _ in patterns()]
    takes = {name: client.options(address).headers.get("Allow", "") for name, address in zip(names, addresses, strict=True)}
    return {name for name, allowed in takes.items() if "POST" in allowed and not name.startswith("api:")}  # nor to the API


_crawled: dict[str, Crawl] = {}


@pytest.fixture
def crawl(played: Played, signed_in: SignedIn) -> Crawl:
    """From the overview, by somebody who gets the letter, has told something where it is asked, and is signed in in another browser as
    well. Once a brand: it is only read."""
    decide(played.customer, *played.letter, Verb.ALLOW)
    if Question.objects.filter(brand=played.brand).exists():
        tell(played.customer)
    signed_in(played.customer)
    client, key = signed_in(played.customer), played.brand.key
    if key not in _crawled:
        _crawled[key] = Crawl(client, played.brand.host).start("/")
    return replace(_crawled[key], client=client)


def tell(customer: Customer) -> None:
    """An answer to one question, a lasting no to another."""
    here = By("center", customer.language)
    decide(customer, "recs", "", Verb.ALLOW)
    actions.answer(customer, "bed-size", {"one": "160x200"}, here, version=1)
    actions.turn_down(customer, "windows", Way.NEVER, here)


@a_brand
def test_every_setting_is_at_most_two_clicks_from_the_overview(played: Played, crawl: Crawl):
    near = [seen for path, seen in crawl.reached.items() if crawl.clicks[path] <= FARTHEST and seen.html]
    posts = {path for seen in near for path in posts_of(seen)}
    wanted = settings_of(crawl.client, played.addresses) - STEPS - BESIDE_A_PASSKEY - MACHINES - SECOND_FACTOR[played.brand.key]
    assert len(wanted) > 10
    assert wanted - {resolve(path).view_name for path in posts} - NOT_HERE[played.brand.key] == set()


@pytest.mark.parametrize("played", ["kingfisher"], indirect=True)
def test_a_child_finds_everything_on_one_page(played: Played):
    assert played.child
    client = browser_at(played.brand)
    client.cookies[COOKIE] = token_of(played.child)
    posts = {resolve(path).view_name for path in posts_of(Crawl(client, played.brand.host).start("/me/").reached["/me/"])}
    assert posts >= {"guardians:own_use", "guardians:own_wish", "guardians:leave"}


@both_brands
def test_every_purpose_and_channel_is_one_click_from_the_overview(played: Played, crawl: Crawl):
    near = {path for address, seen in crawl.reached.items() if crawl.clicks[address] <= 1 for path in posts_of(seen)}
    mine = {f"/choices/{each.purpose}/{f'{each.channel}/' if each.channel else ''}" for each in controls(played.brand)}
    assert len(mine) >= 4
    assert mine - near == set()


@both_brands
def test_the_opt_outs_are_one_click_from_the_overview(crawl: Crawl):
    assert crawl.clicks["/privacy-choices/"] == 1
    html = crawl.reached["/privacy-choices/"].html
    assert all(f'name="scope" value="{scope}"' in html for scope in ("marketing", "sale", "sensitive"))


@both_brands
def test_every_page_has_a_way_back(crawl: Crawl):
    pages = [seen for seen in crawl.reached.values() if seen.html and not seen.path.endswith("/html/")]
    assert len(pages) > 20
    assert [seen.path for seen in pages if not {"/", "/choices/"} & set(Links(seen.html).links)] == []


@both_brands
def test_somebody_who_is_not_signed_in_is_never_lost(played: Played):
    """Each page leads to the choices or to a page that does."""
    reached = Crawl(browser_at(played.brand), played.brand.host).start(*played.addresses).reached
    pages = {path: set(Links(seen.html).links) for path, seen in reached.items() if seen.html and not path.endswith("/html/")}
    near = {path for path, links in pages.items() if "/choices/" in links}
    assert len(pages) > 20
    assert {path for path, links in pages.items() if path not in near and not links & near} == set()
