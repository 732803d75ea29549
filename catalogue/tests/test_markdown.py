from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.markdown import paragraphs, render

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<svg/onload="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](http://example.com)",
    "![x](https://example.com/pixel.png)",
    "<https://example.com>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](/a "onmouseover=alert(1)")',
    "<iframe src=//example.com></iframe>",
    "<style>*{display:none}</style>",
    "<a href=# style=color:red>x</a>",
    "`<script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ settings.SECRET_KEY }} {% load x %} ${7*7}",
]
TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)([^>]*)>", re.IGNORECASE)
ALLOWED = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "code", "table", "thead", "tbody", "tr", "th", "td"}


def is_harmless(html: str) -> None:
    for tag, attributes in TAG.findall(html):
        assert tag in ALLOWED
        assert re.fullmatch(r'(?: (?:href="(?:https:|mailto:|[^:"]*(?:[/?#][^"]*)?)[^"]*"|start="\d+"))*\s*/?', attributes), attributes


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_comes_out_as_text(text):
    is_harmless(render(text))


@given(st.text(st.sampled_from("<>[]()!`*_&;:/\\\"'#-|\n aejscriptlonhf=")))
def test_whatever_is_typed_it_is_harmless(text):
    is_harmless(render(text))


def test_templates_in_it_stay_letters():
    assert "{{ settings.SECRET_KEY }}" in render(HOSTILE[-1])


def test_it_knows_what_a_policy_needs():
    html = render("We keep *it* **30 days**, [as said](/choices/).\n\n- one\n- two\n\n| Use | Time |\n| --- | --- |\n| News | a year |")
    for piece in ("<em>it</em>", "<strong>30 days</strong>", '<a href="/choices/">as said</a>', "<li>one</li>", "<th>Use</th>"):
        assert piece in html


def test_headings_are_the_clauses_own():
    assert "<h" not in render("# Big\n\nBig\n===\n\nSmall\n---")


def test_a_reader_reads_paragraphs_items_and_rows():
    text = "One *two*\nthree.\n\n1. first\n2. second\n   - below\n\n| Use | Time |\n| --- | --- |\n| News | a year |\n\n> quoted"
    assert paragraphs(text) == ("One two three.", "1. first", "2. second", "• below", "Use | Time", "News | a year", "quoted")


def test_where_a_link_leads_is_part_of_what_is_said():
    assert paragraphs("See [choices](/choices/).") == ("See choices (/choices/).",)
    assert paragraphs("[a@b.example](mailto:a@b.example) or [https://b.example/](https://b.example/)") == (
        "a@b.example or https://b.example/",
    )


@given(st.text())
def test_no_paragraph_is_empty(text):
    assert all(paragraphs(text))
