"""Baselines: a trivial page for somebody who is signed in, behind the same middleware and context processors.

`bare` is a heading and a list of twelve words, `framed` the same inside the frame that every page of the center has.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines

WORDS = [f"word {number}" for number in range(12)]
LIST = "<h1>{{ title }}</h1><p>{{ request.customer.code }}</p><ul>{% for word in words %}<li>{{ word }}</li>{% endfor %}</ul>"


@cache
def _compiled(source: str) -> Any:
    return engines["django"].from_string(source)


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        _compiled(f"<!doctype html><title>{{{{ title }}}}</title>{LIST}").render({"title": "Words", "words": WORDS}, request)
    )


def framed(request: HttpRequest) -> HttpResponse:
    source = f'{{% extends "base.html" %}}{{% block main %}}{LIST}{{% endblock %}}'
    return HttpResponse(_compiled(source).render({"title": "Words", "words": WORDS}, request))
