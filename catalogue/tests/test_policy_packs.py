from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import pytest
import time_machine
import yaml
from django.utils import timezone

from catalogue import actions, pack, policies, policy_pack
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


def load(brand, path, *, pack=None):
    """The policy after the purposes that it tells of."""
    actions.load_pack(brand, PURPOSES[pack or path], by=BY)
    return actions.load_policy(brand, path, by=BY)


@both
def test_it_loads_two_versions_of_which_one_is_still_to_come(brand, path):
    done = load(brand, path)
    assert [version.number for version in done] == [1, 2]
    assert [line.stands(timezone.now()) for line in policies.lines(brand)] == ["future", "now"]


@both
def test_twice_is_once(brand, path):
    load(brand, path)
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
    load(brand, first, pack=CLUB)
    assert [version.number for version in actions.load_policy(brand, CLUB, by=BY)] == [2]


def test_a_fault_in_its_second_version_keeps_the_first_from_being_published(brand, tmp_path):
    with pytest.raises(Refused) as refused:
        load(brand, edited(tmp_path, ("    removed: [paper-forms]\n", "")), pack=CLUB)
    assert [str(problem) for problem in refused.value.problems] == [
        "paper-forms: privacy 2: The clause “paper-forms” is gone: name it as removed, or bring it back."
    ]
    assert not PolicyVersion.objects.exists()


@both
def test_polish_is_complete_and_is_not_english(brand, path):
    for version in load(brand, path):
        texts = PolicyContent.of(version).texts
        for english, polish in zip(texts["en"].clauses, texts["pl"].clauses, strict=True):
            assert english.heading != polish.heading
            assert english.body != polish.body


@both
def test_it_is_a_text_that_people_finish(brand, path):
    for version in load(brand, path):
        for words in PolicyContent.of(version).texts.values():
            assert 750 <= sum(len(clause.body.split()) for clause in words.clauses) <= 1200


@both
def test_it_names_everybody_who_receives_data_and_has_a_line_for_every_use(brand, path):
    for version in load(brand, path):
        assert version.in_force_from
        purposes = [each for each in published(brand).values() if each.in_force_from <= version.in_force_from]
        receive = {use.recipient_name for purpose in purposes for use in purpose.uses}
        for words in PolicyContent.of(version).texts.values():
            said = "\n".join(clause.body for clause in words.clauses)
            assert [name for name in receive if name not in said] == []
            (uses,) = (clause.body for clause in words.clauses if clause.anchor == "uses")
            assert sum(line.startswith("|") for line in uses.splitlines()) - 2 == len(purposes)


@both
def test_nothing_is_left_to_fill_in(brand, path):
    for version in load(brand, path):
        assert re.findall(r"\{[a-z_]+\}", "".join(row.body + row.heading for row in version.clauses.all())) == []


@both
def test_nothing_straight_is_typed_where_a_typographic_mark_belongs(path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert "'" not in str([text["clauses"] for version in raw["versions"] for text in version["texts"].values()]).replace("', '", "")[2:-2]


def test_a_brand_of_one_language_takes_its_own(brand):
    brand.languages, brand.default_language = ["pl"], "pl"
    brand.save()
    assert {tuple(PolicyContent.of(each).texts) for each in load(brand, CLUB)} == {("pl",)}


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


@both
def test_its_second_version_and_the_use_that_it_brings_begin_at_the_same_midnight(brand, path):
    _first, second = load(brand, path)
    (asked,) = [change for change in PolicyContent.of(second).changes if change.asks]
    assert {published(brand)[key].in_force_from for key in asked.purposes} == {second.in_force_from}


@both
def test_a_midnight_between_its_purposes_and_its_policy_does_no_harm(brand, path):
    before = timezone.make_aware(datetime.combine(timezone.localdate(), time(23, 59, 59)))
    with time_machine.travel(before, tick=False):
        actions.load_pack(brand, PURPOSES[path], by=BY)
    with time_machine.travel(before + timedelta(seconds=2), tick=False):
        _first, second = actions.load_policy(brand, path, by=BY)
    assert second.in_force_from == timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=32), time.min))


@both
def test_loaded_days_after_its_purposes_it_is_refused_and_says_why(brand, path):
    actions.load_pack(brand, PURPOSES[path], by=BY)
    with time_machine.travel(timezone.now() + timedelta(days=5)), pytest.raises(Refused) as refused:
        actions.load_policy(brand, path, by=BY)
    assert refused.value.codes == {"use_before_policy"}
    assert not PolicyVersion.objects.exists()


@both
def test_its_changes_are_told_in_every_language_and_in_the_order_of_the_pack(brand, path):
    _first, second = load(brand, path)
    changes = PolicyContent.of(second).changes
    assert [change.key for change in changes] == [
        each["key"] for each in yaml.safe_load(path.read_text(encoding="utf-8"))["versions"][1]["changes"]
    ]
    assert [change.materiality for change in changes[:3]] == ["needs_consent", "material", "material"]
    for change in changes:
        for words in (change.titles, change.for_you):
            assert set(words) == {"en", "pl"}
            assert words["en"] != words["pl"]


def test_a_change_speaks_the_name_of_the_brand(brand, tmp_path):
    path = edited(tmp_path, ("          en: A second pool", "          en: A second pool of {brand}"))
    _first, second = load(brand, path, pack=CLUB)
    assert second.changes.get(key="second-pool").titles["en"] == "A second pool of Linden & Loom"


def test_without_its_purposes_it_is_refused_and_names_them(brand):
    with pytest.raises(Refused) as refused:
        actions.load_policy(brand, SHOP, by=BY)
    assert {problem.code for problem in refused.value.problems} == {"purpose_unknown"}
    assert not PolicyVersion.objects.exists()


def test_a_brand_of_one_language_is_told_in_it_alone(brand):
    brand.languages, brand.default_language = ["pl"], "pl"
    brand.save()
    for change in PolicyContent.of(load(brand, CLUB)[1]).changes:
        assert (set(change.titles), set(change.for_you)) == ({"pl"}, {"pl"})


def test_everything_that_a_pack_says_of_a_change_is_read(brand, tmp_path):
    whole = "        favourable: true\n        anchors: [waiting-list, backups, paper-forms]\n"
    path = edited(tmp_path, (whole, whole + "        countries: [PL, DE]\n        audience: adults\n        purposes: [groups]\n"))
    actions.load_pack(brand, PURPOSES[CLUB], by=BY)
    (change,) = (each for each in policy_pack.read(path, brand).versions[1].content.changes if each.key == "kept-for-less-time")
    assert (change.kind, change.materiality, change.favourable) == ("retention", "material", True)
    assert (change.anchors, change.purposes) == (("waiting-list", "backups", "paper-forms"), ("groups",))
    assert (change.countries, change.audience) == (("PL", "DE"), "adults")
    assert change.titles["pl"] == "Listę oczekujących usuwamy wcześniej"


def test_a_word_of_a_change_that_there_is_not_is_refused_with_the_version(brand, tmp_path):
    with pytest.raises(Refused) as refused:
        load(brand, edited(tmp_path, ("materiality: needs_consent", "materiality: enormous")), pack=CLUB)
    assert refused.value.codes == {"change_kind_unknown"}
    assert str(refused.value.problems[0]).startswith("stroke-video: privacy 2: ")
    assert not PolicyVersion.objects.exists()
