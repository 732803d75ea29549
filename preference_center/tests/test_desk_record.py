"""The record of processing (GDPR Art. 30(1)): each letter of the article, every purpose in force, for those who answer for it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rdflib import Graph, Namespace
from rdflib.namespace import RDF

from accounts.tests.conftest import Browser
from brands.models import Brand
from catalogue.actions import retire
from catalogue.published import published
from catalogue.tests.standing import in_force
from preference_center.tests.cast import play_the_story
from preference_center.tests.test_desk import SECRET, number, press, seat, told

RECORD = "/desk/record-of-processing/"
FILES = (RECORD, f"{RECORD}csv/", f"{RECORD}jsonld/")
POLICIES = "/desk/catalogue/policy/"
DPV = Namespace("https://w3id.org/dpv#")
# Each looked up in the term list of the vocabulary's repository (w3c/dpv, 2.3/dpv/dpv.csv).
TERMS = set(
    "Child Consent Contract Customer DataController DataProcessor DataProtectionOfficer DataSource DataTransferLegalBasis"
    " JointDataControllers LegalObligation LegitimateInterest PersonalData Process Purpose RecordsOfActivities StorageDuration"
    " TechnicalOrganisationalMeasure ThirdParty hasAddress hasContact hasDataController hasDataProtectionOfficer hasDataSource"
    " hasDataSubject hasLegalBasis hasLegalMeasure hasLocation hasPersonalData hasProcess hasPurpose hasRecipient hasStorageCondition"
    " hasTechnicalOrganisationalMeasure".split()
)


@pytest.fixture
def demo(the_law: None, settings: Any) -> Any:
    settings.DEMO = True
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    play_the_story()
    return settings


@pytest.fixture
def sit(demo: Any, settings: Any) -> Any:
    return lambda role, brand="linden": seat(Brand.objects.get(key=brand), settings.MAIL_DIR, role)


def content(response: Any) -> str:
    assert response.status_code == 200
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


@pytest.mark.parametrize("key", ["linden", "kingfisher"])
def test_every_letter_of_the_article_and_every_purpose_in_force(sit: Any, key: str) -> None:
    officer, brand = sit("officer", key), Brand.objects.get(key=key)
    rows = list(csv.DictReader(io.StringIO(content(officer.get(f"{RECORD}csv/")))))
    titles = {each.texts["en"].title for each in in_force(brand).values()}
    assert {row["purpose"] for row in rows} == titles
    for row in rows:
        assert row["controller"] == brand.legal_name  # (a)
        assert brand.privacy_officer_email in row["data_protection_officer"]  # (a)
        assert row["people"] == ("Customers, Children" if brand.has_minors else "Customers")  # (c)
        assert row["data"]  # (c)
        assert row["country"]  # (e)
        assert row["erased"]  # (f)
        assert row["in_force_since"]
    assert any(row["recipient"] for row in rows)  # (d)
    assert any(row["security"] for row in rows)  # (g)
    page = content(officer.get(RECORD))
    assert all(title in page for title in titles)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_for_machines_it_is_linked_data_in_real_terms(sit: Any) -> None:
    officer = sit("officer", "kingfisher")
    raw = content(officer.get(f"{RECORD}jsonld/"))
    found = Graph().parse(data=raw, format="json-ld")
    (record,) = found.subjects(RDF.type, DPV.RecordsOfActivities)
    assert len(list(found.objects(record, DPV.hasProcess))) == len(in_force(Brand.objects.get(key="kingfisher")))
    assert list(found.subjects(RDF.type, DPV.Child))
    used = {str(term).removeprefix(str(DPV)) for triple in found for term in triple if str(term).startswith(str(DPV))}
    assert used <= TERMS
    assert json.loads(raw)["dpv:hasDataController"]["dct:title"] == "Kingfisher Juniors Sports Association"


def test_what_has_ended_is_in_it_no_longer(sit: Any) -> None:
    officer = sit("officer")
    brand = Brand.objects.get(key="linden")
    retire(brand.purposes.get(key="makers"), by="system:tests")
    title = published(brand)["makers"].texts["en"].title
    for path in FILES:
        assert title not in content(officer.get(path))


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("officer", 200), ("agent", 403), ("editor", 403)])
def test_who_reads_it(sit: Any, role: str, status: int) -> None:
    browser = sit(role)
    assert [browser.get(path).status_code for path in FILES] == [status] * 3
    assert [browser.post(path).status_code for path in FILES] == [405] * 3
    assert (RECORD in content(browser.get("/desk/"))) == (status == 200)


def test_strangers_and_customers_do_not(demo: Any) -> None:
    stranger = Browser(Brand.objects.get(key="linden"), demo.MAIL_DIR)
    for path in FILES:
        assert stranger.get(path).status_code == 302


def test_a_policy_that_nobody_read_for_a_year_is_on_the_first_page(sit: Any) -> None:
    officer = sit("officer")
    assert "waits to be read again" not in content(officer.get("/desk/"))
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=True):
        officer = _again(officer)
        assert "A policy waits to be read again" in content(officer.get("/desk/"))
        assert "late: it was due by" in content(officer.get(POLICIES))
        policy = Brand.objects.get(key="linden").policies.get()
        assert "1 policy is reviewed." in told(officer, press(officer, POLICIES, "reviewed", policy))
        assert "waits to be read again" not in content(officer.get("/desk/"))


def _again(browser: Browser) -> Browser:
    """A year later they have to sign in anew."""
    browser.cookies.clear()
    browser.sign_in("officer@linden.example")
    browser.post("/account/second-factor/", {"token": number(SECRET), "next": RECORD})
    return browser
