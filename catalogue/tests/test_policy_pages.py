from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalogue import actions, pack
from catalogue.policies import _text
from catalogue.tests.conftest import a_brand, bare_brand
from catalogue.tests.saying_policies import POLICY, publish_policy, saying, telling
from ledger.models import Entry


@pytest.fixture
def visitor(brand):
    return Client(headers={"host": brand.host, "accept-language": "en"})


def months(number):
    return saying(kept={"body": f"We keep orders for **{number} months**."})


def page(client, path="/policy/", **more):
    response = client.get(path, **more)
    assert response.status_code == 200, path
    return response.content.decode()


def test_everybody_reads_the_version_in_force(visitor, brand):
    version = publish_policy(brand)
    html = page(visitor)
    assert "<title>Privacy policy – Linden &amp; Loom</title>" in html
    assert "We keep orders for <strong>36 months</strong>." in html
    assert "Version 1, in force since" in html
    assert "Last updated:" in html
    assert version.sha256 in html


def test_every_clause_has_its_anchor_and_stands_in_the_contents(visitor, brand):
    publish_policy(brand)
    html = page(visitor)
    for anchor, heading in (("who", "1 Who we are"), ("officer", "1.1 Our officer"), ("kept", "2 How long")):
        assert f'id="{anchor}"' in html
        assert f'<a href="#{anchor}">{heading}</a>' in html
    assert "<h2>1 Who we are</h2>" in html
    assert "<h3>1.1 Our officer</h3>" in html


def test_it_is_read_in_the_readers_language(visitor, brand):
    publish_policy(brand)
    html = page(visitor, headers={"accept-language": "pl"})
    assert '<h1 lang="pl">Polityka prywatności</h1>' in html
    assert "Jesteśmy sklepem." in html


def test_a_text_that_lacks_the_readers_language_says_in_which_it_is(visitor, brand):
    brand.languages = ["en"]
    brand.save()
    publish_policy(brand, type(POLICY)({"en": POLICY.texts["en"]}))
    brand.languages = ["en", "pl"]
    brand.save()
    html = page(visitor, headers={"accept-language": "pl"})
    assert '<html lang="pl"' in html
    assert '<h1 lang="en">Privacy policy</h1>' in html


def test_what_is_still_to_come_is_announced_and_readable(visitor, brand):
    publish_policy(brand)
    start = timezone.now() + timedelta(days=30)
    publish_policy(brand, months(24), in_force_from=start)
    html = page(visitor)
    assert "36 months" in html
    assert f"Version 2, from {start:%-d %B %Y}" in html
    assert 'href="/policy/2/"' in html
    assert 'href="/policy/1...2/"' in html
    assert "24 months" in page(visitor, "/policy/2/")


def test_it_comes_into_force_on_its_day_by_itself(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, months(24), in_force_from=timezone.now() + timedelta(days=30))
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        html = page(visitor)
        assert "24 months" in html
        assert "This is an earlier version" in page(visitor, "/policy/1/")
        assert "This is an earlier version" not in html


def test_before_the_first_comes_into_force_it_is_shown_with_its_day(visitor, brand):
    start = timezone.now() + timedelta(days=30)
    publish_policy(brand, in_force_from=start)
    assert f"Version 1, from {start:%-d %B %Y}" in page(visitor)


def test_a_version_keeps_its_address_for_ever(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, months(24))
    html = page(visitor, "/policy/1/")
    assert "36 months" in html
    assert "This is an earlier version" in html
    assert 'href="/policy/1...2/"' in html


def test_its_file_is_what_the_ledger_says_was_published(visitor, brand):
    publish_policy(brand)
    response = visitor.get("/policy/1.json")
    assert response["Content-Type"] == "application/json"
    entry = Entry.objects.get(kind="policy.published")
    assert sha256(response.content).hexdigest() == entry.act["sha256"]
    assert json.loads(response.content)["texts"]["pl"]["title"] == "Polityka prywatności"


def test_its_file_tells_the_changes(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, telling(months(24), POLICY, kind="retention", favourable=True))
    assert json.loads(visitor.get("/policy/1.json").content)["changes"] == []
    (change,) = json.loads(visitor.get("/policy/2.json").content)["changes"]
    assert (change["kind"], change["favourable"], change["anchors"]) == ("retention", True, ["kept"])
    assert change["titles"]["pl"] == "Prościej napisane"


@pytest.mark.parametrize("path", ["/policy/2/", "/policy/0/", "/policy/2.json", "/policy/1...2/", "/policy/2...1/", "/policy/x/"])
def test_what_was_never_published_is_not_found(visitor, brand, path):
    version = publish_policy(brand)
    actions.revise_policy(version.policy)
    assert visitor.get(path).status_code == 404


def test_another_brand_shows_its_own(visitor, brand):
    publish_policy(brand)
    publish_policy(brand, months(24))
    other = a_brand("loom")
    publish_policy(other, months(12))
    stranger = Client(headers={"host": other.host})
    assert "12 months" in page(stranger)
    assert stranger.get("/policy/2/").status_code == 404


def test_a_brand_without_a_policy_says_whom_to_ask(visitor, brand):
    html = page(visitor)
    assert "No policy has been published here yet." in html
    assert "iod@linden.example" in html


def test_only_reading_is_possible(visitor, brand):
    publish_policy(brand)
    assert visitor.post("/policy/").status_code == 405
    assert visitor.head("/policy/").status_code == 200


def test_what_a_rolled_back_publication_showed_is_not_kept(visitor, brand):
    """Another version under the same key is another text, because it is asked for by its hash."""
    first = publish_policy(brand)
    page(visitor)
    assert _text(first.pk, first.sha256, "en").title == "Privacy policy"
    with pytest.raises(type(first).DoesNotExist):
        _text(first.pk, "0" * 64, "en")


@pytest.mark.parametrize("path", ["/policy/", "/policy/3/", "/policy/3...17/"])
def test_twenty_versions_cost_no_more_queries_than_one(visitor, brand, path):
    for number in range(1, 21):
        publish_policy(brand, months(number))
    page(visitor, path)
    with CaptureQueriesContext(connection) as queries:
        page(visitor, path)
    assert len(queries) <= 4


@pytest.mark.parametrize("name", ["shop", "club"])
def test_a_real_policy_is_light(the_law, name):
    brand = bare_brand("linden")
    actions.load_pack(brand, pack.FOLDER / f"{name}.yaml", by="system:tests")
    actions.load_policy(brand, pack.FOLDER / f"policy-{name}.yaml", by="system:tests")
    visitor = Client(headers={"host": brand.host, "accept-language": "pl"})
    for path in ("/policy/", "/policy/2/", "/policy/1...2/"):
        with CaptureQueriesContext(connection) as queries:
            html = page(visitor, path)
        assert len(queries) <= 12
        assert len(gzip.compress(html.encode())) < 20_000
        assert not re.search(r"<script|style=|https?://(?!uodo)", html)
