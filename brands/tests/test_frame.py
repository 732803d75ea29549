"""templates/base.html and the parts: what every page shows."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client

from brands.actions import restyle
from brands.gallery import EveryField
from brands.models import Brand


def waiting(visitor: Client, level: str, title: str, **more: Any) -> None:
    """A notice in the visitor's cookie, as the last page left it."""
    content = {"title": title, "text": "", "undo": None, "receipt_url": None, **more}
    storage: Any = CookieStorage(HttpRequest())
    of_django = {"good": constants.SUCCESS, "bad": constants.ERROR, "wait": constants.WARNING, "": constants.INFO}[level]
    visitor.cookies["messages"] = storage._encode([Message(of_django, json.dumps(content), extra_tags=level)])


def title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page)
    assert found
    return found.group(1)


def test_it_says_who_is_responsible(visitor: Client):
    assert (
        "Linden &amp; Loom sp. z o.o., ul. Tkacka 8, 90-001 Łódź, Poland, is responsible for your data."
        in visitor.get("/plain/").content.decode()
    )


def test_it_speaks_the_language_asked_for(visitor: Client):
    assert '<html lang="pl"' in visitor.get("/plain/", headers={"accept-language": "pl"}).content.decode()


def test_it_links_only_pages_that_exist(visitor: Client):
    page = visitor.get("/plain/").content.decode()
    assert "Sign out" not in page
    assert 'class="nav"' not in page
    assert "shell--single" in page
    assert 'href="https://uodo.gov.pl/"' in page


def test_it_is_light_only_where_the_brand_says_so(linden: Brand, visitor: Client):
    assert "prefers-color-scheme" in visitor.get("/plain/").content.decode()
    restyle(linden, theme_values={"light_only": True}, by="system:tests")
    page = visitor.get("/plain/").content.decode()
    assert 'data-theme="light"' in page
    assert "prefers-color-scheme" not in page


def test_the_outcome_stands_above_the_page_and_in_its_title_once(visitor: Client):
    undo = {"url": "/choices/undo/", "receipt": "r1"}
    waiting(visitor, "good", "Saved. News has stopped.", text="It takes effect now.", undo=undo, receipt_url="/history/r1/")
    page = visitor.get("/plain/").content.decode()
    assert title(page).startswith("Saved: ")
    assert 'role="alert"' in page
    assert re.search(r'<form method="post" action="/choices/undo/">.*name="receipt" value="r1"', page)
    assert 'href="/history/r1/"' in page
    assert "Saved" not in visitor.get("/plain/").content.decode()


def test_what_a_notice_says_is_text(visitor: Client):
    waiting(visitor, "bad", "<script>alert(1)</script>", text="<b>")
    page = visitor.get("/plain/").content.decode()
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
    assert not title(page).startswith("Saved")


def test_a_forged_notice_is_not_shown(visitor: Client):
    visitor.cookies["messages"] = '[["__json_message",0,25,"{}"]]'
    assert 'class="notice' not in visitor.get("/plain/").content.decode()


@pytest.mark.parametrize(("state", "pressed"), [("open", []), ("allow", ["allow"]), ("deny", ["deny"])])
def test_two_equal_answers_and_none_pressed_before_one_is_given(state: str, pressed: list[str]):
    decide = {"action": "/choices/news/email/", "label": "News, Email", "labelled_by": "news", "state": state, "hidden": [("nonce", "n1")]}
    page = render_to_string("parts/_decide.html", {"decide": decide})
    buttons = re.findall(r"<button (.*?)>", page)
    assert [re.findall(r'value="(\w+)" aria-pressed="(\w+)"', button)[0] for button in buttons] == [
        (answer, str(answer in pressed).lower()) for answer in ("allow", "deny")
    ]
    bare = {re.sub(r'value="\w+" aria-pressed="\w+"', "", button) for button in buttons}
    assert bare == {'class="decide__btn" name="decision" '}
    assert page.count(": News, Email</span>") == 2
    assert '<input type="hidden" name="nonce" value="n1">' in page


def test_a_refused_form_says_so_first():
    form = EveryField({"email": "anna@"})
    page = render_to_string("parts/_error_summary.html", {"form": form})
    assert re.findall(r'href="#([\w-]+)"', page) == ["id_email", "id_often_0", "id_said"]
    assert 'role="alert"' in page


def test_a_field_ties_label_hint_and_error_together():
    field = str(EveryField({"email": "anna@"})["email"].as_field_group())
    assert '<label for="id_email">Email address</label>' in field
    assert 'id="id_email_helptext"' in field
    assert 'id="id_email_error"' in field
    assert 'aria-describedby="id_email_helptext id_email_error"' in field
    assert 'aria-invalid="true"' in field
    assert 'value="anna@"' in field


def test_no_box_is_ticked_before_a_person_ticks_it():
    page = str(EveryField())
    assert "checked" not in page
    assert "<fieldset" in page
    assert "<legend>How often</legend>" in page


def test_the_style_guide_is_not_for_customers(visitor: Client, settings: Any):
    assert visitor.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    page = visitor.get("/styleguide/").content.decode()
    assert page.count('class="decide"') == 5
    assert "style=" not in page
