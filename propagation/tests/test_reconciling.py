"""Do they have what we sent? A partner that lost one in twenty is noticed within a night and healed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.actions import join
from brands.models import Brand
from consents.tests.acting import allow, deny
from jobs.actions import run_due
from propagation import actions, reconciling
from propagation.models import Comparison, Endpoint
from propagation.tests.conftest import BY, opened, partner_of, work
from propagation.tests.receiving import Got, a_partner, say
from propagation.webhooks import sending


def digest(numbers: set[str]) -> str:
    """As the documentation says, reckoned by somebody else."""
    folded = 0
    for number in numbers:
        folded ^= int(hashlib.sha256(number.encode()).hexdigest(), 16)
    return f"{folded:064x}"


class Counting:
    """A partner that counts along, and loses what it is told to."""

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.loses = 0
        self.seen = 0

    def __call__(self, handler: Any, got: Got) -> None:
        if got.body["type"] == "reconciliation.requested":
            body = json.dumps({"count": len(self.kept), "digest": digest(self.kept)}).encode()
            return say(handler, 200, body, content_type="application/json")
        self.seen += 1
        if not self.loses or self.seen % self.loses:
            self.kept.add(got.number)
        return say(handler, 204)


def test_a_loss_is_noticed_in_a_night_and_healed_by_a_replay(linden: Brand) -> None:
    counting = Counting()
    with a_partner(answer=counting) as server:
        endpoint = opened(partner_of(linden, "adfield"), server, reconciles=True)
        counting.loses = 20
        for number in range(20):
            person = join(brand=linden, address=f"p{number}@example.com", language="en")
            allow(person, "ads")
            work()
            deny(person, "ads")
            work()
        assert counting.seen == 40
        assert len(counting.kept) == 38
        today = datetime.now(UTC).date()
        tomorrow = timezone.now() + timedelta(days=1)
        row = reconciling.ask(endpoint, today, tomorrow)
        assert reconciling.ask(endpoint, today, tomorrow).pk == row.pk  # twice is once
        sending.deliver_all(tomorrow)
        row = Comparison.objects.get()
        assert (row.count, row.their_count, row.drifts) == (40, 38, True)
        assert [each.pk for each in reconciling.drifting()] == [row.pk]
        counting.loses = 0
        assert actions.replay_comparison(row, by=BY) == 40
        sending.deliver_all(timezone.now())
        assert Comparison.objects.get().answered_at is None  # asked anew once all of it has had its time
        sending.deliver_all(tomorrow)
        assert len(counting.kept) == 40
        assert reconciling.drifting() == []


def test_who_has_everything_is_well_and_tests_are_not_counted(linden: Brand) -> None:
    counting = Counting()
    with a_partner(answer=counting) as server:
        endpoint = opened(partner_of(linden, "adfield"), server, reconciles=True)
        person = join(brand=linden, address="p@example.com", language="en")
        allow(person, "ads")
        work()
        kept = set(counting.kept)
        actions.test_endpoint(endpoint, by=BY)
        work()
        counting.kept = kept
        reconciling.ask(endpoint, datetime.now(UTC).date(), timezone.now())
        work()
        assert not Comparison.objects.get().drifts
        assert reconciling.drifting() == []


def test_an_answer_that_is_none_leaves_it_open(linden: Brand) -> None:
    answers = [b"", b"[]", b"{}", b'{"count": true, "digest": "x"}', b'{"count": -1, "digest": "' + b"0" * 64 + b'"}', b"{" * 2000]
    with a_partner() as server:
        endpoint = opened(partner_of(linden, "adfield"), server, reconciles=True)
        for number, answer in enumerate(answers):
            server.answer = lambda handler, got, answer=answer: say(handler, 200, answer)
            day = datetime.now(UTC).date() - timedelta(days=number)
            reconciling.ask(endpoint, day, timezone.now())
            work()
        assert Comparison.objects.filter(answered_at=None).count() == len(answers)


def test_the_officer_hears_of_a_day_without_an_answer_once(linden: Brand, settings: Any) -> None:
    with a_partner(answer=500) as server:
        opened(partner_of(linden, "adfield"), server)
        allow(join(brand=linden, address="p@example.com", language="en"), "ads")
        work()
        for hours in (1, 8, 25, 34, 50):
            sending.deliver_all(timezone.now() + timedelta(hours=hours))
            run_due()
    mails = [path.read_text(encoding="utf-8", errors="replace") for path in settings.MAIL_DIR.glob("*.eml")]
    assert len([mail for mail in mails if "Adfield" in mail]) == 1
    assert Endpoint.objects.get().told_owner_at is not None
