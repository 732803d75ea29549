"""decide(): the end of a yes, several wide words, channels, and the entry that proves the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from brands.models import Brand
from consents.decide import decide
from consents.models import Choice
from consents.states import Reason
from consents.tests.acting import a_word
from consents.tests.catalogue_of_all_grounds import resident
from consents.tests.test_decide_table import asked, expected, set_columns


def test_a_yes_ends_in_the_instant_it_runs_out(golden: Brand) -> None:
    customer, now = resident(golden), timezone.now()
    a_word(customer, "consent", "granted", expires_at=now)
    assert decide(customer, "consent", at=now - timedelta(microseconds=1)).reason is Reason.GRANTED
    assert decide(customer, "consent", at=now).reason is Reason.EXPIRED
    set_columns(customer, marketing_stopped_seq=10)
    assert decide(customer, "consent", at=now - timedelta(microseconds=1)).reason is Reason.GRANTED
    assert decide(customer, "consent", at=now).reason is Reason.MARKETING_STOPPED, "a yes that has run out lifts nothing"


def test_a_wide_word_of_another_class_does_not_bind(golden: Brand) -> None:
    customer = resident(golden)
    set_columns(customer, sensitive_limited_seq=32)
    assert asked(customer, "opt-out") == (True, "not_objected")
    assert asked(customer, "legitimate-interest") == (True, "not_objected")
    assert asked(customer, "consent") == (False, "sensitive_limited")


def test_of_several_wide_words_each_must_be_lifted(golden: Brand) -> None:
    customer = resident(golden)
    set_columns(customer, marketing_stopped_seq=30, sale_stopped_seq=31, sensitive_limited_seq=32)
    assert asked(customer, "consent") == (False, "marketing_stopped")
    set_columns(customer, sale_stopped_seq=31, sensitive_limited_seq=32)
    a_word(customer, "consent", "granted", seq=40, seen=31)
    assert asked(customer, "consent") == (False, "sensitive_limited"), "the yes had not seen the newest of them"
    Choice.objects.update(seen=32)
    assert asked(customer, "consent") == (True, "granted")


@pytest.mark.parametrize(
    ("said", "where", "asked_on", "reason"),
    [
        ("granted", "", "email", "undecided"),  # a yes to the whole counts only where there are no channels
        ("granted", "", "", "undecided"),
        ("granted", "email", "email", "granted"),
        ("granted", "sms", "email", "undecided"),
        ("granted", "email", "", "undecided"),
        ("refused", "", "email", "refused"),  # a no to the whole counts on every channel
        ("withdrawn", "", "sms", "withdrawn"),
        ("refused", "sms", "email", "undecided"),
        ("refused", "sms", "", "undecided"),
    ],
)
def test_channels(golden: Brand, said: str, where: str, asked_on: str, reason: str) -> None:
    customer = resident(golden)
    a_word(customer, "letters", said, channel=where)
    assert asked(customer, "letters", asked_on) == expected(reason)


def test_a_no_to_the_whole_outweighs_a_newer_yes_to_a_channel(golden: Brand) -> None:
    customer = resident(golden)
    a_word(customer, "letters", "refused", seq=20)
    a_word(customer, "letters", "granted", channel="email", seq=25, seen=24)
    assert decide(customer, "letters", "email").seq == 20
    assert asked(customer, "letters", "email") == (False, "refused")


@pytest.mark.parametrize("said", ["granted", "unset"])
@pytest.mark.parametrize("asked_on", ["email", ""])
def test_a_yes_to_the_whole_lifts_no_wide_word_where_there_are_channels(golden: Brand, said: str, asked_on: str) -> None:
    customer = resident(golden)
    set_columns(customer, marketing_stopped_seq=10)
    a_word(customer, "flyers", said)
    assert asked(customer, "flyers", asked_on) == (False, "marketing_stopped")


def test_the_answer_names_the_entry_that_proves_it(golden: Brand) -> None:
    customer = resident(golden)
    assert decide(customer, "consent").seq is None
    a_word(customer, "consent", "granted")
    assert decide(customer, "consent").seq == 20
    Choice.objects.update(state="withdrawn")
    assert decide(customer, "consent").seq == 20
    set_columns(customer, sale_stopped_seq=22)
    assert decide(customer, "consent").seq == 22
    set_columns(customer, restricted_seq=33)
    assert decide(customer, "consent").seq == 33
