from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from fido2.utils import websafe_encode

from accounts.factors import rename_passkey
from accounts.models import Customer, MadeAt, Person
from accounts.tests.conftest import Browser
from accounts.tests.software_authenticator import SoftwareAuthenticator
from brands.models import Brand
from ledger.models import Entry

ORIGIN = "https://linden.localhost"


def enrol(browser: Browser, name: str = "Anna’s phone") -> SoftwareAuthenticator:
    phone = SoftwareAuthenticator(ORIGIN)
    options = browser.post("/account/passkeys/begin/").json()
    made = browser.post("/account/passkeys/", {"name": name, "credential": json.dumps(phone.make(options))})
    assert made.json() == {"location": "/account/"}, made.content
    return phone


def use(browser: Browser, phone: SoftwareAuthenticator, **more: str) -> Any:
    options = browser.post("/sign-in/passkey/").json()
    return browser.post("/sign-in/passkey/complete/", {"credential": json.dumps(phone.use(options)), **more})


def signed_in(browser: Browser) -> bool:
    return browser.get("/").content != b"nobody"


def test_a_passkey_is_made_and_opens_the_page_it_does(browser: Browser, stranger: Browser, brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    passkey = Authenticator.objects.get()
    assert passkey.made_at.brand == brand
    assert "Anna’s phone" in browser.get("/account/").content.decode()
    assert use(stranger, phone, next="/choices/").json() == {"location": "/choices/"}
    assert stranger.get("/").content == browser.get("/").content
    customer = Customer.objects.get()
    entry = Entry.objects.filter(subject=customer.subject).order_by("seq").last()
    assert entry is not None
    assert (entry.kind, entry.act["how"]) == ("person.signed_in", "passkey")
    passkey.refresh_from_db()
    assert passkey.last_used_at is not None


def test_beginning_a_sign_in_names_no_passkey_it_tells_nobody_who_has_one(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    enrol(browser)
    public = stranger.post("/sign-in/passkey/").json()["publicKey"]
    assert not public.get("allowCredentials")
    assert (public["rpId"], public["userVerification"]) == ("linden.localhost", "required")


def test_a_get_starts_nothing_it_is_refused(browser: Browser) -> None:
    for path in ("/sign-in/passkey/", "/sign-in/passkey/complete/", "/account/passkeys/begin/", "/account/passkeys/"):
        assert browser.get(path).status_code == 405


def test_one_challenge_is_answered_once_it_cannot_be_replayed(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    credential = json.dumps(phone.use(stranger.post("/sign-in/passkey/").json()))
    assert stranger.post("/sign-in/passkey/complete/", {"credential": credential}).status_code == 200
    stranger.post("/sign-out/")
    assert stranger.post("/sign-in/passkey/complete/", {"credential": credential}).status_code == 400
    assert not signed_in(stranger)


def test_another_key_for_the_same_person_is_refused_it_is(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    forged = SoftwareAuthenticator(ORIGIN)
    forged.id, forged.user_handle = phone.id, phone.user_handle
    assert use(stranger, forged).status_code == 400
    unknown = SoftwareAuthenticator(ORIGIN)
    unknown.user_handle = phone.user_handle
    nobody = SoftwareAuthenticator(ORIGIN)
    nobody.user_handle = websafe_encode(b"999999")
    assert use(stranger, unknown).content == use(stranger, forged).content == use(stranger, nobody).content
    assert not signed_in(stranger)


def test_a_passkey_of_one_brand_is_none_at_another_it_is(browser: Browser, other_brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    elsewhere = Browser(other_brand, settings.MAIL_DIR)
    elsewhere.sign_in("anna@example.com")
    options = elsewhere.post("/account/passkeys/begin/").json()
    assert not options["publicKey"]["excludeCredentials"]
    assert "Anna’s phone" not in elsewhere.get("/account/").content.decode()
    elsewhere.post("/sign-out/")
    assert use(elsewhere, phone).status_code == 400
    begun = elsewhere.post("/sign-in/passkey/").json()
    answer = json.dumps(phone.use(begun, rp_id="linden.localhost"))
    assert elsewhere.post("/sign-in/passkey/complete/", {"credential": answer}).status_code == 400


def test_a_passkey_cannot_be_moved_to_another_brand_it_counts_where_it_was_made(
    browser: Browser, stranger: Browser, other_brand: Brand
) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    MadeAt.objects.update(brand=other_brand)
    assert use(stranger, phone).status_code == 400


@pytest.mark.parametrize(
    "credential",
    [
        "", "{}", "[]", "null", "1", '"x"', "{", '{"response": {}}', '{"response": []}', '{"response": {"userHandle": 1}}',
        '{"response": {"userHandle": "!"}}', '{"response": {"userHandle": "MQ", "clientDataJSON": "x"}}', "[" * 3000,
        '{"rawId": "x", "response": {"userHandle": "MQ", "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}',
        '{"rawId": 5, "response": {"userHandle": "MQ", "clientDataJSON": 5}}',
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_browser_is_refused_it_breaks_nothing(browser: Browser, credential: str) -> None:
    browser.post("/sign-in/passkey/")
    assert browser.post("/sign-in/passkey/complete/", {"credential": credential}).status_code == 400
    browser.sign_in("anna@example.com")
    browser.post("/account/passkeys/begin/")
    assert browser.post("/account/passkeys/", {"credential": credential}).status_code == 400
    assert not Authenticator.objects.exists()


def test_an_old_sign_in_proves_itself_again_before_a_passkey_it_does(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    with time_machine.travel(timezone.now() + settings.STEP_UP_FRESH + timedelta(minutes=1)):
        assert browser.post("/account/passkeys/begin/").json() == {"location": "/account/confirm/?next=/account/"}
        assert browser.post("/account/passkeys/", {"credential": "{}"}).json()["location"].startswith("/account/confirm/")
        browser.post("/account/confirm/", {"next": "/account/"})
        response = browser.post("/account/confirm/", {"code": browser.newest_code(), "next": "/account/"})
        assert response["Location"] == "/account/"
        enrol(browser)
    assert Authenticator.objects.count() == 1


def test_a_sign_in_code_does_not_open_the_change_it_is_of_another_purpose(browser: Browser) -> None:
    browser.ask("anna@example.com")
    browser.post("/sign-in/code/", {"code": browser.newest_code()})
    browser.ask("anna@example.com")
    with time_machine.travel(timezone.now() + settings.STEP_UP_FRESH + timedelta(minutes=1)):
        assert browser.post("/account/confirm/", {"code": "123456"}).status_code == 422
        browser.post("/account/confirm/")
        assert browser.post("/account/confirm/", {"code": "12345"}).status_code == 422


def test_renaming_and_removing_are_the_owners_alone_it_is(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    enrol(browser)
    passkey = Authenticator.objects.get().pk
    stranger.sign_in("eve@example.com")
    assert stranger.post(f"/account/passkeys/{passkey}/rename/", {"name": "mine"}).status_code == 404
    assert stranger.post(f"/account/passkeys/{passkey}/remove/").status_code == 404
    browser.post(f"/account/passkeys/{passkey}/rename/", {"name": "Work <b>laptop</b>"})
    assert "Work &lt;b&gt;laptop&lt;/b&gt;" in browser.get("/account/").content.decode()
    browser.post(f"/account/passkeys/{passkey}/rename/", {"name": " "})
    assert Authenticator.objects.get().data["name"] == "Work <b>laptop</b>"
    browser.post(f"/account/passkeys/{passkey}/remove/")
    assert not Authenticator.objects.exists()


def test_removing_a_passkey_ends_the_other_sessions_it_does(browser: Browser, stranger: Browser) -> None:
    browser.sign_in("anna@example.com")
    phone = enrol(browser)
    use(stranger, phone)
    assert signed_in(stranger)
    browser.post(f"/account/passkeys/{Authenticator.objects.get().pk}/remove/")
    assert not signed_in(stranger)
    assert signed_in(browser)


def test_each_change_is_kept_in_the_history_it_is(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    enrol(browser)
    browser.post(f"/account/passkeys/{Authenticator.objects.get().pk}/remove/")
    subject = Customer.objects.get().subject
    acts = [entry.act["what"] for entry in Entry.objects.filter(subject=subject, kind="sign_in.changed").order_by("seq")]
    assert acts == ["passkey_added", "passkey_removed"]


def test_if_the_entry_fails_the_passkey_stays_as_it_was_nothing_is_written(browser: Browser, brand: Brand, monkeypatch: Any) -> None:
    browser.sign_in("anna@example.com")
    enrol(browser)
    customer, person, passkey = Customer.objects.get(), Person.objects.get(), Authenticator.objects.get()
    monkeypatch.setattr("ledger.turns.Turn.append", broken)
    with pytest.raises(RuntimeError):
        rename_passkey(person=person, customer=customer, brand=brand, passkey=passkey.pk, name="other")
    assert Authenticator.objects.get().data["name"] == "Anna’s phone"


def broken(*_args: Any, **_kwargs: Any) -> None:
    raise RuntimeError("the ledger is full")


def test_the_script_is_small_and_the_page_is_whole_without_it(browser: Browser) -> None:
    script = (settings.BASE_DIR / "static/js/passkey.js").read_bytes()
    assert len(script) <= 2048
    page = browser.get("/sign-in/").content.decode()
    assert page.index("data-passkey-part hidden") < page.index("Use a passkey")
