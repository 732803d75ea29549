"""The clock of a request: the law's, the same for customer and agent."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Customer
from data_requests import tracking
from data_requests.clock import set_due
from data_requests.models import Request, Wait
from data_requests.tests.conftest import SESSION, SignedIn, asked

pytestmark = pytest.mark.django_db


def complaint(anna: Customer) -> Request:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        return asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})


def test_the_page_says_that_it_is_late_and_whom_to_complain_to(anna: Customer, signed_in: SignedIn) -> None:
    request = complaint(anna)
    page = signed_in(anna).get(f"/requests/{request.number}/").content.decode()
    assert "due--late" in page
    assert "We are late, and that is our fault." in page
    assert "/contact/#authority" in page


def waiting(anna: Customer) -> tuple[Request, Wait]:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "Why?"})
    return request, Wait.objects.create(request=request, why="identity", asked_on=date(2026, 11, 20))


def test_a_lawful_wait_moves_the_date_and_its_answer_starts_it_again(anna: Customer) -> None:
    anna.country, anna.brand.home_regime = "PT", "eu-gdpr"
    anna.save(update_fields=["country"])
    request, wait = waiting(anna)
    set_due(request)
    assert request.due is None, "the clock stands still"
    wait.answered_on = date(2026, 11, 25)
    wait.save()
    set_due(request)
    assert request.due == date(2026, 12, 21)


def test_a_wait_that_one_of_the_laws_does_not_know_moves_nothing(anna: Customer) -> None:
    request, _wait = waiting(anna)
    set_due(request)
    assert (request.due, request.regime) == (date(2026, 12, 16), "pl-national")


def test_customer_and_agent_read_the_same_days(anna: Customer) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "Why?"})
    with time_machine.travel("2026-11-23T10:00:00Z"):
        clock = tracking.clock(request, timezone.now())
        assert clock is not None
        assert (clock.used, clock.of, clock.late) == (7, 30, False)
        assert clock.left_in_words == "23 of 30 days left"
        assert tracking.left_in_words(request, timezone.localdate()) == "23 days left"
