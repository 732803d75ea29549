from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from brands import tokens
from brands.models import Theme

ESCAPES = [
    "#1f5547; } body { display: none", "dark red", "#FFF", "#1F5547", "#1f5547\n", "var(--ink)", "expression(1)", "", "#1f554",
    "url(//evil)",
    "linear-gradient(url(x) 0 4px)", "linear-gradient(#1f5547 0 4px), url(x)", "linear-gradient(var(--ink) 0 4px)",
    "linear-gradient(#1f5547 0 4px", "conic-gradient(#1f5547, #ffffff)", "linear-gradient(calc(1px) 0 4px)", "4px;", "4vw", "-4px",
    "4px 4px",
    '"Font', "Font\\", "'Font'", "Font; x", 'A, B} *{', "/* */", "Font,Font", '"a}b"', "100000px", "2em", "0.1em;",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name in tokens.FORMS if name != "display_weight"])
@pytest.mark.parametrize("value", ESCAPES)
def test_it_refuses_what_could_escape(name: str, value: str):
    with pytest.raises(ValidationError):
        tokens.FORMS[name](value)


@pytest.mark.parametrize("value", [0, 299, 801, 100000])
def test_it_refuses_a_weight_no_font_has(value: int):
    with pytest.raises(ValidationError):
        tokens.weight(value)


@given(name=st.sampled_from([name for name in tokens.FORMS if name != "display_weight"]), value=st.text(max_size=80))
def test_whatever_passes_stays_in_its_declaration(name: str, value: str):
    try:
        tokens.FORMS[name](value)
    except ValidationError:
        return
    assert not re.search(r"[;{}<>\\@/*\n]|url|expression", value)
    assert value.count('"') % 2 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("band", "repeating-linear-gradient(90deg, #005f8f 0 34px, transparent 34px 38px)"),
        ("band", "linear-gradient(var(--brand) 0 4px)"),
        ("font_text", '"Avenir Next", Avenir, -apple-system, sans-serif'),
        ("radius", "0"),
        ("radius", "0.25rem"),
        ("display_spacing", "-0.025em"),
        ("band_size", "21px"),
    ],
)
def test_it_takes_what_a_brand_needs(name: str, value: str):
    tokens.FORMS[name](value)


def test_the_stylesheet_sets_every_token_once_in_its_layer():
    css = tokens.stylesheet(Theme().values())
    assert css.startswith("@layer brand {\n  :root {\n")
    assert css.count("{") == css.count("}") == 2
    assert [line.split(":")[0].strip() for line in css.splitlines()[2:-2]] == [tokens.variable(name) for name in tokens.FORMS]


def test_the_stylesheet_is_not_made_of_a_row_written_past_the_forms():
    with pytest.raises(ValidationError):
        tokens.stylesheet(Theme().values() | {"radius": "4px} body{display:none"})


def test_the_variables_are_those_of_the_stylesheet_of_all_brands():
    from brands.tests.test_contrast import TOKENS

    css = TOKENS.read_text(encoding="utf-8").split("/* ── Scale")[0]
    assert {tokens.variable(name) for name in tokens.FORMS} == set(re.findall(r"(--[a-z-]+):", css))


def test_a_mail_shows_the_band_as_stripes():
    woven = "linear-gradient(var(--brand) 0 6px, transparent 6px 8px, #b5523a 8px 10px)"
    assert tokens.stripes(woven, "#1f5547", "10px") == [("#1f5547", 6), ("", 2), ("#b5523a", 2)]
    rope = "repeating-linear-gradient(90deg, #005f8f 0 34px, transparent 34px 38px, #f2811d 38px 72px)"
    assert tokens.stripes(rope, "#005f8f", "10px") == [("#005f8f", 5), ("#f2811d", 5)]
    assert tokens.stripes("linear-gradient(var(--brand) 0 4px)", "#24505c", "4px") == [("#24505c", 4)]
    assert tokens.stripes("linear-gradient(#24505c, #24505c)", "#24505c", "4px") == [("#24505c", 4)]
    assert tokens.stripes("linear-gradient(transparent, transparent)", "#24505c", "4px") == []
