"""The figures at the desk: charts and tables say what the ledger says, small groups are not told, and looking costs the same for many."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import join
from brands.models import Brand
from consents import figures
from consents.models import Choice, ChoiceDay
from consents.tests.acting import allow, deny
from data_requests.actions.erasing import erase_customer
from ledger.proving import prove
from ledger.turns import turn
from preference_center.desk.charts import Series, line_chart
from preference_center.tests.test_desk import DESK, AtDesk
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox

pytestmark = pytest.mark.django_db
FIGURES = f"{DESK}figures/"


@pytest.fixture
def crowd(linden: Brand) -> None:
    """Thirty people: fourteen allow the news, eleven do not, five have not said."""
    people = [join(brand=linden, address=f"person{number}@example.com", language="en") for number in range(30)]
    for each in people[:14]:
        allow(each, "news", "email")
    for each in people[14:25]:
        deny(each, "news", "email")
    for each in people[:3]:
        allow(each, "recs")
    prove()


def table(browser: Any, key: str, **more: str) -> list[list[str]]:
    """As the file has it."""
    response = browser.get(FIGURES, {"csv": key, **more})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_page_file_and_chart_say_the_same(at_desk: AtDesk, crowd: None) -> None:
    officer = at_desk("officer")
    rows = {row[0]: row[1:] for row in table(officer, "standing")}
    assert rows["News and offers, Email"] == ["14", "11", "<10"]
    assert rows["Suggestions that match your home"][:2] == ["<10", "0"]
    course = table(officer, "over-time", use="news/email")
    assert course[-1] == [timezone.localdate().isoformat(), "14", "11", "<10"]
    page = officer.get(FIGURES, {"use": "news/email"}).content.decode()
    assert "at the end: 14 allowed, 11 not, &lt;10 not decided" in page
    assert page.count('<svg class="chart"') == 1
    assert "style=" not in page.partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert table(officer, "language", use="news/email")[1] == ["en", "14", "11", "0"]


def test_who_is_erased_is_in_no_figure(at_desk: AtDesk, linden: Brand, crowd: None) -> None:
    before = {(row.purpose, row.channel): (row.allowed, row.refused) for row in figures.standing(linden)}
    assert before["news", "email"] == (14, 11)
    gone = Choice.objects.filter(state="granted", purpose="news").select_related("customer__brand").first()
    assert gone is not None
    with turn(gone.customer.subject, brand=linden.key, actor="system:tests") as this:
        erase_customer(this, gone.customer, why="request", request="R-2222-2222")
    prove()
    after = {(row.purpose, row.channel): (row.allowed, row.refused) for row in figures.standing(linden)}
    assert after["news", "email"] == (13, 11)
    assert figures.people(linden) == 29


@pytest.mark.parametrize("role", ["agent", ""])
def test_who_may_not_reads_no_figure(at_desk: AtDesk, role: str) -> None:
    assert at_desk(*filter(None, [role])).get(FIGURES).status_code == 403


def test_nonsense_shows_the_first_use_and_no_file(at_desk: AtDesk, crowd: None) -> None:
    officer = at_desk("auditor")
    for asked in ({"use": "x"}, {"days": "9" * 30}, {"use": "news/email", "days": "-1"}, {"use": "\x00"}):
        assert officer.get(FIGURES, asked).status_code == 200
    assert officer.get(FIGURES, {"csv": "everything"}).status_code == 404


def test_before_anybody_decided_it_says_so(at_desk: AtDesk) -> None:
    page = at_desk("editor").get(FIGURES).content.decode()
    assert "Nothing to tell yet." in page


def test_it_costs_the_same_whatever_was_decided(at_desk: AtDesk, crowd: None, linden: Brand, django_assert_max_num_queries: Any) -> None:
    officer = at_desk("officer")
    officer.get(FIGURES)
    with django_assert_max_num_queries(25) as few:
        officer.get(FIGURES)
    rows = [
        ChoiceDay(brand=linden, day=timezone.localdate(), purpose=purpose, channel="", language=f"l{number}", place="map", allowed=12)
        for number in range(40)
        for purpose in ("recs", "makers", "ads", "insight")
    ]
    ChoiceDay.objects.bulk_create(rows)
    with django_assert_max_num_queries(len(few)):
        officer.get(FIGURES)


def test_a_line_has_a_point_for_each_value_a_gap_where_none_is_told_and_names_apart() -> None:
    series = [Series("yes", "yes", [10, 20, None, 40]), Series("no", "no", [10, 20, 30, 40])]
    chart = str(line_chart("News", "so", ["a", "b", "c", "d"], series))
    first, second = re.findall(r'<path class="[^"]*" d="([^"]*)"', chart)
    assert (first.count("M"), first.count("L")) == (2, 1)
    assert (second.count("M"), second.count("L")) == (1, 3)
    heights = [float(y) for y in re.findall(r'chart__name" x="\d+" y="(\d+)"', chart)]
    assert abs(heights[0] - heights[1]) >= 17
    assert "&lt;b&gt;" in str(line_chart("<b>", "", [], [Series("<i>", "yes", [])]))
