from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
import time_machine

from ledger.canonical import canonical, commitment
from ledger.emptying import Reason, empty
from ledger.keys import decoded, new_jwk, parse
from ledger.models import Entry
from ledger.receipts import receipt
from ledger.tests.acts import act, happened
from ledger.turns import turn
from ledger.verify import read_keys, verify


def keys(*jwks: dict[str, Any]):
    return parse(json.dumps({"keys": jwks}))


def test_it_is_the_same_bytes_each_time(anna: str):
    happened(anna, "ż\u0000\U0001f600")
    first = receipt(Entry.objects.get())
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        assert receipt(Entry.objects.get()) == first


def test_it_says_what_the_contract_says(anna: str):
    with time_machine.travel(datetime(2026, 5, 1, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2))), tick=False):
        first, second = happened(anna, "one", "two")
    signing = keys(new_jwk())
    for entry in (first, second):
        data = receipt(entry, signing)
        said = json.loads(data)
        assert data == rfc8785.dumps(said)
        assert said == {
            "receipt": 1, "payload": entry.act, "salt": bytes(entry.salt or b"").hex(), "commitment": entry.commitment,
            "previous": entry.previous, "issued_at": said["issued_at"], "key": signing.signing_id, "signature": said["signature"],
        }  # fmt: skip
        assert said["commitment"] == commitment(bytes.fromhex(said["salt"]), canonical(said["payload"]))
        assert re.fullmatch(r"[0-9a-f]{64}", said["salt"])
        assert re.fullmatch(r"[A-Za-z0-9_-]{86}", said["signature"])
        signed = "\n".join(["pc-receipt-v1", entry.commitment, entry.previous or "-", said["issued_at"]])
        verifier = signing.verifier(said["key"])
        assert verifier is not None
        verifier.verify(decoded(said["signature"]), signed.encode())
    assert json.loads(receipt(first, signing))["issued_at"] == "2026-05-01T12:00:00Z"
    assert json.loads(receipt(second, signing))["issued_at"] == "2026-05-01T12:00:01Z"  # a microsecond after
    assert (json.loads(receipt(first))["previous"], json.loads(receipt(second))["previous"]) == (None, first.commitment)


def test_the_largest_payload_has_a_receipt_that_verifies(anna: str):
    (entry,) = happened(anna, "ż" * 7_900)
    data = receipt(entry, keys(jwk := new_jwk()))
    assert len(data) > 16_000
    assert verify(data, read_keys(json.dumps({"keys": [jwk]}).encode())) == entry.act


def test_the_key_in_use_signs_and_the_old_one_still_verifies(anna: str):
    old, new = new_jwk(), new_jwk()
    (entry,) = happened(anna)
    before, after = keys(old), keys(new, old)
    first, second = receipt(entry, before), receipt(entry, after)
    assert first != second
    published = read_keys(json.dumps(after.as_jwks()).encode())
    assert verify(first, published) == verify(second, published) == entry.act


def test_an_emptied_entry_has_none(anna: str):
    act(anna, "note.made", what="it")
    with turn(anna, brand="linden", actor="system:test") as t:
        empty(t, anna, [1], Reason.ERASURE)
    with pytest.raises(ValueError, match="has gone"):
        receipt(Entry.objects.get(seq=1))
    receipt(Entry.objects.get(seq=2))


def test_the_printed_number_is_the_end_of_its_id(anna: str):
    (entry,) = happened(anna)
    digits = str(entry.public_id).replace("-", "")[-8:].upper()
    assert entry.number == f"C-{digits[:4]}-{digits[4:]}"
