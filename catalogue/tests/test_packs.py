from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
import yaml
from django.utils import timezone

from catalogue import actions, pack
from catalogue.actions.acts import first_midnight
from catalogue.copy import lint
from catalogue.models import DataCategory, PurposeVersion, Recipient, Safeguard, Source
from catalogue.models.purposes import AGE_GROUPS, FACTS
from catalogue.problems import Refused
from catalogue.published import published
from catalogue.tests.conftest import OLA, bare_brand
from catalogue.tests.standing import in_force
from ledger.models import Entry

BY = "system:tests"
SHOP, CLUB = pack.FOLDER / "shop.yaml", pack.FOLDER / "club.yaml"


@pytest.fixture
def brand(the_law):
    return bare_brand("linden")


both = pytest.mark.parametrize("path", [SHOP, CLUB], ids=["shop", "club"])


@both
def test_it_loads_whole(brand, path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    done = actions.load_pack(brand, path, by=BY)
    assert [version.purpose.key for version in done] == [each["key"] for each in raw["purposes"]]
    assert {version.number for version in done} == {1}
    assert Entry.objects.filter(kind="purpose.published").count() == len(done)


@both
def test_twice_is_once(brand, path):
    actions.load_pack(brand, path, by=BY)
    brand.refresh_from_db()
    epoch = brand.config_epoch
    assert actions.load_pack(brand, path, by=BY) == []
    brand.refresh_from_db()
    assert brand.config_epoch == epoch


@both
def test_polish_is_complete_and_is_not_english(brand, path):
    actions.load_pack(brand, path, by=BY)
    for each in published(brand).values():
        english, polish = each.texts["en"], each.texts["pl"]
        assert english.title != polish.title
        assert english.sentence != polish.sentence
        for fact in FACTS:
            assert getattr(polish, fact) not in ("", getattr(english, fact)), (each.key, fact)
        assert polish.channel_hints.keys() == english.channel_hints.keys()


@both
def test_every_word_reads_well_in_both_languages(brand, path):
    actions.load_pack(brand, path, by=BY)
    names = [row.names for model in (DataCategory, Source, Safeguard) for row in model.objects.filter(brand=brand)]
    names += [row.what_for for row in Recipient.objects.filter(brand=brand)]
    for words in names:
        for language in ("en", "pl"):
            assert words[language]
            assert lint(words[language], language) == []


@both
def test_nothing_straight_is_typed_where_a_typographic_mark_belongs(path):
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    assert "'" not in text


def test_the_shop_asks_seven_things_and_tells_three(brand):
    actions.load_pack(brand, SHOP, by=BY)
    view = in_force(brand)
    assert list(view) == ["recs", "news", "ads", "makers", "insight", "delivery", "invoices", "fraud"]
    asked = [each for each in view.values() if each.basis == "consent"]
    assert sum(len(each.channels) or 1 for each in asked) == 7
    assert {each.key: each.basis for each in view.values() if each.basis != "consent"} == {
        "delivery": "contract",
        "invoices": "legal_duty",
        "fraud": "legitimate_interest",
    }
    assert [each.key for each in view.values() if each.shared] == ["ads", "makers"]
    assert not any(each.sold for each in view.values())


def test_the_shop_names_who_gets_data_in_its_first_sentence(brand):
    actions.load_pack(brand, SHOP, by=BY)
    view = published(brand)
    assert view["makers"].third_parties == ("Atelier Halm", "Len Nadrzeczny", "Tkalnia Brzozowa")
    assert all(name in view["ads"].for_language("pl").sentence for name in ("Adfield", "Lumera"))


def test_the_club_asks_nine_things_and_tells_three(brand):
    actions.load_pack(brand, CLUB, by=BY)
    view = in_force(brand)
    assert {each.key: each.basis for each in view.values()} == {
        "cancel": "consent", "letter": "consent", "sponsors": "consent", "groups": "contract", "emergency": "legal_duty",
        "plans": "legitimate_interest", "health": "consent", "results": "consent", "photos": "consent", "videos": "consent",
        "album": "consent", "selection": "consent",
    }  # fmt: skip
    assert view["sponsors"].third_parties == ("Aqua Lane", "Bank Przystań")


def test_the_club_asks_parents_of_six_uses_that_concern_the_child(brand):
    brand.has_minors = True
    brand.save()
    actions.load_pack(brand, CLUB, by=BY)
    view = published(brand)
    assert [key for key, each in view.items() if each.audience == "children"] == [
        "health", "results", "photos", "videos", "album", "selection",
    ]  # fmt: skip
    assert {each.audience for each in view.values()} == {"adults", "children"}
    assert {key: each.pictogram for key, each in view.items() if each.pictogram} == {
        "health": "hand", "results": "watch", "photos": "camera", "videos": "film", "album": "camera", "selection": "watch",
    }  # fmt: skip
    assert view["selection"].third_parties == ("Okręg Pływacki Warta",)
    assert view["health"].explicit
    assert actions.load_pack(brand, CLUB, by=BY) == []


def test_a_child_of_the_club_reads_in_its_own_words(brand):
    actions.load_pack(brand, CLUB, by=BY)
    for each in published(brand).values():
        if each.audience == "children":
            words = [each.texts[language].child_words(group) for language in ("en", "pl") for group in AGE_GROUPS]
            assert len({sentence for _title, sentence in words}) == 4
            assert (each.texts["en"].title, each.texts["en"].sentence) not in words


def test_words_for_children_speak_the_name_of_the_brand(brand, tmp_path):
    path = changed(tmp_path, "title: Camp photos", "title: Camp photos of {brand}")
    actions.load_pack(brand, path, by=BY)
    assert published(brand)["album"].for_language("en").child_words("older")[0] == "Camp photos of Linden & Loom"


@pytest.mark.parametrize(("path", "key"), [(SHOP, "room-photos"), (CLUB, "stroke-video")], ids=["shop", "club"])
def test_one_use_begins_at_a_midnight_more_than_thirty_days_ahead(brand, path, key):
    actions.load_pack(brand, path, by=BY)
    assert in_force(brand, 33).keys() - in_force(brand).keys() == {key}
    start = published(brand)[key].in_force_from
    assert timezone.localtime(start).time() == time.min
    assert timedelta(days=31) <= start - timezone.now() <= timedelta(days=32, hours=1)


def test_it_speaks_the_name_of_the_brand(brand):
    actions.load_pack(brand, SHOP, by=BY)
    assert published(brand)["recs"].for_language("pl").recipients == "Nikt poza Linden & Loom"


def changed(tmp_path, old, new, of=CLUB):
    path = tmp_path / "pack.yaml"
    text = of.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_what_was_narrowed_becomes_a_new_version_and_the_rest_stays(brand, tmp_path):
    actions.load_pack(brand, CLUB, by=BY)
    done = actions.load_pack(brand, changed(tmp_path, "training, days: 730", "training, days: 365"), by=BY)
    assert [(version.purpose.key, version.number) for version in done] == [("plans", 2)]


def test_what_grew_is_refused_and_named(brand, tmp_path):
    actions.load_pack(brand, CLUB, by=BY)
    with pytest.raises(Refused) as refused:
        actions.load_pack(brand, changed(tmp_path, "training, days: 730", "training, days: 1000"), by=BY)
    assert refused.value.codes == {"grew_retention"}
    assert all(problem.message.startswith("plans: ") for problem in refused.value.problems)
    assert PurposeVersion.objects.filter(purpose__brand=brand, purpose__key="plans", number=2).count() == 0


def test_a_missing_fact_is_refused_and_named_and_nothing_is_published(brand, tmp_path):
    with pytest.raises(Refused) as refused:
        actions.load_pack(brand, changed(tmp_path, "if_no: Nothing else changes", 'if_no: ""'), by=BY)
    (problem,) = refused.value.problems
    assert (problem.language, problem.field) == ("en", "if_no")
    assert problem.message.startswith("letter: ")
    assert not PurposeVersion.objects.published().filter(purpose__brand=brand).exists()
    assert not Entry.objects.filter(kind="purpose.published", subject=brand.subject).exists()


def test_new_prose_waits_for_an_officer(brand, tmp_path):
    actions.load_pack(brand, CLUB, by=BY)
    reworded = changed(tmp_path, "Nothing else changes", "Nothing else is different")
    with pytest.raises(Refused) as refused:
        actions.load_pack(brand, reworded, by=BY)
    assert refused.value.codes == {"prose_changed"}
    done = actions.load_pack(brand, reworded, by=OLA, says_the_same=True)
    assert [(version.purpose.key, version.number) for version in done] == [("letter", 2)]


def test_a_retired_purpose_does_not_come_back(brand):
    actions.load_pack(brand, CLUB, by=BY)
    actions.retire(brand.purposes.get(key="letter"), by=OLA)
    assert actions.load_pack(brand, CLUB, by=BY) == []


def test_a_brand_of_one_language_takes_its_own(brand):
    brand.languages, brand.default_language = ["pl"], "pl"
    brand.save()
    actions.load_pack(brand, CLUB, by=BY)
    assert {tuple(each.texts) for each in published(brand).values()} == {("pl",)}


def test_a_child_purpose_names_its_parent(brand, tmp_path):
    path = changed(tmp_path, "  - key: plans\n", "  - key: plans\n    parent: groups\n")
    actions.load_pack(brand, path, by=BY)
    assert published(brand)["plans"].parent == "groups"


def test_what_cannot_even_become_a_draft_is_named_and_nothing_is_published(brand, tmp_path):
    with pytest.raises(Refused) as refused:
        actions.load_pack(brand, changed(tmp_path, "from: club, to: textowo", "from: nowhere, to: textowo"), by=BY)
    assert [(problem.code, problem.message) for problem in refused.value.problems] == [
        ("word_unknown", "cancel: The catalogue has no “nowhere”.")
    ]
    assert not PurposeVersion.objects.published().filter(purpose__brand=brand).exists()


@pytest.mark.parametrize("moment", ["2026-11-28 12:00", "2027-02-27 23:59", "2026-09-25 00:00", "2026-09-24 00:30", "2027-12-31 23:30"])
def test_the_midnight_is_whole_days_ahead_whatever_the_hour_and_the_clocks_do(moment):
    """Clocks go forward on 28 March 2027 and back on 25 October 2026."""
    now = timezone.make_aware(datetime.fromisoformat(moment))
    with time_machine.travel(now, tick=False):
        start = first_midnight(31)
    assert timezone.localtime(start).time() == time.min
    assert timedelta(days=31) <= start - now <= timedelta(days=32, hours=1)
