from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from brands import wording
from brands.actions import reword
from brands.models import Brand


def said(brand: Brand, key: str, language: str = "en") -> str:
    with translation.override(language):
        return Template("{% load brands %}{% wording key %}").render(Context({"brand": brand, "key": key}))


def test_it_is_ours_until_the_brand_speaks(linden: Brand):
    assert said(linden, "history.lede").startswith("Every choice, request and change")
    reword(linden, language="en", key="history.lede", text="Everything, in order.", by="system:tests")
    assert said(linden, "history.lede") == "Everything, in order."


def test_it_is_the_brands_in_the_language_of_the_page_only(linden: Brand):
    reword(linden, language="pl", key="history.lede", text="Wszystko po kolei.", by="system:tests")
    assert said(linden, "history.lede", "pl") == "Wszystko po kolei."
    assert said(linden, "history.lede") != "Wszystko po kolei."


def test_it_names_the_brand_and_escapes_it(linden: Brand):
    assert "Linden &amp; Loom" in said(linden, "sign_in.hint")
    reword(linden, language="en", key="history.lede", text="<b>{brand}</b>", by="system:tests")
    assert said(linden, "history.lede") == "&lt;b&gt;Linden &amp; Loom&lt;/b&gt;"


def test_a_key_we_lack_is_our_mistake(linden: Brand):
    with pytest.raises(TemplateSyntaxError):
        said(linden, "decide.allow")


@pytest.mark.parametrize("key", wording.DEFAULTS)
def test_our_own_words_pass_the_rules(key: str):
    wording.may_be_said(str(wording.DEFAULTS[key]))
    with translation.override("pl"):
        wording.may_be_said(str(wording.DEFAULTS[key]))


def test_the_answers_cannot_be_reworded():
    assert not {"allow", "deny", "Allow", "Don’t allow"} & {word for key in wording.DEFAULTS for word in key.split(".")}
    assert not {"Allow", "Don’t allow"} & {str(text) for text in wording.DEFAULTS.values()}
