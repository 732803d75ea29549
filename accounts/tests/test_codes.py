"""T08–T12, T16: what a code can be used for, how often it can be guessed, how many are sent."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import codes
from accounts.codes import Outcome
from accounts.models import Attempt, Challenge
from accounts.tests.conftest import Browser, a_brand, wrong
from brands.models import Brand
from jobs.actions import enqueue, run_due
from jobs.models import Job

PURPOSES = [str(purpose) for purpose in Challenge.Purpose]


def ask(brand: Brand, browser: str = "a" * 64, purpose: str = "sign_in", canonical: str = "anna@example.com") -> Challenge | None:
    return codes.ask(browser=browser, brand=brand, purpose=purpose, canonical=canonical, address=canonical, language="en")


def asked(*args: Any, **kwargs: Any) -> Challenge:
    challenge = ask(*args, **kwargs)
    assert challenge is not None
    return challenge


def mailed(challenge: Challenge) -> str | None:
    """What the job would mail: the code, or nothing."""
    made = codes.make_code(challenge.pk)
    return made[1] if made else None


def prove(brand: Brand, code: str, browser: str = "a" * 64, purpose: str = "sign_in") -> Outcome:
    return codes.prove(browser=browser, brand=brand, purpose=purpose, code=code).outcome


@pytest.mark.parametrize(("mailed_for", "shown_for"), list(itertools.permutations(PURPOSES, 2)))
def test_otp_cross_purpose_rejected_it_opens_nothing_else(brand: Brand, mailed_for: str, shown_for: str) -> None:
    code = mailed(asked(brand, purpose=mailed_for))
    assert code
    assert prove(brand, code, purpose=shown_for) is Outcome.NOT_ASKED
    mailed(asked(brand, purpose=shown_for))
    assert prove(brand, code, purpose=shown_for) is Outcome.WRONG
    assert prove(brand, code, purpose=mailed_for) is Outcome.PROVEN


def test_the_code_stands_nowhere_it_is_hashed_with_the_key(brand: Brand, settings: Any) -> None:
    challenge = asked(brand)
    code = mailed(challenge)
    assert code
    challenge.refresh_from_db()
    assert code not in challenge.code_hash
    before = codes.code_hash(challenge, code)
    settings.SECRET_KEY = "another key " * 5
    assert codes.code_hash(challenge, code) != before


def test_a_guess_before_the_mail_counts_it_cannot_fit_nothing(brand: Brand) -> None:
    asked(brand)
    assert prove(brand, "") is Outcome.WRONG
    assert Attempt.objects.count() == 1


def test_a_challenge_takes_five_guesses_it_takes_no_sixth(brand: Brand) -> None:
    code = mailed(asked(brand))
    assert code
    assert [prove(brand, wrong(code)) for _unused in range(6)] == [Outcome.WRONG] * 5 + [Outcome.TOO_MANY]
    assert prove(brand, code) is Outcome.TOO_MANY


def test_resend_does_not_refill_attempts_it_ends_at_fifteen_a_day(brand: Brand) -> None:
    guessed = 0
    for _unused in range(10):
        challenge = ask(brand)
        if challenge is None:
            break
        code = mailed(challenge) or "000000"
        guessed += sum(prove(brand, wrong(code)) is Outcome.WRONG for _try in range(6))
    assert guessed == settings.CODE_WRONG_PER_DAY
    assert ask(brand) is None
    assert prove(brand, "000000") is Outcome.TOO_MANY_TODAY
    assert ask(brand, browser="b" * 64) is not None
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert ask(brand) is not None


def test_a_new_mail_makes_the_code_before_it_useless_it_does(brand: Brand) -> None:
    first = mailed(asked(brand))
    second = mailed(asked(brand))
    assert first
    assert second
    assert prove(brand, first) is (Outcome.PROVEN if first == second else Outcome.WRONG)
    assert prove(brand, second) is Outcome.PROVEN


def test_a_question_over_the_budget_leaves_the_last_code_good_it_does(brand: Brand) -> None:
    sent = [mailed(asked(brand)) for _unused in range(4)]
    assert sent[3] is None
    assert prove(brand, sent[2] or "") is Outcome.PROVEN


HOURS_AND_MAILS = [(0, 3), (0, 3), (0.9, 3), (1.01, 6), (2.1, 9), (3.2, 10), (4.3, 10), (23, 10), (24.01, 13)]


def test_mailbomb_budget_it_sends_three_an_hour_and_ten_a_day(brand: Brand) -> None:
    start, sent = timezone.now(), 0
    for hours, expected in HOURS_AND_MAILS:
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            sent += sum(mailed(asked(brand, browser=f"{n:064x}")) is not None for n in range(6))
        assert sent == expected, hours


@pytest.mark.parametrize("times", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_many_questions_send_three_mails_it_is_no_mail_bomb(brand: Brand, times: int) -> None:
    challenges = [asked(brand, browser=f"{n:064x}") for n in range(times)]
    assert sum(mailed(challenge) is not None for challenge in challenges) == 3


def test_a_budget_is_of_one_address_at_one_brand_it_touches_no_other(brand: Brand, other_brand: Brand) -> None:
    assert [mailed(asked(brand)) is None for _unused in range(4)] == [False, False, False, True]
    assert mailed(asked(brand, canonical="paul@example.com"))
    assert mailed(asked(other_brand))


def test_strangers_who_ask_for_codes_keep_nobody_from_proving_it_in_a_session_they_do_not(brand: Brand) -> None:
    for number in range(4):
        mailed(asked(brand, browser=f"{number:064x}"))
    assert mailed(asked(brand, browser="f" * 64)) is None
    assert mailed(asked(brand, browser="e" * 64, purpose="step_up"))
    assert mailed(asked(brand, browser="d" * 64, purpose="request")) is None, "which needs no session"


def test_after_many_wrong_guesses_codes_wait_longer_they_still_come(brand: Brand, settings: Any) -> None:
    settings.CODE_WRONG_PER_DAY_AND_ADDRESS = 10
    start = timezone.now()
    for n in range(2):
        mailed(asked(brand, browser=f"{n:064x}"))
        for _unused in range(5):
            prove(brand, "not it", browser=f"{n:064x}")
    assert mailed(asked(brand, browser="c" * 64)) is None
    with time_machine.travel(start + timedelta(hours=1, minutes=1)):
        assert mailed(asked(brand, browser="c" * 64))
        assert mailed(asked(brand, browser="d" * 64)) is None


def test_otp_budget_a_guesser_has_less_than_one_chance_in_ten_thousand_a_day_it_is(brand: Brand) -> None:
    """A browser costs nothing to make anew; mails to one address and tries at one mail are what bounds the guesses."""
    start, compared = timezone.now(), 0
    browsers = (f"{n:064x}" for n in itertools.count())
    for hour in range(24):
        with time_machine.travel(start + timedelta(hours=hour, minutes=1 * (hour > 0)), tick=False):
            for browser in itertools.islice(browsers, 5):
                code = mailed(asked(brand, browser=browser))
                if code:
                    compared += sum(prove(brand, wrong(code), browser=browser) is Outcome.WRONG for _unused in range(8))
    assert compared == settings.CODE_MAILS_PER_DAY * settings.CODE_TRIES
    assert compared / 10**settings.CODE_DIGITS <= 1e-4


def test_a_job_that_runs_twice_sends_a_code_that_works_it_costs_one_place(brand: Brand) -> None:
    challenge = asked(brand)
    first, second = mailed(challenge), mailed(challenge)
    assert first
    assert second
    assert Challenge.objects.filter(sent_at__isnull=False).count() == 1
    assert prove(brand, second) is Outcome.PROVEN
    assert mailed(challenge) is None


def test_a_job_that_comes_an_hour_late_sends_nothing_it_is_too_late(brand: Brand) -> None:
    challenge = asked(brand)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert mailed(challenge) is None


def test_a_job_that_comes_late_gives_the_whole_ten_minutes_it_does(brand: Brand) -> None:
    challenge = asked(brand)
    start = timezone.now()
    with time_machine.travel(start + timedelta(minutes=20)):
        code = mailed(challenge)
    assert code
    with time_machine.travel(start + timedelta(minutes=29)):
        assert prove(brand, code) is Outcome.PROVEN


def test_no_question_without_its_job_it_is_one_transaction(brand: Brand) -> None:
    with patch("accounts.codes.enqueue", side_effect=RuntimeError("no queue")), pytest.raises(RuntimeError):
        ask(brand)
    assert not Challenge.objects.exists()


def test_after_a_day_nothing_is_left_it_is_deleted(browser: Browser) -> None:
    browser.ask("anna@example.com")
    browser.mails()
    later = timezone.now() + settings.CHALLENGES_KEPT + timedelta(hours=6)
    with time_machine.travel(later):
        enqueue("accounts.forget_challenges", {})
        run_due()
    assert not Challenge.objects.exists()
    assert not any("anna" in str(job.payload) + job.error for job in Job.objects.all())


def at_once(count: int, guess: Callable[[int], Any]) -> list[Any]:
    """All at the same time, each on a connection of its own."""

    def alone(number: int) -> Any:
        try:
            return guess(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=min(count, 20)) as pool:
        return list(pool.map(alone, range(count)))


@pytest.mark.django_db(transaction=True)
def test_otp_parallel_100_it_compares_five_at_most() -> None:
    brand = a_brand("linden")
    code = mailed(asked(brand))
    assert code
    compared: list[str] = []
    compare = constant_time_compare

    def counting(one: str, other: str) -> bool:
        compared.append(other)
        return compare(one, other)

    with patch("accounts.codes.constant_time_compare", counting):
        outcomes = at_once(100, lambda _n: prove(brand, wrong(code)))
    assert len(compared) <= settings.CODE_TRIES
    assert outcomes.count(Outcome.WRONG) == len(compared)
    assert set(outcomes) <= {Outcome.WRONG, Outcome.TOO_MANY, Outcome.TOO_MANY_TODAY}
    assert Attempt.objects.count() == settings.CODE_TRIES


@pytest.mark.django_db(transaction=True)
def test_the_right_code_from_five_windows_at_once_opens_one_it_is_used_once() -> None:
    brand = a_brand("linden")
    code = mailed(asked(brand))
    assert code
    assert at_once(5, lambda _n: prove(brand, code)).count(Outcome.PROVEN) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_at_once_send_three_mails_they_keep_the_budget() -> None:
    brand = a_brand("linden")
    challenges = [asked(brand, browser=f"{n:064x}") for n in range(20)]
    assert sum(code is not None for code in at_once(20, lambda n: mailed(challenges[n]))) == 3
