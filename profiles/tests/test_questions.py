"""Questions on the desk: drafts, publishing, what keeps one from being published, retiring, packs, stages and moments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from brands.models import Brand
from catalogue.actions import declare, draft_purpose, publish
from catalogue.content import Content as PurposeContent
from catalogue.models import DataCategory
from catalogue.models.frozen import FrozenError
from catalogue.problems import Refused
from ledger.models import Entry
from ledger.turns import Turn
from profiles import actions
from profiles.content import Content
from profiles.eligibility import Row
from profiles.models import Moment, Question, QuestionText, QuestionVersion, Stage
from profiles.pack import FOLDER
from profiles.published import question_of, questions
from profiles.tests.asking import ORDER, content, published, text, when

BY = "system:tests"


def refused(question: QuestionVersion, **more: Any) -> set[str]:
    with pytest.raises(Refused) as why:
        actions.publish_question(question, by=BY, **more)
    return why.value.codes


def entry_of(version: QuestionVersion) -> Entry:
    assert version.entry is not None
    return Entry.objects.get(pk=version.entry)


def draft(brand: Brand, key: str = "new", **more: Any) -> QuestionVersion:
    return actions.draft_question(brand, key=key, content=content(**more))


# ── Publishing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_freezes_numbers_hashes_and_says_so(linden: Brand) -> None:
    version = published(linden, "new")
    assert (version.number, len(version.sha256), version.published_at) == (1, 64, version.in_force_from)
    entry = entry_of(version)
    assert (entry.kind, entry.subject) == ("question.published", linden.subject)
    assert entry.act["question"] == "new"
    assert entry.act["sha256"] == version.sha256
    assert questions(version.question.brand).questions["new"].for_language("pl").title == "Które?"


def test_twice_is_once(linden: Brand) -> None:
    version = published(linden, "new")
    assert actions.publish_question(version, by=BY).entry == version.entry


def test_without_its_entry_nothing_is_published(linden: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    version = draft(linden)
    epoch = linden.config_epoch

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Turn, "append", refuse)
    with pytest.raises(OSError, match="disk"), transaction.atomic():
        actions.publish_question(version, by=BY)
    version.refresh_from_db()
    linden.refresh_from_db()
    assert (version.number, linden.config_epoch) == (None, epoch)


def test_what_is_published_is_never_edited(linden: Brand) -> None:
    version = published(linden, "new", conditions=when(("country", "", "one_of", "PL")))
    for row in (version, version.texts.get(language="en"), version.conditions.get()):
        with pytest.raises(FrozenError):
            row.save()
        with pytest.raises(FrozenError):
            row.delete()
    for statement in (
        f"UPDATE profiles_questionversion SET retention_days = 9 WHERE id = {version.pk}",
        f"UPDATE profiles_questiontext SET benefit = 'more' WHERE version_id = {version.pk}",
        f"DELETE FROM profiles_condition WHERE version_id = {version.pk}",
        f"INSERT INTO profiles_condition (version_id, fact, about, relation, value) VALUES ({version.pk}, 'age', '', 'below', '20')",
        f"UPDATE profiles_question SET topic = 'other' WHERE id = {version.question_id}",
        f"DELETE FROM profiles_question WHERE id = {version.question_id}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_new_version_keeps_purpose_kind_and_whom_it_is_about(linden: Brand) -> None:
    first = published(linden, "new")
    other = replace(content(), kind="several")
    assert "another_question" in refused(actions.revise_question(first.question, content=other))
    reworded = replace(content(), texts={"en": text("Which of these?"), "pl": text("Które z nich?")})
    second = actions.publish_question(actions.revise_question(first.question, content=reworded), by=BY)
    assert second.number == 2
    assert question_of(second.question.brand, "new", 1) is not None, "what was asked then can be read again"


def test_nothing_changed_is_nothing_published(linden: Brand) -> None:
    first = published(linden, "new")
    assert refused(actions.revise_question(first.question)) == {"nothing_changed"}
    assert actions.revise_question(first.question) == first.question.draft, "the draft on the desk"


def test_a_draft_can_be_thrown_away(linden: Brand) -> None:
    version = draft(linden)
    actions.discard_question(version)
    assert not Question.objects.filter(key="new").exists()
    first = published(linden, "new")
    actions.discard_question(actions.revise_question(first.question))
    assert Question.objects.get(key="new").newest == first


def test_retiring_is_once_and_for_all(linden: Brand) -> None:
    version = published(linden, "new")
    retired = actions.retire_question(version.question, by=BY)
    assert actions.retire_question(version.question, by=BY).retired_at == retired.retired_at
    assert "new" not in questions(version.question.brand).questions
    assert refused(actions.revise_question(retired, content=replace(content(), retention_days=5))) == {"retired"}


def test_what_was_never_published_is_not_retired_nor_revised(linden: Brand) -> None:
    version = draft(linden)
    with pytest.raises(Refused, match="never published"):
        actions.retire_question(version.question, by=BY)
    version.delete()
    with pytest.raises(Refused, match="never published"):
        actions.revise_question(version.question)


@pytest.mark.parametrize(("key", "code"), [("answer", "key_reserved"), ("bed-size", "key_taken")])
def test_a_key_is_free(linden: Brand, key: str, code: str) -> None:
    with pytest.raises(Refused) as why:
        draft(linden, key)
    assert why.value.codes == {code}


# ── What keeps one from being published ─────────────────────────────────────────────────────────────────────────────

OPTIONS = (("a", "First"), ("b", "Second"))
BAD: list[tuple[dict[str, Any], str]] = [
    ({"purpose": "news"}, "purpose_by_channel"),
    ({"purpose": "insight"}, "purpose_does_not_use_it"),
    ({"category": "email"}, "purpose_does_not_use_it"),
    ({"texts": {"en": text()}}, "language_missing"),
    ({"texts": {"en": text(), "pl": text(), "de": text()}}, "language_unknown"),
    ({"texts": {"en": text(options=OPTIONS), "pl": text(options=OPTIONS[::-1])}}, "options_differ"),
    ({"texts": {"en": text(options=OPTIONS[:1]), "pl": text(options=OPTIONS[:1])}}, "options_number"),
    ({"texts": {"en": text(options=(OPTIONS[0],) * 2), "pl": text(options=(OPTIONS[0],) * 2)}}, "options_number"),
    ({"texts": {"en": text(options=(("A!", "x"), ("b", "y"))), "pl": text(options=(("A!", "x"), ("b", "y")))}}, "option_key"),
    ({"texts": {"en": text(options=(("a", " "), ("b", "y"))), "pl": text()}}, "fact_missing"),
    ({"texts": {"en": text(columns=OPTIONS), "pl": text(columns=OPTIONS)}}, "options_unwanted"),
    ({"texts": {"en": text(benefit=" "), "pl": text()}}, "fact_missing"),
    ({"texts": {"en": text(benefit="You may see better things"), "pl": text()}}, "vague"),
    ({"texts": {"en": text(why_now="Don't miss this!"), "pl": text()}}, "pressure"),
    ({"kind": "text"}, "options_unwanted"),
    ({"least": 1}, "bounds_unwanted"),
    ({"moments": ("checkout.begun",)}, "moment_on_the_way_to_pay"),
    ({"conditions": when(("answer", "attic", "known", ""))}, "condition"),
    ({"conditions": when(*[("country", "", "none_of", "FR")] * 11)}, "conditions_many"),
    ({"conditions": when(("answer", "new", "known", ""))}, "conditions_contradict"),
    ({"conditions": when(("age", "", "at_least", "30"), ("age", "", "below", "20"))}, "conditions_contradict"),
]


@pytest.mark.parametrize(("more", "code"), BAD)
def test_what_keeps_it_from_being_published(linden: Brand, more: dict[str, Any], code: str) -> None:
    assert code in refused(draft(linden, **more))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"purpose": "attic"}, "word_unknown"), ({"category": "attic"}, "word_unknown"), ({"stage": "attic"}, "word_unknown"),
        ({"moments": ("order.lost",)}, "word_unknown"), ({"kind": "guess"}, "kind_unknown"), ({"retention_days": 0}, "retention_unbounded"),
        ({"retention_days": 4000}, "retention_unbounded"), ({"least": 5, "most": 4}, "bounds"), ({"most": 10**10}, "bounds"),
    ],
)  # fmt: skip
def test_what_does_not_even_become_a_draft(linden: Brand, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as why:
        draft(linden, **more)
    assert code in why.value.codes


def test_a_size_table_needs_rows_and_columns(linden: Brand) -> None:
    both: dict[str, Any] = {"options": OPTIONS[:1], "columns": (("width", "Width"),)}
    said: dict[str, Any] = {"kind": "size_table", "least": 20, "most": 600}
    assert actions.publish_question(draft(linden, texts={"en": text(**both), "pl": text(**both)}, **said), by=BY).number == 1
    assert "options_number" in refused(draft(linden, "other", **said))


def sensitive_purpose(brand: Brand) -> None:
    declare(brand, DataCategory, "allergies", names={"en": "Allergies", "pl": "Alergie"}, sensitive=True)
    newest = brand.purposes.get(key="recs").newest
    assert newest is not None
    recs = PurposeContent.of(newest)
    use = replace(recs.uses[0], category="allergies", source="you")
    about = replace(recs, uses=(use,), classes=("personalisation_profiling", "sensitive_data"), explicit=True)
    publish(draft_purpose(brand, key="allergy-advice", content=about), by=BY)


def test_a_sensitive_kind_is_refused_unless_an_officer_signs_with_a_reason(linden: Brand) -> None:
    sensitive_purpose(linden)
    version = draft(linden, purpose="allergy-advice", category="allergies")
    assert refused(version) == {"sensitive_unsigned"}
    assert refused(version, sensitive_reason="  ") == {"sensitive_unsigned", "officer_needed"}
    assert refused(version, sensitive_reason="Fibres that hurt") == {"officer_needed"}
    signed = actions.publish_question(version, by="staff:" + "a" * 32, sensitive_reason="Fibres that hurt")
    assert entry_of(signed).act["sensitive"] == "Fibres that hurt"
    assert "Fibres that hurt" in signed.body


# ── Packs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_loads_once(linden: Brand) -> None:
    assert set(questions(linden).questions) == {"bed-size", "rooms", "windows"}
    assert actions.load_questions(linden, FOLDER / "shop.yaml", by=BY) == []
    assert [stage.key for stage in questions(linden).stages] == ["basics", "home", "taste"]


def test_a_pack_brings_what_differs_and_leaves_what_was_retired(linden: Brand, tmp_path: Any) -> None:
    actions.retire_question(Question.objects.get(key="rooms"), by=BY)
    changed = (FOLDER / "shop.yaml").read_text(encoding="utf-8").replace("kept_days: 730", "kept_days: 365")
    (tmp_path / "shop.yaml").write_text(changed, encoding="utf-8")
    found = actions.load_questions(linden, tmp_path / "shop.yaml", by=BY)
    assert {(version.question.key, version.number) for version in found} == {("bed-size", 2), ("windows", 2)}


# ── Stages and moments ──────────────────────────────────────────────────────────────────────────────────────────────

NAMES = {"en": "Something", "pl": "Coś"}


def test_a_moment_is_set_changed_and_removed_with_entries(linden: Brand) -> None:
    moment = actions.set_moment(linden, key="order.returned", names=NAMES, by=BY)
    actions.set_moment(linden, key="order.returned", names=NAMES, by=BY)
    actions.set_moment(linden, key="order.returned", names=NAMES, days=3, by=BY)
    actions.remove_moment(moment, by=BY)
    acts = [entry.act for entry in Entry.objects.of(linden.subject).filter(kind="journey.changed", payload__contains="order.returned")]
    assert [(act["before"] is None, act["after"] is None) for act in acts] == [(True, False), (False, False), (False, True)]
    assert "order.returned" not in questions(moment.brand).moments


def test_a_moment_in_use_stays(linden: Brand) -> None:
    for key in (ORDER, "order.delivered"):
        with pytest.raises(Refused, match=key):
            actions.remove_moment(Moment.objects.get(brand=linden, key=key), by=BY)
        with pytest.raises(Refused, match=key):
            actions.set_moment(linden, key=key, names=NAMES, on_the_way_to_pay=True, by=BY)


@pytest.mark.parametrize("key", ["order", "Order.placed", "order.placed.twice", "a.b" * 40, "order.placed\n"])
def test_a_moment_has_a_form(linden: Brand, key: str) -> None:
    with pytest.raises(ValidationError):
        actions.set_moment(linden, key=key, names=NAMES, by=BY)


@pytest.mark.parametrize("event", ["visit.first", "choice.made", "checkout.begun", "order.lost", ""])
def test_a_stage_opens_when_something_was_delivered(linden: Brand, event: str) -> None:
    with pytest.raises(Refused, match="delivers nothing"):
        actions.set_stage(linden, key="more", names=NAMES, order=9, opens_on=event, by=BY)


def test_a_stage_is_set_changed_and_removed_with_entries(linden: Brand) -> None:
    stage = actions.set_stage(linden, key="more", names=NAMES, order=9, opens_on=ORDER, by=BY)
    actions.set_stage(linden, key="more", names=NAMES, order=9, opens_on=ORDER, by=BY)
    actions.remove_stage(stage, by=BY)
    found = Entry.objects.of(linden.subject).filter(kind="journey.changed", payload__contains='"more"')
    assert found.count() == 2
    assert not Stage.objects.filter(key="more").exists()


def test_a_stage_in_use_stays(linden: Brand) -> None:
    with pytest.raises(Refused, match="home"):
        actions.remove_stage(Stage.objects.get(brand=linden, key="home"), by=BY)
    stage = actions.set_stage(linden, key="more", names=NAMES, order=9, opens_on=ORDER, by=BY)
    draft(linden, conditions=when(("stage", "more", "reached", "")))
    with pytest.raises(Refused, match="more"):
        actions.remove_stage(stage, by=BY)


def test_two_stages_have_two_places(linden: Brand) -> None:
    with pytest.raises(ValidationError):
        actions.set_stage(linden, key="more", names=NAMES, order=1, opens_on=ORDER, by=BY)


def test_the_content_of_a_version_is_what_it_was_written_from(linden: Brand) -> None:
    said = content(stage="home", conditions=(Row("age", "at_least", value="18"), Row("answer", "known", "bed-size")))
    version = actions.draft_question(linden, key="new", content=said)
    assert Content.of(QuestionVersion.objects.get(pk=version.pk)) == said
    assert QuestionText.objects.filter(version=version).count() == 2


def test_what_stands_in_the_way_is_told_before_anybody_publishes(linden: Brand, settings: Any) -> None:
    settings.FOUR_EYES = True
    ola, iga = "staff:" + "a" * 32, "staff:" + "b" * 32
    version = actions.draft_question(linden, key="new", content=content(), by=ola)
    entries = Entry.objects.count()
    assert [problem.code for problem in actions.in_the_way(version, by=ola)] == ["four_eyes"]
    assert actions.in_the_way(version, by=iga) == []
    assert Entry.objects.count() == entries
    assert actions.in_the_way(actions.publish_question(version, by=iga), by=ola) == []
