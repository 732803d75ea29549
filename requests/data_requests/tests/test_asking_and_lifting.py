"""Questions that let the clock wait, pauses that end on a day that the person hears of, and dates that come near."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.assurance import NOTHING
from accounts.models import Customer
from data_requests import actions
from data_requests.models import Request, Wait
from data_requests.states import NotPossible, State
from data_requests.tests.conftest import SESSION, SignedIn, asked, by
from jobs.actions import enqueue, run, run_due
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SAM = "staff:" + "1" * 32


@pytest.fixture
def paused(anna: Customer) -> Request:
    """A pause that was granted."""
    request = asked(anna, "restrict", SESSION, asked={"text": "It is wrong."})
    return actions.fulfil(request, "We agree.", by=SAM)


def is_paused(customer: Customer) -> bool:
    customer.refresh_from_db()
    return customer.restricted_seq is not None


def test_a_question_stops_the_clock_and_the_answer_starts_it(anna: Customer) -> None:
    with time_machine.travel("2026-11-02T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "why"})
        actions.ask(request, "clarification", "Which one?", by=SAM)
    before = request.due
    with time_machine.travel("2026-11-12T10:00:00Z"):
        actions.write(request, "The lamp.", by=by(anna), from_person=True)
    wait = Wait.objects.get()
    assert (wait.asked_on, wait.answered_on) == (date(2026, 11, 2), date(2026, 11, 12))
    request.refresh_from_db()
    assert request.due is not None
    assert before is not None
    assert request.due >= before
    assert [entry.act["answered"] for entry in Entry.objects.filter(kind="request.asked").order_by("seq")] == [False, True]


def test_one_question_at_a_time_and_of_the_right_kind(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    for why, text in (("identity", "Who?"), ("clarification", " ")):
        with pytest.raises(NotPossible):
            actions.ask(request, why, text, by=SAM)
    actions.ask(request, "clarification", "Which one?", by=SAM)
    with pytest.raises(NotPossible):
        actions.ask(request, "clarification", "Which one, again?", by=SAM)
    unproven = asked(anna, "correct", NOTHING, asked={"text": "x"})
    with pytest.raises(NotPossible):
        actions.ask(unproven, "clarification", "Which one?", by=SAM)
    actions.ask(unproven, "identity", "By what do we know you?", by=SAM)
    actions.verify(unproven, SESSION, by=by(anna))
    assert not Wait.objects.filter(request=unproven, answered_on=None).exists(), "proof is an answer"


def test_a_granted_pause_ends_on_the_day_that_was_told(anna: Customer, paused: Request) -> None:
    assert is_paused(anna)
    actions.announce_end_of_pause(paused, "It was checked, and is right.", by=SAM)
    paused.refresh_from_db()
    assert paused.lift_on == timezone.localdate() + settings.PAUSE_END_NOTICE
    with pytest.raises(NotPossible):
        actions.announce_end_of_pause(paused, "Again.", by=SAM)
    run(enqueue("data_requests.lift_pauses", {}).pk)
    assert is_paused(anna), "not before"
    with time_machine.travel(timezone.now() + settings.PAUSE_END_NOTICE + timedelta(hours=2)):
        for _again in range(2):
            run(enqueue("data_requests.lift_pauses", {}).pk)
    assert not is_paused(anna)
    assert Entry.objects.filter(kind="restriction.changed").count() == 2


def test_another_pause_of_theirs_goes_on(anna: Customer, paused: Request) -> None:
    other = asked(anna, "restrict", SESSION, asked={"text": "This, too."})
    assert actions.end_own_pause(paused, by=by(anna))
    assert is_paused(anna)
    actions.withdraw(other, by=by(anna))
    assert not is_paused(anna)


def test_nobody_announces_the_end_of_what_is_no_pause(anna: Customer, paused: Request) -> None:
    with pytest.raises(NotPossible):
        actions.announce_end_of_pause(paused, "  ", by=SAM)
    assert not actions.lift_pause(paused, by=SAM), "not announced"
    review = actions.fulfil(asked(anna, "review", SESSION, asked={"text": "why"}), "Looked.", by=SAM)
    with pytest.raises(NotPossible):
        actions.announce_end_of_pause(review, "Because.", by=SAM)
    assert not actions.end_own_pause(review, by=by(anna))


def test_who_asked_for_the_pause_ends_it_on_the_page(anna: Customer, paused: Request, signed_in: SignedIn) -> None:
    browser = signed_in(anna)
    assert "Your data is paused" in browser.get(f"/requests/{paused.number}/").content.decode()
    for _again in range(2):
        assert browser.post(f"/requests/{paused.number}/end-pause/").status_code == 303
    assert not is_paused(anna)
    assert "Your data is paused" not in browser.get(f"/requests/{paused.number}/").content.decode()


def test_the_officer_hears_of_dates_that_come_near_and_of_each_once(anna: Customer) -> None:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        request = asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
        assert request.due == date(2026, 11, 2)
    counts = []
    for day in ("2026-10-20", "2026-10-24", "2026-10-25", "2026-10-29", "2026-11-01", "2026-11-02"):
        with time_machine.travel(f"{day}T10:00:00Z"):
            run(enqueue("data_requests.remind", {}).pk)
            run_due()
        counts.append(len(mails()))
    assert counts == [0, 1, 1, 2, 3, 3]
    assert request.number in mails()[0]
    assert "anna" not in "".join(mails()).lower()
    assert [entry.act["days"] for entry in Entry.objects.filter(kind="request.due_soon").order_by("seq")] == [10, 5, 1]


def mails() -> list[str]:
    found = []
    for path in sorted(Path(settings.MAIL_DIR).glob("*.eml")):
        body: Any = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        found.append(str(body.get_content()))
    return found


def test_what_is_answered_is_not_near(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    assert not actions.note_missed(request, by=SAM)
    assert actions.fulfil(request, "Looked.", by=SAM).state == State.FULFILLED
    assert not actions.note_due_soon(request, 10, by=SAM)
