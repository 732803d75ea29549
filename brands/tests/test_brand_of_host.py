from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from brands.models import Brand


@pytest.mark.parametrize("host", ["linden.localhost", "linden.localhost:8000", "LINDEN.localhost", "linden.localhost."])
def test_it_is_found_by_host(linden: Brand, kingfisher: Brand, host: str):
    assert "Linden &amp; Loom</a>" in Client(headers={"host": host}).get("/plain/").content.decode()


def test_an_unknown_host_learns_nothing(linden: Brand):
    response = Client(headers={"host": "other.localhost"}).get("/plain/")
    assert response.status_code == 404
    page = response.content.decode()
    assert "There is no privacy center at this address" in page
    assert "Linden" not in page
    assert "/brand/" not in page


def test_a_host_that_is_not_allowed_is_refused(linden: Brand):
    client = Client(headers={"host": "evil.example"}, raise_request_exception=False)
    response = client.get("/plain/")
    assert response.status_code == 400
    assert "We could not read that" in response.content.decode()


def test_a_developers_machine_shows_the_first_brand(linden: Brand, kingfisher: Brand, settings: Any):
    settings.DEBUG = True
    assert "Linden &amp; Loom</a>" in Client(headers={"host": "127.0.0.1:8000"}).get("/plain/").content.decode()


@pytest.mark.parametrize("path", ["/healthz/", "/metrics", "/.well-known/security.txt"])
def test_operators_pages_need_no_brand(linden: Brand, path: str):
    assert "no privacy center" not in Client(headers={"host": "localhost"}).get(path).content.decode()


def test_health_asks_no_brand(linden: Brand, visitor: Client, django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        visitor.get("/healthz/")


def test_a_page_costs_one_query(linden: Brand, visitor: Client, django_assert_num_queries: Any):
    visitor.get("/plain/")
    with django_assert_num_queries(1):
        visitor.get("/plain/")
