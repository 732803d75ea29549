"""Partners at the desk: what is secret is shown once, what is pressed is done, and nobody reaches another brand's."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from accounts.tests.conftest import Browser
from brands.models import Brand
from consents.models import Passing
from consents.tests.acting import allow, deny
from ledger.followers import run_all
from ledger.models import Entry
from ledger.proving import prove
from preference_center.tests.test_desk import errors, press, seat, told
from propagation.models import ApiKey, Delivery, Endpoint, Partner
from propagation.tests.calling import Api
from propagation.tests.conftest import key_of, partner_of

KEYS, ENDPOINTS, PASSED_ON = "/desk/propagation/apikey/", "/desk/propagation/endpoint/", "/desk/consents/passing/"
URL = "https://crm.example/hook"


@pytest.fixture
def officer(linden: Brand, settings: Any) -> Browser:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    settings.CELERY_BROKER_URL = ""
    return seat(linden, settings.MAIL_DIR, "officer")


@pytest.fixture
def crm(linden: Brand) -> Partner:
    return partner_of(linden, "crm")


def secret_on(response: Any) -> str:
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    found = re.search(r'class="secret">([^<]+)<', response.content.decode())
    assert found
    return unescape(found[1])


def issued(officer: Browser, partner: Partner, **more: Any) -> Any:
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    return officer.post(
        f"{KEYS}add/",
        {"partner": partner.pk, "name": "mailer", "verbs": ["decisions:read"], "purposes": ["ads"], "expires_on": until} | more,
    )


def opened(officer: Browser, partner: Partner, **more: Any) -> Any:
    return officer.post(f"{ENDPOINTS}add/", {"partner": partner.pk, "url": URL, "events": ["choice.changed"]} | more)


def test_a_partner_is_named_and_noted(officer: Browser, linden: Brand) -> None:
    values = {"name": "CRM", "key": "crm", "recipient": "", "names_people_by": "pairwise", "confirms_within_hours": 72, "in_use": "on"}
    assert officer.post("/desk/propagation/partner/add/", values).status_code == 302
    partner = Partner.objects.get(brand=linden, key="crm")
    assert Entry.objects.of(linden.subject).filter(kind="partner.named").latest("seq").act["key"] == "crm"
    assert "There is one of this name already." in errors(officer.post("/desk/propagation/partner/add/", values))
    assert partner.secret
    assert partner.secret not in officer.get(f"/desk/propagation/partner/{partner.pk}/change/").content.decode()


def test_a_key_is_shown_once_and_opens_what_it_says(officer: Browser, crm: Partner, anna: Customer) -> None:
    key = secret_on(issued(officer, crm))
    api = Api(officer, key)
    answer = api.post("/decisions", {"person": {"email": "anna@example.com"}, "purpose": "ads"})
    assert (answer.status_code, answer.json()["allowed"]) == (200, False)
    assert api.post("/people/lookup", {"person": {"email": "anna@example.com"}}).status_code == 403
    page = officer.get(KEYS).content.decode()
    row = ApiKey.objects.get()
    assert row.number in page
    assert "1, 1" in page  # calls, people asked about
    assert key not in page
    assert row.digest not in page
    assert key.rpartition("_")[2] not in str(list(Entry.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize("more", [{"verbs": []}, {"purposes": []}, {"purposes": ["nosuch"]}, {"expires_on": "2020-01-01"}, {"name": ""}])
def test_a_key_that_opens_nothing_or_for_ever_is_none(officer: Browser, crm: Partner, more: dict[str, Any]) -> None:
    assert errors(issued(officer, crm, **more))
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_at_once(officer: Browser, crm: Partner) -> None:
    row, key = key_of(crm)
    assert "1 key was revoked" in told(officer, press(officer, KEYS, "revoke", row))
    assert Api(officer, key).post("/decisions", {"person": {"email": "anna@example.com"}, "purpose": "ads"}).status_code == 401


def test_an_endpoint_is_opened_tested_exchanged_and_switched_off(officer: Browser, crm: Partner) -> None:
    first = secret_on(opened(officer, crm))
    endpoint = Endpoint.objects.get()
    assert first.startswith("whsec_")
    assert "On its way" in told(officer, press(officer, ENDPOINTS, "test", endpoint))
    assert Delivery.objects.get().kind == "endpoint.tested"
    second = secret_on(press(officer, ENDPOINTS, "rotate", endpoint))
    assert second != first
    page = officer.get(ENDPOINTS).content.decode()
    assert first not in page
    assert second not in page
    assert "1 endpoint was switched off" in told(officer, press(officer, ENDPOINTS, "close", endpoint))
    assert "1 event is on its way" in told(officer, press(officer, ENDPOINTS, "replay", endpoint))
    assert Endpoint.objects.get().closed_at is None


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest/", "https://127.0.0.1/", "https://[::1]/", "http://crm.example/", "file:///etc/passwd", "x"]
)
def test_an_endpoint_is_no_way_inside(officer: Browser, crm: Partner, url: str) -> None:
    assert "no address of an endpoint" in errors(opened(officer, crm, url=url))
    assert not Endpoint.objects.exists()


def test_the_list_of_endpoints_costs_the_same_however_many_there_are(
    officer: Browser, crm: Partner, django_assert_max_num_queries: Any
) -> None:
    for number in range(2):
        Endpoint.objects.create(partner=crm, number=f"ep_{number}", url=f"{URL}/{number}", secret="whsec_")
    officer.get(ENDPOINTS)
    with django_assert_max_num_queries(40) as few:
        officer.get(ENDPOINTS)
    for number in range(2, 20):
        Endpoint.objects.create(partner=crm, number=f"ep_{number}", url=f"{URL}/{number}", secret="whsec_")
    with django_assert_max_num_queries(len(few)):
        officer.get(ENDPOINTS)


def test_who_is_told_by_a_person_is_told_here(officer: Browser, linden: Brand, anna: Customer) -> None:
    allow(anna, "ads")
    deny(anna, "ads")
    prove()
    run_all()
    rows = list(Passing.objects.filter(customer=anna))
    assert {row.recipient for row in rows} == {"adfield", "lumera"}
    assert "2 lines say so now" in told(officer, press(officer, PASSED_ON, "told", *rows))
    assert not Passing.objects.filter(told_at=None).exists()
    assert "1 choice is confirmed" in told(officer, press(officer, PASSED_ON, "confirmed", rows[0]))
    assert Passing.objects.get(pk=rows[0].pk).outcome == "done"


@pytest.mark.parametrize("role", ["agent", "editor", "auditor"])
def test_others_open_nothing(role: str, linden: Brand, crm: Partner, settings: Any) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    browser = seat(linden, settings.MAIL_DIR, role)
    row, _key = key_of(crm)
    endpoint = Endpoint.objects.create(partner=crm, number="ep_1", url=URL, secret="whsec_")
    assert issued(browser, crm).status_code == 403
    assert opened(browser, crm).status_code == 403
    press(browser, KEYS, "revoke", row)
    press(browser, ENDPOINTS, "close", endpoint)
    assert ApiKey.objects.get().revoked_at is None
    assert Endpoint.objects.get().closed_at is None


def test_another_brands_are_not_there(kingfisher: Brand, crm: Partner, settings: Any) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    browser = seat(kingfisher, settings.MAIL_DIR, "officer")
    row, _key = key_of(crm)
    endpoint = Endpoint.objects.create(partner=crm, number="ep_1", url=URL, secret="whsec_")
    assert row.number not in browser.get(KEYS).content.decode()
    assert URL not in browser.get(ENDPOINTS).content.decode()
    press(browser, KEYS, "revoke", row)
    press(browser, ENDPOINTS, "close", endpoint)
    assert browser.get(f"/desk/propagation/partner/{crm.pk}/change/").status_code in {302, 404}
    assert errors(issued(browser, crm))
    assert errors(opened(browser, crm))
    assert ApiKey.objects.get().revoked_at is None
    assert Endpoint.objects.get().closed_at is None
