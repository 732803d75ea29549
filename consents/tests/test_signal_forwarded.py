"""/signal/: what a page of the brand's forwards, from the origins that are named and from no other; and the script that does it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import Customer
from brands.models import Brand
from consents.models import SignedOutOptOut
from consents.privacy_choices import COOKIE
from consents.tests.acting import allow, state

PAGE = "https://www.linden.example"


@pytest.fixture(autouse=True)
def named(settings: Any) -> None:
    settings.SIGNAL_ORIGINS = [PAGE]


def call(browser: Client, origin: str = PAGE, **fields: Any) -> Any:
    return browser.post("/signal/", fields, headers={"origin": origin})


def test_the_signal_of_somebody_signed_in_is_theirs_everywhere(anna: Customer, browser: Client) -> None:
    allow(anna, "ads")
    answer = call(browser, gpc="1")
    assert answer.json() == {"taken": ["sale"]}
    assert (answer["Access-Control-Allow-Origin"], answer["Access-Control-Allow-Credentials"]) == (PAGE, "true")
    anna.refresh_from_db()
    assert anna.sale_stopped_seq is not None


def test_a_no_is_theirs_and_a_yes_cannot_be_said(anna: Customer, browser: Client) -> None:
    allow(anna, "ads")
    assert call(browser, deny=["ads", "news.sms", "nothing", "news"]).json() == {"taken": ["ads", "news.sms"]}
    assert state(anna, "ads") == "withdrawn"
    assert call(browser, allow="ads", decision="allow").json() == {"taken": []}
    assert state(anna, "ads") == "withdrawn"


def test_signed_out_it_stays_in_the_browser(linden: Brand, visitor: Client) -> None:
    answer = call(visitor, scope=["marketing", "everything"], deny="ads")
    assert answer.json() == {"taken": ["marketing"]}
    assert COOKIE in answer.cookies
    assert SignedOutOptOut.objects.get().scope == "marketing"


def test_nobody_else_may_forward(anna: Customer, browser: Client) -> None:
    for origin in ("https://evil.example", "", "null", f"{PAGE}.evil.example"):
        answer = call(browser, origin, scope="marketing")
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer
    anna.refresh_from_db()
    assert anna.marketing_stopped_seq is None
    assert browser.get("/signal/", headers={"origin": PAGE}).status_code == 405
    assert browser.options("/signal/", headers={"origin": PAGE}).status_code == 204


def test_the_script_is_small() -> None:
    script = (Path(django_settings.BASE_DIR) / "static" / "js" / "forward.js").read_bytes()
    assert len(script) <= 2048
    assert len(gzip.compress(script)) <= 1024
