"""A copy, from asking to the file and to its end: with two factors at once, by the slow lane after a day."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import change_contact
from accounts.factors import add_authenticator
from accounts.models import Customer
from accounts.tests.software_authenticator import SoftwareAuthenticator
from data_requests.models import Request
from data_requests.states import State
from data_requests.tests.conftest import ALL, SignedIn, archive, later, nonce, work
from jobs.actions import enqueue, run

pytestmark = pytest.mark.django_db


def ask(browser: Any) -> Request:
    assert browser.post("/requests/copy/", ALL).status_code == 303
    answer = browser.post("/requests/copy/check/")
    assert answer.status_code == 303, answer.content.decode()
    return Request.objects.get(number=answer["Location"].split("/")[2])


def test_with_two_factors_it_is_ready_as_soon_as_it_is_made(with_app: Any, anna: Customer) -> None:
    browser = with_app(anna)
    request = ask(browser)
    assert request.state == State.VERIFIED
    assert request.not_before is None
    work()
    request.refresh_from_db()
    assert request.state == State.FULFILLED
    page = browser.get(f"/requests/{request.number}/")
    assert "The copy is ready" in page.content.decode()
    files = archive(browser.post(f"/requests/{request.number}/file/", {"nonce": nonce(page)}))
    assert {"index.html", "data.json", "schema.json", "README.txt", "manifest.sha256", "csv/accounts.Contact.csv"} <= set(files.namelist())
    data = json.loads(files.read("data.json"))
    assert data["tables"]["accounts.Contact"][0]["address"] == "anna.kowalczyk@example.com"
    rows = list(csv.DictReader(io.StringIO(files.read("csv/accounts.Contact.csv").decode())))
    assert rows[0]["address"] == "anna.kowalczyk@example.com"
    for line in files.read("manifest.sha256").decode().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256(files.read(name)).hexdigest() == sha256


def test_with_a_passkey_there_is_no_wait(signed_in: SignedIn, anna: Customer) -> None:
    browser = signed_in(anna)
    phone = SoftwareAuthenticator("https://linden.localhost")
    made = json.dumps(phone.make(browser.post("/account/passkeys/begin/").json()))
    assert browser.post("/account/passkeys/", {"name": "phone", "credential": made}).status_code == 200
    browser.post("/requests/copy/", ALL)
    page = browser.get("/requests/copy/check/").content.decode()
    assert "Use your passkey, and there is no wait" in page
    options = browser.post("/sign-in/passkey/").json()
    used = {"credential": json.dumps(phone.use(options)), "next": "/requests/copy/check/"}
    assert browser.post("/sign-in/passkey/complete/", used).json() == {"location": "/requests/copy/check/"}
    answer = browser.post("/requests/copy/check/")
    request = Request.objects.get(number=answer["Location"].split("/")[2])
    assert (request.assurance, request.method, request.not_before) == ("IV3", "passkey", None), "what was filled in came along"
    work()
    ready = browser.get(f"/requests/{request.number}/")
    assert archive(browser.post(f"/requests/{request.number}/file/", {"nonce": nonce(ready)})).read("data.json")


def test_with_a_code_alone_it_waits_a_day_and_everybody_is_told(signed_in: SignedIn, anna: Customer, settings: Any) -> None:
    browser = signed_in(anna)
    request = ask(browser)
    assert (request.assurance, request.state) == ("IV3W", State.VERIFIED)
    work()
    request.refresh_from_db()
    assert request.state == State.VERIFIED, "nothing is made before its time"
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59)):
        work()
        request.refresh_from_db()
        assert request.state == State.VERIFIED
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        work()
        request.refresh_from_db()
        assert request.state == State.FULFILLED
        fresh = signed_in(anna)
        page = fresh.get(f"/requests/{request.number}/")
        assert archive(fresh.post(f"/requests/{request.number}/file/", {"nonce": nonce(page)})).namelist()


def test_a_session_alone_gets_nothing(signed_in: SignedIn, anna: Customer) -> None:
    browser = signed_in(anna)
    later(browser, 3600)
    assert browser.post("/requests/copy/", ALL).status_code == 303
    answer = browser.post("/requests/copy/check/")
    assert answer.status_code == 422
    assert "Prove that it is you" in answer.content.decode()
    assert not Request.objects.exists()


def test_the_file_is_not_opened_by_an_old_proof_nor_by_a_code_where_two_factors_were_shown(
    with_app: Any, signed_in: SignedIn, anna: Customer
) -> None:
    browser = with_app(anna)
    request = ask(browser)
    work()
    weaker = signed_in(anna)
    assert weaker.post(f"/requests/{request.number}/file/", {"nonce": "0" * 32}).status_code == 303
    later(browser, 3600)
    page = browser.get(f"/requests/{request.number}/")
    assert 'name="nonce"' not in page.content.decode()
    assert browser.post(f"/requests/{request.number}/file/", {"nonce": "0" * 32}).status_code == 303


def test_three_times_and_each_press_once(with_app: Any, anna: Customer) -> None:
    browser = with_app(anna)
    request = ask(browser)
    work()
    for number in range(3):
        press = nonce(browser.get(f"/requests/{request.number}/"))
        assert archive(browser.post(f"/requests/{request.number}/file/", {"nonce": press})).testzip() is None
        assert browser.post(f"/requests/{request.number}/file/", {"nonce": press}).status_code == 303, "the same press again"
        request.package.refresh_from_db()
        assert request.package.downloads == number + 1
    assert 'name="nonce"' not in browser.get(f"/requests/{request.number}/").content.decode()
    assert browser.post(f"/requests/{request.number}/file/", {"nonce": "1" * 32}).status_code == 303


def test_after_a_week_the_file_is_gone_from_the_disk(with_app: Any, anna: Customer, settings: Any) -> None:
    browser = with_app(anna)
    request = ask(browser)
    work()
    assert len(list(settings.PACKAGES_DIR.iterdir())) == 1
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        run(enqueue("data_requests.forget_files", {}).pk)
    request.package.refresh_from_db()
    assert (request.package.file, request.package.key) == ("", "")
    assert list(settings.PACKAGES_DIR.iterdir()) == []


def test_another_customer_gets_a_404(with_app: Any, anna: Customer, carol: Customer) -> None:
    request = ask(with_app(anna))
    work()
    browser = with_app(carol)
    for path in ("", "file/", "withdraw/", "message/", "prove/"):
        url = f"/requests/{request.number}/{path}"
        assert (browser.post(url) if path else browser.get(url)).status_code == 404, path


def test_a_factor_that_is_new_opens_no_copy_that_an_old_one_had_made(with_app: Any, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(created_at=timezone.now() - timedelta(days=100))
    anna.refresh_from_db()
    assert anna.person is not None
    request = ask(with_app(anna))
    work()
    add_authenticator(person=anna.person, customer=anna, brand=anna.brand, secret="JBSWY3DPEHPK3PXP")
    impostor = with_app(anna)
    page = impostor.get(f"/requests/{request.number}/")
    assert 'name="nonce"' not in page.content.decode()
    assert impostor.post(f"/requests/{request.number}/file/", {"nonce": "0" * 32}).status_code == 303
    request.package.refresh_from_db()
    assert request.package.downloads == 0


def test_while_something_holds_it_can_be_asked_and_the_page_says_until_when(signed_in: SignedIn, anna: Customer) -> None:
    change_contact(customer=anna, address="new@example.com")
    browser = signed_in(anna)
    later(browser, 3600)
    request = ask(browser)
    assert request.state == State.IDENTITY_PENDING
    page = browser.get(f"/requests/{request.number}/").content.decode()
    assert "no copy leaves" in page
    assert f"/requests/{request.number}/prove/" not in page


def test_a_file_that_is_not_there_costs_no_try(with_app: Any, anna: Customer, settings: Any) -> None:
    browser = with_app(anna)
    request = ask(browser)
    work()
    next(settings.PACKAGES_DIR.iterdir()).unlink()
    assert browser.post(f"/requests/{request.number}/file/", {"nonce": "0" * 32}).status_code == 303
    request.package.refresh_from_db()
    assert request.package.downloads == 0
