"""The law on the desk: values that the data is unsure of are shown as unconfirmed until a person confirms them with a source."""

from __future__ import annotations

import gzip
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from brands.models import Brand
from preference_center.tests.test_desk import LAW, errors, seat, told
from regimes.confirmations import unconfirmed
from regimes.models import Confirmation

VALUE = ("us-ct-ctdpa", "deadlines.consent_withdrawal_effective")
SOURCE = "https://www.cga.ct.gov/current/pub/chap_743jj.htm"


@pytest.fixture
def sit(linden: Brand, settings: Any) -> Any:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    return lambda role: seat(linden, settings.MAIL_DIR, role)


def buttons(browser: Client) -> dict[tuple[str, str], str]:
    """What the button of each waiting value sends to the form that confirms one."""
    page = browser.get(LAW).content.decode().partition("</h2>")[2].partition("</form>")[0]
    rows = re.findall(
        r'<th scope="row">([^<]+)</th>\s*<td>([^<]*)</td>.*?<button class="button button--quiet" name="value" value="([^"]+)"', page, re.S
    )
    return {(key, "" if path == "as a whole" else unescape(path)): unescape(value) for key, path, value in rows}


def test_every_unconfirmed_value_is_shown_it_says_what_it_is(sit: Any) -> None:
    page = sit("officer").get(LAW).content.decode()
    assert f"{len(unconfirmed())} values of the law are unconfirmed" in page
    for each in unconfirmed():
        assert f'<th scope="row">{each.key}</th>' in page
        assert each.path in unescape(page)
    assert "15 calendar days" in page


def test_an_officer_confirms_one_with_a_source_it_waits_no_longer(sit: Any) -> None:
    officer = sit("officer")
    before = buttons(officer)
    assert before.keys() == {(each.key, each.path) for each in unconfirmed()}
    value = before[VALUE]
    form = officer.get(f"{LAW}add/", {"value": value})
    assert form.context["adminform"].form["value"].value() == value
    response = officer.post(f"{LAW}add/", {"value": value, "source": SOURCE})
    assert "was added successfully" in told(officer, response)
    row = Confirmation.objects.get()
    assert (row.key, row.path, row.source) == (*VALUE, SOURCE)
    assert row.confirmed_by == f"staff:{Person.objects.get(email='officer@linden.example').reference}"
    assert buttons(officer).keys() == before.keys() - {VALUE}
    assert SOURCE in officer.get(LAW).content.decode()


def test_without_a_source_it_confirms_nothing(sit: Any) -> None:
    officer = sit("officer")
    value = buttons(officer)[VALUE]
    for source in ("", "hearsay", "ftp://example.org/law"):
        assert errors(officer.post(f"{LAW}add/", {"value": value, "source": source}))
    assert errors(officer.post(f"{LAW}add/", {"value": "eu-gdpr|0|deadlines.respond", "source": SOURCE}))
    assert not Confirmation.objects.exists()


def test_a_word_once_given_stands_it_is_neither_changed_nor_taken_away(sit: Any) -> None:
    officer = sit("officer")
    value = buttons(officer)[VALUE]
    officer.post(f"{LAW}add/", {"value": value, "source": SOURCE})
    row = Confirmation.objects.get()
    assert officer.get(f"{LAW}{row.pk}/change/").status_code == 200
    assert officer.post(f"{LAW}{row.pk}/change/", {"source": "https://example.org/"}).status_code == 403
    assert officer.post(f"{LAW}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    officer.post(LAW, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert Confirmation.objects.get().source == SOURCE


def test_an_auditor_sees_what_waits_it_offers_no_way_to_confirm(sit: Any) -> None:
    auditor = sit("auditor")
    assert "values of the law are unconfirmed" in auditor.get(LAW).content.decode()
    assert buttons(auditor) == {}
    assert auditor.post(f"{LAW}add/", {"source": SOURCE}).status_code == 403


def test_when_all_is_confirmed_it_says_so_in_one_line(sit: Any) -> None:
    officer = sit("officer")
    for each in unconfirmed():
        row = {"key": each.key, "path": each.path, "sha256": each.sha256, "source": SOURCE, "confirmed_by": "staff:x"}
        Confirmation.objects.create(**row, confirmed_at="2026-11-24T00:00:00Z")
    page = officer.get(LAW).content.decode()
    assert "0 values of the law are unconfirmed" in page
    assert '<th scope="row">' not in page.partition("0 values")[2].partition('id="changelist"')[0]


def test_it_is_light_it_asks_the_database_a_few_times(sit: Any) -> None:
    officer = sit("officer")
    officer.get(LAW)
    with CaptureQueriesContext(connection) as queries:
        page = officer.get(LAW)
    assert len(queries) <= 13  # one of them whether the look is written down already
    assert len(gzip.compress(page.content)) < 50_000
