from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from regimes.actions import SHIPPED, load
from regimes.deadlines import NotExtendable, Pause, UnknownKind, UnknownRegime, reckon

pytestmark = pytest.mark.django_db

VECTORS = json.loads(SHIPPED.read_text(encoding="utf-8"))["deadline_test_vectors"]
D = date.fromisoformat


def identity(asked: str, answered: str | None) -> Pause:
    return Pause("identity", D(asked), D(answered) if answered else None)


def clarification(asked: str, answered: str | None) -> Pause:
    return Pause("clarification", D(asked), D(answered) if answered else None)


def due(regime: str, kind: str, received: str, *waits: Pause, **more: Any) -> str | None:
    found = reckon(regime, kind, D(received), pauses=waits, **more)
    return found.due.isoformat() if found.due else None


def words(regime: str, kind: str, received: str, *waits: Pause, **more: Any) -> str:
    return "\n".join(f"{step.text} {step.basis}" for step in reckon(regime, kind, D(received), pauses=waits, **more).steps)


@pytest.mark.parametrize("vector", VECTORS, ids=[each["id"] for each in VECTORS])
def test_it_reproduces_the_vectors_of_the_law_data(vector):
    told = vector["input"]
    kind, _, extended = vector["deadline"].partition("+")
    waits = [clarification(told["clarification_asked"], told["clarification_received"])] if "clarification_asked" in told else []
    assert (
        due(vector["regime"], kind, told["received"], *waits, extended=bool(extended), holidays=told.get("holidays")) == vector["expected"]
    )


# ── Counting ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-01-31", "2026-03-02"),  # clamped to a Saturday, moved to Monday
        ("2028-01-31", "2028-02-29"),  # a leap year
        ("2026-03-05", "2026-04-07"),  # over Easter
        ("2026-11-24", "2026-12-28"),  # Christmas Eve is a Polish holiday; then Friday, and a weekend
        ("2026-09-25", "2026-10-26"),  # a Sunday, the night after the clocks change
    ],
)
def test_a_polish_month(received, expected):
    assert due("eu-gdpr", "respond", received, holidays="PL") == expected
    assert due("pl-national", "respond", received) == expected  # it holds in one country only: that country's holidays


def test_without_a_calendar_only_weekends_move_the_date_it_says_so():
    assert due("eu-gdpr", "respond", "2026-03-05") == "2026-04-06"
    assert "No calendar of public holidays is named" in words("eu-gdpr", "respond", "2026-03-05")


def test_thirty_days_that_count_the_first_end_a_day_earlier():
    assert due("uk-gdpr", "complaint_acknowledge", "2026-11-23") == "2026-12-22"
    assert "The first day counts: 23 November 2026 (Monday)." in words("uk-gdpr", "complaint_acknowledge", "2026-11-23")
    assert due("ch-fadp", "respond", "2026-11-23") == "2026-12-23"


def test_californian_calendar_days_are_not_moved():
    assert due("us-ca-ccpa", "respond", "2026-11-10") == "2026-12-25"


@pytest.mark.parametrize("kind", ["consent_withdrawal_effective", "objection_direct_marketing_effective", "notify_recipients"])
def test_at_once_is_the_day_itself_though_it_is_a_sunday(kind):
    assert due("eu-gdpr", kind, "2026-04-05", holidays="PL") == "2026-04-05"


def test_what_has_no_number_has_no_due_date_it_gives_the_words_of_the_law():
    nothing = reckon("eu-gdpr", "acknowledge", D("2026-11-23"))
    assert (nothing.due, nothing.until, nothing.waiting) == (None, None, False)
    assert nothing.steps[-1].text == "The law sets no deadline for this."
    words_only = reckon("jp-appi", "respond", D("2026-11-23"))
    assert words_only.due is None
    assert words_only.steps[-1].text.endswith("its words are: without delay.")


def test_hours_are_hours_though_the_clocks_change():
    warsaw = ZoneInfo("Europe/Warsaw")
    asked = datetime(2027, 10, 30, 12, 0, tzinfo=warsaw)
    found = reckon("in-dpdp", "erasure_prenotice", asked, zone=warsaw)
    assert found.until == asked.astimezone(UTC) + timedelta(hours=48)
    assert found.until.hour == 11  # the night of the 31st has an hour more
    assert found.due == date(2027, 11, 1)
    assert "It runs until 11:00 on 1 November 2027" in found.steps[-1].text


def test_a_day_without_an_hour_began_at_midnight():
    assert due("in-dpdp", "erasure_prenotice", "2027-10-11") == "2027-10-12"
    assert due("us-tcpa", "confirmation_text_within", "2026-11-23") == "2026-11-23"
    naive = reckon("us-tcpa", "confirmation_text_within", datetime(2026, 11, 23, 23, 58))
    assert naive.due == D("2026-11-24")


def test_it_runs_to_the_end_of_the_day_in_the_controllers_zone():
    tokyo, late = ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    there = reckon("ca-qc-law25", "respond", late, zone=tokyo)
    assert (there.received, there.due) == (D("2026-11-24"), D("2026-12-24"))
    assert there.until == datetime(2026, 12, 25, tzinfo=tokyo)
    here = reckon("ca-qc-law25", "respond", late)
    assert (here.received, here.due, str(here.until)) == (D("2026-11-23"), D("2026-12-23"), "2026-12-24 00:00:00+01:00")


@pytest.mark.parametrize(
    ("regime", "kind", "received", "binds", "expected"),
    [
        ("us-vt-vdposa", "respond", "2026-11-23", False, "2027-01-07"),
        ("us-vt-vdposa", "respond", "2028-01-01", True, "2028-02-15"),
        ("uk-gdpr", "complaint_acknowledge", "2026-06-18", False, "2026-07-17"),
        ("uk-gdpr", "complaint_acknowledge", "2026-06-19", True, "2026-07-20"),
    ],
)
def test_what_is_not_law_yet_is_reckoned_as_if_it_says_so(regime, kind, received, binds, expected):
    found = reckon(regime, kind, D(received))
    assert (found.in_force, found.due) == (binds, D(expected))
    assert ("binds nobody in this before" in words(regime, kind, received)) is not binds


def test_a_law_that_ended_says_so(shipped, law_file):
    next(each for each in shipped["regimes"] if each["id"] == "ch-fadp")["effective_to"] = "2026-10-31"
    load(path=law_file(shipped), by="system:test")
    found = reckon("ch-fadp", "respond", D("2026-11-23"))
    assert not found.in_force
    assert "no longer binds anybody" in found.steps[1].text


def test_each_day_is_reckoned_in_the_wording_of_that_day(shipped, law_file):
    swiss = next(each for each in shipped["regimes"] if each["id"] == "ch-fadp")
    longer = json.loads(json.dumps(swiss)) | {"effective_from": "2027-01-01"}
    longer["deadlines"]["respond"]["value"] = 40
    shipped["regimes"].append(longer)
    load(path=law_file(shipped), by="system:test")
    assert due("ch-fadp", "respond", "2026-12-31") == "2027-01-30"
    assert due("ch-fadp", "respond", "2027-01-01") == "2027-02-10"
    assert due("ch-fadp", "respond", "2020-01-01") == "2020-01-31"  # before all: the first there was


# ── Waits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_in_california_a_wait_for_proof_never_moves_the_date_it_says_why():
    asked = identity("2026-12-16", "2027-01-20")
    assert due("us-ca-ccpa", "respond", "2026-12-15", asked) == "2027-01-29"
    assert due("us-ca-ccpa", "respond", "2026-12-15", identity("2026-12-16", None)) == "2027-01-29"
    assert due("us-ca-ccpa", "acknowledge", "2026-12-15", asked) == "2026-12-30"
    said = words("us-ca-ccpa", "respond", "2026-12-15", asked)
    assert "us-ca-ccpa lists no pause for this: the due date stays. no pause for verification" in said


def test_european_proof_of_identity_stops_the_clock():
    assert due("eu-gdpr", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11"), holidays="PL") == "2026-12-09"
    assert "7 days are not counted." in words("eu-gdpr", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11"), holidays="PL")


def test_british_proof_of_identity_starts_the_clock():
    assert due("uk-gdpr", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11")) == "2026-12-11"
    assert "The time is counted from 11 November 2026" in words("uk-gdpr", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11"))


def test_days_that_are_waited_for_twice_are_left_out_once():
    both = identity("2026-11-04", "2026-11-11"), clarification("2026-11-06", "2026-11-13")
    assert due("eu-gdpr", "respond", "2026-11-02", *both, holidays="PL") == "2026-12-11"  # nine days, not fourteen
    assert due("eu-gdpr", "respond", "2026-11-02", *reversed(both), holidays="PL") == "2026-12-11"
    # British: the clock starts on the 11th, and stands still for the two days after.
    assert due("uk-gdpr", "respond", "2026-11-02", *both) == "2026-12-14"  # the 13th is a Sunday


def test_a_question_of_the_same_day_answered_at_once_costs_nothing():
    assert due("eu-gdpr", "respond", "2026-11-02", identity("2026-11-02", "2026-11-02"), holidays="PL") == "2026-12-02"
    assert due("eu-gdpr", "respond", "2026-11-02", identity("2026-11-02", "2026-11-03"), holidays="PL") == "2026-12-03"


def test_a_question_put_when_the_time_is_over_gains_none():
    late = identity("2026-12-03", "2026-12-20")
    assert due("eu-gdpr", "respond", "2026-11-02", late, holidays="PL") == "2026-12-02"
    assert "It was asked too late: the due date stays." in words("eu-gdpr", "respond", "2026-11-02", late, holidays="PL")
    on_the_day = identity("2026-12-02", "2026-12-12")
    assert due("eu-gdpr", "respond", "2026-11-02", on_the_day, holidays="PL") == "2026-12-14"  # a Saturday, moved


def test_while_it_waits_no_date_is_known():
    found = reckon("eu-gdpr", "respond", D("2026-11-02"), pauses=[identity("2026-11-04", None)], holidays="PL")
    assert (found.due, found.waiting) == (None, True)
    assert found.steps[-1].text.endswith("Until then the clock stands still.")
    assert reckon("uk-gdpr", "respond", D("2026-11-02"), pauses=[clarification("2026-11-04", None)]).waiting


def test_only_what_the_regime_lists_moves_the_date():
    assert due("ch-fadp", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11")) == "2026-12-02"
    assert due("eu-gdpr", "art14_information", "2026-11-02", identity("2026-11-04", "2026-11-11"), holidays="PL") == "2026-12-02"
    assert due("uk-gdpr", "complaint_acknowledge", "2026-11-23", identity("2026-11-24", "2026-12-01")) == "2026-12-22"
    # The Polish layer lists none of its own, and it is the stricter.
    assert due("pl-national", "respond", "2026-11-02", identity("2026-11-04", "2026-11-11")) == "2026-12-02"
    # On the refusal it is silent: there the GDPR speaks, with its pauses, by Polish holidays.
    assert due("pl-national", "refusal_notice", "2026-11-02", identity("2026-11-04", "2026-11-11")) == "2026-12-09"
    assert "pl-national has no word of its own on this; eu-gdpr holds." in words("pl-national", "refusal_notice", "2026-11-02")


def test_a_mexican_answer_starts_the_time_anew_if_the_question_came_within_five_working_days():
    assert due("mx-lfpdppp", "respond", "2026-10-01") == "2026-10-29"
    in_time = clarification("2026-10-08", "2026-10-15")
    assert due("mx-lfpdppp", "respond", "2026-10-01", in_time) == "2026-11-12"
    too_late = clarification("2026-10-09", "2026-10-15")
    assert due("mx-lfpdppp", "respond", "2026-10-01", too_late) == "2026-10-29"


@pytest.mark.parametrize(
    ("waits", "says"),
    [([("2026-11-01", "2026-11-05")], "before it was received"), ([("2026-11-05", "2026-11-04")], "before it was asked")],
)
def test_an_impossible_wait_is_an_error(waits, says):
    with pytest.raises(ValueError, match=says):
        reckon("us-ca-ccpa", "respond", D("2026-11-02"), pauses=[identity(*each) for each in waits])


# ── Extension ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("regime", "kind", "received", "first", "extended"),
    [
        ("eu-gdpr", "respond", "2026-11-23", "2026-12-23", "2027-02-23"),
        ("eu-gdpr", "respond", "2026-01-31", "2026-03-02", "2026-04-30"),  # three months from receipt, not two from the clamped first
        ("us-ca-ccpa", "respond", "2026-12-15", "2027-01-29", "2027-03-15"),
        ("us-fl-fdbr", "respond", "2026-12-15", "2027-01-29", "2027-02-13"),
        ("us-ia-icdpa", "respond", "2026-11-23", "2027-02-21", "2027-04-07"),
        ("mx-lfpdppp", "respond", "2026-10-01", "2026-10-29", "2026-11-27"),
        ("us-co-cpa", "appeal_respond", "2026-11-23", "2027-01-07", "2027-03-08"),
    ],
)
def test_an_extension_lengthens_up_to_the_most_the_law_allows(regime, kind, received, first, extended):
    holidays = "PL" if regime == "eu-gdpr" else None
    assert due(regime, kind, received, holidays=holidays) == first
    assert due(regime, kind, received, holidays=holidays, extended=True) == extended


def test_an_extension_never_exceeds_the_total(shipped, law_file):
    next(each for each in shipped["regimes"] if each["id"] == "us-va-vcdpa")["extension"]["max_total"]["value"] = 60
    load(path=law_file(shipped), by="system:test")
    assert due("us-va-vcdpa", "respond", "2026-11-23", extended=True) == "2027-01-22"


def test_it_is_decided_before_the_first_due_date_or_not_at_all():
    received, last = D("2026-11-23"), D("2026-12-23")
    assert reckon("eu-gdpr", "respond", received, holidays="PL").extend_by == last
    assert due("eu-gdpr", "respond", "2026-11-23", holidays="PL", extended=last) == "2027-02-23"
    with pytest.raises(NotExtendable, match="eu-gdpr: extended on 2026-12-24"):
        reckon("eu-gdpr", "respond", received, holidays="PL", extended=last + timedelta(days=1))


def test_a_wait_moves_the_last_day_of_deciding_too():
    asked = identity("2026-11-04", "2026-11-11")
    found = reckon("eu-gdpr", "respond", D("2026-11-02"), pauses=[asked], holidays="PL", extended=True)
    assert (found.extend_by, found.due) == (D("2026-12-09"), D("2027-02-09"))


def test_a_shorter_time_to_tell_the_person_ends_the_deciding(shipped, law_file):
    next(each for each in shipped["regimes"] if each["id"] == "us-va-vcdpa")["extension"]["notice_within"]["value"] = 40
    load(path=law_file(shipped), by="system:test")
    assert reckon("us-va-vcdpa", "respond", D("2026-11-23")).extend_by == D("2027-01-02")


def test_an_extension_without_a_number_leaves_no_date():
    found = reckon("ch-fadp", "respond", D("2026-11-23"), extended=True)
    assert (found.due, found.extend_by, found.waiting) == (None, D("2026-12-23"), False)
    assert "The person is told the new date by 23 December 2026" in found.steps[-1].text
    assert reckon("nz-privacy-act", "respond", D("2026-11-23"), extended=True).due is None


def test_while_it_waits_an_extension_waits_too():
    found = reckon("eu-gdpr", "respond", D("2026-11-02"), pauses=[identity("2026-11-04", None)], extended=True)
    assert (found.due, found.waiting, found.extend_by) == (None, True, None)


@pytest.mark.parametrize(
    ("regime", "kind"),
    [("ca-qc-law25", "respond"), ("us-ca-ccpa", "acknowledge"), ("eu-gdpr", "acknowledge"), ("us-va-vcdpa", "appeal_respond")],
)
def test_what_the_law_does_not_lengthen_is_not_lengthened(regime, kind):
    with pytest.raises(NotExtendable, match=regime):
        reckon(regime, kind, D("2026-11-23"), extended=True)


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_step_can_be_checked_by_hand():
    told = [(step.day and step.day.isoformat(), step.text) for step in reckon("eu-gdpr", "respond", D("2026-03-05"), holidays="PL").steps]
    assert told == [
        ("2026-03-05", "Received on 5 March 2026 (Thursday)."),
        (None, "The law gives 1 month."),
        ("2026-03-05", "The day itself is not counted; the first day is 6 March 2026 (Friday)."),
        (None, "Saturdays and Sundays are days off, and these public holidays of PL: 6 April 2026 (Monday), Easter Monday."),
        ("2026-04-05", "The time ends on the day of the same number: 5 April 2026 (Sunday)."),
        (
            "2026-04-07",
            "5 April 2026 (Sunday) is a public holiday (Easter Sunday); the time ends on the next working day, 7 April 2026 (Tuesday).",
        ),
        ("2026-04-07", "It runs until 24:00 on 7 April 2026 (Tuesday) (Europe/Warsaw)."),
    ]


def test_every_sentence_of_a_step_can_be_said_in_the_readers_language():
    with translation.override("pl"):
        assert "5 marca 2026" in words("eu-gdpr", "respond", "2026-03-05")


def test_it_names_the_values_it_hangs_on():
    found = reckon("eu-gdpr", "respond", D("2026-11-02"), pauses=[clarification("2026-11-04", "2026-11-06")], extended=True)
    assert found.relies_on == ("deadlines.respond", "extension", "clock.pauses[1]")


def test_an_unknown_name_is_an_error_that_names_what_there_is():
    with pytest.raises(UnknownRegime, match="eu-gdprr"):
        reckon("eu-gdprr", "respond", D("2026-11-23"))
    with pytest.raises(
        UnknownKind, match="us-can-spam has no deadline called “respond”; it has mechanism_live_after_send, opt_out_effective"
    ):
        reckon("us-can-spam", "respond", D("2026-11-23"))
    with pytest.raises(UnknownKind, match="eu-gdpr has no deadline called “astrology”"):
        reckon("pl-national", "astrology", D("2026-11-23"))
