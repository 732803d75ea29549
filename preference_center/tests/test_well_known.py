"""The addresses that programs look for."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from brands.models import Brand
from ledger.keys import key_set, new_jwk, thumbprint
from ledger.verify import read_keys

ALL = ["consent-keys.json", "security.txt", "change-password"]


@pytest.fixture
def visitor(linden: Brand) -> Client:
    return Client(headers={"host": linden.host})


def test_the_keys_are_a_jwk_set_of_public_parts(visitor: Client) -> None:
    response = visitor.get("/.well-known/consent-keys.json")
    assert response["Content-Type"] == "application/jwk-set+json"
    keys = json.loads(response.content)["keys"]
    assert keys
    for key in keys:
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
        assert key["kid"] == thumbprint(key["x"])
        assert "d" not in key
    assert key_set().signing_id in read_keys(response.content)


def test_a_key_that_signs_no_more_stays_published(visitor: Client, settings: Any) -> None:
    new, old = new_jwk(), new_jwk()
    settings.LEDGER_KEYS = json.dumps({"keys": [new, {name: value for name, value in old.items() if name != "d"}]})
    response = visitor.get("/.well-known/consent-keys.json")
    assert [key["kid"] for key in json.loads(response.content)["keys"]] == [new["kid"], old["kid"]]
    assert new["d"] not in response.content.decode()


def test_the_keys_may_be_kept_by_anybody_for_an_hour(visitor: Client) -> None:
    response = visitor.get("/.well-known/consent-keys.json")
    assert response["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_the_keys_are_there_at_a_host_of_no_brand(db: None) -> None:
    response = Client(headers={"host": "nobody.localhost"}).get("/.well-known/consent-keys.json")
    assert response.status_code == 200
    assert json.loads(response.content)["keys"]


def test_security_txt_is_as_rfc_9116_wants_it(visitor: Client) -> None:
    response = visitor.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == "mailto:privacy@linden.example"
    assert fields["Preferred-Languages"] == "en, pl"
    assert fields["Canonical"] == "http://linden.localhost/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", fields["Expires"])
    expires = datetime.fromisoformat(fields["Expires"])
    assert timezone.now() < expires <= datetime.now(UTC) + timedelta(days=365), "the RFC advises less than a year"


def test_security_txt_needs_a_brand_whose_officer_answers(db: None) -> None:
    assert Client(headers={"host": "nobody.localhost"}).get("/.well-known/security.txt").status_code == 404


def test_change_password_leads_to_the_account(visitor: Client) -> None:
    response: Any = visitor.get("/.well-known/change-password")
    assert (response.status_code, response["Location"]) == (302, "/account/")


@pytest.mark.parametrize("name", ALL)
def test_they_are_read_and_not_written(visitor: Client, name: str) -> None:
    path = f"/.well-known/{name}"
    assert visitor.head(path).status_code in {200, 302}
    assert visitor.post(path).status_code == 405
    assert visitor.get(f"{path}/").status_code == 404


def test_nothing_else_is_there(visitor: Client) -> None:
    assert visitor.get("/.well-known/nosuch").status_code == 404
