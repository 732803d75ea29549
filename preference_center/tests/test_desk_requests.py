"""The queue at the desk, as Sam works it: what is due first, each act by its form, and no way to say that somebody is who they claim."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from brands.models import Brand
from data_requests.actions.answering import refusal_mark
from data_requests.models import Request
from data_requests.states import State
from data_requests.tests.conftest import SESSION, asked, work
from data_requests.tests.conftest import folders as folders  # a fixture
from preference_center.tests.test_desk import AtDesk, seat

pytestmark = pytest.mark.django_db
QUEUE = "/desk/requests/request/"


@pytest.fixture
def at_desk(linden: Brand, settings: Any) -> AtDesk:
    return lambda *groups: seat(linden, settings.MAIL_DIR, *groups)


@pytest.fixture
def review(anna: Customer) -> Request:
    return asked(anna, "review", SESSION, asked={"text": "Why these suggestions?"})


def press(browser: Any, request: Request, act: str, **fields: Any) -> Any:
    return browser.post(f"{QUEUE}{request.pk}/", {"act": act, **fields})


def test_what_is_due_first_stands_first_and_what_is_late_says_so(at_desk: AtDesk, anna: Customer) -> None:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        late = asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
    later = asked(anna, "review", SESSION, asked={"text": "Why?"})
    page = at_desk("agent").get(QUEUE).content.decode()
    assert page.index(late.number) < page.index(later.number)
    assert 'class="is-late"' in page


def test_sam_asks_answers_and_the_person_reads_it(at_desk: AtDesk, review: Request, signed_in: Any, anna: Customer) -> None:
    sam = at_desk("agent")
    assert press(sam, review, "write", text="Which one do you mean?").status_code == 303
    assert press(sam, review, "fulfil", answer="A person looked. The lamp is gone.").status_code == 303
    page = signed_in(anna).get(f"/requests/{review.number}/").content.decode()
    assert "Which one do you mean?" in page
    assert "The lamp is gone." in page
    review.refresh_from_db()
    assert review.state == State.FULFILLED


def test_an_answer_without_words_is_not_sent(at_desk: AtDesk, review: Request) -> None:
    answer = press(at_desk("agent"), review, "fulfil", answer="")
    assert answer.status_code == 422
    review.refresh_from_db()
    assert review.state == State.IN_PROGRESS


def test_a_refusal_for_abuse_waits_for_somebody_else(at_desk: AtDesk, review: Request) -> None:
    sam, ola = at_desk("agent"), at_desk("officer")
    press(sam, review, "refuse", ground="excessive", answer="The tenth this week.")
    review.refresh_from_db()
    read = refusal_mark(review)
    assert f'value="{read}"' in ola.get(f"{QUEUE}{review.pk}/").content.decode()
    press(sam, review, "approve", read=read)
    review.refresh_from_db()
    assert review.state == State.IN_PROGRESS
    press(ola, review, "approve", read=read)
    review.refresh_from_db()
    assert review.state == State.REFUSED


def test_by_telephone_it_waits_for_proof_that_nobody_here_can_give(at_desk: AtDesk, anna: Customer, linden: Brand) -> None:
    sam = at_desk("agent")
    form = {"code": anna.code, "kind": "copy", "via": "phone", "received_on": "2026-11-16", "text": "A copy, please."}
    answer = sam.post(f"{QUEUE}receive/", form)
    assert answer.status_code == 303
    request = Request.objects.get()
    assert (request.state, request.received_on) == (State.IDENTITY_PENDING, date(2026, 11, 16))
    for act in ("fulfil", "item", "extend", "verify", "start"):
        press(sam, request, act, answer="Done.", reason="So.", ground="", item="center", outcome="done", count="1", note="x")
    request.refresh_from_db()
    assert request.state == State.IDENTITY_PENDING
    page = sam.get(f"{QUEUE}{request.pk}/").content.decode()
    assert 'type="file"' not in page
    work()


@pytest.mark.parametrize(
    "wrong", [{"code": "NOBODYHERE"}, {"received_on": "2999-01-01"}, {"kind": "everything"}, {"via": "center"}, {"text": ""}]
)
def test_what_makes_no_sense_is_said_and_nothing_noted(at_desk: AtDesk, anna: Customer, wrong: dict[str, str]) -> None:
    form = {"code": anna.code, "kind": "copy", "via": "phone", "received_on": "2026-11-16", "text": "A copy, please."} | wrong
    assert at_desk("agent").post(f"{QUEUE}receive/", form).status_code == 422
    assert not Request.objects.exists()


@pytest.mark.parametrize(("role", "sees"), [("editor", False), ("auditor", True)])
def test_who_only_looks_changes_nothing(at_desk: AtDesk, review: Request, role: str, sees: bool) -> None:
    browser = at_desk(role)
    assert browser.get(f"{QUEUE}{review.pk}/").status_code == (200 if sees else 404)
    press(browser, review, "fulfil", answer="Done.")
    review.refresh_from_db()
    assert review.state == State.IN_PROGRESS
    assert browser.get(f"{QUEUE}receive/").status_code == 404


def test_another_brands_request_is_not_there(kingfisher: Brand, review: Request, settings: Any) -> None:
    stranger = seat(kingfisher, settings.MAIL_DIR, "agent")
    assert stranger.get(f"{QUEUE}{review.pk}/").status_code == 404
