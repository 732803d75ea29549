from __future__ import annotations

import re

import pytest
import yaml
from django.utils import timezone

from catalogue import actions, pack, policies
from catalogue.models import PolicyVersion
from catalogue.policy_content import PolicyContent
from catalogue.problems import Refused
from catalogue.published import published
from catalogue.tests.conftest import bare_brand
from catalogue.tests.saying_policies import POLICY, publish_policy

BY = "system:tests"
SHOP, CLUB = pack.FOLDER / "policy-shop.yaml", pack.FOLDER / "policy-club.yaml"
PURPOSES = {SHOP: pack.FOLDER / "shop.yaml", CLUB: pack.FOLDER / "club.yaml"}
both = pytest.mark.parametrize("path", [SHOP, CLUB], ids=["shop", "club"])


@pytest.fixture
def brand(the_law):
    return bare_brand("linden")


@both
def test_it_loads_two_versions_of_which_one_is_still_to_come(brand, path):
    done = actions.load_policy(brand, path, by=BY)
    assert [version.number for version in done] == [1, 2]
    assert [line.stands(timezone.now()) for line in policies.lines(brand)] == ["future", "now"]


@both
def test_twice_is_once(brand, path):
    actions.load_policy(brand, path, by=BY)
    brand.refresh_from_db()
    epoch = brand.config_epoch
    assert actions.load_policy(brand, path, by=BY) == []
    brand.refresh_from_db()
    assert brand.config_epoch == epoch


@both
def test_what_the_brand_published_itself_stands(brand, path):
    own = publish_policy(brand, POLICY)
    assert actions.load_policy(brand, path, by=BY) == []
    assert list(PolicyVersion.objects.all()) == [own]


def edited(tmp_path, *changes, of=CLUB):
    path, text = tmp_path / "policy.yaml", of.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_version_added_to_the_pack_is_published_alone(brand, tmp_path):
    whole = yaml.safe_load(CLUB.read_text(encoding="utf-8"))
    first = tmp_path / "first.yaml"
    first.write_text(yaml.safe_dump(whole | {"versions": whole["versions"][:1]}, allow_unicode=True), encoding="utf-8")
    actions.load_policy(brand, first, by=BY)
    assert [version.number for version in actions.load_policy(brand, CLUB, by=BY)] == [2]


def test_a_fault_in_its_second_version_keeps_the_first_from_being_published(brand, tmp_path):
    with pytest.raises(Refused) as refused:
        actions.load_policy(brand, edited(tmp_path, ("    removed: [paper-forms]\n", "")), by=BY)
    assert [str(problem) for problem in refused.value.problems] == [
        "paper-forms: privacy 2: The clause “paper-forms” is gone: name it as removed, or bring it back."
    ]
    assert not PolicyVersion.objects.exists()


@both
def test_polish_is_complete_and_is_not_english(brand, path):
    for version in actions.load_policy(brand, path, by=BY):
        texts = PolicyContent.of(version).texts
        for english, polish in zip(texts["en"].clauses, texts["pl"].clauses, strict=True):
            assert english.heading != polish.heading
            assert english.body != polish.body


@both
def test_it_is_a_text_that_people_finish(brand, path):
    for version in actions.load_policy(brand, path, by=BY):
        for words in PolicyContent.of(version).texts.values():
            assert 750 <= sum(len(clause.body.split()) for clause in words.clauses) <= 1200


@both
def test_it_names_everybody_who_receives_data_and_has_a_line_for_every_use(brand, path):
    actions.load_pack(brand, PURPOSES[path], by=BY)
    purposes = published(brand).values()
    receive = {use.recipient_name for purpose in purposes for use in purpose.uses}
    for version in actions.load_policy(brand, path, by=BY):
        for words in PolicyContent.of(version).texts.values():
            said = "\n".join(clause.body for clause in words.clauses)
            assert [name for name in receive if name not in said] == []
            (uses,) = (clause.body for clause in words.clauses if clause.anchor == "uses")
            assert sum(line.startswith("|") for line in uses.splitlines()) - 2 == len(purposes)


@both
def test_nothing_is_left_to_fill_in(brand, path):
    for version in actions.load_policy(brand, path, by=BY):
        assert re.findall(r"\{[a-z_]+\}", "".join(row.body + row.heading for row in version.clauses.all())) == []


@both
def test_nothing_straight_is_typed_where_a_typographic_mark_belongs(path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert "'" not in str([text["clauses"] for version in raw["versions"] for text in version["texts"].values()]).replace("', '", "")[2:-2]


def test_a_brand_of_one_language_takes_its_own(brand):
    brand.languages, brand.default_language = ["pl"], "pl"
    brand.save()
    assert {tuple(PolicyContent.of(each).texts) for each in actions.load_policy(brand, CLUB, by=BY)} == {("pl",)}


def test_a_pack_with_a_broken_tree_names_the_place_and_publishes_nothing(brand, tmp_path):
    path = edited(
        tmp_path,
        ("### Those who work for us {#processors}", "Those who work for us"),
        ("### Our sponsors {#sponsors}", "#### Our sponsors {#sponsors}"),
    )
    with pytest.raises(Refused) as refused:
        actions.load_policy(brand, path, by=BY)
    (problem,) = refused.value.problems
    assert (problem.code, problem.language) == ("tree_broken", "en")
    assert problem.field.startswith("line ")
    assert "Our sponsors" in problem.message
    assert not PolicyVersion.objects.exists()
