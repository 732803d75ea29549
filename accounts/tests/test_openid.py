"""Sign in with the brand: only a linked account opens anything, only to whom it was linked, and no forged answer does."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from joserfc.jwk import OctKey, RSAKey

from accounts import openid
from accounts.actions import join, link, opened_by, save_provider, unlink
from accounts.models import Customer, OpenIdLink, OpenIdProvider
from accounts.tests.conftest import Browser, a_brand
from accounts.tests.stub_provider import CLIENT, SECRET, StubProvider, running
from brands.models import Brand
from ledger.models import Entry

pytestmark = pytest.mark.django_db
BY = "system:tests"
ADDRESS = "anna@example.com"


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with running() as stub:
        yield stub


def provided(brand: Brand, stub: StubProvider) -> OpenIdProvider:
    made = OpenIdProvider(label="Linden & Loom", issuer=stub.issuer, client_id=CLIENT, in_use=True)
    return save_provider(made, openid.discover(stub.issuer), brand=brand, secret=SECRET, by=BY)


@pytest.fixture
def provider(brand: Brand, stub: StubProvider) -> OpenIdProvider:
    return provided(brand, stub)


@pytest.fixture
def linked(anna: Customer, provider: OpenIdProvider) -> Customer:
    link(anna, provider, "sub-of-anna")
    return anna


def press(browser: Browser, path: str = "/sign-in/with-brand/", **fields: str) -> str:
    """Where the press leads: to the provider."""
    answer = browser.post(path, fields)
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def back(stub: StubProvider, url: str) -> dict[str, str]:
    """What the provider sends the browser back with."""
    there = urlsplit(stub.authorize(_query(url)))
    return _query(there.geturl())


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def answer(browser: Browser, given: dict[str, str]) -> Any:
    return browser.get("/sign-in/with-brand/callback/", given)


def is_in(browser: Browser) -> bool:
    return bool(browser.get("/account/").status_code == 200)


# ── As it should go ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_linked_account_opens_the_page_and_goes_on(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    url = press(browser, next="/account/")
    assert answer(browser, back(stub, url)).headers["Location"] == "/account/"
    assert is_in(browser)
    assert Entry.objects.of(linked.subject).filter(kind="person.signed_in").get().act["how"] == "openid"


def test_it_asks_for_nothing_but_the_number(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    asked = _query(press(browser))
    assert asked["scope"] == "openid"
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].endswith("linden.localhost:8000/sign-in/with-brand/callback/") or "callback" in asked["redirect_uri"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()


def test_an_account_that_nobody_has_linked_opens_nothing_and_makes_nobody(stub: StubProvider, provider: Any, browser: Browser) -> None:
    stub.lie = {"email": ADDRESS, "email_verified": True, "preferred_username": ADDRESS}
    page = answer(browser, back(stub, press(browser)))
    assert page.headers["Location"] == "/sign-in/"
    assert "not linked to anybody" in browser.get("/sign-in/").content.decode()
    assert not is_in(browser)
    assert not Customer.objects.exists()


def test_an_address_in_the_answer_opens_nobody(anna: Customer, stub: StubProvider, provider: Any, browser: Browser) -> None:
    stub.lie = {"email": ADDRESS, "email_verified": True}
    answer(browser, back(stub, press(browser)))
    assert not is_in(browser)


def test_it_is_linked_from_a_session_that_is_fresh(anna: Customer, stub: StubProvider, provider: Any, browser: Browser) -> None:
    browser.sign_in(ADDRESS)
    assert "Link Linden" in browser.get("/account/").content.decode()
    answer(browser, back(stub, press(browser, "/account/with-brand/link/")))
    assert OpenIdLink.objects.get().customer == anna
    assert Entry.objects.of(anna.subject).filter(kind="sign_in.changed").get().act["what"] == "openid_linked"
    assert browser.post("/account/with-brand/unlink/").status_code == 302
    assert not OpenIdLink.objects.exists()


def test_an_old_session_proves_itself_before_it_links(anna: Customer, stub: StubProvider, provider: Any, browser: Browser) -> None:
    browser.sign_in(ADDRESS)
    session = browser.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= 3600
    session.save()
    for path in ("/account/with-brand/link/", "/account/with-brand/unlink/"):
        assert "/account/confirm/" in browser.post(path).headers["Location"]


def test_a_session_it_opened_is_not_proof_enough_to_change_how_one_signs_in(linked: Any, stub: StubProvider, browser: Browser) -> None:
    answer(browser, back(stub, press(browser)))
    assert "/account/confirm/" in browser.post("/account/with-brand/link/").headers["Location"]


def test_nobody_who_is_not_signed_in_links(stub: StubProvider, provider: Any, browser: Browser) -> None:
    assert "/sign-in/" in browser.post("/account/with-brand/link/").headers["Location"]


def test_who_signed_out_meanwhile_links_nothing(anna: Customer, stub: StubProvider, provider: Any, browser: Browser) -> None:
    browser.sign_in(ADDRESS)
    url = press(browser, "/account/with-brand/link/")
    waiting = browser.session[openid.PLACE]
    browser.post("/sign-out/")
    session = browser.session
    session[openid.PLACE] = waiting
    session.save()
    answer(browser, back(stub, url))
    assert not OpenIdLink.objects.exists()


def test_an_account_of_somebody_else_is_not_linked_twice(
    linked: Customer, brand: Brand, stub: StubProvider, provider: OpenIdProvider, browser: Browser
) -> None:
    carol = join(brand=brand, address="carol@example.com", language="en")
    browser.sign_in("carol@example.com")
    answer(browser, back(stub, press(browser, "/account/with-brand/link/")))
    assert "somebody else" in browser.get("/account/").content.decode()
    assert opened_by(provider, "sub-of-anna") == linked
    with pytest.raises(ValidationError):
        link(carol, provider, "sub-of-anna")
    assert not Entry.objects.of(carol.subject).filter(kind="sign_in.changed").exists(), "nothing is written of what did not happen"


def test_another_account_takes_the_place_and_twice_is_once(linked: Customer, provider: OpenIdProvider) -> None:
    link(linked, provider, "sub-of-anna")
    assert Entry.objects.of(linked.subject).filter(kind="sign_in.changed").count() == 1
    link(linked, provider, "another")
    assert (opened_by(provider, "another"), opened_by(provider, "sub-of-anna")) == (linked, None)
    assert unlink(linked, provider)
    assert not unlink(linked, provider)


def test_the_database_holds_one_customer_an_account(linked: Customer, brand: Brand, provider: OpenIdProvider) -> None:
    carol = join(brand=brand, address="carol@example.com", language="en")
    for values in ({"customer": carol, "sub": "sub-of-anna"}, {"customer": linked, "sub": "x"}, {"customer": carol, "sub": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpenIdLink.objects.create(provider=provider, **values)


def test_somebody_who_may_not_sign_in_does_not(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    assert linked.person
    linked.person.is_active = False
    linked.person.save()
    answer(browser, back(stub, press(browser)))
    assert not is_in(browser)


def test_a_link_whose_customer_has_no_sign_in_opens_nothing(linked: Customer, provider: OpenIdProvider) -> None:
    Customer.objects.filter(pk=linked.pk).update(person=None)
    assert opened_by(provider, "sub-of-anna") is None


# ── Forged ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"iss": "https://evil.example"}, {"iss": None}, {"exp": int(time.time()) - 600},
        {"exp": None}, {"iat": None}, {"iat": int(time.time()) + 6000}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": ["sub-of-anna"]},
        {"sub": "x" * 256}, {"exp": "soon"}, {"at_hash": "another"},
    ],
    ids=lambda lie: " ".join(f"{name} {type(value).__name__ if name in {'exp', 'iat'} else value}" for name, value in lie.items()),
)  # fmt: skip
def test_a_token_that_says_something_else_is_refused(
    linked: Customer, stub: StubProvider, browser: Browser, lie: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    stub.lie = lie
    assert answer(browser, back(stub, press(browser))).headers["Location"] == "/sign-in/"
    assert not is_in(browser)
    assert "was refused" in caplog.text
    assert "sub-of-anna" not in caplog.text


def forged_by_another_key(stub: StubProvider, claims: dict[str, Any]) -> str:
    return stub.signed(claims, key=RSAKey.generate_key(2048, {"kid": "one"}))


def with_no_signature(_stub: StubProvider, claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def with_the_public_key_as_secret(stub: StubProvider, claims: dict[str, Any]) -> str:
    public = stub.key.as_pem(private=False)
    return stub.signed(claims, key=OctKey.import_key(public), alg="HS256")


def with_the_client_secret(stub: StubProvider, claims: dict[str, Any]) -> str:
    return stub.signed(claims, key=OctKey.import_key(SECRET * 2), alg="HS256")


def cut_off(stub: StubProvider, claims: dict[str, Any]) -> str:
    return stub.signed(claims)[:-10]


def no_token_at_all(_stub: StubProvider, _claims: dict[str, Any]) -> str:
    return ""


def very_long(_stub: StubProvider, _claims: dict[str, Any]) -> str:
    return "x" * 200_000


FORGERS = (
    forged_by_another_key, with_no_signature, with_the_public_key_as_secret, with_the_client_secret, cut_off, no_token_at_all, very_long,
)  # fmt: skip


@pytest.mark.parametrize("forge", FORGERS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::joserfc.errors.SecurityWarning")
def test_a_token_that_the_provider_did_not_sign_is_refused(linked: Any, stub: StubProvider, browser: Browser, forge: Any) -> None:
    stub.sign = lambda claims: str(forge(stub, claims))
    assert answer(browser, back(stub, press(browser))).headers["Location"] == "/sign-in/"
    assert not is_in(browser)


@pytest.mark.parametrize(
    "change",
    [{"state": "another"}, {"state": ""}, {"code": ""}, {"code": "another"}, {"iss": "https://evil.example"}, {"error": "access_denied"}],
    ids=str,
)
def test_an_answer_that_was_changed_on_the_way_is_refused(linked: Any, stub: StubProvider, browser: Browser, change: Any) -> None:
    given = back(stub, press(browser)) | change
    assert answer(browser, given).headers["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_an_answer_is_taken_once(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    given = back(stub, press(browser))
    assert answer(browser, given | {"state": "wrong"}).status_code == 302
    answer(browser, given)
    assert not is_in(browser), "a wrong answer ends the question"


def test_an_answer_in_another_browser_opens_nothing(linked: Customer, stub: StubProvider, browser: Browser, stranger: Browser) -> None:
    given = back(stub, press(browser))
    answer(stranger, given)
    assert not is_in(stranger)
    press(stranger)
    answer(stranger, given)
    assert not is_in(stranger)


def test_an_answer_at_another_brand_opens_nothing(linked: Customer, stub: StubProvider, browser: Browser, settings: Any) -> None:
    other = a_brand("kingfisher")
    given = back(stub, press(browser))
    browser.cookies.clear()
    elsewhere = Browser(other, settings.MAIL_DIR)
    elsewhere.get("/sign-in/")
    answer(elsewhere, given)
    assert not is_in(elsewhere)
    assert elsewhere.post("/sign-in/with-brand/").status_code == 404, "it has no provider"


def test_an_answer_that_comes_late_is_refused(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    given = back(stub, press(browser))
    session = browser.session
    session[openid.PLACE] = {**session[openid.PLACE], "at": time.time() - openid.VALID - 1}
    session.save()
    answer(browser, given)
    assert not is_in(browser)


def test_a_code_that_somebody_else_asked_for_is_refused_by_its_verifier(
    linked: Customer, stub: StubProvider, browser: Browser, stranger: Browser
) -> None:
    """The provider gives Anna's code to whoever holds the verifier of the browser that asked: an injected code has another."""
    hers, his = back(stub, press(browser)), back(stub, press(stranger))
    answer(stranger, his | {"code": hers["code"]})
    assert not is_in(stranger)


@pytest.mark.parametrize("given", [(500, b"{}"), (200, b"not json"), (200, b"[]"), (200, b"{}"), (302, b"{}")])
def test_a_provider_that_breaks_is_answered_with_a_page(linked: Any, stub: StubProvider, browser: Browser, given: Any) -> None:
    back_with = back(stub, press(browser))
    stub.answer = given
    assert answer(browser, back_with).headers["Location"] == "/sign-in/"
    assert "That did not work." in browser.get("/sign-in/").content.decode()


def test_a_provider_that_is_away_is_answered_with_a_page(brand: Brand, anna: Customer, browser: Browser) -> None:
    with running() as stub:
        provided(brand, stub)
        given = back(stub, press(browser))
    assert answer(browser, given).headers["Location"] == "/sign-in/"


def test_keys_that_the_provider_has_changed_are_fetched(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    answer(browser, back(stub, press(browser)))
    browser.post("/sign-out/")
    new = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    stub.published = [new]
    stub.sign = lambda claims: stub.signed(claims, key=new, kid="two")
    answer(browser, back(stub, press(browser)))
    assert is_in(browser)


# ── The provider ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_its_addresses_are_asked_for_and_its_secret_is_encrypted(provider: OpenIdProvider, brand: Brand, stub: StubProvider) -> None:
    assert provider.token_endpoint == f"{stub.issuer}/token"
    assert SECRET not in provider.secret
    before = provider.secret
    save_provider(provider, openid.discover(stub.issuer), brand=brand, secret="", by=BY)
    assert provider.secret == before, "empty leaves the one there is"
    assert SECRET not in str([entry.act for entry in Entry.objects.of(brand.subject).filter(kind="openid.set")])


def test_with_another_issuer_every_link_goes(linked: Customer, provider: OpenIdProvider, brand: Brand) -> None:
    """Or whoever sets it could give out the numbers of other people."""
    with running() as other:
        provider.issuer = other.issuer
        save_provider(provider, openid.discover(other.issuer), brand=brand, secret="", by=BY)
    assert not OpenIdLink.objects.exists()


def test_with_the_same_issuer_the_links_stay(linked: Customer, provider: OpenIdProvider, brand: Brand, stub: StubProvider) -> None:
    save_provider(provider, openid.discover(stub.issuer), brand=brand, secret="", by=BY)
    assert OpenIdLink.objects.exists()


def test_a_secret_whose_key_has_gone_is_answered_with_a_page(linked: Customer, stub: StubProvider, browser: Browser) -> None:
    OpenIdProvider.objects.update(secret="gAAAAA-of-another-key")
    assert browser.post("/sign-in/with-brand/").headers["Location"] == "/sign-in/"


def test_taking_the_link_away_ends_what_it_opened(linked: Customer, stub: StubProvider, browser: Browser, stranger: Browser) -> None:
    answer(stranger, back(stub, press(stranger)))
    browser.sign_in(ADDRESS)
    OpenIdProvider.objects.update(in_use=False)
    assert browser.post("/account/with-brand/unlink/").status_code == 302
    assert not OpenIdLink.objects.exists()
    assert not is_in(stranger)
    assert is_in(browser)


@pytest.mark.parametrize(
    "given",
    [
        {"token_endpoint": "https://x.example;form-action *"},
        {"jwks_uri": "https://x.example/" + "x" * 200},
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"jwks_uri": "http://evil.example/keys"},
        {"jwks_uri": "file:///etc"},
    ],
    ids=str,
)
def test_a_configuration_that_names_other_places_is_refused(stub: StubProvider, given: dict[str, Any]) -> None:
    stub.answer = (200, json.dumps(stub.configuration() | given).encode())
    with pytest.raises(openid.Refused):
        openid.discover(stub.issuer)


@pytest.mark.parametrize("body", [b"x" * 200_000, b"[]", b"\xff", b"[" * 50_000])
def test_what_is_no_configuration_is_refused(stub: StubProvider, body: bytes) -> None:
    stub.answer = (200, body)
    with pytest.raises(openid.Refused):
        openid.discover(stub.issuer)


@pytest.mark.parametrize("issuer", ["http://provider.example", "ftp://127.0.0.1", "https://", "nonsense"])
def test_an_address_that_is_not_https_is_not_asked(issuer: str) -> None:
    with pytest.raises(openid.Refused):
        openid.discover(issuer)


def test_in_production_a_provider_beside_it_is_not_asked_without_https(stub: StubProvider, settings: Any) -> None:
    settings.EMBEDDED = False
    with pytest.raises(openid.Refused):
        openid.discover(stub.issuer)


def test_one_that_is_not_in_use_is_offered_to_nobody(provider: OpenIdProvider, browser: Browser) -> None:
    assert "Sign in with Linden" in browser.get("/sign-in/").content.decode()
    OpenIdProvider.objects.update(in_use=False)
    assert "Sign in with Linden" not in browser.get("/sign-in/").content.decode()
    assert browser.post("/sign-in/with-brand/").status_code == 404


def test_the_database_refuses_one_in_use_that_leads_nowhere(brand: Brand) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenIdProvider.objects.create(brand=brand, label="x", issuer="https://x.example", client_id="x", in_use=True)


def test_only_the_pages_that_lead_there_let_a_form_go_there(provider: OpenIdProvider, stub: StubProvider, browser: Browser) -> None:
    assert f"form-action 'self' {stub.issuer}" in browser.get("/sign-in/").headers["Content-Security-Policy"]
    browser.ask(ADDRESS)
    assert stub.issuer not in browser.get("/sign-in/code/").headers["Content-Security-Policy"]
