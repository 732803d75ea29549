"""The queue at the desk, as Sam works it: what is due first, each act by its form, and no way to say that somebody is who they claim."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.assurance import NOTHING
from accounts.models import Customer
from accounts.sealed import seal
from brands.models import Brand
from data_requests.actions import name_system
from data_requests.actions.answering import refusal_mark
from data_requests.models import Held, Request, System
from data_requests.states import State
from data_requests.tests.conftest import ONE_CODE, SESSION, Guest, asked, work
from data_requests.tests.conftest import folders as folders  # fixtures
from data_requests.tests.conftest import guest as guest
from ledger.models import Entry
from preference_center.tests.test_desk import AtDesk, seat

pytestmark = pytest.mark.django_db
QUEUE = "/desk/requests/request/"


@pytest.fixture
def at_desk(linden: Brand, settings: Any) -> AtDesk:
    return lambda *groups: seat(linden, settings.MAIL_DIR, *groups)


@pytest.fixture
def review(anna: Customer) -> Request:
    return asked(anna, "review", SESSION, asked={"text": "Why these suggestions?"})


def opened(browser: Any, request: Request) -> Any:
    """The page of the request, once it was opened by a press."""
    browser.post(f"{QUEUE}{request.pk}/", {"act": "look"})
    return browser.get(f"{QUEUE}{request.pk}/")


def press(browser: Any, request: Request, act: str, **fields: Any) -> Any:
    browser.post(f"{QUEUE}{request.pk}/", {"act": "look"})
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
    assert f'value="{read}"' in opened(ola, review).content.decode()
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
    page = opened(sam, request).content.decode()
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
    assert opened(browser, review).status_code == (200 if sees else 404)
    press(browser, review, "fulfil", answer="Done.")
    review.refresh_from_db()
    assert review.state == State.IN_PROGRESS
    assert browser.get(f"{QUEUE}receive/").status_code == 404


def test_another_brands_request_is_not_there(kingfisher: Brand, review: Request, settings: Any) -> None:
    stranger = seat(kingfisher, settings.MAIL_DIR, "agent")
    assert opened(stranger, review).status_code == 404


@pytest.fixture
def claimed(guest: Guest) -> Request:
    """What somebody without an account asked for."""
    guest.asks()
    guest.enters(guest.code())
    return Request.objects.get()


def test_what_somebody_knows_takes_sam_and_ola(at_desk: AtDesk, claimed: Request) -> None:
    sam, ola = at_desk("agent"), at_desk("officer")
    assert "Order 4711, 89.90" in opened(sam, claimed).content.decode()
    alone = {"finding": "matches", "compared": ["order", "amount"]}
    press(sam, claimed, "compare", **alone)
    claimed.refresh_from_db()
    assert claimed.claim.finding == "", "without the address in the record it is no match"
    press(sam, claimed, "compare", carries_address="on", **alone)
    press(sam, claimed, "agree")
    claimed.refresh_from_db()
    assert claimed.verified_at is None
    press(ola, claimed, "agree")
    claimed.refresh_from_db()
    assert claimed.state == State.VERIFIED
    page = opened(ola, claimed).content.decode()
    assert "deleted with the decision" in page
    assert "4711" not in page


def test_an_answer_begins_with_words_in_the_language_of_the_person(at_desk: AtDesk, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    complaint = asked(anna, "complaint", SESSION, asked={"text": "Nikt nie odpowiada."})
    sam = at_desk("agent")
    opened(sam, complaint)
    page = sam.get(f"{QUEUE}{complaint.pk}/?begin=sorry").content.decode()
    assert "Przepraszamy" in page
    assert "?begin=corrected" not in page, "which fits other requests"
    assert "Przepraszamy" not in sam.get(f"{QUEUE}{complaint.pk}/?begin=nonsense").content.decode()


def test_sam_asks_and_the_clock_waits(at_desk: AtDesk, review: Request, signed_in: Any, anna: Customer) -> None:
    sam = at_desk("agent")
    press(sam, review, "ask", text="Which lamp?")
    assert 'value="ask"' not in opened(sam, review).content.decode(), "one question at a time"
    signed_in(anna).post(f"/requests/{review.number}/message/", {"text": "The red one."})
    assert 'value="ask"' in opened(sam, review).content.decode()


def test_sam_ends_a_granted_pause_with_notice(at_desk: AtDesk, anna: Customer, signed_in: Any) -> None:
    sam = at_desk("agent")
    pause = asked(anna, "restrict", SESSION, asked={"text": "It is wrong."})
    press(sam, pause, "fulfil", answer="We agree.")
    press(sam, pause, "end_pause", text="It was checked, and is right.")
    assert "The pause ends on" in signed_in(anna).get(f"/requests/{pause.number}/").content.decode()
    assert 'value="end_pause"' not in opened(sam, pause).content.decode()


def test_an_officer_names_a_system_and_sam_brings_what_it_holds(at_desk: AtDesk, anna: Customer) -> None:
    officer, sam = at_desk("officer"), at_desk("agent")
    system = {"name": "Shop orders", "key": "shop", "how": "Look under the e-mail address.", "in_use": "on"}
    assert officer.post("/desk/requests/system/add/", system).status_code == 302
    assert sam.get("/desk/requests/system/add/").status_code == 403
    copy = asked(anna)
    work()
    bad = press(sam, copy, "item", item="Shop orders", outcome="done", count="1", held="[1")
    assert bad.status_code == 303
    assert "That is not possible" in opened(sam, copy).content.decode()
    press(sam, copy, "item", item="Shop orders", outcome="done", count="1", held='[{"order": 4711}]')
    work()
    copy.refresh_from_db()
    assert copy.state == State.FULFILLED
    assert officer.post("/desk/requests/system/add/", system).status_code == 200, "there is one already"
    assert "already" in officer.post("/desk/requests/system/add/", system | {"key": "x", "name": "person"}).content.decode()
    changed = officer.post("/desk/requests/system/1/change/", {"name": "Shop", "key": "other", "how": ""})
    assert changed.status_code in {302, 404}


def test_what_was_kept_is_listed_without_its_keys_and_ends_on_its_day(at_desk: AtDesk, anna: Customer, kingfisher: Brand) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "Why?"})
    sealed, today = seal({"keys": {}, "to": ["anna@work.example"], "language": "en"}), timezone.localdate()
    rows = {}
    for key, brand, days in (("shop", anna.brand, -1), ("till", anna.brand, 3), ("fair", kingfisher, -1)):
        system = System(key=key, name=f"The {key}")
        name_system(system, brand=brand, by="system:test")
        rows[key] = Held.objects.create(
            request=request, system=system, subject=anna.subject, until=today + timedelta(days), found=[], sealed=sealed
        )
    sam, kept = at_desk("agent"), "/desk/requests/held/"
    page = sam.get(kept).content.decode()
    assert ("The shop" in page, "The till" in page, "The fair" in page) == (True, True, False)
    assert sealed not in page
    narrowed = sam.get(f"{kept}?system={rows['till'].system_id}").content.decode()
    assert narrowed.count('name="_selected_action"') == 1
    assert sam.get(f"{kept}?sealed__contains=a").status_code == 400
    assert sam.get(f"{kept}{rows['shop'].pk}/change/").status_code in {302, 403, 404}
    sam.post(kept, {"action": "deleted", "_selected_action": [held.pk for held in rows.values()]})
    for held in rows.values():
        held.refresh_from_db()
    assert rows["shop"].ended_at is not None
    assert rows["till"].ended_at is None, "its day has not come"
    assert rows["fair"].ended_at is None, "another brand's"
    work()
    assert Entry.objects.filter(kind="held.erased").count() == 1


def test_nothing_of_what_was_asked_is_shown_before_a_press_that_the_person_reads_of(
    at_desk: AtDesk, review: Request, anna: Customer, signed_in: Any
) -> None:
    sam = at_desk("agent")
    closed = sam.get(f"{QUEUE}{review.pk}/").content.decode()
    assert review.number in closed
    assert "Why these suggestions?" not in closed
    response = sam.post(f"{QUEUE}{review.pk}/", {"act": "fulfil", "answer": "A person looked."})
    assert response.status_code == 303
    review.refresh_from_db()
    assert review.state == State.IN_PROGRESS
    for _time in range(2):
        opened(sam, review)
    assert "Why these suggestions?" in sam.get(f"{QUEUE}{review.pk}/").content.decode()
    (look,) = Entry.objects.of(anna.subject).filter(kind="record.looked_at")
    assert (look.act["reason"], look.act["note"]) == ("request", review.number)
    assert "to work on a request of yours" in signed_in(anna).get("/history/").content.decode()


# ── Before it is sent ───────────────────────────────────────────────────────────────────────────────────────────────


def test_words_are_seen_first_as_the_person_reads_them_and_nothing_is_sent(at_desk: AtDesk, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    request = asked(anna, "review", SESSION, asked={"text": "Dlaczego?"})
    sam, before = at_desk("agent"), Entry.objects.exclude(kind="record.looked_at").count()
    page = press(sam, request, "refuse", ground="accurate", answer="Dane są poprawne.", see="1")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'lang="pl"' in text
    assert "Dlaczego odmawiamy" in text
    assert "Dane są poprawne." in text.partition("as-read")[2]
    assert "Nothing was sent yet." in text
    request.refresh_from_db()
    assert request.state == State.IN_PROGRESS
    assert Entry.objects.exclude(kind__in=["record.looked_at", "desk.searched"]).count() <= before + 1


@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_text_to_begin_with_is_not_sent_with_its_blanks(at_desk: AtDesk, anna: Customer, language: str) -> None:
    Customer.objects.filter(pk=anna.pk).update(language=language)
    anna.refresh_from_db()
    request = asked(anna, "review", SESSION, asked={"text": "Why?"})
    sam = at_desk("agent")
    opened(sam, request)
    begun = sam.get(f"{QUEUE}{request.pk}/?begin=looked").context["forms"]
    words = next(form.initial["answer"] for name, form, *_rest in begun if name == "fulfil")
    assert "[" in words
    answer = press(sam, request, "fulfil", answer=words)
    assert answer.status_code == 422
    assert "Fill in what is in brackets: [" in answer.content.decode()
    assert press(sam, request, "fulfil", answer="I looked [twice] and it stays.").status_code == 303, "brackets of one's own"


# ── Correcting ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def correction(anna: Customer) -> Request:
    Customer.objects.filter(pk=anna.pk).update(name="Ana Kowalczyk")
    anna.refresh_from_db()
    return asked(anna, "correct", ONE_CODE, asked={"text": "I am Anna."})


def test_a_correction_shows_what_changes_before_it_does_and_begins_the_answer(at_desk: AtDesk, anna: Customer, correction: Request) -> None:
    sam, fields = at_desk("agent"), {"name": "Anna Kowalczyk", "language": "en"}
    page = press(sam, correction, "correct", **fields, see="1")
    assert "<del>Ana Kowalczyk</del>" in page.content.decode()
    assert "<ins>Anna Kowalczyk</ins>" in page.content.decode()
    anna.refresh_from_db()
    assert anna.name == "Ana Kowalczyk"
    assert "Nothing would be different" in press(sam, correction, "correct", name=anna.name, language="en", see="1").content.decode()
    done = press(sam, correction, "correct", **fields)
    anna.refresh_from_db()
    assert anna.name == "Anna Kowalczyk"
    begun = sam.get(done["Location"]).context
    words = next(form.initial["answer"] for name, form, *_rest in begun["forms"] if name == "fulfil")
    assert "Name, from “Ana Kowalczyk” to “Anna Kowalczyk”" in words
    assert [task.done for task in begun["todo"] if "corrected here" in task.text] == [True]


def test_both_are_corrected_or_neither_and_what_is_no_name_is_told(at_desk: AtDesk, anna: Customer, correction: Request) -> None:
    sam = at_desk("agent")
    refused = press(sam, correction, "correct", name="Anna\u00a0Kowalczyk", language="pl")
    assert refused.status_code == 422
    assert "on one line" in refused.content.decode()
    anna.refresh_from_db()
    assert (anna.name, anna.language) == ("Ana Kowalczyk", "en")
    done = press(sam, correction, "correct", name="Anna [A] K", language="pl")
    words = next(form.initial["answer"] for name, form, *_rest in sam.get(done["Location"]).context["forms"] if name == "fulfil")
    assert "Name, Language, from “Ana Kowalczyk, English” to “Anna [A] K, Polski”. We told [recipients]" in words
    again = press(sam, correction, "correct", name="Anna [A] K", language="pl")
    assert "begin" not in again["Location"]
    assert "Nothing was different." in sam.get(again["Location"]).content.decode()


def test_in_polish_the_blanks_stand_in_the_same_order(at_desk: AtDesk, anna: Customer, correction: Request) -> None:
    sam = at_desk("agent")
    Request.objects.filter(pk=correction.pk).update(language="pl")
    done = press(sam, correction, "correct", name="Anna", language="en")
    words = next(form.initial["answer"] for name, form, *_rest in sam.get(done["Location"]).context["forms"] if name == "fulfil")
    assert words.index("Imię") < words.index("Ana Kowalczyk") < words.index("„Anna”")


def test_nothing_is_corrected_for_somebody_who_has_proven_nothing(at_desk: AtDesk, anna: Customer) -> None:
    request = asked(anna, "correct", NOTHING, asked={"text": "I am Zofia."})
    assert press(at_desk("agent"), request, "correct", name="Zofia", language="en").status_code == 422
    anna.refresh_from_db()
    assert anna.name == ""


# ── What is to be done ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_what_is_left_until_the_answer(at_desk: AtDesk, anna: Customer, linden: Brand) -> None:
    name_system(System(key="till", name="The till"), brand=linden, by="system:test")
    request = asked(anna, "copy", SESSION)
    sam = at_desk("agent")
    todo = {task.text: task.done for task in opened(sam, request).context["todo"]}
    assert todo["Whoever asks has proven who they are"] is False
    assert todo["Answered"] is False
    press(sam, request, "ask", text="Which shop?")
    assert "They have answered our question" in [task.text for task in opened(sam, request).context["todo"]]


# ── Several at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def several(browser: Any, act: str, *requests: Request, words: str = "We work on it.") -> Any:
    return browser.post(
        f"{QUEUE}?open=all", {"action": act, "_selected_action": [each.pk for each in requests], "words": words}, follow=True
    )


def test_each_of_several_gets_its_own_entry_and_what_is_not_possible_is_named(at_desk: AtDesk, anna: Customer, review: Request) -> None:
    other, closed = asked(anna, "complaint", SESSION, asked={"text": "Late."}), asked(anna, "object", SESSION, asked={"text": "No."})
    sam = at_desk("agent")
    press(sam, closed, "fulfil", answer="Stopped.")
    page = several(sam, "write_to_each", review, other, closed).content.decode()
    assert "Done for 2 requests." in page
    assert f"{closed.number}: that is not possible" in page
    letters = Entry.objects.of(anna.subject).filter(kind="request.letter")
    assert sorted(entry.act["request"] for entry in letters) == sorted([review.number, other.number])
    assert "Done for 1 request." in several(sam, "extend_each", review, words="Many asked at once.").content.decode()
    review.refresh_from_db()
    assert (review.state, review.extension_reason) == (State.EXTENDED, "Many asked at once.")


def test_the_same_press_twice_is_one_letter(at_desk: AtDesk, anna: Customer, review: Request) -> None:
    sam = at_desk("agent")
    for _press in range(2):
        several(sam, "write_to_each", review)
    assert review.letters.count() == 1
    press(sam, review, "write", text="Something else.")
    several(sam, "write_to_each", review)
    assert review.letters.count() == 3, "after something else it is another"


def test_what_nobody_reads_is_not_shown_first(at_desk: AtDesk, review: Request) -> None:
    answer = press(at_desk("agent"), review, "item", item="person", outcome="done", count=0, see="1")
    assert answer.status_code in {303, 422}


@pytest.mark.parametrize(("words", "why"), [("", "Write the words"), ("By [day].", "Fill in what is in brackets: [day]")])
def test_several_are_not_written_to_without_whole_words(at_desk: AtDesk, review: Request, words: str, why: str) -> None:
    assert why in several(at_desk("agent"), "write_to_each", review, words=words).content.decode()
    assert not review.letters.exists()


def test_several_who_read_different_languages_get_no_letter_in_one(at_desk: AtDesk, anna: Customer, review: Request) -> None:
    other = asked(anna, "complaint", SESSION, asked={"text": "Late."})
    Request.objects.filter(pk=other.pk).update(language="pl")
    assert "different languages (en, pl)" in several(at_desk("agent"), "write_to_each", review, other).content.decode()
    assert not review.letters.exists()


def test_more_than_anybody_has_read_are_not_done_at_once(at_desk: AtDesk, anna: Customer) -> None:
    many = [asked(anna, "complaint", SESSION, asked={"text": f"{number}"}) for number in range(51)]
    assert "At most 50" in several(at_desk("agent"), "write_to_each", *many).content.decode()
    assert not Entry.objects.filter(kind="request.letter").exists()


def test_of_another_brand_or_without_the_right_nothing_is_done(at_desk: AtDesk, marta: Any, review: Request) -> None:
    theirs = asked(marta, "review", SESSION, asked={"text": "Why?"})
    several(at_desk("agent"), "write_to_each", theirs)
    several(at_desk("auditor"), "write_to_each", review)
    assert not Entry.objects.filter(kind="request.letter").exists()
