"""The figures of a year: CCPA regulations 7102."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.actions import stop
from consents.models import SignedOutOptOut
from consents.saying import Said
from consents.states import How, Scope
from data_requests import actions
from data_requests.figures import figures, years
from data_requests.models import OptOutCount, Request
from data_requests.tests.conftest import SESSION, Guest, asked, by
from ledger.proving import prove

pytestmark = pytest.mark.django_db
SAM = "staff:" + "5" * 32


@pytest.fixture
def answered(anna: Customer) -> list[Request]:
    """Corrections: one done after 2 days, one in part after 4, one refused after 9, one withdrawn, one open."""
    made = []
    with time_machine.travel("2026-05-04T09:00:00Z", tick=True) as clock:
        requests = [asked(anna, "correct", SESSION, asked={"text": "my street"}) for _number in range(5)]
        clock.shift(timedelta(days=2))
        actions.fulfil(requests[0], "Done.", by=SAM)
        clock.shift(timedelta(days=2))
        actions.fulfil(requests[1], "Half.", by=SAM, in_part=True, ground="accurate")
        clock.shift(timedelta(days=5))
        actions.refuse(requests[2], "accurate", "Right as it is.", by=SAM)
        actions.withdraw(requests[3], by=by(anna))
        made += requests
    return made


def test_each_kind_has_its_line(anna: Customer, answered: list[Request]) -> None:
    found = figures(anna.brand, 2026)
    line = next(each for each in found.lines if each.kind == "correct")
    assert (line.received, line.whole, line.in_part, line.denied, line.ended, line.still_open) == (5, 1, 1, 1, 1, 1)
    assert (line.median, line.mean) == (4, 5.0)
    others = [each for each in found.lines if each.kind != "correct"]
    assert {each.received for each in others} == {0}
    assert {each.median for each in others} == {None}
    assert [each.kind for each in found.lines[:4]] == ["delete", "correct", "copy", "limit"]


def test_another_year_and_another_brand_have_their_own(anna: Customer, kingfisher: Brand, answered: list[Request]) -> None:
    assert {line.received for line in figures(anna.brand, 2025).lines} == {0}
    assert {line.received for line in figures(kingfisher, 2026).lines} == {0}
    assert years(anna.brand)[-1] == 2026
    assert years(kingfisher) == [timezone.localdate().year]


def test_opt_outs_are_counted_as_they_happen_each_once(anna: Customer, carol: Customer) -> None:
    for customer, how in ((anna, How.BUTTON), (carol, How.SIGNAL)):
        stop(customer, Scope.SALE, Said(actor=by(customer), party=customer.subject, how=how))
    stop(anna, Scope.SENSITIVE, Said(actor=by(anna), party=anna.subject))
    stop(anna, Scope.MARKETING, Said(actor=by(anna), party=anna.subject))
    SignedOutOptOut.count_one(anna.brand, "sale", timezone.localdate())
    prove()
    prove()
    sale, sensitive = figures(anna.brand, timezone.localdate().year).opt_outs
    assert (sale.said, sale.signals, sale.signed_out, sale.all) == (1, 1, 1, 3)
    assert (sensitive.said, sensitive.all) == (1, 1)
    assert set(OptOutCount.objects.values_list("scope", flat=True)) == {"sale", "sensitive"}


def test_nobody_reads_them_unless_the_brand_shows_them(anna: Customer, answered: list[Request]) -> None:
    client = Guest(anna.brand)
    assert client.get("/requests/figures/").status_code == 404
    Brand.objects.filter(pk=anna.brand.pk).update(shows_figures=True)
    page = client.get("/requests/figures/2026/")
    assert page.status_code == 200
    assert 'data-label="Received"><div>5</div>' in page.content.decode()
    assert "/requests/figures/" in client.get("/requests/").content.decode()
    assert client.get("/requests/figures/1999/").status_code == 404


def test_as_a_table(anna: Customer, answered: list[Request]) -> None:
    Brand.objects.filter(pk=anna.brand.pk).update(shows_figures=True)
    response: Any = Guest(anna.brand).get("/requests/figures/2026/csv/")
    rows = {row["what"]: row for row in csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()))}
    assert rows["correct"]["received"] == "5"
    assert rows["correct"]["median_days"] == "4"
    assert rows["opt_out_sale"]["denied"] == "0"
