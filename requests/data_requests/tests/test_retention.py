"""What has outlived its time goes, once a day, and is reported; a dry run counts the same and deletes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Challenge, Customer, ReplacedAddress
from data_requests import actions
from data_requests.connectors import Fault
from data_requests.connectors.sql.description import Described, Retention
from data_requests.models import Request, RetentionReport
from data_requests.retention import WITH_THE_REQUEST, carry_out, everything_due, first_day_that_stays
from data_requests.tests.conftest import SESSION, asked, by
from data_requests.tests.test_deletion import carried_out
from jobs.actions import enqueue, run_due
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry
from ledger.personal_data import Days, declared
from ledger.proving import prove

pytestmark = pytest.mark.django_db
TWO_YEARS, SEVEN_YEARS = timedelta(days=740), timedelta(days=366 * 7)


def closed(customer: Customer) -> Request:
    request = asked(customer, "correct", SESSION, asked={"text": "my street"})
    actions.write(request, "Which one?", by="staff:sam", from_person=False)
    actions.fulfil(request, "Done.", by="staff:sam")
    request.refresh_from_db()
    return request


def test_the_request_log_is_kept_for_24_months_and_then_goes_with_its_entries(anna: Customer) -> None:
    request = closed(anna)
    prove()
    assert not [report for report in carry_out(timezone.now() + timedelta(days=700)) if report.table == "requests.Request"]
    with time_machine.travel(timezone.now() + TWO_YEARS, tick=True):
        carry_out(timezone.now())
        assert not Request.objects.exists()
        mark = f'"request":"{request.number}"'
        assert not Entry.objects.of(anna.subject).readable().filter(payload__contains=mark).exists()
        assert Entry.objects.of(anna.subject).filter(kind="tombstone").count() == 1
        prove()
        assert list(verify()) == []
    assert RetentionReport.objects.get(table="requests.Request").rows == 1
    assert Customer.objects.filter(pk=anna.pk).exists()


def test_what_is_open_stays(anna: Customer) -> None:
    asked(anna, "correct", SESSION, asked={"text": "my street"})
    carry_out(timezone.now() + TWO_YEARS)
    assert Request.objects.count() == 1


def test_a_request_that_is_forgotten_twice_is_forgotten_once(anna: Customer) -> None:
    request = closed(anna)
    with time_machine.travel(timezone.now() + TWO_YEARS, tick=True):
        assert actions.forget_request(request, by="system:test") == 1
        assert actions.forget_request(request, by="system:test") == 0


def test_what_was_appealed_goes_after_its_appeal(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my street"})
    actions.refuse(request, "accurate", "It is right.", by="staff:sam")
    request.refresh_from_db()
    request.customer, request.brand = anna, anna.brand
    second = actions.appeal(request, "It is not.", SESSION, by=by(anna), nonce="n").request
    actions.fulfil(second, "You are right.", by="staff:ola")
    with time_machine.travel(timezone.now() + TWO_YEARS, tick=True):
        carry_out(timezone.now())
        carry_out(timezone.now())
    assert not Request.objects.exists()


def test_proof_of_somebody_who_is_gone_is_emptied_when_its_period_is_over(anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    carry_out(timezone.now() + timedelta(days=700))
    assert Entry.objects.of(anna.subject).readable().filter(kind="person.erased").exists()
    with time_machine.travel(timezone.now() + SEVEN_YEARS, tick=True):
        carry_out(timezone.now())
        assert set(Entry.objects.of(anna.subject).readable().values_list("kind", flat=True)) == {"tombstone"}
        prove()
        assert list(verify()) == []
        assert not [due for due in everything_due(timezone.now()) if due.table == "ledger.Entry" and due.count]


def test_what_is_there_for_a_day_goes_after_a_day(anna: Customer) -> None:
    Challenge.objects.create(browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="x@example.com", expires_at=timezone.now())
    ReplacedAddress.objects.create(customer=anna, canonical="old@example.com")
    enqueue("data_requests.expire", {})
    run_due()
    assert Job.objects.exclude(done_at=None).exists()
    carry_out(timezone.now() + timedelta(days=2))
    assert not Challenge.objects.exists()
    assert ReplacedAddress.objects.exists()
    carry_out(timezone.now() + timedelta(days=8))
    assert not ReplacedAddress.objects.exists()
    assert not Job.objects.exclude(done_at=None).exists()


def test_the_daily_job_does_it(anna: Customer) -> None:
    Challenge.objects.create(browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="x@example.com", expires_at=timezone.now())
    enqueue("data_requests.retention", {})
    run_due(timezone.now() + timedelta(days=2))
    assert not Challenge.objects.exists()
    assert RetentionReport.objects.filter(table="accounts.Challenge", rows=1).exists()


def test_twice_on_a_day_adds_up(anna: Customer) -> None:
    later = timezone.now() + timedelta(days=2)
    for _number in range(2):
        Challenge.objects.create(
            browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="x@example.com", expires_at=timezone.now()
        )  # fmt: skip
        carry_out(later)
    assert RetentionReport.objects.get(table="accounts.Challenge").rows == 2


def test_a_dry_run_counts_and_deletes_nothing(anna: Customer) -> None:
    closed(anna)
    Challenge.objects.create(browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="x@example.com", expires_at=timezone.now())
    with time_machine.travel(timezone.now() + TWO_YEARS, tick=True):
        said = StringIO()
        call_command("retention", "--dry-run", stdout=said)
        lines = {line.split()[1]: int(line.split()[0]) for line in said.getvalue().splitlines()}
        assert lines["requests.Request"] == lines["accounts.Challenge"] == 1
        assert Request.objects.count() == Challenge.objects.count() == 1
        assert not RetentionReport.objects.exists()
        said = StringIO()
        call_command("retention", stdout=said)
        assert "requests.Request" in said.getvalue()
    assert not Request.objects.exists()


def test_every_table_with_a_period_is_looked_at(anna: Customer) -> None:
    wanted = {model._meta.label for model in apps.get_models(include_auto_created=True) if isinstance(declared(model).keep, Days)}
    assert len(wanted) > 10
    assert wanted - {due.table for due in everything_due(timezone.now())} - WITH_THE_REQUEST == set()


# ── As long as the published uses say ───────────────────────────────────────────────────────────────────────────────


def a_table(**retention: Any) -> Described:
    return Described("views", {"en": "Views"}, "email", "email", False, (), "delete", retention=Retention("seen_on", **retention))


TODAY = date(2026, 11, 28)


def test_a_number_of_days_is_what_it_says(anna: Customer) -> None:
    assert first_day_that_stays(anna.brand, a_table(days=10, category=""), TODAY) == date(2026, 11, 18)


def test_a_kind_of_data_stays_as_long_as_its_longest_use(anna: Customer) -> None:
    assert first_day_that_stays(anna.brand, a_table(days=None, category="viewed-pages"), TODAY) == TODAY - timedelta(days=426)


def test_a_kind_of_data_that_no_use_names_is_a_fault(anna: Customer) -> None:
    with pytest.raises(Fault, match="do not say how long shoe-size"):
        first_day_that_stays(anna.brand, a_table(days=None, category="shoe-size"), TODAY)


def test_years_end_with_their_last_day(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    use = SimpleNamespace(category="amounts", retention_days=365, retention_after="year_end")
    monkeypatch.setattr("data_requests.retention.published", lambda brand: {"x": SimpleNamespace(uses=(use,))})
    assert first_day_that_stays(anna.brand, a_table(days=None, category="amounts"), TODAY) == date(2025, 1, 1)
    use.retention_after = "stopped"
    with pytest.raises(Fault):
        first_day_that_stays(anna.brand, a_table(days=None, category="amounts"), TODAY)
