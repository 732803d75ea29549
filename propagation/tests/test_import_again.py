"""The same file twice is once; an import that was ended in the middle goes on, and ends as one that was not."""

from __future__ import annotations

import json
import os
import signal
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Contact, Customer
from brands.models import Brand
from consents.models import Choice, Shown
from jobs.actions import run, run_due
from jobs.models import Job
from ledger.models import Entry
from propagation.importing import applying, running
from propagation.models import Import
from propagation.tests.files import Line, carried_out, committed, everything, faults, imported, no, received, report, table, who, yes

Made = list[tuple[Any, ...]]
SAID = ("purpose", "channel", "state", "before", "outcome", "occurred_at", "missing")
LEASE = timedelta(seconds=61)


def lines(people: str, number: int = 230) -> list[Line]:
    """Of so many lines; several of them about one person, in one chunk and in several."""
    made = []
    for each in range(number):
        email = f"{people}{each % 115}@example.com"
        line = [yes(email), no(email, "recs"), yes(email, "news", channel="sms"), no(email), yes(email, "recs", wording="")][each % 5]
        made.append(line | {"time": f"2026-01-{1 + each % 28:02}T10:00:00Z"})
    return made


def made(brand: Brand, people: str) -> Made:
    """Everything that stands of them, without what differs from one person to the next."""
    found: Made = []
    for email in sorted(Contact.objects.filter(canonical__startswith=people).values_list("canonical", flat=True)):
        customer = who(brand, email)
        entries = Entry.objects.of(customer.subject).order_by("seq")
        said = [(each.kind, [each.act.get(name) for name in SAID]) for each in entries]
        choices = Choice.objects.filter(customer=customer).order_by("purpose", "channel").values_list("purpose", "channel", "state", "seq")
        found.append((email.removeprefix(people), customer.language, json.dumps(said), list(choices)))
    return found


def assert_alike(brand: Brand, broken: Import, whole: Import) -> None:
    broken.refresh_from_db()
    assert (broken.state, broken.done, broken.counts, broken.file) == (whole.state, whole.done, whole.counts, "")
    assert report(broken) == report(whole)
    assert made(brand, "broken") == made(brand, "whole") != []
    assert faults() == []


@pytest.mark.django_db
def test_the_same_file_is_one_import(linden: Brand) -> None:
    content = table(*lines("a", 30))
    first = imported(linden, content)
    before = everything()
    assert imported(linden, content).pk == first.pk
    carried_out(first)
    assert everything() == before
    look = imported(linden, content, dry=True)
    assert look.pk != first.pk


@pytest.mark.django_db
def test_what_was_looked_at_is_carried_out_once(linden: Brand) -> None:
    look = imported(linden, table(*lines("a", 30)), dry=True)
    carried_out(look)
    before = everything()
    assert carried_out(look).state == "done"
    assert imported(linden, table(*lines("a", 30))).pk == look.pk
    assert everything() == before


@pytest.mark.django_db
def test_the_same_lines_without_the_import_write_nothing_new(linden: Brand) -> None:
    """Each person once: somebody else sends the file that was taken over before."""
    content = table(yes("a@example.com"), yes("a@example.com", "recs", wording=""), no("b@example.com"))
    imported(linden, content)
    before, entries = everything(), Entry.objects.exclude(subject=linden.subject).count()
    again = imported(linden, content, language="en")
    assert again.counts == {"stands": 2, "unproven": 1}
    assert Entry.objects.exclude(subject=linden.subject).count() == entries
    now = everything()
    assert {name for name in now if now[name] != before[name]} <= {
        "propagation.Import", "propagation.ImportLine", "jobs.Job", "ledger.Entry", "ledger.Waiting",
    }  # fmt: skip


class Interrupted(RuntimeError):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("chunk", [1, 3])
def test_what_was_interrupted_in_the_middle_of_a_chunk_goes_on(linden: Brand, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    whole = imported(linden, table(*lines("whole")))
    apply, calls = applying.apply, iter(range(1, 100))

    def interrupted(*given: Any, **more: Any) -> Any:
        became = apply(*given, **more)  # everything is written, and not committed
        if next(calls) == chunk:
            raise Interrupted
        return became

    monkeypatch.setattr(running, "apply", interrupted)
    with committed():
        broken = received(linden, table(*lines("broken")))
        run_due()
    broken.refresh_from_db()
    assert (broken.state, broken.done) == ("running", (chunk - 1) * 100)
    assert len(report(broken)) == (chunk - 1) * 100
    assert Job.objects.get(payload={"run": broken.pk}).error == "Interrupted"
    with committed():
        run_due(timezone.now() + LEASE)
    assert_alike(linden, broken, whole)


@pytest.mark.django_db(transaction=True)
def test_what_was_killed_in_the_middle_goes_on(linden: Brand) -> None:
    whole = imported(linden, table(*lines("whole")))
    broken = received(linden, table(*lines("broken")))
    job = Job.objects.get(payload={"run": broken.pk})
    connection.close()  # the process to be killed opens its own
    child = os.fork()
    if child == 0:
        _work_until_killed(job.pk)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    broken.refresh_from_db()
    assert (broken.state, broken.done, len(report(broken))) == ("running", 100, 100)
    assert not run(job.pk)  # held, until its lease has run out
    assert run(job.pk, timezone.now() + LEASE)
    assert_alike(linden, broken, whole)


def _work_until_killed(job: int) -> None:
    """In a process of its own: dies in the second chunk, between what it wrote and its commit."""
    apply, calls = applying.apply, iter(range(1, 100))

    def deadly(*given: Any, **more: Any) -> Any:
        became = apply(*given, **more)
        if next(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return became

    pytest.MonkeyPatch().setattr(running, "apply", deadly)
    try:
        run(job)
    finally:
        os._exit(1)


@pytest.mark.django_db
def test_a_wording_of_many_is_stored_once(linden: Brand) -> None:
    before = Shown.objects.count()
    imported(linden, table(*[yes(f"a{number}@example.com") for number in range(30)]))
    assert Shown.objects.count() == before + 1
    assert Customer.objects.at(linden).count() == 30
