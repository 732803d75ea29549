"""Each act on a request: it works, twice is once, the wrong one cannot, and without its entry nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.actions import change_contact
from accounts.assurance import NOTHING
from accounts.factors import add_authenticator
from accounts.models import Customer
from consents.decide import decide
from data_requests import actions
from data_requests.actions.answering import refusal_mark
from data_requests.models import Item, Letter, Package, Request
from data_requests.package.sealing import Sealed
from data_requests.states import NotPossible, State
from data_requests.tests.conftest import ONE_CODE, SESSION, TWO_FACTORS, SignedIn, asked, by, work
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SAM, OLA = "staff:" + "1" * 32, "staff:" + "2" * 32
SECRET = "JBSWY3DPEHPK3PXP"


def states_of(customer: Customer) -> list[str]:
    kinds = Entry.objects.of(customer.subject).filter(kind__startswith="request.").order_by("seq").values_list("kind", flat=True)
    return [kind.removeprefix("request.") for kind in kinds]


# ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_is_received_proven_and_due(anna: Customer) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna)
        assert request.due == date(2026, 12, 16)
    assert request.regime == "eu-gdpr"
    assert request.target == date(2026, 11, 19)
    assert states_of(anna) == ["received", "verified"]


def test_one_press_twice_is_one_request(anna: Customer) -> None:
    first = actions.receive(anna, "complaint", {"text": "late"}, SESSION, by=by(anna), nonce="a" * 32)
    again = actions.receive(anna, "complaint", {"text": "late"}, SESSION, by=by(anna), nonce="a" * 32)
    assert (first.again, again.again) == (False, True)
    assert first.request == again.request
    assert asked(anna, "complaint", SESSION, asked={"text": "late"}) != first.request, "another press is another complaint"


def test_a_copy_that_is_being_made_is_the_answer_to_another_wish_for_one(anna: Customer) -> None:
    first = asked(anna)
    assert actions.receive(anna, "copy", {}, TWO_FACTORS, by=by(anna)).request == first


def test_what_nobody_proved_shadows_nothing(anna: Customer) -> None:
    unproven = asked(anna, proof=NOTHING)
    assert unproven.state == State.IDENTITY_PENDING
    proven = asked(anna)
    assert proven != unproven
    assert proven.state == State.VERIFIED


@pytest.mark.parametrize("kind", ["copy", "correct", "restrict", "review"])
def test_without_proof_it_waits_and_does_nothing(anna: Customer, kind: str) -> None:
    request = asked(anna, kind, NOTHING, asked={"text": "please"})
    work()
    request.refresh_from_db()
    assert request.state == State.IDENTITY_PENDING
    anna.refresh_from_db()
    assert anna.restricted_seq is None


@pytest.mark.parametrize("wrong", [{"received_on": date(2999, 1, 1)}, {"asked": {"text": "x" * 5001}}, {"kind": "everything"}])
def test_what_makes_no_sense_is_refused(anna: Customer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no such kind"):
        asked(anna, **wrong)
    assert not Request.objects.exists()


def test_by_telephone_the_time_runs_from_the_day_of_the_call(anna: Customer) -> None:
    with time_machine.travel("2026-11-20T10:00:00Z"):
        request = actions.receive(anna, "copy", {}, NOTHING, by=SAM, via="phone", received_on=date(2026, 11, 16)).request
    assert request.due == date(2026, 12, 16)
    assert request.state == State.IDENTITY_PENDING


# ── Proof ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_proof_takes_a_waiting_request_on_and_less_does_not(anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    assert actions.verify(request, SESSION, by=by(anna)).state == State.IDENTITY_PENDING
    assert actions.verify(request, TWO_FACTORS, by=by(anna)).state == State.VERIFIED
    assert actions.verify(request, TWO_FACTORS, by=by(anna)).state == State.VERIFIED, "twice is once"
    assert states_of(anna) == ["received", "identity_pending", "verified"]


def test_after_a_changed_address_no_copy_for_three_days(anna: Customer) -> None:
    start = timezone.now()
    change_contact(customer=anna, address="new@example.com")
    with time_machine.travel(start + timedelta(hours=71, minutes=59)):
        request = asked(anna)
        assert request.state == State.IDENTITY_PENDING
    with time_machine.travel(start + timedelta(hours=72, minutes=1)):
        assert actions.verify(request, TWO_FACTORS, by=by(anna)).state == State.VERIFIED


def test_an_app_added_a_moment_ago_is_worth_no_more_than_the_mailbox(anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(created_at=timezone.now() - timedelta(days=100))
    anna.refresh_from_db()
    assert anna.person is not None
    start = timezone.now()
    add_authenticator(person=anna.person, customer=anna, brand=anna.brand, secret=SECRET)
    request = asked(anna)
    assert request.assurance == "IV3W"
    assert request.not_before is not None
    with time_machine.travel(start + timedelta(hours=73)):
        actions.withdraw(request, by=by(anna))
        assert asked(anna).assurance == "IV3"


def test_an_address_that_changed_while_the_file_was_made_stops_its_release(anna: Customer) -> None:
    request = asked(anna)
    change_contact(customer=anna, address="new@example.com")
    work()
    request.refresh_from_db()
    assert request.state == State.IN_PROGRESS
    assert not Package.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        work()
    request.refresh_from_db()
    assert request.state == State.FULFILLED, "and it goes on when the hold is over"


# ── Not me ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_not_me_ends_everything_and_holds_for_a_week(anna: Customer, settings: Any) -> None:
    done, waiting = asked(anna), asked(anna, "review", SESSION, asked={"text": "why"})
    work()
    actions.not_me(anna, by=f"link:{anna.subject}")
    waiting.refresh_from_db()
    assert waiting.state == State.WITHDRAWN
    assert Package.objects.get(request=done).file == ""
    assert asked(anna).state == State.IDENTITY_PENDING
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert asked(anna).state == State.VERIFIED


def test_a_link_that_nobody_signed_stops_nothing(anna: Customer, client: Any) -> None:
    request = asked(anna)
    path = f"/requests/{request.number}/not-me/{'A' * 22}/"
    assert client.post(path, headers={"host": anna.brand.host}).status_code == 404
    request.refresh_from_db()
    assert request.state == State.VERIFIED


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_closes_it_and_cannot_be_given_twice(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    done = actions.fulfil(request, "We looked, and changed it.", by=SAM)
    assert done.state == State.FULFILLED
    with pytest.raises(NotPossible):
        actions.fulfil(request, "Again.", by=SAM)


def test_a_refusal_has_a_ground_of_the_list_and_words(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my name"})
    for ground, answer in (("because", "no"), ("accurate", " "), ("identity_unproven", "no"), ("excessive", "no")):
        with pytest.raises(NotPossible):
            actions.refuse(request, ground, answer, by=SAM)
    assert actions.refuse(request, "accurate", "It is as in your passport.", by=SAM).state == State.REFUSED


def test_abuse_takes_two_different_people(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    read = refusal_mark(actions.propose_refusal(request, "excessive", "The tenth this week.", by=SAM))
    with pytest.raises(NotPossible):
        actions.approve_refusal(request, read=read, by=SAM)
    assert actions.approve_refusal(request, read=read, by=OLA).state == State.REFUSED


def test_what_was_changed_after_it_was_read_is_not_approved(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    read = refusal_mark(actions.propose_refusal(request, "excessive", "The tenth this week.", by=SAM))
    actions.propose_refusal(request, "manifestly_unfounded", "Something else.", by=SAM)
    with pytest.raises(NotPossible):
        actions.approve_refusal(request, read=read, by=OLA)


def test_the_database_refuses_abuse_by_one(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    alone = {"state": State.REFUSED, "ground": "excessive", "answer": "no", "proposed_by": SAM, "answered_by": SAM}
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(closed_at=timezone.now(), **alone)


def test_the_database_refuses_work_on_what_is_not_proven(anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    for state in (State.VERIFIED, State.IN_PROGRESS, State.EXTENDED):
        with pytest.raises(IntegrityError), transaction.atomic():
            Request.objects.filter(pk=request.pk).update(state=state)


def test_it_is_extended_once_with_a_reason_and_in_time(anna: Customer) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "why"})
    with time_machine.travel("2026-12-10T10:00:00Z"):
        with pytest.raises(NotPossible):
            actions.extend(request, "  ", by=SAM)
        extended = actions.extend(request, "Four systems, one of them abroad.", by=SAM)
        assert extended.due == date(2027, 2, 16)
        with pytest.raises(NotPossible):
            actions.extend(request, "And again.", by=SAM)


def test_too_late_for_an_extension(anna: Customer) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "why"})
    with time_machine.travel("2026-12-17T10:00:00Z"), pytest.raises(NotPossible):
        actions.extend(request, "We forgot.", by=SAM)


def test_a_copy_waits_for_every_system(anna: Customer) -> None:
    request = asked(anna)
    item = request.items.create(system="Mailer")
    work()
    request.refresh_from_db()
    assert request.state == State.IN_PROGRESS
    actions.item_done(item, Item.Outcome.KEPT, by=SAM, note="One letter that is about somebody else, too.")
    work()
    request.refresh_from_db()
    assert request.state == State.PARTLY_FULFILLED


# ── Ends ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_withdrawn_is_withdrawn_and_twice_is_once(anna: Customer) -> None:
    request = asked(anna)
    assert actions.withdraw(request, by=by(anna))
    assert not actions.withdraw(request, by=by(anna))
    work()
    assert not Package.objects.exists(), "the job finds nothing to do"


def test_a_pause_pauses_and_its_withdrawal_ends_it(anna: Customer) -> None:
    request = asked(anna, "restrict", SESSION, asked={"text": "wrong address"})
    assert decide(anna, "recs").reason == "restricted"
    actions.withdraw(request, by=by(anna))
    assert decide(anna, "recs").reason != "restricted"


def test_unproven_it_expires(anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    assert actions.expire(request)
    assert not actions.expire(request)
    proven = asked(anna)
    assert not actions.expire(proven)


# ── Without its entry, nothing ──────────────────────────────────────────────────────────────────────────────────────


def breaks(customer: Customer) -> None:
    """From now on nothing can be written to this customer's chain."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_head SET seq = seq - 1 WHERE subject = %s", [customer.subject])


ACTS: list[tuple[str, str, Callable[[Request], object]]] = [
    ("withdraw", "review", lambda request: actions.withdraw(request, by="self:x")),
    ("refuse", "review", lambda request: actions.refuse(request, "accurate", "It is right.", by=SAM)),
    ("fulfil", "review", lambda request: actions.fulfil(request, "Done.", by=SAM)),
    ("extend", "review", lambda request: actions.extend(request, "More.", by=SAM)),
    ("start", "copy", lambda request: actions.start(request, by="system:requests")),
]


@pytest.mark.parametrize(("kind", "act"), [(kind, act) for _name, kind, act in ACTS], ids=[name for name, _kind, _act in ACTS])
def test_without_its_entry_nothing_moves(anna: Customer, kind: str, act: Callable[[Request], object]) -> None:
    request = asked(anna, kind, TWO_FACTORS, asked={"text": "why"})
    before = (list(Request.objects.values()), list(Item.objects.values()), Entry.objects.count())
    breaks(anna)
    with pytest.raises(DatabaseError), transaction.atomic():
        act(request)
    assert (list(Request.objects.values()), list(Item.objects.values()), Entry.objects.count()) == before


def test_without_its_entry_nothing_is_received(anna: Customer) -> None:
    breaks(anna)
    with pytest.raises(DatabaseError), transaction.atomic():
        asked(anna, proof=ONE_CODE)
    assert not Request.objects.exists()


def test_messages_go_both_ways_while_it_is_open(anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    actions.write(request, "Which decision?", by=SAM, from_person=False)
    actions.write(request, "The one of May.", by=by(anna), from_person=True)
    actions.withdraw(request, by=by(anna))
    with pytest.raises(NotPossible):
        actions.write(request, "Still there?", by=by(anna), from_person=True)
    assert [letter.from_person for letter in Letter.objects.all()] == [False, True]


# ── What a second look found ────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_that_waited_the_second_is_not_made_too(anna: Customer) -> None:
    one, two = asked(anna, proof=NOTHING), asked(anna, proof=NOTHING)
    assert actions.verify(one, TWO_FACTORS, by=by(anna)).state == State.VERIFIED
    assert actions.verify(two, TWO_FACTORS, by=by(anna)).state == State.IDENTITY_PENDING


def test_a_pause_that_is_refused_ends(anna: Customer) -> None:
    request = asked(anna, "restrict", SESSION, asked={"text": "wrong address"})
    actions.refuse(request, "accurate", "It is right.", by=SAM)
    assert decide(anna, "recs").reason != "restricted"


def test_a_pause_goes_on_while_another_request_holds_it(anna: Customer) -> None:
    one = asked(anna, "restrict", SESSION, asked={"text": "wrong address"})
    two = asked(anna, "restrict", SESSION, asked={"text": "wrong name"})
    actions.withdraw(two, by=by(anna))
    assert decide(anna, "recs").reason == "restricted"
    actions.withdraw(one, by=by(anna))
    assert decide(anna, "recs").reason != "restricted"


def test_a_system_that_answers_fails_and_answers_again_does_not_leave_the_copy_lying(anna: Customer) -> None:
    request = asked(anna)
    item = request.items.create(system="Mailer")
    work()
    actions.item_done(item, Item.Outcome.DONE, by=SAM)
    actions.item_done(item, Item.Outcome.FAILED, by=SAM, note="It was the wrong mailbox.")
    work()
    actions.item_done(item, Item.Outcome.DONE, by=SAM)
    work()
    request.refresh_from_db()
    assert request.state == State.FULFILLED


def test_the_law_is_that_of_the_place_where_it_was_asked(anna: Customer) -> None:
    with time_machine.travel("2026-11-16T10:00:00Z"):
        request = asked(anna, "review", SESSION, asked={"text": "why"})
    Customer.objects.filter(pk=anna.pk).update(country="US", region="CA")
    actions.write(request, "I have moved.", by=by(anna), from_person=True)
    with time_machine.travel("2026-11-20T10:00:00Z"):
        assert actions.extend(request, "Much to look at.", by=SAM).regime == "eu-gdpr"


def test_what_only_one_has_proposed_the_person_does_not_read(anna: Customer, signed_in: SignedIn) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    actions.propose_refusal(request, "excessive", "The tenth this week.", by=SAM)
    browser = signed_in(anna)
    for _before_and_after in range(2):
        page = browser.get(f"/requests/{request.number}/").content.decode()
        assert "tenth" not in page
        assert "excessive" not in page
        actions.withdraw(request, by=by(anna))


def test_what_was_kept_back_is_said_with_its_reason(anna: Customer, signed_in: SignedIn) -> None:
    request = asked(anna)
    item = request.items.create(system="Mailer")
    actions.item_done(item, Item.Outcome.KEPT, by=SAM, note="One letter that is about somebody else, too.")
    work()
    page = signed_in(anna).get(f"/requests/{request.number}/").content.decode()
    assert "One letter that is about somebody else, too." in page


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_whose_person_is_erased_is_proven_by_nobody(anna: Customer) -> None:
    request = asked(anna, proof=NOTHING)
    Request.objects.filter(pk=request.pk).update(customer=None)
    assert actions.verify(request, TWO_FACTORS, by=by(anna)).state == State.IDENTITY_PENDING


def test_limiting_sensitive_data_works_before_anything_else(anna: Customer) -> None:
    asked(anna, "limit", NOTHING)
    anna.refresh_from_db()
    assert anna.sensitive_limited_seq is not None


def test_what_is_not_proven_or_is_closed_is_not_worked_on(anna: Customer) -> None:
    unproven = asked(anna, proof=NOTHING)
    item = unproven.items.create(system="Mailer")
    with pytest.raises(NotPossible):
        actions.start(unproven, by="system:requests")
    with pytest.raises(NotPossible):
        actions.item_done(item, Item.Outcome.DONE, by=SAM)


def test_an_answer_has_words_a_ground_for_the_rest_and_every_system(anna: Customer) -> None:
    request = asked(anna, "correct", SESSION, asked={"text": "my name"})
    for answer, in_part in ((" ", False), ("Half of it.", True)):
        with pytest.raises(NotPossible):
            actions.fulfil(request, answer, by=SAM, in_part=in_part, ground="because")
    mailer = request.items.create(system="Mailer")
    with pytest.raises(NotPossible):
        actions.fulfil(request, "Done.", by=SAM)
    actions.item_done(mailer, Item.Outcome.NOTHING, by=SAM)
    with pytest.raises(NotPossible):
        actions.propose_refusal(request, "accurate", "It takes one.", by=SAM)
    assert actions.fulfil(request, "Half of it.", by=SAM, in_part=True, ground="accurate").state == State.PARTLY_FULFILLED


def test_a_copy_is_not_released_by_hand_nor_before_its_systems_have_answered(anna: Customer) -> None:
    waiting = asked(anna, proof=ONE_CODE)
    sealed = Sealed("nothing.pcs", "key", 1, "0" * 64)
    with pytest.raises(NotPossible):
        actions.fulfil_copy(waiting, sealed, 1, by="system:requests")
    actions.withdraw(waiting, by=by(anna))
    request = asked(anna)
    request.items.create(system="Mailer")
    actions.start(request, by="system:requests")
    with pytest.raises(NotPossible):
        actions.fulfil_copy(request, sealed, 1, by="system:requests")


def test_a_file_is_forgotten_once_and_leaves_the_disk(anna: Customer, settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    asked(anna)
    work()
    package = Package.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.forget_file(package, by="system:requests")
    assert list(settings.PACKAGES_DIR.iterdir()) == []
    assert not actions.forget_file(package, by="system:requests")


def test_a_missed_date_is_noted_once_and_only_when_it_is_missed(anna: Customer) -> None:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        request = asked(anna, "complaint", SESSION, asked={"text": "Nobody answers."})
        assert not actions.note_missed(request, by="system:requests.clock")
    assert actions.note_missed(request, by="system:requests.clock")
    assert not actions.note_missed(request, by="system:requests.clock")


def test_not_me_signs_out_whoever_is_in(anna: Customer, signed_in: SignedIn) -> None:
    request = asked(anna)
    impostor = signed_in(anna)
    actions.not_me(anna, by=f"link:{anna.subject}")
    assert impostor.get(f"/requests/{request.number}/").status_code == 302


# ── Correcting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_center_holds_is_corrected_once_by_whom_it_says(anna: Customer) -> None:
    request = asked(anna, "correct", ONE_CODE, asked={"text": "I am Anna K."})
    assert [each.what for each in actions.correct(request, name="Anna K.", language="pl", by=SAM)] == ["name", "language"]
    assert actions.correct(request, name="Anna K.", language="pl", by=SAM) == []
    entries = Entry.objects.of(anna.subject).filter(kind__in=["name.changed", "language.changed"])
    assert [entry.actor for entry in entries] == [SAM, SAM]


@pytest.mark.parametrize("kind", ["complaint", "correct"])
def test_nothing_is_corrected_by_another_request_or_before_proof(anna: Customer, kind: str) -> None:
    request = asked(anna, kind, ONE_CODE if kind == "complaint" else NOTHING, asked={"text": "I am Anna K."})
    with pytest.raises(NotPossible):
        actions.correct(request, name="Forged", language="en", by=SAM)
    anna.refresh_from_db()
    assert anna.name == ""


def test_what_would_change_is_told_and_nothing_is_written(anna: Customer) -> None:
    before = Entry.objects.count()
    assert [(each.what, each.now) for each in actions.changes(anna, name="Anna K.", language=anna.language)] == [("name", "Anna K.")]
    assert actions.changes(anna, name=anna.name, language=anna.language) == []
    assert Entry.objects.count() == before


def test_the_same_letter_again_is_the_same_press(anna: Customer) -> None:
    request = asked(anna, "complaint", ONE_CODE, asked={"text": "Late."})
    first = actions.write(request, " Which parcel? ", by=SAM, from_person=False)
    assert actions.write(request, "Which parcel?", by=SAM, from_person=False) == first
    actions.write(request, "The blue one.", by=by(anna), from_person=True)
    assert actions.write(request, "Which parcel?", by=SAM, from_person=False) != first
    assert Entry.objects.of(anna.subject).filter(kind="request.letter").count() == 3
