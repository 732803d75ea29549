"""/healthz/: green while all is well, red with the name of what is not, and silent about people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.actions import join
from accounts.models import Customer
from catalogue.tests.saying_policies import publish_policy
from jobs.models import Job
from ledger import followers, triggers
from ledger.followers import Follower
from ledger.models import Entry, Parked
from ledger.proving import prove
from ledger.sequence import seal_file
from notifications import actions
from notifications.models import Campaign, Message
from notifications.tests.making import message
from preference_center.tests.cast import SignedIn


class Listener(Follower):
    name: ClassVar[str] = "listener"
    from_start: ClassVar[bool] = True

    def handle(self, entry: Entry, position: int) -> None:
        """Has nothing to do with any entry."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    followers.follow(listener)
    yield listener
    followers.unfollow("listener")


@pytest.fixture
def proven(anna: Customer) -> Customer:
    """Every entry there is has its position and its seal."""
    while prove():
        pass
    return anna


def asked(**headers: str) -> tuple[int, dict[str, Any]]:
    response = Client(headers={"host": "nobody.localhost"} | headers).get("/healthz/")
    return response.status_code, json.loads(response.content)


def faults() -> list[str]:
    status, answer = asked()
    assert (status == 200) == (answer["faults"] == []) == answer["ok"]
    found: list[str] = answer["faults"]
    return found


def a_job(**more: Any) -> Job:
    return Job.objects.create(**({"handler": "x", "run_after": timezone.now()} | more))


def test_it_is_green_when_nothing_waits(proven: Customer) -> None:
    assert asked()[0] == 200
    assert faults() == []


@pytest.mark.parametrize(("seconds", "expected"), [(59, []), (61, ["jobs"])])
def test_a_job_that_is_due_and_not_done(proven: Customer, seconds: int, expected: list[str]) -> None:
    a_job(run_after=timezone.now() - timedelta(seconds=seconds))
    assert faults() == expected


def test_a_job_for_later_is_no_fault(proven: Customer) -> None:
    a_job(run_after=timezone.now() + timedelta(days=3))
    assert faults() == []


def test_a_job_that_was_given_up(proven: Customer) -> None:
    job = a_job(gave_up_at=timezone.now())
    assert faults() == ["jobs"]
    job.delete()
    assert faults() == []


def test_a_follower_far_behind(proven: Customer, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    from preference_center import health

    assert faults() == []
    monkeypatch.setattr(health, "LARGEST_LAG", 1)
    assert faults() == ["followers"]
    followers.run_all()
    assert faults() == []
    assert asked()[1]["follower_lag"]["listener"] == 0


def test_a_parked_entry_that_waits_for_a_person(proven: Customer) -> None:
    parked = Parked.objects.create(follower="listener", entry=1, position=1, subject="0" * 32, attempts=6, next_try=None, error="KeyError")
    assert faults() == ["followers"]
    Parked.objects.filter(pk=parked.pk).update(next_try=timezone.now(), attempts=1)
    assert faults() == [], "it will be tried again by itself"


def test_a_partner_that_has_something_else_than_we_sent(proven: Customer) -> None:
    from propagation.models import Comparison, Endpoint, Partner

    partner = Partner.objects.create(brand=proven.brand, key="crm", name="CRM")
    endpoint = Endpoint.objects.create(partner=partner, number="ep_1", url="https://crm.example/hook", secret="whsec_")
    day = Comparison.objects.create(endpoint=endpoint, day=date(2026, 11, 1), count=40, digest="a" * 64)
    assert faults() == [], "it has not answered yet"
    Comparison.objects.filter(pk=day.pk).update(their_count=38, their_digest="b" * 64, answered_at=timezone.now())
    assert faults() == ["partners"]


def test_a_file_of_seals_that_has_gone(proven: Customer) -> None:
    assert seal_file().exists()
    seal_file().unlink()
    assert faults() == ["seals"]


def test_entries_that_get_no_position(proven: Customer) -> None:
    from consents.tests.acting import deny

    deny(proven, "recs")
    assert faults() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert faults() == ["seals"]


def test_entries_that_never_got_any_position(anna: Customer) -> None:
    """A worker that was never started has signed nothing at all: that is not a reason to be silent."""
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert "seals" in faults()


def test_a_new_entry_after_a_quiet_night_is_no_fault(proven: Customer) -> None:
    """The newest seal is hours old, and the entry a moment."""
    from consents.tests.acting import deny

    with time_machine.travel(timezone.now() + timedelta(hours=9), tick=False):
        deny(proven, "recs")
        assert faults() == []


def a_campaign(customer: Customer) -> Campaign:
    version = publish_policy(customer.brand)
    while prove():
        pass
    return Campaign.objects.create(brand=customer.brand, version=version, kind="change")


def test_a_mail_on_its_own_that_cannot_be_written(proven: Customer) -> None:
    one = message(proven)
    assert faults() == []
    actions.stumble(one, "KeyError")
    assert faults() == ["mail"]
    assert asked()[1]["mails_stumbling"] == 1
    Message.objects.update(answer="451")
    assert faults() == [], "a busy server is asked again by itself"


@pytest.mark.parametrize(("minutes", "expected"), [(14, []), (16, ["mail"])])
def test_a_mail_on_its_own_that_waits_too_long(proven: Customer, minutes: int, expected: list[str]) -> None:
    message(proven, run_after=timezone.now() - timedelta(minutes=minutes))
    assert faults() == expected


def test_a_campaign_that_nothing_moves_and_nobody_paused(proven: Customer) -> None:
    campaign = a_campaign(proven)
    waits = message(proven, campaign=campaign, urgent=False)

    def standing() -> int:
        return int(asked()[1]["campaigns_standing"])

    assert standing() == 0
    Message.objects.filter(pk=waits.pk).update(run_after=timezone.now() - timedelta(minutes=16))
    assert standing() == 1
    assert "mail" in faults()
    other = join(brand=proven.brand, address="other@example.com", language="en")
    lately = message(other, campaign=campaign, urgent=False, state="in_doubt", started_at=timezone.now())
    assert standing() == 0, "it is a long one, and it moves"
    lately.delete()
    Campaign.objects.update(paused_at=timezone.now())
    assert standing() == 0, "somebody paused it"


def test_a_trigger_that_somebody_dropped(proven: Customer) -> None:
    connection.check_constraints()  # the test's own rows are settled: a table with deferred checks cannot be altered
    with triggers.suspended(connection):
        assert faults() == ["triggers"]
    assert faults() == []


def test_a_database_that_fails(proven: Customer) -> None:
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_job RENAME TO elsewhere")
    status, answer = asked()
    transaction.savepoint_rollback(point)
    assert (status, answer["ok"], answer["faults"]) == (503, False, ["database"])
    assert set(answer) == {"ok", "faults", "error"}


def test_it_says_nothing_about_anybody(proven: Customer, signed_in: SignedIn) -> None:
    content = signed_in(proven).get("/healthz/").content.decode()
    for told in ("anna", "example.com", proven.subject, proven.code, "linden"):
        assert told not in content


def test_it_is_asked_and_not_told(proven: Customer) -> None:
    assert Client().post("/healthz/").status_code == 405
    assert Client().head("/healthz/").status_code == 200
    assert Client().get("/healthz/")["Cache-Control"] == "private, no-store"
