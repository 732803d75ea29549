"""What the columns of other tools' exports mean, preset by preset."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from propagation.importing.mapping import CHANNELS, VERBS
from propagation.importing.presets import NoPreset, Preset, preset, presets

EVERY = presets()


@pytest.fixture(params=EVERY)
def one(request: pytest.FixtureRequest) -> Preset:
    return preset(request.param)


def test_the_tools_there_are() -> None:
    assert {"plain", "mailchimp", "klaviyo", "hubspot", "brevo", "shopify", "salesforce_marketing_cloud"} <= set(EVERY)


@pytest.mark.parametrize("key", ["", "nothing", "../presets/plain", "plain.yaml", "PLAIN"])
def test_there_is_no_other(key: str) -> None:
    with pytest.raises(NoPreset):
        preset(key)


def test_it_is_named_in_both_languages(one: Preset) -> None:
    assert one.titles.keys() == {"en", "pl"}
    assert one.format in {"csv", "ndjson", "any"}
    assert len(one.delimiter) == 1


def test_somebody_is_named(one: Preset) -> None:
    assert one.person.keys() == {"id", "email", "phone"}
    assert any(one.person.values())


def test_no_word_is_both_yes_and_no(one: Preset) -> None:
    for said in one.decisions:
        words = [*said.yes, *said.no, *said.open]
        assert len(set(words)) == len(words)
        assert [word.casefold() for word in words] == words
        assert bool(said.column) != bool(one.file_says)
        assert one.file_says or said.yes or said.no
    assert set(one.file_says.values()) <= set(VERBS)


def test_an_empty_cell_is_never_a_yes(one: Preset) -> None:
    assert all("" not in said.yes for said in one.decisions)


def test_channels_zones_and_words_of_yaml_are_what_they_look_like(one: Preset) -> None:
    for said in one.decisions:
        assert said.channel in CHANNELS
        assert said.time_zone is None or ZoneInfo(said.time_zone).key == said.time_zone
        columns = (said.column, *said.time, *said.no_time, *said.source, *said.wording, *said.language)
        assert all(isinstance(each, str) for each in columns)


def test_only_our_own_form_names_purposes(one: Preset) -> None:
    assert one.names_purposes == (one.key == "plain")
