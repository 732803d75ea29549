"""What the desk proposes to tell people, read from what differs between two versions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalogue import actions, change_validation, pack, policy_pack
from catalogue.models.vocabulary import KEY
from catalogue.policy_content import ChangeContent, ClauseContent, PolicyContent, PolicyWords
from catalogue.policy_validation import problems, unwritable
from catalogue.proposals import for_draft, propose, untold
from catalogue.tests.conftest import NEWS, OLA, bare_brand, publish, said
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling, without

NAMES = ("Listova", "Pisarz")


def with_clauses(*clauses, content=POLICY):
    """The same new clauses in both languages, at the end."""
    texts = {language: replace(words, clauses=(*words.clauses, *clauses)) for language, words in content.texts.items()}
    return replace(content, texts=texts)


def one(content, newest=POLICY, purposes=(), recipients=NAMES):
    (proposal,) = propose(content, newest, purposes, recipients)
    return proposal


def kept(before, after):
    """The clause "kept" said otherwise, in both languages."""
    return saying(kept={"body": after}), saying(kept={"body": before})


def a_use(key="photos", basis="consent", **titles):
    titles = titles or {"en": "Photos of your room", "pl": "Zdjęcia pokoju"}
    texts = {language: SimpleNamespace(title=title) for language, title in titles.items()}
    return SimpleNamespace(key=key, basis=basis, texts=texts, for_language=lambda language: texts[language])


def test_nothing_that_differs_is_nothing_to_propose():
    assert propose(POLICY, POLICY, ()) == ()


def test_a_reworded_clause_is_one_proposal_with_its_heading_and_waits_for_words():
    proposal = one(saying(who={"body": "Whatever we were told is thrown into the sea on Fridays, by our captain."}))
    assert proposal == ChangeContent(
        key="who", kind="wording", materiality="material", titles={"en": "Who we are", "pl": "Kim jesteśmy"},
        for_you={"en": "", "pl": ""}, anchors=("who",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("We keep it.", "We keep it. Listova sends it.", "recipient"),
        ("Pisarz writes.", "Listova writes.", "recipient"),
        ("We keep it 30 days.", "We keep it 14 days.", "retention"),
        ("Trzymamy to 3 lata.", "Trzymamy to 24 miesiące.", "retention"),
        ("It stays here.", "It goes to Japan.", "transfer"),
        ("It stays here.", "It goes outside the European Union.", "transfer"),
        ("Zostaje tu.", "Trafia poza Unię Europejską.", "transfer"),
        ("Listova has it.", "Pisarz has it, in Canada.", "transfer"),
        ("It stays here.", "It goes to Germany.", "wording"),
        ("30 parcels in 14 bags.", "14 parcels in 30 bags.", "wording"),
    ],
)
def test_the_kind_is_guessed(before, after, kind):
    assert one(*kept(before, after)).kind == kind


def test_the_clause_about_transfers_is_about_a_transfer_whatever_it_says():
    clause = ClauseContent("transfers", "Abroad", "Nothing goes abroad.")
    reworded = replace(clause, body="Nothing ever goes there.")
    assert one(with_clauses(reworded), with_clauses(clause)).kind == "transfer"


@pytest.mark.parametrize(
    ("before", "after", "favourable"),
    [
        ("We keep it 30 days.", "We keep it 14 days.", True),
        ("We keep it 2 weeks.", "We keep it 14 days. Really.", False),  # the same time is no retention at all
        ("We keep it 1 year.", "We keep it 12 months.", True),  # 360 days
        ("We keep it 14 days.", "We keep it 30 days.", False),
        ("We keep it 30 days, copies 60 days.", "We keep it 14 days, copies 35 days.", True),
        ("We keep it 30 days, copies 60 days.", "We keep it 14 days, copies 90 days.", False),
        ("We keep it 30 days.", "We keep it.", False),
        ("We keep it.", "We keep it 30 days.", False),
    ],
)
def test_less_time_is_in_peoples_favour(before, after, favourable):
    assert one(*kept(before, after)).favourable is favourable


def test_less_time_in_one_language_and_more_in_the_other_is_no_favour():
    was = saying(kept={"body": "30 days."})
    now = saying(saying(was, "en", kept={"body": "14 days."}), "pl", kept={"body": "60 dni."})
    assert (one(now, was).kind, one(now, was).favourable) == ("retention", False)


@pytest.mark.parametrize(
    ("before", "after", "materiality"),
    [
        ("We keep orders.", "We keep orders!", "editorial"),
        ("we keep orders.", "We Keep orders.", "editorial"),
        ("We keep orders in a safe place.", "We keep orders in a locked place.", "editorial"),
        ("We sell your data.", "We never sell your data.", "material"),
        ("We keep nothing.", "We keep orders.", "material"),
        ("Nie sprzedajemy danych.", "Sprzedajemy dane.", "material"),
        ("We keep 3 orders.", "We keep 4 orders.", "material"),
        ("One two three four five.", "Six seven eight nine ten.", "material"),
        ("We keep it 30 days.", "We keep it 14 days.", "material"),
    ],
)
def test_marks_case_and_a_few_words_are_editorial_unless_they_count_or_deny(before, after, materiality):
    assert one(*kept(before, after)).materiality == materiality


def test_a_clause_that_comes_or_goes_is_never_editorial():
    assert one(with_clauses(ClauseContent("more", "More", "More."))).materiality == "material"
    assert one(without(POLICY, "kept"), POLICY).materiality == "material"


def test_new_clauses_below_a_new_one_are_told_with_it():
    machines = ClauseContent("machines", "Machines", "None.")
    below = ClauseContent("models", "Models", "None.", parent="machines")
    deeper = ClauseContent("training", "Training", "None.", parent="models")
    proposal = one(with_clauses(machines, below, deeper))
    assert (proposal.key, proposal.anchors, proposal.titles["en"]) == ("machines", ("machines", "models", "training"), "Machines")


def test_a_new_clause_below_an_old_one_is_told_alone():
    new = with_clauses(ClauseContent("copies", "Copies", "Some.", parent="kept"), content=saying(kept={"body": "Something else entirely."}))
    assert [proposal.anchors for proposal in propose(new, POLICY, ())] == [("kept",), ("copies",)]


def test_clauses_that_go_together_are_told_together():
    assert one(without(without(POLICY, "officer"), "who"), POLICY).anchors == ("who", "officer")


def test_a_circle_of_new_clauses_ends():
    circle = [ClauseContent("a", "A", "A.", parent="b"), ClauseContent("b", "B", "B.", parent="a")]
    found = propose(with_clauses(*circle), POLICY, ())
    assert sorted(anchor for proposal in found for anchor in proposal.anchors) == ["a", "b"]


def test_a_coming_use_needs_consent_and_takes_the_clauses_that_name_it():
    clauses = [ClauseContent("photos", "Photos", "If you allow it."), ClauseContent("table", "Uses", "Photos of your room")]
    proposal = one(with_clauses(*clauses), purposes=[a_use()])
    assert (proposal.kind, proposal.materiality, proposal.purposes) == ("purpose", "needs_consent", ("photos",))
    assert proposal.anchors == ("photos", "table")
    assert proposal.titles == {"en": "Photos of your room", "pl": "Zdjęcia pokoju"}


def test_a_coming_use_that_no_clause_names_is_proposed_all_the_same():
    assert one(POLICY, purposes=[a_use()]).anchors == ()


def test_a_coming_use_that_stands_on_no_consent_asks_for_none():
    assert one(POLICY, purposes=[a_use(basis="contract")]).materiality == "material"


def test_a_use_that_a_clause_named_before_does_not_take_it():
    was = saying(kept={"body": "Photos of your room: none."})
    found = propose(saying(kept={"body": "Photos of your room: some, and they are kept."}), was, [a_use()])
    assert [(proposal.key, proposal.anchors) for proposal in found] == [("photos", ()), ("kept", ("kept",))]


def test_what_a_change_tells_of_already_is_left_out():
    content = saying(kept={"body": "Something else entirely."}, who={"body": "We are a club of swimmers now."})
    told = telling(content, POLICY, anchors=("who",), purposes=("photos",))
    assert [proposal.anchors for proposal in propose(told, POLICY, [a_use()])] == [("kept",)]
    assert propose(telling(content, POLICY), POLICY, ()) == ()


def test_a_new_summary_alone_is_one_proposal():
    texts = {language: replace(words, summary="Otherwise.") for language, words in POLICY.texts.items()}
    proposal = one(replace(POLICY, texts=texts))
    assert (proposal.key, proposal.anchors, proposal.titles["pl"]) == ("summary", (), "Polityka prywatności")
    assert propose(telling(replace(POLICY, texts=texts), POLICY), POLICY, ()) == ()


def test_each_has_a_key_of_its_own_that_is_short_enough():
    long = "a" * 50
    new = [ClauseContent(long, "A", "A."), ClauseContent(f"{long}b", "B", "B."), ClauseContent("photos-of-a-cat", "Cat", "Cat.")]
    content = telling(with_clauses(*new), POLICY, key="photos-of-a-cat", anchors=())
    found = propose(content, POLICY, ())
    assert [proposal.key for proposal in found] == ["a" * KEY, "a" * (KEY - 2) + "-2", "photos-of-a-cat-2"]
    assert list(change_validation.unwritable(replace(content, changes=(*content.changes, *found)))) == []


ANCHORS = ["one", "two", "three", "four", "five"]
BODIES = ["", "We keep it 30 days.", "We keep it 14 days.", "Listova sends it.", "It goes to Japan.", "Photos of your room.", "No."]


@st.composite
def contents(draw):
    texts = {}
    for language in draw(st.lists(st.sampled_from(["en", "pl"]), unique=True)):
        clauses = [
            ClauseContent(anchor, draw(st.sampled_from(["A", "B"])), draw(st.sampled_from(BODIES)), draw(st.sampled_from(["", *ANCHORS])))
            for anchor in draw(st.lists(st.sampled_from(ANCHORS), unique=True))
        ]
        texts[language] = PolicyWords("Policy", "What we do.", tuple(clauses))
    return PolicyContent(texts)


USE = {language: "Photos of your room" for language in ("en", "pl")}


@given(contents(), contents(), st.sampled_from([(), (a_use(**USE),), (a_use("one", **USE), a_use("two", **USE))]))
def test_every_clause_that_differs_is_in_exactly_one_proposal(content, newest, purposes):
    found = propose(content, newest, purposes, NAMES)
    assert Counter(anchor for proposal in found for anchor in proposal.anchors) == Counter(content.differing(newest))
    assert [key for proposal in found for key in proposal.purposes] == [purpose.key for purpose in purposes]
    assert len({proposal.key for proposal in found}) == len(found)
    assert list(unwritable(replace(content, changes=found))) == [] or any(
        clause.parent == clause.anchor for words in content.texts.values() for clause in words.clauses
    )


SHOP_WORDS = {
    ("room-photos", "purpose", "needs_consent", ("room-photos", "uses")),
    ("server-records", "retention", "material", ("server-records",)),
    ("backups", "retention", "material", ("backups",)),
    ("order-forms", "wording", "material", ("order-forms",)),
    ("processors", "recipient", "material", ("processors",)),
    ("security", "wording", "material", ("security",)),
    ("machines", "wording", "material", ("machines",)),
    ("language-models", "wording", "material", ("language-models",)),
}


def test_of_the_shops_second_version_it_proposes_what_its_pack_says(the_law):
    brand = bare_brand("linden")
    actions.load_pack(brand, pack.FOLDER / "shop.yaml", by=OLA)
    versions = policy_pack.read(pack.FOLDER / "policy-shop.yaml", brand).versions
    policy = publish_policy(brand, versions[0].content).policy
    bare = replace(versions[1].content, changes=())
    found = for_draft(policy, bare)
    assert {(each.key, each.kind, each.materiality, tuple(sorted(each.anchors))) for each in found} == SHOP_WORDS
    assert {each.key for each in found if each.favourable} == {"server-records", "backups"}
    written = [replace(each, for_you={"en": "Nothing to do.", "pl": "Nic nie trzeba robić."}) for each in found]
    assert problems(brand, replace(bare, changes=tuple(written)), versions[0].content) == []


def test_before_the_first_version_there_is_nothing_to_tell(brand):
    draft = actions.draft_policy(brand, key="privacy", content=POLICY)
    assert for_draft(draft.policy, POLICY) == ()


def test_a_use_is_untold_until_a_published_version_tells_of_it(brand):
    start = timezone.now() + timedelta(days=40)
    publish(brand)
    coming = publish(brand, said(NEWS, title="More news"), key="more", in_force_from=start)
    ended = publish(brand, said(NEWS, title="Old news"), key="old", in_force_from=start)
    actions.retire(ended.purpose, by=OLA)
    brand.refresh_from_db()
    assert [each.key for each in untold(brand)] == [coming.purpose.key]
    publish_policy(brand)
    content = telling(saying(kept={"body": "More news."}), POLICY, kind="purpose", materiality="needs_consent", purposes=("more",))
    draft = actions.revise_policy(brand.policies.get(), content=content)
    assert [each.key for each in untold(brand)] == ["more"]
    actions.publish_policy(draft, by=OLA, in_force_from=start)
    assert untold(brand) == ()
