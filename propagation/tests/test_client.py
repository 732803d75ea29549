"""The client that partners use, against the center itself: real pages, real deliveries; and against no center at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from preference_center_client import Center, Check, Evidence, NotGenuine, Problem, Receiver, by_email, by_id, by_pairwise

from accounts.models import Customer
from brands.models import Brand
from consents.models import Passing
from consents.tests.acting import allow, deny, state
from ledger.proving import prove
from propagation.models import Partner, Pseudonym
from propagation.tests.conftest import Server, key_of, work
from propagation.tests.receiving import Got

ANNA = by_email("anna.kowalczyk@example.com")


@pytest.fixture
def center(live_server: Any, crm: Partner, settings: Any) -> Any:
    settings.DEBUG = True  # the plain local names are the brand's
    with Center(live_server.url, key_of(crm)[1], retries=0) as found:
        yield found


def test_it_asks_tells_and_reads(center: Center, anna: Customer, crm: Partner) -> None:
    allow(anna, "ads")
    assert center.allowed(ANNA, "ads")
    decision = center.decide(ANNA, "ads")
    assert (decision.reason, bool(decision.proof)) == ("granted", True)
    assert [bool(each) for each in center.decide_many([Check(ANNA, "ads"), Check(by_email("nobody@example.com"), "ads")])] == [True, False]
    assert center.tie("C-1", email="anna.kowalczyk@example.com").pairwise == Pseudonym.objects.get(customer=anna, partner=crm).value
    assert center.allowed(by_id("C-1"), "ads")
    assert [member.person for member in center.audience("ads", identify="id")] == [by_id("C-1")]
    assert center.look_up(by_id("C-1")).emails
    assert center.deny(by_id("C-1"), "ads").result == "saved"
    assert not center.allowed(ANNA, "ads")
    given = Evidence("Show me your ads on other sites.", "checkout")
    assert center.allow(ANNA, "ads", evidence=given, occurred_at=timezone.now()).result == "saved"
    prove()
    assert [event.type for event in center.changes(0)][-1] == "choice.changed"
    assert len(list(center.export())) == 1
    center.stop(ANNA, "sale")
    assert not center.allowed(ANNA, "ads")
    with pytest.raises(Problem) as refused:
        center.decide(ANNA, "nothing")
    assert refused.value.code == "unknown-purpose"


def test_it_imports_a_file(center: Center, anna: Customer, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("email,purpose,channel,decision\nanna.kowalczyk@example.com,ads,,deny\n,ads,,deny\n", encoding="utf-8")
    begun = center.import_consents(file, "plain", dry_run=True)
    work()
    looked = center.import_status(begun.id)
    assert (looked.state, looked.counts) == ("dry", {"applied": 1, "refused": 1})
    assert state(anna, "ads") == "none"
    assert [(line.line, line.outcome) for line in center.import_report(begun.id)] == [(2, "applied"), (3, "refused")]
    center.apply_import(begun.id)
    work()
    assert center.import_status(begun.id).state == "done"
    assert state(anna, "ads") == "refused"


def test_what_is_gone_says_no(crm: Partner, anna: Customer) -> None:
    allow(anna, "ads")
    with Center("http://127.0.0.1:9", key_of(crm)[1], timeout=(0.2, 0.2), retries=1) as nowhere:
        assert nowhere.allowed(ANNA, "ads") is False


def test_it_verifies_real_deliveries_and_no_other(anna: Customer, adfields: Server) -> None:
    """Every single bit of a delivery, in its body and its three headers."""
    _endpoint, server = adfields
    allow(anna, "ads")
    deny(anna, "ads")
    work()
    receiver = Receiver(list(server.secrets))
    for got in server.got:
        event = receiver.verify(got.headers, got.raw)
        assert (event.id, event.type) == (got.number, "choice.changed")
    got = server.got[-1]
    changed = 0
    for bit in range(len(got.raw) * 8):
        with pytest.raises(NotGenuine):
            receiver.verify(got.headers, flipped(got.raw, bit))
        changed += 1
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        value = got.headers[name].encode()
        for bit in range(len(value) * 8):
            with pytest.raises(NotGenuine):
                receiver.verify({**got.headers, name: flipped(value, bit).decode("latin-1")}, got.raw)
            changed += 1
    assert changed > 2000


def flipped(text: bytes, bit: int) -> bytes:
    found = bytearray(text)
    found[bit // 8] ^= 1 << bit % 8
    return bytes(found)


def test_it_confirms_what_it_was_told(live_server: Any, anna: Customer, adfields: Server, settings: Any) -> None:
    settings.PORT = live_server.url.rpartition(":")[2]
    Brand.objects.update(host="127.0.0.1")  # not every machine knows names under .localhost
    _endpoint, server = adfields
    allow(anna, "ads")
    deny(anna, "ads")
    work()
    got: Got = server.got[-1]
    receiver = Receiver(list(server.secrets))
    event = receiver.verify(got.headers, got.raw)
    receiver.confirm(event, note="List of 29 November")
    row = Passing.objects.get(change="stopped", recipient="adfield")
    assert (row.outcome, row.note) == ("done", "List of 29 November")
    assert row.confirmed_at is not None
    assert by_pairwise(event.data["person"]["pairwise"]).value in got.raw.decode()
