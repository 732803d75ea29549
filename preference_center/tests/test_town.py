"""The town of the demo and the benchmarks is a true one, and the figures agree with a count over its ledger by other means."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from accounts.models import Customer
from brands.models import Brand
from consents.models import Choice
from ledger.checking import verify
from ledger.models import Entry
from preference_center.demo.town import build
from preference_center.tests.test_desk import DESK, seat

pytestmark = pytest.mark.django_db

# Each party's newest word, read in the payloads themselves: nothing of the product's own counting.
NEWEST = """
SELECT purpose, channel, SUM(CASE WHEN state = 'granted' THEN 1 ELSE 0 END),
       SUM(CASE WHEN state IN ('refused', 'withdrawn', 'objected', 'opted_out') THEN 1 ELSE 0 END) FROM (
  SELECT payload::jsonb ->> 'purpose' AS purpose, payload::jsonb ->> 'channel' AS channel, payload::jsonb ->> 'state' AS state,
         ROW_NUMBER() OVER (PARTITION BY subject, payload::jsonb ->> 'purpose', payload::jsonb ->> 'channel', payload::jsonb ->> 'party'
                            ORDER BY seq DESC) AS place
  FROM ledger_entry WHERE kind = 'choice.decided' AND brand = 'linden' AND payload::jsonb ->> 'outcome' = 'applied'
) AS words WHERE place = 1 GROUP BY purpose, channel
"""


def by_other_means() -> dict[tuple[str, str], tuple[int, int]]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(NEWEST)
            return {(purpose, channel): (int(yes), int(no)) for purpose, channel, yes, no in cursor.fetchall()}
    found: dict[tuple[str, str], Counter[str]] = {}
    for choice in Choice.objects.all():
        found.setdefault((choice.purpose, choice.channel), Counter())["yes" if choice.state == "granted" else "no"] += 1
    return {use: (each["yes"], each["no"]) for use, each in found.items()}


def told_at_the_desk(officer: Any) -> dict[str, tuple[str, ...]]:
    response = officer.get(f"{DESK}figures/", {"csv": "standing"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))[1:]
    return {row[0]: tuple(row[1:]) for row in rows}


def agrees(linden: Brand, officer: Any) -> int:
    """How many words were compared, on page, chart and by other means."""
    counted, told = by_other_means(), told_at_the_desk(officer)
    assert len(counted) == len(told) == 5
    people = Customer.objects.filter(brand=linden).count()
    page = officer.get(f"{DESK}figures/").content.decode()
    compared = 0
    for yes, no in counted.values():
        assert (str(yes), str(no), str(people - yes - no)) in told.values()
        compared += yes + no
    for cells in told.values():
        assert "</td><td>".join(cells) in page
    course = officer.get(f"{DESK}figures/", {"csv": "over-time", "use": "news/email", "days": "1095"})
    last = b"".join(course.streaming_content).decode().splitlines()[-1].split(",")
    yes, no = counted["news", "email"]
    assert last[1:] == [str(yes), str(no), str(people - yes - no)]
    return compared


@pytest.mark.parametrize("people", [1500, pytest.param(100_000, marks=pytest.mark.long)])
def test_charts_and_tables_agree_with_a_count_over_the_ledger(linden: Brand, settings: Any, people: int) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    told: list[tuple[int, int]] = []
    position = build(linden, people, lambda done, total: told.append((done, total)))
    assert told[-1] == (people, people)
    assert position == Entry.objects.count()
    assert Customer.objects.filter(brand=linden).count() == people + 1
    assert agrees(linden, seat(linden, settings.MAIL_DIR, "officer")) > people
    if people < 10_000:
        assert [str(fault) for fault in verify()] == []


def test_the_same_number_makes_the_same_people(linden: Brand) -> None:
    build(linden, 40)
    build(linden, 40)
    assert Customer.objects.filter(brand=linden).values("subject").distinct().count() == 81
    assert Customer.objects.filter(external_ids__value="T-0000002", name="").count() == 0
