from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ValidationError

from brands import contrast, tokens
from brands.models import Theme
from brands.tests.conftest import PACKS

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_it_reckons_the_ratio_of_wcag(one: str, other: str, ratio: float):
    assert contrast.ratio(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast.ratio(other, one) == contrast.ratio(one, other)


def test_it_judges_by_the_colours_that_pages_use():
    day, night = TOKENS.read_text(encoding="utf-8").split("prefers-color-scheme: dark")
    for part, fixed in ((day, contrast.DAY), (night, contrast.NIGHT)):
        assert fixed.items() <= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)).items()


def test_it_finds_our_own_look_readable():
    assert not list(contrast.too_faint(Theme().values()))


@pytest.mark.parametrize("pack", ["linden", "kingfisher"])
def test_it_finds_the_demo_brands_readable(pack: str):
    values = Theme().values() | yaml.safe_load((PACKS / f"{pack}.yaml").read_text(encoding="utf-8"))["theme"]
    assert not list(contrast.too_faint(values))


@pytest.mark.parametrize(
    ("token", "colour", "words"),
    [
        ("ink", "#5f6b70", "ink on paper: 5."),
        ("accent", "#7fb0bd", "accent on paper: 2."),
        ("on_accent", "#808080", "on_accent on accent: 2."),
        ("tint_night", "#6b6b6b", "ink on tint at night: 4."),
        ("paper", "#808080", "wait on paper: "),
        ("accent_night", "#1f5547", "accent on paper at night: 2."),
    ],
)
def test_it_names_the_pair_and_its_ratio(token: str, colour: str, words: str):
    with pytest.raises(ValidationError) as refusal:
        contrast.readable(Theme().values() | {token: colour})
    assert any(message.startswith(words) for message in refusal.value.messages), refusal.value.messages


def test_it_judges_every_token_that_is_a_colour():
    judged = {name for pair in contrast.PAIRS for name in pair[:2]}
    assert {name.removesuffix("_night") for name in tokens.COLOURS} <= judged
