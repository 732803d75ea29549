from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue import actions
from catalogue.models import Policy, PolicyVersion
from catalogue.policy_content import ClauseContent, PolicyContent
from catalogue.problems import Refused
from catalogue.tests.saying_policies import EN, POLICY, publish_policy, saying
from ledger.models import Entry

SHORTER = saying(kept={"body": "We keep orders for a month."})


def codes(act, *args, **kwargs):
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return refused.value.codes


def test_a_draft_is_written_and_leaves_no_trace(brand):
    before = Entry.objects.count()
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    assert (draft.number, PolicyContent.of(draft), Entry.objects.count()) == (None, POLICY, before)


def test_a_draft_may_be_empty(brand):
    assert PolicyContent.of(actions.draft_policy(brand, key="privacy", content=PolicyContent())) == PolicyContent()


def test_a_policy_of_that_key_is_revised_not_drafted(brand):
    actions.draft_policy(brand, key="privacy", content=POLICY)
    assert codes(actions.draft_policy, brand, key="privacy", content=POLICY) == {"key_taken"}
    assert Policy.objects.count() == 1


def test_revising_begins_with_what_is_published(brand):
    version = publish_policy(brand)
    draft = actions.revise_policy(version.policy)
    assert PolicyContent.of(draft) == POLICY
    assert actions.revise_policy(version.policy) == draft


def test_what_one_version_gave_up_is_not_given_up_again(brand):
    publish_policy(brand)
    version = publish_policy(brand, replace(saying(kept=None), removed=("kept",)))
    assert PolicyContent.of(actions.revise_policy(version.policy)).removed == ()


def test_revising_fills_the_draft_on_the_desk(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    revised = actions.revise_policy(draft.policy, content=SHORTER)
    assert (revised.pk, PolicyContent.of(revised)) == (draft.pk, SHORTER)


def test_there_is_nothing_to_revise_without_a_text(brand):
    assert codes(actions.revise_policy, Policy.objects.create(brand=brand, key="cookies")) == {"never_published"}


def clause(anchor, parent=""):
    return replace(POLICY, texts={"en": replace(EN, clauses=(*EN.clauses, ClauseContent(anchor, "More", "More.", parent)))})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (clause("Not an anchor"), "anchor_unclear"),
        (clause("a" * 61), "anchor_unclear"),
        (clause("main"), "anchor_taken"),
        (clause("policy-versions"), "anchor_taken"),
        (clause("kept"), "anchor_twice"),
        (clause("more", "more"), "tree_broken"),
    ],
)
def test_what_no_anchor_can_be_is_not_even_a_draft(brand, content, code):
    assert codes(actions.draft_policy, brand, key="privacy", content=content) == {code}
    assert not Policy.objects.exists()


def test_a_draft_is_thrown_away_with_its_policy(brand):
    actions.discard_policy(actions.draft_policy(brand, key="privacy", content=POLICY))
    assert not Policy.objects.exists()


def test_a_policy_that_was_published_outlives_its_draft(brand):
    version = publish_policy(brand)
    actions.discard_policy(actions.revise_policy(version.policy))
    assert list(PolicyVersion.objects.all()) == [version]
