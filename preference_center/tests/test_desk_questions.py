"""Questions at the desk: who writes, who publishes, the journey as a picture, which questions earn their place, and what nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.conftest import Browser, a_brand
from brands.models import Brand
from ledger.models import Entry
from preference_center.tests.cast import open_brand
from preference_center.tests.test_desk import DESK, filled, press, seat, told
from profiles.actions import load_questions
from profiles.models import Condition, Moment, Question, QuestionDay, QuestionFigures, QuestionVersion, Stage
from profiles.pack import FOLDER
from profiles.published import forget
from profiles.relevance import report

QUESTIONS, VERSIONS = f"{DESK}profiles/question/", f"{DESK}profiles/questionversion/"
STAGES, MOMENTS = f"{DESK}profiles/stage/", f"{DESK}profiles/moment/"
JOURNEY, RELEVANCE = f"{QUESTIONS}journey/", f"{QUESTIONS}relevance/"


@pytest.fixture
def shop(the_law: None, settings: Any) -> Iterator[Brand]:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    brand = open_brand("linden", "shop.yaml")
    load_questions(brand, FOLDER / "shop.yaml", by="system:tests")
    yield brand
    forget(brand)


@pytest.fixture
def sit(shop: Brand, settings: Any) -> Any:
    return lambda *roles: seat(shop, settings.MAIL_DIR, *roles)


def draft_url(key: str = "bed-size") -> str:
    draft = QuestionVersion.objects.drafts().get(question__key=key)
    return f"{VERSIONS}{draft.pk}/change/"


def posted(browser: Browser, url: str, **more: Any) -> dict[str, Any]:
    """What a browser would send of a draft's page if nobody touched anything, and what somebody did."""
    context = browser.get(url).context
    values: dict[str, Any] = filled(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        for form in (inline.formset.management_form, *inline.formset.forms):
            values |= filled(form)
    lines = {name: form_value for name, form_value in values.items() if isinstance(form_value, list) and "options" in name}
    values |= {name: "\n".join(f"{key}: {label}" for key, label in pairs) for name, pairs in lines.items()}
    values |= {name: "\n".join(f"{key}: {label}" for key, label in pairs) for name, pairs in values.items() if name.endswith("-columns")}
    return values | more


def test_the_editor_writes_and_the_officer_publishes(sit: Any) -> None:
    editor, officer = sit("editor"), sit("officer")
    question = Question.objects.get(key="bed-size")
    assert "1 draft is on the desk." in told(editor, press(editor, QUESTIONS, "revise", question))
    assert "Nothing differs from what is published." in editor.get(draft_url()).content.decode()
    sent = posted(
        editor, draft_url(), **{
            "texts-0-benefit": "You see your size first", "conditions-0-fact": "country", "conditions-0-relation": "one_of",
            "conditions-0-value": "PL, DE", "_continue": "on",
        }
    )  # fmt: skip
    response = editor.post(draft_url(), sent)
    assert response.status_code == 302, response.content.decode()[:2000]
    page = unescape(editor.get(draft_url()).content.decode())
    assert "It is asked when the country is one of Germany, Poland." in page
    draft = QuestionVersion.objects.drafts().get()
    assert Condition.objects.get(version=draft).value == "PL, DE"
    press(editor, VERSIONS, "publish", draft)
    assert QuestionVersion.objects.drafts().exists(), "the editor publishes nothing"
    assert "1 version is published." in told(officer, press(officer, VERSIONS, "publish", draft))
    draft.refresh_from_db()
    assert draft.number == 2
    assert draft.entry is not None
    assert Entry.objects.get(pk=draft.entry).actor.startswith("staff:")


def test_a_draft_that_cannot_be_published_says_why_and_loses_nothing(sit: Any) -> None:
    officer = sit("officer", "editor")
    press(officer, QUESTIONS, "revise", Question.objects.get(key="bed-size"))
    rows = {
        "conditions-0-fact": "age", "conditions-0-relation": "at_least", "conditions-0-value": "40",
        "conditions-1-fact": "age", "conditions-1-relation": "below", "conditions-1-value": "30",
    }  # fmt: skip
    officer.post(draft_url(), posted(officer, draft_url(), **rows))
    assert "No one can fit both of these" in unescape(officer.get(draft_url()).content.decode())
    said = told(officer, press(officer, VERSIONS, "publish", QuestionVersion.objects.drafts().get()))
    assert "No one can fit both of these: It is asked when the age is at least 40, and the age is below 30." in said
    assert Condition.objects.filter(version__number=None).count() == 2


def test_options_are_lines(sit: Any) -> None:
    editor = sit("editor")
    press(editor, QUESTIONS, "revise", Question.objects.get(key="bed-size"))
    bad = editor.post(draft_url(), posted(editor, draft_url(), **{"texts-0-options": "small\nl: Large"}))
    assert "Each line is a key, a colon and the words" in unescape(bad.content.decode())
    assert "small" in bad.content.decode(), "what was typed stays"


def test_a_new_question_begins_with_a_draft(sit: Any) -> None:
    editor = sit("editor")
    response = editor.post(f"{QUESTIONS}add/", {"key": "curtains", "topic": "windows", "order": "90"})
    assert response.status_code == 302
    question = Question.objects.get(key="curtains")
    assert (question.topic, question.draft is not None, question.newest) == ("windows", True, None)
    again = editor.post(f"{QUESTIONS}add/", {"key": "undo", "topic": "undo", "order": "91"})
    assert "choose another" in told(editor, again)


def test_a_brand_without_purposes_is_told_to_publish_one(the_law: None, settings: Any) -> None:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    editor = seat(a_brand("kingfisher"), settings.MAIL_DIR, "editor")
    response = editor.post(f"{QUESTIONS}add/", {"key": "curtains", "topic": "windows", "order": "90"})
    assert "Publish a purpose first" in told(editor, response)


def test_a_draft_is_thrown_away_and_what_is_published_is_not(sit: Any) -> None:
    editor = sit("editor")
    press(editor, QUESTIONS, "revise", Question.objects.get(key="bed-size"))
    draft = QuestionVersion.objects.drafts().get()
    editor.post(f"{VERSIONS}{draft.pk}/delete/", {"post": "yes"})
    assert not QuestionVersion.objects.drafts().exists()
    published = QuestionVersion.objects.get(question__key="bed-size")
    page = editor.get(f"{VERSIONS}{published.pk}/change/").content.decode()
    assert published.sha256 in page
    assert editor.post(f"{VERSIONS}{published.pk}/change/", {"kind": "text"}).status_code == 403
    assert editor.post(f"{VERSIONS}{published.pk}/delete/", {"post": "yes"}).status_code == 403


# ── The journey ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_journey_is_drawn(sit: Any) -> None:
    page = unescape(sit("agent").get(JOURNEY).content.decode())
    places = [page.index(words) for words in ("Getting to know each other", "Your home", "Your taste")]
    assert places == sorted(places)
    for words in ("Open to everybody", "Opens on: An answer was used", "Which rooms are you furnishing?", "Placed an order"):
        assert words in page
    assert "It is asked when the answer to “Which bed are these for?” is known." in page


def test_the_officer_sets_stages_and_moments_with_entries(sit: Any) -> None:
    officer = sit("officer")
    names = {"name_en": "Came back", "name_pl": "Powrót"}
    officer.post(f"{MOMENTS}add/", {"key": "visit.returned", "days": "5", **names})
    assert Moment.objects.get(key="visit.returned").names == {"en": "Came back", "pl": "Powrót"}
    officer.post(f"{STAGES}add/", {"key": "friends", "order": "3", "opens_on": "visit.returned", **names})
    stage = Stage.objects.get(key="friends")
    refused = officer.post(f"{STAGES}{stage.pk}/change/", {"order": "3", "opens_on": "choice.made", **names})
    assert "delivers nothing" in told(officer, refused)
    moment = Moment.objects.get(key="visit.returned")
    kept = officer.post(f"{MOMENTS}{moment.pk}/delete/", {"post": "yes"})
    assert "Something is asked or opened" in told(officer, kept)
    officer.post(f"{STAGES}{stage.pk}/delete/", {"post": "yes"})
    officer.post(f"{MOMENTS}{moment.pk}/delete/", {"post": "yes"})
    assert not Moment.objects.filter(key="visit.returned").exists()
    acts = [entry.act["what"] for entry in Entry.objects.filter(kind="journey.changed", actor__startswith="staff:").order_by("pk")]
    assert acts == ["moment", "stage", "stage", "moment"]


def test_a_moment_of_a_wrong_form_is_told_at_the_form(sit: Any) -> None:
    response = sit("officer").post(f"{MOMENTS}add/", {"key": "Order Placed", "days": "5", "name_en": "x", "name_pl": "x"})
    assert response.status_code == 200
    assert not Moment.objects.filter(days=5).exists()


# ── Relevance ───────────────────────────────────────────────────────────────────────────────────────────────────────


def judged(shop: Brand) -> None:
    today = timezone.localdate()
    keys = {question.key: question for question in Question.objects.all()}
    QuestionDay.objects.create(question=keys["rooms"], day=today, asked=200, answered=20, never=90, put_off=30)
    QuestionDay.objects.create(question=keys["rooms"], day=today - timedelta(days=1), asked=50, answered=5, deleted=9)
    QuestionDay.objects.create(question=keys["bed-size"], day=today, asked=100, answered=60, withdrawn=3)
    figures = {"counted_at": timezone.now(), "answers": 60, "used": 55, "unused": 2, "reads": 900, "hours_to_first_use": 3}
    QuestionFigures.objects.create(question=keys["bed-size"], **figures)
    QuestionFigures.objects.create(question=keys["rooms"], counted_at=timezone.now(), answers=16, used=12, unused=12)


def test_what_does_not_earn_its_place_stands_on_top(shop: Brand, sit: Any) -> None:
    judged(shop)
    lines = report(shop, "en")
    assert [line.key for line in lines] == ["rooms", "windows", "bed-size"]
    worst, none, best = lines
    assert worst.faults == (
        "Most answers are not used any more",
        "More people refuse it for ever than answer",
        "Many take their answer back",
    )
    assert (worst.asked, worst.answered, worst.deleted) == (250, 25, None), "nine people are not told"
    assert none.is_early
    assert (best.faults, best.hours_to_first_use, best.withdrawn) == ((), 3, None)
    page = unescape(sit("auditor").get(RELEVANCE).content.decode())
    assert page.index("Which rooms") < page.index("How large") < page.index("Which bed")
    assert "Retire it" not in page, "the auditor changes nothing"


def test_no_answer_was_ever_used_is_said_once_there_was_time(shop: Brand) -> None:
    question = Question.objects.get(key="windows")
    QuestionFigures.objects.create(question=question, counted_at=timezone.now(), answers=12, used=0, unused=0)
    assert not next(line for line in report(shop, "en") if line.key == "windows").faults
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert next(line for line in report(shop, "en") if line.key == "windows").faults == ("No answer was ever used",)


def test_the_report_costs_the_same_for_many_questions(shop: Brand, django_assert_max_num_queries: Any) -> None:
    judged(shop)
    report(shop, "en")
    with django_assert_max_num_queries(6):
        report(shop, "en")


def test_the_officer_retires_a_question_from_the_report(sit: Any) -> None:
    officer = sit("officer")
    response = officer.post(RELEVANCE, {"question": "rooms"})
    assert "1 question is not asked any more." in told(officer, response)
    assert Question.objects.get(key="rooms").retired_at is not None
    assert "Which rooms" not in unescape(officer.get(RELEVANCE).content.decode())


@pytest.mark.parametrize("role", ["agent", "editor", "auditor"])
def test_nobody_else_retires(sit: Any, role: str) -> None:
    browser = sit(role)
    assert browser.post(RELEVANCE, {"question": "rooms"}).status_code == 403
    press(browser, QUESTIONS, "retire", Question.objects.get(key="rooms"))
    assert Question.objects.get(key="rooms").retired_at is None


def test_the_agent_reads_no_figures_and_changes_nothing(sit: Any) -> None:
    agent = sit("agent")
    assert agent.get(RELEVANCE).status_code == 403
    assert agent.get(QUESTIONS).status_code == 200
    for path in (f"{QUESTIONS}add/", f"{STAGES}add/", f"{MOMENTS}add/"):
        assert agent.get(path).status_code == 403


def test_another_brands_questions_are_not_here(shop: Brand, settings: Any, the_law: None) -> None:
    other = a_brand("kingfisher")
    officer = seat(other, settings.MAIL_DIR, "officer", "editor")
    version = QuestionVersion.objects.get(question__key="bed-size")
    assert "bed-size" not in officer.get(QUESTIONS).content.decode()
    assert "Which bed" not in officer.get(JOURNEY).content.decode()
    officer.post(RELEVANCE, {"question": "bed-size"})
    assert Question.objects.get(key="bed-size").retired_at is None
    assert officer.get(f"{VERSIONS}{version.pk}/change/").status_code == 302
    press(officer, QUESTIONS, "retire", version.question)
    assert Question.objects.get(key="bed-size").retired_at is None
