"""A look at a file: it changes nothing, says what the import would do, and names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import serializers
from django.db import connection

from accounts.actions import tie
from accounts.models import Contact, Customer
from accounts.suppression import suppress
from accounts.tests.canaries import search
from brands.models import Brand
from consents.tests.acting import allow, deny
from ledger.models import Head
from propagation.models import Import, ImportLine
from propagation.tests.files import BY, Line, carried_out, everything, faults, imported, no, objects, received, report, table, yes

pytestmark = pytest.mark.django_db
ANNA, CAROL = "anna.kowalczyk@example.com", "carol.novak@example.com"
GONE = "gone@example.com"


def lines() -> list[Line]:
    """Of everything that can become of a line, each person once."""
    return [
        yes(ANNA),
        yes(CAROL),
        no("", id="C-1"),
        yes("new@example.com", language="pl"),
        no("newer@example.com", "news", channel="sms"),
        yes("claim@example.com", wording=""),
        yes(GONE),
        no("", id="C-404"),
        no("nobody@example.com", "delivery"),
        no("purpose@example.com", "nothing"),
        yes("future@example.com", time="2199-01-01T00:00:00Z"),
        {"email": "open@example.com", "purpose": "ads", "decision": ""},
        yes("a@b", wording="=1+1"),
    ]


@pytest.fixture
def people(linden: Brand, anna: Customer, carol: Customer) -> None:
    allow(anna, "ads")
    deny(carol, "ads")
    tie(brand=linden, value="C-1", email="tied@example.com", language="en", country="PL", by=BY)
    suppress(linden, [(Contact.Channel.EMAIL, GONE)])


def test_it_changes_no_table_and_no_chain(linden: Brand, people: None) -> None:
    rows = everything()
    heads = dict(Head.objects.exclude(pk=linden.subject).values_list("pk", "commitment"))
    look = imported(linden, table(*lines()), dry=True)
    assert (look.state, look.dry, look.done) == ("dry", True, 13)
    assert dict(Head.objects.exclude(pk=linden.subject).values_list("pk", "commitment")) == heads
    now = everything()
    changed = {name: now[name] - rows[name] for name in now if now[name] != rows[name]}
    assert changed.pop("propagation.Import") == changed.pop("jobs.Job") == 1
    assert changed.pop("ledger.Entry") == 1  # that it was begun
    assert changed.pop("propagation.ImportLine") == 13
    assert changed.keys() <= {"ledger.Waiting"}
    assert faults() == []


@pytest.mark.parametrize("write", [table, objects])
def test_what_it_says_is_what_the_import_does(linden: Brand, people: None, write: Any) -> None:
    look = imported(linden, write(*lines()), dry=True)
    said, counts = report(look), look.counts
    became = {outcome for _line, outcome, _why in said}
    assert became == {"applied", "stands", "superseded", "unproven", "refused", "suppressed", "open"}
    run = carried_out(look)
    assert (run.pk, run.state, run.dry) == (look.pk, "done", False)
    assert (report(run), run.counts) == (said, counts)
    assert faults() == []


def test_what_it_says_is_what_an_import_of_many_lines_does(linden: Brand) -> None:
    many = [(yes if number % 3 else no)(f"p{number}@example.com", "recs" if number % 2 else "ads") for number in range(230)]
    look = imported(linden, table(*many), dry=True)
    said = report(look)
    assert Customer.objects.at(linden).count() == 0
    assert report(carried_out(look)) == said
    assert [line for line, _outcome, _why in said] == list(range(2, 232))
    assert Customer.objects.at(linden).count() == 230


def test_a_wording_that_was_only_looked_at_is_stored_when_it_counts(linden: Brand) -> None:
    """Nothing remembers it from the look that was taken back."""
    look = imported(linden, table(yes("a@example.com")), dry=True)
    carried_out(look)
    assert faults() == []
    assert report(look) == [(2, "applied", "")]


def test_a_second_look_is_the_first(linden: Brand) -> None:
    content = table(yes("a@example.com"))
    look = imported(linden, content, dry=True)
    assert imported(linden, content, dry=True).pk == look.pk
    assert imported(linden, content, dry=True, language="pl").pk != look.pk
    assert len(list(Path(django_settings.IMPORTS_DIR).iterdir())) == 2


def canary_lines() -> list[Line]:
    return [
        yes("canary0001email@example.com", wording="canary0002wording", source="canary0003source"),
        yes("canary0004email@example.com", wording="", source="canary0005source"),
        no("canary0006 email", id="", phone="canary0007phone"),
        no("", id="=canary0008id"),
        no("", phone="canary0009phone"),
        no("canary0010email@example.com", "canary0011purpose"),
        no("canary0012email@example.com", channel="canary0013channel"),
        no("canary0014email@example.com", time="canary0015time"),
        no("canary0016email@example.com", language="canary0017language"),
        yes("canary0018email@example.com", decision="canary0019decision"),
        yes("canary0020email@example.com", wording="=canary0021wording"),
    ]


def test_neither_report_nor_file_nor_job_nor_log_names_anybody(linden: Brand, caplog: pytest.LogCaptureFixture) -> None:
    content = table(*canary_lines()) + b'canary0022,"broken"x\n\xff canary0023\n'
    run = received(linden, content, dry=True)
    (path,) = Path(django_settings.IMPORTS_DIR).iterdir()
    stored = path.read_bytes()
    assert search(content)
    assert search(stored) == set()
    assert b"example.com" not in stored
    assert path.stat().st_mode & 0o777 == 0o600
    run = imported(linden, content, dry=True)
    assert (run.state, run.done) == ("dry", 13)
    kept = serializers.serialize("json", [*Import.objects.all(), *ImportLine.objects.all()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload, cursor, error FROM jobs_job")
        jobs = repr(cursor.fetchall())
    assert search((kept + jobs + caplog.text).replace(run.key, "").encode()) == set()


def test_after_the_import_the_file_is_gone(linden: Brand) -> None:
    look = imported(linden, table(yes("a@example.com")), dry=True)
    folder = Path(django_settings.IMPORTS_DIR)
    assert len(list(folder.iterdir())) == 1
    run = carried_out(look)
    assert (run.file, run.key) == ("", "")
    assert list(folder.iterdir()) == []
