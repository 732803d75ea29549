"""preference_center.errors: what a person sees when something is not there, too old, too large or broken."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from brands.models import Brand


@pytest.fixture
def calm(visitor: Client) -> Client:
    """A browser that sees the page of an error instead of the error."""
    visitor.raise_request_exception = False
    return visitor


def test_a_page_that_is_not_there_wears_the_brand(calm: Client):
    response = calm.get("/nowhere/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "We can’t find that page. Your choices are safe." in page
    assert "Linden &amp; Loom</a>" in page
    assert response["Cache-Control"] == "private, no-store"


def test_a_broken_page_needs_no_database(calm: Client, django_assert_num_queries: Any):
    calm.get("/plain/")
    with django_assert_num_queries(1):  # the brand of the host, before anything broke
        response = calm.get("/broken/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "Something broke on our side. Nothing was changed." in page
    assert "privacy@linden.example" in page
    assert "broken on purpose" not in page


def test_it_says_when_the_database_is_away(calm: Client):
    response = calm.get("/database-away/")
    assert response.status_code == 503
    assert response["Retry-After"] == "60"


def test_it_can_be_said_before_any_brand_is_known(linden: Brand, calm: Client, monkeypatch: pytest.MonkeyPatch):
    from django.db import OperationalError

    def away(*_arguments: object) -> None:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        response = calm.get("/plain/")
    assert response.status_code == 503
    page = response.content.decode()
    assert "We can’t reach our records right now" in page
    assert "Linden" not in page


def test_an_old_form_saves_nothing_and_leads_back(linden: Brand):
    strict = Client(enforce_csrf_checks=True, headers={"host": linden.host})
    response = strict.post("/form/", {"a": "b"}, headers={"referer": "http://linden.localhost/plain/?page=2"})
    assert response.status_code == 403
    page = response.content.decode()
    assert "Nothing was saved" in page
    assert 'href="/plain/?page=2"' in page
    assert "CSRF" not in page


@pytest.mark.parametrize("referer", ["https://evil.example/plain/", "http://linden.localhost//evil.example/", "javascript:alert(1)", ""])
def test_an_old_form_leads_nowhere_else(linden: Brand, referer: str):
    strict = Client(enforce_csrf_checks=True, headers={"host": linden.host})
    page = strict.post("/form/", {"a": "b"}, headers={"referer": referer}).content.decode()
    assert 'class="btn" href="/' in page
    assert 'href="//' not in page
    assert "javascript:" not in page
    assert "https://evil" not in page


def test_a_form_that_is_too_large_is_refused_before_it_is_read(linden: Brand, settings: Any):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    strict = Client(enforce_csrf_checks=True, headers={"host": linden.host}, raise_request_exception=False)
    strict.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    response = strict.post("/form/", {"text": "x" * 2000})
    assert response.status_code == 413
    assert "That was too much at once" in response.content.decode()


@pytest.mark.parametrize("path", ["/nowhere/", "/broken/"])
def test_it_keeps_the_headers_and_the_policy(calm: Client, path: str):
    response = calm.get(path)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Permissions-Policy"]
    page = response.content.decode()
    assert "style=" not in page
    assert "<script" not in page


def test_it_speaks_the_language_of_the_page(calm: Client):
    assert '<html lang="pl"' in calm.get("/nowhere/", headers={"accept-language": "pl"}).content.decode()
    assert translation.get_language() != "pl"
