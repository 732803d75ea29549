"""The authenticator app, recovery codes, and the door of the desk."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from accounts.adapters import MFAAdapter, network_of
from accounts.models import AllauthDevice, Customer, Person
from accounts.second_factor import desk_allowed
from accounts.tests.conftest import Browser, a_brand
from accounts.tests.test_passkeys import enrol, use
from brands.models import Brand
from ledger.models import Entry


def number(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some steps of 30 s from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up(browser: Browser) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a new app."""
    page = browser.get("/account/authenticator/").content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert secret
    assert "<svg" in page.partition('class="qr"')[2]
    secret_key = secret[1].replace(" ", "")
    shown = browser.post("/account/authenticator/", {"code": number(secret_key)}).content.decode()
    return secret_key, [code.replace(" ", "") for code in re.findall(r"<code>([0-9 ]+)</code>", shown)]


def at_the_door(browser: Browser, token: str) -> int:
    return int(browser.post("/account/second-factor/", {"token": token, "next": "/desk/"}).status_code)


def verified(browser: Browser) -> bool:
    return "otp_device_id" in browser.session


@pytest.fixture
def later() -> Any:
    """The next day, so that nothing of today's guesses and numbers is left in the way."""
    return lambda minutes: time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def test_staff_without_an_app_are_sent_to_make_one_it_opens_the_door(browser: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    assert browser.get("/account/second-factor/?next=/desk/")["Location"] == "/account/authenticator/?next=/desk/"
    _secret, recovery = set_up(browser)
    assert len(set(recovery)) == 10
    assert verified(browser)
    entry = Entry.objects.get(kind="staff.sign_in_changed")
    assert (entry.actor, entry.act["what"]) == (f"staff:{sam.reference}", "authenticator_added")


def test_a_wrong_first_number_sets_nothing_up_it_says_so(browser: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    before = browser.get("/account/authenticator/").content.decode()
    response = browser.post("/account/authenticator/", {"code": "000000"})
    assert response.status_code == 422
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", before)
    assert key
    assert key[0] in response.content.decode()
    assert not Authenticator.objects.exists()


def test_a_number_opens_the_door_once_it_cannot_be_replayed(browser: Browser, stranger: Browser, sam: Person, later: Any) -> None:
    browser.sign_in(sam.email)
    secret, _recovery = set_up(browser)
    with later(5):
        for each in (browser, stranger):
            each.post("/sign-out/")
            each.sign_in(sam.email)
            assert not verified(each)
        code = number(secret)
        assert at_the_door(browser, code) == 302
        assert verified(browser)
        assert at_the_door(stranger, code) == 422
        assert not verified(stranger)


def test_the_number_that_set_the_app_up_is_spent_it_opens_nothing_again(browser: Browser, stranger: Browser, sam: Person) -> None:
    begins = datetime.fromtimestamp(time.time() // 30 * 30 + 1, UTC)  # of a number: it must not change in between
    with time_machine.travel(begins):
        browser.sign_in(sam.email)
        secret, _recovery = set_up(browser)
        stranger.sign_in(sam.email)
        assert at_the_door(stranger, number(secret)) == 422


def test_a_recovery_code_opens_once_it_is_used_up(browser: Browser, sam: Person, later: Any) -> None:
    browser.sign_in(sam.email)
    _secret, recovery = set_up(browser)
    with later(5):
        browser.post("/sign-out/")
        browser.sign_in(sam.email)
        assert at_the_door(browser, recovery[0]) == 302
        browser.post("/sign-out/")
        browser.sign_in(sam.email)
        assert at_the_door(browser, recovery[0]) == 422
        assert not verified(browser)


def test_wrong_numbers_wait_ever_longer_it_says_how_long(browser: Browser, sam: Person, later: Any) -> None:
    browser.sign_in(sam.email)
    secret, _recovery = set_up(browser)
    with later(5) as traveller:
        browser.post("/sign-out/")
        browser.sign_in(sam.email)
        assert at_the_door(browser, "not it") == 422
        assert at_the_door(browser, number(secret)) == 422
        traveller.shift(2)
        assert "Wait 2 seconds" in browser.post("/account/second-factor/", {"token": "nor that"}).content.decode()
        traveller.shift(3)
        assert at_the_door(browser, number(secret)) == 302


def test_a_mailed_code_alone_opens_no_desk_it_does_not(browser: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    assert not verified(browser)


def test_a_mailbox_alone_changes_no_factor_of_staff_it_asks_for_the_factor(browser: Browser, stranger: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    set_up(browser)
    stranger.sign_in(sam.email)
    for path in ("/account/authenticator/remove/", "/account/recovery-codes/"):
        assert stranger.post(path)["Location"].startswith("/account/second-factor/")
    assert stranger.post("/account/passkeys/begin/").json()["location"].startswith("/account/second-factor/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_passkey_opens_the_door_it_is_two_factors(browser: Browser, stranger: Browser, sam: Person) -> None:
    browser.sign_in(sam.email)
    phone = enrol(browser)
    stranger.sign_in(sam.email)
    assert stranger.get("/account/second-factor/").status_code == 200
    assert use(stranger, phone, next="/desk/").json() == {"location": "/desk/"}
    assert verified(stranger)


def test_customers_have_no_such_door_it_is_not_there(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    assert browser.get("/account/second-factor/").status_code == 404


def test_new_recovery_codes_end_the_old_and_removing_ends_all_it_does(browser: Browser) -> None:
    browser.sign_in("anna@example.com")
    _secret, old = set_up(browser)
    new = browser.post("/account/recovery-codes/").content.decode()
    assert not any(code[:4] + " " + code[4:8] in new for code in old)
    assert browser.get("/account/recovery-codes/").status_code == 405
    browser.post("/account/authenticator/remove/")
    assert not Authenticator.objects.exists()
    assert browser.post("/account/authenticator/remove/").status_code == 404
    assert browser.post("/account/recovery-codes/").status_code == 404


def test_the_app_of_one_brand_is_not_removed_at_another_it_stays(browser: Browser, other_brand: Brand) -> None:
    browser.sign_in("anna@example.com")
    set_up(browser)
    elsewhere = Browser(other_brand, settings.MAIL_DIR)
    elsewhere.sign_in("anna@example.com")
    assert elsewhere.post("/account/authenticator/remove/").status_code == 404
    assert "already set up" in elsewhere.get("/account/authenticator/").content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_secrets_are_encrypted_it_takes_any_of_the_keys(browser: Browser, settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    browser.sign_in("anna@example.com")
    secret, recovery = set_up(browser)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in recovery)
    settings.ENCRYPTION_KEYS = [new, old]
    assert secret == MFAAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"])
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        MFAAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"])


def test_without_a_key_nothing_is_encrypted(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured):
        MFAAdapter().encrypt("JBSWY3DP")


@pytest.mark.parametrize(
    ("address", "kept"),
    [("192.0.2.77", "192.0.2.0"), ("2001:db8:1:2:3::4", "2001:db8:1::"), ("::ffff:192.0.2.77", "192.0.2.0"), ("fe80::1%eth0", "fe80::")],
)
def test_of_an_address_of_a_network_little_is_kept_it_is_cut(address: str, kept: str) -> None:
    assert network_of(address) == kept


def request_of(user: Any, device: Any, brand: Brand | None) -> HttpRequest:
    request = RequestFactory().get("/desk/")
    request.user = user
    user.otp_device, user.at = device, brand
    return request


def test_the_desk_opens_for_verified_active_staff_alone_it_does(sam: Person, anna: Customer, brand: Brand) -> None:
    device = AllauthDevice.objects.create(user=sam, name="authenticator")
    assert desk_allowed(request_of(sam, device, brand))
    assert not desk_allowed(request_of(sam, None, brand))
    assert not desk_allowed(request_of(sam, device, None))
    assert not desk_allowed(request_of(sam, device, a_brand("wren")))
    sam.is_active = False
    assert not desk_allowed(request_of(sam, device, brand))
    assert anna.person
    assert not desk_allowed(request_of(anna.person, device, brand))
