"""An answer that somebody does not agree with: looked at again by somebody who did not give it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Customer
from data_requests import actions
from data_requests.actions.answering import refusal_mark
from data_requests.models import Request
from data_requests.states import NotPossible
from data_requests.tests.conftest import SESSION, asked, by, nonce

pytestmark = pytest.mark.django_db
SAM, OLA = "staff:" + "5" * 32, "staff:" + "6" * 32


def refused(customer: Customer, kind: str = "correct") -> Request:
    request = asked(customer, kind, SESSION, asked={"text": "my street"})
    actions.refuse(request, "accurate", "It is right.", by=SAM)
    request.refresh_from_db()
    request.customer, request.brand = customer, customer.brand
    return request


def appealed(request: Request, number: str = "n") -> Request:
    assert request.customer
    return actions.appeal(request, "Look at the letter of June.", SESSION, by=by(request.customer), nonce=number).request


def test_it_is_a_request_of_its_own_with_a_target_of_its_own(anna: Customer) -> None:
    """No law of Poland sets a time for it: ours is shown, and called ours."""
    first = refused(anna)
    second = appealed(first)
    assert (second.kind, second.appeal_of, second.state) == ("appeal", first, "in_progress")
    assert (second.due, second.target) == (None, second.received_on + settings.DEFAULT_TARGET)


def test_in_virginia_it_has_sixty_days(anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(country="US", region="VA")
    anna.refresh_from_db()
    anna.brand = Customer.objects.select_related("brand").get(pk=anna.pk).brand
    second = appealed(refused(anna))
    assert second.due is not None
    assert (second.due - second.received_on).days == 60


@pytest.mark.parametrize("verb", ["fulfil", "refuse"])
def test_whoever_answered_first_has_no_part_in_it(anna: Customer, verb: str) -> None:
    second = appealed(refused(anna))
    said: dict[str, Any] = {"fulfil": ("You are right.",), "refuse": ("accurate", "It is right.")}
    with pytest.raises(NotPossible, match="somebody else decides"):
        getattr(actions, verb)(second, *said[verb], by=SAM)
    getattr(actions, verb)(second, *said[verb], by=OLA)
    second.refresh_from_db()
    assert not second.is_open


def test_the_database_holds_it_too(anna: Customer) -> None:
    second = appealed(refused(anna))
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=second.pk).update(answered_by=SAM)


def test_not_even_as_the_second_of_two_who_call_it_abuse(anna: Customer) -> None:
    second = appealed(refused(anna))
    actions.propose_refusal(second, "excessive", "Again.", by=OLA)
    second.refresh_from_db()
    with pytest.raises(NotPossible):
        actions.approve_refusal(second, read=refusal_mark(second), by=SAM)


def test_twice_is_once(anna: Customer) -> None:
    first = refused(anna)
    second = appealed(first)
    again = actions.appeal(first, "Once more.", SESSION, by=by(anna), nonce="other")
    assert again.again
    assert again.request == second


def test_a_second_one_after_the_first_was_withdrawn(anna: Customer) -> None:
    first = refused(anna)
    actions.withdraw(appealed(first), by=by(anna))
    assert appealed(first, "m").is_open


def test_an_appeal_is_not_appealed(anna: Customer) -> None:
    second = appealed(refused(anna))
    actions.refuse(second, "accurate", "It is right.", by=OLA)
    second.refresh_from_db()
    assert not actions.may_appeal(second)
    with pytest.raises(NotPossible):
        actions.appeal(second, "No!", SESSION, by=by(anna), nonce="x")


def test_what_is_not_answered_is_not_appealed(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my street"})
    with pytest.raises(NotPossible):
        actions.appeal(request, "Hurry.", SESSION, by=by(anna), nonce="x")
    first = refused(anna)
    with pytest.raises(NotPossible):
        actions.appeal(first, "  ", SESSION, by=by(anna), nonce="x")


def test_a_complaint_is_decided_by_somebody_who_did_not_answer_before(anna: Customer) -> None:
    refused(anna)
    complaint = asked(anna, "complaint", SESSION, asked={"text": "You are rude."})
    with pytest.raises(NotPossible):
        actions.fulfil(complaint, "We are not.", by=SAM)
    actions.fulfil(complaint, "We are sorry.", by=OLA)


def test_of_somebodys_first_complaint_anybody_may_decide(anna: Customer) -> None:
    complaint = asked(anna, "complaint", SESSION, asked={"text": "You are rude."})
    actions.fulfil(complaint, "We are sorry.", by=SAM)


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_page_of_the_answer(anna: Customer, signed_in: Any) -> None:
    first, client = refused(anna), signed_in(anna)
    page = client.get(f"/requests/{first.number}/")
    assert f"/requests/{first.number}/appeal/" in page.content.decode()
    assert client.post(f"/requests/{first.number}/appeal/", {"text": " "}).status_code == 422
    form = client.get(f"/requests/{first.number}/appeal/")
    sent = client.post(f"/requests/{first.number}/appeal/", {"text": "Look again.", "nonce": nonce(form)})
    second = Request.objects.get(kind="appeal")
    assert sent.url == f"/requests/{second.number}/"
    assert second.number in client.get(f"/requests/{first.number}/").content.decode()
    assert client.get(f"/requests/{first.number}/appeal/").url == f"/requests/{second.number}/"


def test_a_stranger_and_somebody_with_nothing_to_appeal_find_no_page(anna: Customer, carol: Customer, signed_in: Any) -> None:
    first = refused(anna)
    assert signed_in(carol).get(f"/requests/{first.number}/appeal/").status_code == 404
    request = asked(anna, "object", SESSION, asked={"text": "my street"})
    assert signed_in(anna).get(f"/requests/{request.number}/appeal/").status_code == 404


def test_it_is_not_asked_for_from_the_list(anna: Customer, signed_in: Any) -> None:
    client = signed_in(anna)
    assert "/requests/appeal/" not in client.get("/requests/").content.decode()
    assert client.get("/requests/appeal/").status_code == 404
