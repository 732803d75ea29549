from __future__ import annotations

from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from brands.flash import LEVELS, Notice, flash, newest, read


class Waiting(list[Message]):
    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.append(Message(level, message, extra_tags))


@pytest.fixture
def request_() -> Any:
    request = HttpRequest()
    request._messages = Waiting()  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize("level", LEVELS)
def test_it_is_read_as_it_was_said(request_: Any, level: str):
    flash(request_, level, "Saved.", "It takes effect now.", {"url": "/choices/undo/", "receipt": "r1"}, "/history/r1/")
    assert newest(request_._messages) == Notice(
        level, "Saved.", "It takes effect now.", {"url": "/choices/undo/", "receipt": "r1"}, "/history/r1/"
    )


def test_a_page_shows_the_newest_alone(request_: Any):
    flash(request_, "good", "First")
    flash(request_, "bad", "Second")
    assert newest(request_._messages) == Notice("bad", "Second")
    assert newest([]) is None


@pytest.mark.parametrize("text", ["Plain words", "[1]", '{"title": 1}', "null", "7", '"quoted"'])
def test_anybody_elses_words_are_shown_as_words(text: str):
    assert read(Message(messages.SUCCESS, text)) == Notice("good", text)


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", None, 7, ""])
def test_it_leads_nowhere_else(request_: Any, url: Any):
    flash(request_, "good", "Saved", undo={"url": url, "receipt": "r"}, receipt_url=url)
    assert newest(request_._messages) == Notice("good", "Saved")
