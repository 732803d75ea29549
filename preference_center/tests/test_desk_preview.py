"""Drafts before they are published: as a customer will read them in each language and place, and what publishing does."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

import catalogue
from accounts.models import Person
from brands.dress import dress
from brands.models import Brand, Theme
from catalogue.actions import draft_purpose, load_policy, revise, revise_policy
from catalogue.content import Content, UseFacts
from catalogue.differences import FRAME, _use
from catalogue.models import PurposeVersion
from catalogue.policy_content import PolicyContent
from consents.figures import FEWEST
from consents.models import ChoiceDay
from ledger.models import Entry
from preference_center.tests.test_desk import DESK, AtDesk, written
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox
from profiles.actions import draft_question, publish_question, revise_question
from profiles.models import Question
from profiles.tests.asking import content as question_content

pytestmark = pytest.mark.django_db
THEME = f"{DESK}preview/theme/"
PACK = Path(catalogue.__file__).parent / "packs" / "policy-shop.yaml"


def reworded(brand: Brand, by: str = "", **more: Any) -> PurposeVersion:
    """The letter, with another English title and one channel less."""
    purpose = brand.purposes.get(key="news")
    assert purpose.newest is not None
    old = Content.of(purpose.newest)
    texts = {**old.texts, "en": replace(old.texts["en"], title="Letters from the weaver")}
    return revise(purpose, content=replace(old, **{"texts": texts, "channels": ("email",)} | more), by=by)


def unasked(brand: Brand) -> PurposeVersion:
    """A draft of what happens until somebody says no, where the law lets it."""
    newest = brand.purposes.get(key="ads").newest
    assert newest is not None
    return draft_purpose(brand, key="fresh", content=replace(Content.of(newest), basis="opt_out"))


def elsewhere(brand: Brand) -> None:
    """At home where no law of its own goes with it."""
    Brand.objects.filter(pk=brand.pk).update(home_regime="", country="US", config_epoch=F("config_epoch") + 1)


def preview(draft: Any, end: str = "") -> str:
    kind = "purpose" if isinstance(draft, PurposeVersion) else "question"
    return f"{DESK}preview/{kind}/{draft.pk}/{end}"


def read(browser: Any, draft: Any, **asked: str) -> str:
    response = browser.get(preview(draft, "as-read/"), asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


# ── As a customer reads it ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_read_as_in_the_center_and_cannot_be_pressed(at_desk: AtDesk, linden: Brand) -> None:
    editor, draft = at_desk("editor"), reworded(linden)
    response = editor.get(preview(draft, "as-read/"))
    page = unescape(response.content.decode())
    assert "Letters from the weaver" in page
    assert 'data-brand="linden"' in page
    assert '<fieldset class="preview" disabled>' in page
    assert "form-action 'none'" in response["Content-Security-Policy"]
    assert 'aria-pressed="true"' not in page
    assert "Text message" not in page, "a channel that goes"
    assert draft.number is None


def test_in_each_language(at_desk: AtDesk, linden: Brand) -> None:
    draft, editor = reworded(linden), at_desk("editor")
    polish = read(editor, draft, language="pl")
    assert '<html lang="pl"' in polish
    assert draft.texts.get(language="pl").title in polish
    assert "Brak zgody" in polish
    english = reworded(linden, texts={"en": Content.of(draft).texts["en"]})
    assert editor.get(preview(english, "as-read/"), {"language": "pl"}).status_code == 404
    assert "Letters from the weaver" in read(editor, draft, language="xx"), "another one is the brand's first"


@pytest.mark.parametrize("place", ["US-CA", "us-ca", "", "??", "PL-" + "x" * 200, "../../etc", "P1", "US-💥"])
def test_in_each_place_and_in_none(at_desk: AtDesk, linden: Brand, place: str) -> None:
    assert "Letters from the weaver" in read(at_desk("editor"), reworded(linden), place=place)


def test_where_the_law_lets_it_happen_unasked_it_reads_so(at_desk: AtDesk, linden: Brand) -> None:
    draft, editor = unasked(linden), at_desk("editor")
    assert "Not decided" in read(editor, draft, place="US-CA"), "the law at the brand's home goes with it everywhere"
    elsewhere(linden)
    assert "Not decided" in read(editor, draft, place="PL")
    assert "Not decided" not in read(editor, draft, place="US-CA")


# ── What publishing does ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_changes_and_what_stands_in_the_way(at_desk: AtDesk, linden: Brand, settings: Any) -> None:
    settings.FOUR_EYES = True
    officer = at_desk("officer", "editor")
    draft = reworded(linden, by=f"staff:{Person.objects.at_desk_of(linden).get().reference}")
    does = officer.get(preview(draft)).context["does"]
    assert [(each.what, each.now) for each in does.changes if each.language == "en"] == [("title", "Letters from the weaver")]
    assert [(each.what, each.now) for each in does.changes if not each.language] == [("channels", "email")]
    assert "four_eyes" in [problem.code for problem in does.problems]
    assert "Letters from the weaver" in officer.get(preview(draft)).content.decode()


def test_what_would_grow_stands_in_the_way_before_anybody_presses(at_desk: AtDesk, linden: Brand) -> None:
    draft = reworded(linden, conditional_benefit=True)
    does = at_desk("editor").get(preview(draft)).context["does"]
    assert "grew_benefit" in [problem.code for problem in does.problems]
    assert (
        not Entry.objects.of(linden.subject)
        .filter(kind="purpose.published", payload__contains='"news"')
        .exclude(payload__contains='"version":1')
        .exists()
    )


def test_what_people_decided_is_counted_and_small_groups_are_not_told_apart(at_desk: AtDesk, linden: Brand) -> None:
    editor, draft = at_desk("editor"), reworded(linden)
    for channel, allowed in (("email", FEWEST), ("sms", FEWEST - 1)):
        ChoiceDay.objects.create(
            brand=linden, day="2026-11-01", purpose="news", channel=channel, language="en", place="center", allowed=allowed, refused=0
        )
    sentences = " ".join(editor.get(preview(draft)).context["does"].sentences)
    assert f"Allowed by {FEWEST}, not by 0." in sentences
    assert "Allowed by <10" in sentences


def test_who_may_not_read_figures_reads_none_here(at_desk: AtDesk, linden: Brand) -> None:
    draft = reworded(linden)
    ChoiceDay.objects.create(brand=linden, day="2026-11-01", purpose="news", channel="email", language="en", place="center", allowed=FEWEST)
    page = at_desk("agent").get(preview(draft)).content.decode()
    assert "What people decided stands." in page
    assert "Allowed by" not in page


def test_nothing_of_a_draft_can_be_changed_unseen() -> None:
    """Every field that goes into the fingerprint stands in what is compared."""
    use = [each.name for each in fields(UseFacts)]
    values: dict[str, Any] = {name: f"<{name}>" for name in use} | {"sold": True, "shared": True, "safeguards": ("<safeguards>",)}
    said = _use(UseFacts(**values))
    assert [name for name in use if f"<{name}>" not in said and name not in {"sold", "shared"}] == []
    assert ", sold, shared" in said
    compared = {*FRAME, "texts", "uses"}
    assert {each.name for each in fields(Content)} == compared


def test_on_what_ground_and_where(at_desk: AtDesk, linden: Brand) -> None:
    draft, editor = unasked(linden), at_desk("editor")
    elsewhere(linden)
    grounds = {each.basis: each.places for _words, each in editor.get(preview(draft)).context["does"].grounds}
    assert "Poland" in grounds["consent"]
    assert any("(CA)" in place for place in grounds["opt_out"])


def test_a_first_draft_without_words_says_so(at_desk: AtDesk, linden: Brand) -> None:
    draft = draft_purpose(linden, key="fresh", content=Content(basis="consent", classes=(), texts={}, uses=()))
    page = at_desk("editor").get(preview(draft)).content.decode()
    assert "It has no words yet" in page
    assert "all of it is new" in page
    assert at_desk("officer").get(preview(draft, "as-read/")).status_code == 404


def test_what_was_published_is_shown_as_it_stands(at_desk: AtDesk, linden: Brand) -> None:
    published = linden.purposes.get(key="news").newest
    assert published is not None
    auditor = at_desk("auditor")
    assert published.texts.get(language="en").title in read(auditor, published)
    assert auditor.get(preview(published)).status_code == 404, "nothing of it is still to be done"
    assert preview(published) not in auditor.get(f"{DESK}catalogue/purposeversion/{published.pk}/change/").content.decode()


# ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_read_as_it_will_be_put(at_desk: AtDesk, linden: Brand) -> None:
    draft = draft_question(linden, key="fresh", content=question_content(moments=()), topic="fresh", order=5)
    editor = at_desk("editor")
    page = read(editor, draft)
    text = draft.texts.get(language="en")
    for words in (text.title, text.why_now, text.benefit, text.if_not, text.save_label, "Not now", "Don’t ask again"):
        assert words in page
    assert "disabled" in page
    does = editor.get(preview(draft)).context["does"]
    assert any("can be asked" in sentence for sentence in does.sentences)
    assert does.changes == []


def test_a_revision_of_a_question_shows_what_changes(at_desk: AtDesk, linden: Brand) -> None:
    draft_question(linden, key="fresh", content=question_content(moments=()), topic="fresh", order=5)
    question = Question.objects.get(key="fresh")
    assert question.draft is not None
    publish_question(question.draft, by="system:test")
    changed = replace(question_content(moments=()), retention_days=99)
    draft = revise_question(question, content=changed)
    does = at_desk("officer").get(preview(draft)).context["does"]
    assert [(each.what, each.now) for each in does.changes] == [("days it is kept", "99")]


# ── Who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_draft_leads_here_and_a_look_writes_nothing(at_desk: AtDesk, linden: Brand) -> None:
    editor, draft = at_desk("editor"), reworded(linden)
    before = written()
    assert preview(draft) in editor.get(f"{DESK}catalogue/purposeversion/{draft.pk}/change/").content.decode()
    assert editor.get(preview(draft)).status_code == editor.get(preview(draft, "as-read/")).status_code == 200
    assert editor.post(preview(draft)).status_code == editor.post(preview(draft, "as-read/")).status_code == 405
    assert written() == before


def test_a_draft_of_another_brand_is_not_there(at_desk: AtDesk, kingfisher: Brand) -> None:
    theirs = revise(kingfisher.purposes.order_by("order")[0])
    editor = at_desk("editor")
    assert editor.get(preview(theirs)).status_code == editor.get(preview(theirs, "as-read/")).status_code == 404


# ── Policies ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_of_the_policy_is_read_as_its_page_will_be(at_desk: AtDesk, linden: Brand) -> None:
    load_policy(linden, PACK, by="system:test")
    policy = linden.policies.get(key="privacy")
    assert policy.newest is not None
    old = PolicyContent.of(policy.newest)
    clauses = (replace(old.texts["en"].clauses[0], heading="Who weaves it", body="A **weaver**."), *old.texts["en"].clauses[1:])
    draft = revise_policy(policy, content=replace(old, texts={**old.texts, "en": replace(old.texts["en"], clauses=clauses)}))
    editor, page = at_desk("editor"), f"{DESK}preview/policy/{draft.pk}/as-read/"
    text = unescape(editor.get(page).content.decode())
    assert "Who weaves it" in text
    assert "<strong>weaver</strong>" in text
    polish = unescape(editor.get(page, {"language": "pl"}).content.decode())
    assert old.texts["pl"].title in polish
    assert "Who weaves it" not in unescape(editor.get("/policy/").content.decode())
    assert f"{page}?language=pl" in editor.get(f"{DESK}catalogue/policyversion/{draft.pk}/change/").content.decode()


# ── A look ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def look(brand: Brand, **more: str) -> dict[str, str]:
    values = Theme.objects.get(brand=brand).values()
    return {name: str(value) for name, value in values.items()} | more


def test_a_look_is_seen_before_it_is_saved(at_desk: AtDesk, linden: Brand) -> None:
    editor, before = at_desk("editor"), written()
    page = editor.post(THEME, look(linden, accent="#5a1f55"))
    text = unescape(page.content.decode())
    assert page.status_code == 200
    assert "form-action 'none'" in page["Content-Security-Policy"]
    assert '<fieldset class="preview" disabled>' in text
    (sheet,) = re.findall(r'href="(/desk/preview/theme\.css\?[^"]+)"', text)
    css = editor.get(sheet)
    assert css["Content-Type"].startswith("text/css")
    assert "--brand: #5a1f55;" in css.content.decode() or "#5a1f55" in css.content.decode()
    assert Theme.objects.get(brand=linden).accent != "#5a1f55"
    assert "#5a1f55" not in editor.get(dress(linden).css_url).content.decode()
    assert written() == before
    assert THEME in editor.get(f"{DESK}brands/theme/{linden.theme.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("token", "value", "why"),
    [("ink", "#999999", "7"), ("radius", "4px; } body { display: none", "length"), ("font_text", "url(https://evil.example)", "font")],
)
def test_a_look_that_cannot_be_read_is_not_shown(at_desk: AtDesk, linden: Brand, token: str, value: str, why: str) -> None:
    editor = at_desk("editor")
    refused = editor.post(THEME, look(linden, **{token: value}))
    assert refused.status_code == 422
    assert why in refused.content.decode()
    assert editor.get(f"{DESK}preview/theme.css", look(linden, **{token: value})).status_code == 404
    assert editor.get(f"{DESK}preview/theme.css").status_code == 404


@pytest.mark.parametrize("role", ["agent", "officer", "auditor"])
def test_who_does_not_dress_the_brand_sees_no_other_look(at_desk: AtDesk, linden: Brand, role: str) -> None:
    browser = at_desk(role)
    assert browser.post(THEME, look(linden)).status_code == 403
    assert browser.get(f"{DESK}preview/theme.css", look(linden)).status_code == 403
