"""What must be true of the changes that a version of a policy is published with: every rule, and what keeps it from a false alarm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from catalogue import actions
from catalogue.change_validation import LONGEST_TITLE, problems, too_soon, unwritable
from catalogue.models import Change, PolicyVersion
from catalogue.models.vocabulary import KEY
from catalogue.policy_content import ChangeContent, PolicyContent
from catalogue.problems import Refused
from catalogue.tests.conftest import NEWS, publish, said
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling

CLUB = saying(who={"body": "We are a club."})
CHANGE = telling(CLUB, POLICY).changes[0]
DAY = timedelta(days=1)


def codes(found):
    return [problem.code for problem in found]


def with_change(content: PolicyContent = CLUB, /, **fields: Any) -> PolicyContent:
    return replace(content, changes=(replace(CHANGE, **fields),))


def found(brand, content, newest=POLICY):
    return codes(problems(brand, content, newest))


# ── On a draft ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"key": "Not a key"}, "change_unclear"),
        ({"key": ""}, "change_unclear"),
        ({"key": "a--b"}, "change_unclear"),
        ({"key": "a" * (KEY + 1)}, "change_unclear"),
        ({"kind": "weather"}, "change_kind_unknown"),
        ({"materiality": "huge"}, "change_kind_unknown"),
        ({"audience": "robots"}, "change_audience_unknown"),
    ],
)
def test_what_no_change_can_be_is_not_even_a_draft(brand, fields, code):
    assert codes(unwritable(with_change(**fields))) == [code]
    with pytest.raises(Refused) as refused:
        actions.draft_policy(brand, key="privacy", content=with_change(**fields))
    assert refused.value.codes == {code}
    assert not PolicyVersion.objects.exists()


def test_two_changes_of_one_key_are_not_even_a_draft():
    assert codes(unwritable(replace(CLUB, changes=(CHANGE, CHANGE)))) == ["change_twice"]


@pytest.mark.parametrize("key", ["a", "a" * KEY, "new-uses-2"])
def test_a_plain_key_is_one(key):
    assert codes(unwritable(with_change(key=key))) == []


# ── Before it is published ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_version_that_tells_of_everything_has_no_problem(brand):
    assert found(brand, with_change()) == []


def test_the_first_version_changes_nothing(brand):
    assert found(brand, POLICY, None) == []
    assert found(brand, with_change(), None) == ["changes_of_the_first"]


def test_what_differs_is_told(brand):
    assert found(brand, CLUB) == ["changes_missing"]
    assert found(brand, POLICY) == []


def test_a_new_summary_is_a_change_too(brand):
    texts = {language: replace(words, summary="Otherwise.") for language, words in POLICY.texts.items()}
    assert found(brand, replace(POLICY, texts=texts)) == ["changes_missing"]
    assert found(brand, with_change(replace(POLICY, texts=texts), anchors=())) == []


def test_every_clause_that_differs_is_told_of(brand):
    both = saying(CLUB, kept={"body": "We keep nothing."})
    (problem,) = problems(brand, with_change(both), POLICY)
    assert (problem.code, problem.field) == ("change_untold", "kept")
    assert found(brand, with_change(both, anchors=("who", "kept"))) == []


def test_a_clause_that_differs_in_one_language_alone_is_told_of(brand):
    content = saying(CLUB, "pl", kept={"body": "Nic nie trzymamy."})
    assert found(brand, with_change(content)) == ["change_untold"]


@pytest.mark.parametrize("anchor", ["kept", "never-there"])
def test_a_change_tells_only_of_clauses_that_differ(brand, anchor):
    assert found(brand, with_change(anchors=("who", anchor))) == ["change_of_nothing"]


@pytest.mark.parametrize("field", ["titles", "for_you"])
@pytest.mark.parametrize("words", [{}, {"en": "Something"}, {"en": "Something", "pl": " "}])
def test_a_change_is_told_in_every_language(brand, field, words):
    missing = [problem.language for problem in problems(brand, with_change(**{field: words}), POLICY)]
    assert missing == (["pl"] if words else ["en", "pl"])
    assert set(found(brand, with_change(**{field: words}))) == {"change_text_missing"}


@pytest.mark.parametrize("field", ["titles", "for_you"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Read this now!", "exclamation"),
        ("You will miss our offers.", "pressure"),
        ("Yes " * 26, "long_sentence"),
    ],
)
def test_a_change_presses_nobody_and_is_short(brand, field, words, code):
    (problem,) = problems(brand, with_change(**{field: {"en": words, "pl": "Krótko."}}), POLICY)
    assert (problem.code, problem.language, problem.field) == (code, "en", f"reworded.{field}")


def test_a_change_may_say_what_people_may_do(brand):
    assert found(brand, with_change(for_you={"en": "You may object.", "pl": "Możesz się sprzeciwić."})) == []


def test_a_title_fits_into_the_subject_of_a_mail(brand):
    title = "Yes. " * (LONGEST_TITLE // 5)
    assert len(title) == LONGEST_TITLE
    assert found(brand, with_change(titles={"en": title, "pl": "Krótko"})) == []
    assert found(brand, with_change(titles={"en": "Short", "pl": f"{title}."})) == ["change_title_long"]


def test_a_country_is_one(brand):
    assert found(brand, with_change(countries=("PL", "DE"))) == []
    assert found(brand, with_change(countries=("PL", "XX", "pl"))) == ["country_unknown", "country_unknown"]


# ── The uses that it touches ────────────────────────────────────────────────────────────────────────────────────────


def asking(**fields: Any) -> PolicyContent:
    return with_change(**{"kind": "purpose", "materiality": "needs_consent", "purposes": ("news",)} | fields)


def test_what_needs_a_yes_names_the_use_that_people_decide_on(brand, news):
    assert found(brand, asking()) == []
    assert found(brand, asking(purposes=())) == ["purpose_missing"]


def test_what_needs_a_yes_is_no_favour(brand, news):
    assert found(brand, asking(favourable=True)) == ["change_favour_asked"]
    assert found(brand, asking(favourable=True, materiality="material")) == []


def test_a_use_that_is_named_is_published(brand):
    assert found(brand, with_change(purposes=("news",))) == ["purpose_unknown"]
    actions.draft_purpose(brand, key="news", content=NEWS)
    assert found(brand, with_change(purposes=("news",))) == ["purpose_unknown"]


def test_only_what_stands_on_consent_needs_a_yes(brand):
    publish(brand, replace(NEWS, basis="legitimate_interest", classes=("general",)), key="fraud")
    assert found(brand, asking(purposes=("fraud",))) == ["purpose_not_asked"]
    assert found(brand, asking(purposes=("fraud",), materiality="material")) == []


def test_every_problem_says_which_change_in_the_editors_language(brand):
    with translation.override("en"):
        (problem,) = problems(brand, with_change(purposes=("news",)), POLICY)
    assert (problem.field, str(problem)) == ("reworded", "reworded: There is no published use “news”.")


# ── The day ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def early(brand, content, days: float) -> list[str]:
    now = timezone.now()
    return codes(too_soon(brand, content, now + timedelta(days=days), now))


@pytest.mark.parametrize(
    ("materiality", "days", "expected"),
    [
        ("editorial", 0, []),
        ("material", 0, ["notice_too_short"]),
        ("material", 29.9, ["notice_too_short"]),
        ("material", 30, []),
        ("needs_consent", 29, ["notice_too_short"]),
        ("needs_consent", 30, []),
    ],
)
def test_people_are_told_thirty_days_before_it_applies(brand, news, materiality, days, expected):
    assert early(brand, asking(materiality=materiality), days) == expected


def test_one_change_that_matters_is_enough(brand):
    content = replace(CLUB, changes=(CHANGE, replace(CHANGE, key="more", materiality="material")))
    assert early(brand, content, 1) == ["notice_too_short"]


def test_how_long_before_is_a_setting(brand, settings):
    settings.POLICY_NOTICE = timedelta(days=1)
    assert early(brand, with_change(materiality="material"), 1) == []
    now = timezone.now()
    (problem,) = too_soon(brand, with_change(materiality="material"), now, now)
    assert problem.message == "People must be told 1 day before it applies: choose a later day."


@pytest.fixture
def coming(brand) -> Callable[[int], None]:
    """A use "photos" that begins so many days from now."""

    def begins(days: int) -> None:
        publish(brand, said(title="Photos"), key="photos", in_force_from=timezone.now() + timedelta(days=days))
        brand.refresh_from_db()

    return begins


@pytest.mark.parametrize(
    ("use", "policy", "expected"),
    [(40, 41, ["use_before_policy"]), (40, 39, []), (31, 60, ["use_before_policy"])],
)
def test_what_needs_a_yes_does_not_begin_before_the_policy_that_tells_of_it(brand, coming, use, policy, expected):
    coming(use)
    assert early(brand, asking(purposes=("photos",)), policy) == expected


def test_on_the_same_day_is_soon_enough(brand, coming):
    start = timezone.now() + 40 * DAY
    publish(brand, said(title="Photos"), key="photos", in_force_from=start)
    brand.refresh_from_db()
    assert codes(too_soon(brand, asking(purposes=("photos",)), start, timezone.now())) == []


def test_a_use_that_has_begun_already_is_asked_about_at_any_day(brand, news):
    assert early(brand, asking(), 40) == []


def test_no_use_that_is_told_of_begins_before_the_policy_whatever_its_ground(brand, coming):
    coming(35)
    assert early(brand, asking(purposes=("photos",), materiality="material"), 40) == ["use_before_policy"]


def test_two_versions_do_not_change_things_on_one_day(brand):
    publish_policy(brand)
    start = timezone.now() + timedelta(days=40)
    shorter = saying(kept={"body": "We keep orders for **24 months**."})
    first = publish_policy(brand, telling(shorter, POLICY, materiality="material"), in_force_from=start)
    again = telling(saying(kept={"body": "We keep orders for **12 months**."}), shorter, materiality="material")
    with pytest.raises(Refused) as refused:
        publish_policy(brand, again, in_force_from=start)
    assert refused.value.codes == {"day_taken"}
    assert publish_policy(brand, again, in_force_from=start + timedelta(days=1)).number == (first.number or 0) + 1


# ── All of it, in the act ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_change(materiality="material"), "notice_too_short"),
        (with_change(anchors=("kept",)), "change_untold"),
        (with_change(purposes=("never",)), "purpose_unknown"),
    ],
)
def test_publishing_refuses_it_and_writes_nothing(brand, content, code):
    publish_policy(brand)
    with pytest.raises(Refused) as refused:
        publish_policy(brand, content)
    assert code in refused.value.codes
    assert PolicyVersion.objects.published().count() == 1


def test_told_in_time_it_is_published_with_its_changes(brand):
    publish_policy(brand)
    content = with_change(materiality="material", favourable=True, countries=("PL",), audience="adults")
    version = publish_policy(brand, content, in_force_from=timezone.now() + timedelta(days=30, minutes=1))
    assert PolicyContent.of(version).changes == content.changes
    assert str(version.changes.get()) == "reworded"


def test_a_new_draft_does_not_tell_of_them_again(brand):
    publish_policy(brand)
    version = publish_policy(brand, CLUB)
    assert version.changes.count() == 1
    assert PolicyContent.of(actions.revise_policy(version.policy)).changes == ()


def test_an_unknown_word_of_a_change_is_refused_by_the_database_too(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    good = {"kind": "wording", "materiality": "editorial", "audience": "everybody"}
    for number, bad in enumerate(({"kind": "weather"}, {"materiality": "huge"}, {"audience": "robots"}), start=1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Change.objects.create(version=draft, key=f"c{number}", order=number, **good | bad)


def test_no_field_of_a_change_is_left_out_of_what_is_published():
    """Every field of a change is read back: a field added to the model and forgotten here would vanish from what is hashed."""
    fields = {each.name for each in Change._meta.get_fields()} - {"id", "version", "order"}
    assert fields == set(ChangeContent.__dataclass_fields__)
