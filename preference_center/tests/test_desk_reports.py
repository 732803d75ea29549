"""What leaves the desk as a file, the self-check, and the ledger verified from there."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Customer, Person
from brands.models import Brand
from catalogue.self_check import gaps
from consents.actions import record_yes
from consents.states import How
from consents.tests.acting import allow, deny
from data_requests.tests.conftest import SESSION, asked
from jobs.actions import run_due
from jobs.models import Job
from ledger.keys import decoded, key_set
from ledger.models import Entry, Verification
from ledger.proving import prove
from ledger.turns import Turn
from preference_center.tests.servers import ROOT
from preference_center.tests.test_desk import DESK, AtDesk, told
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox

pytestmark = pytest.mark.django_db
REPORTS = f"{DESK}reports/"


def rows(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))


# ── The proof of one person ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_proof_of_one_person_verifies_without_us(at_desk: AtDesk, anna: Customer, signed_in: Any, tmp_path: Path) -> None:
    allow(anna, "news", "email")
    deny(anna, "news", "email")
    on_paper: dict[str, Any] = {"how": How.PAPER, "wording": "May we?", "said_at": timezone.now(), "document": b"%PDF-form", "key": "form"}
    record_yes(anna, "recs", "", by="staff:" + "a" * 32, **on_paper)
    prove()
    officer, page = at_desk("officer"), f"{DESK}people/{anna.code}/"
    assert officer.post(f"{REPORTS}proof/{anna.code}/").status_code == 303, "the record is not open"
    officer.post(page, {"act": "look", "reason": "authority"})
    response = officer.post(f"{REPORTS}proof/{anna.code}/")
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    manifest = (tmp_path / "manifest.json").read_bytes()
    verifier = key_set().verifier(json.loads(manifest)["key"])
    assert verifier is not None
    verifier.verify(decoded((tmp_path / "manifest.sig").read_text()), manifest)
    said = json.loads(manifest)
    assert {name for name in names if not name.startswith("manifest")} == said["files"].keys()
    for name, digest in said["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    receipts = sorted((tmp_path / "receipts").glob("0*.json"))
    assert len(receipts) == 3
    command = [sys.executable, "-m", "ledger.verify", *map(str, receipts)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, env={}).returncode == 0
    assert b"anna" not in response.content.lower()
    assert any(name.startswith("evidence/") and name.endswith(".pdf") for name in names)
    assert "The proof of what you decided was taken out" in signed_in(anna).get("/history/").content.decode()


@pytest.mark.parametrize("role", ["agent", "auditor", "editor"])
def test_who_is_no_officer_takes_no_proof(at_desk: AtDesk, anna: Customer, role: str) -> None:
    browser = at_desk(role)
    browser.post(f"{DESK}people/{anna.code}/", {"act": "look", "reason": "called"})
    assert browser.post(f"{REPORTS}proof/{anna.code}/").status_code == 403


def test_nobody_of_another_brand(at_desk: AtDesk, marta: Customer) -> None:
    assert at_desk("officer").post(f"{REPORTS}proof/{marta.code}/").status_code == 404


# ── Logs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_log_of_requests_names_no_person(at_desk: AtDesk, anna: Customer, marta: Customer) -> None:
    request, other = (asked(each, "review", SESSION, asked={"text": "=Why?"}) for each in (anna, marta))
    found = rows(at_desk("auditor").post(f"{REPORTS}requests/"))
    assert [row[0] for row in found[1:]] == [request.number]
    assert other.number not in str(found)
    assert found[1][1:4] == ["review", timezone.localdate().isoformat(), "center"]
    assert anna.code not in str(found)


def test_the_record_of_what_staff_did_has_each_act_and_nothing_of_it(at_desk: AtDesk, anna: Customer, linden: Brand) -> None:
    agent = at_desk("agent")
    agent.post(f"{DESK}people/", {"typed": anna.code})
    agent.post(f"{DESK}people/{anna.code}/", {"act": "look", "reason": "other", "note": "A secret of hers."})
    agent.post(f"{DESK}people/{anna.code}/", {"act": "no", "what": ["ads/"], "how": "phone"})
    found = rows(at_desk("auditor").post(f"{REPORTS}audit/"))
    assert [(row[1], row[2]) for row in found[1:] if row[2] != "staff.sign_in_changed"] == [
        ("agent@linden.example", "desk.searched"), ("agent@linden.example", "record.looked_at"),
        ("agent@linden.example", "choice.decided"), ("auditor@linden.example", "desk.taken_away"),
    ]  # fmt: skip
    assert found[-1][3] == "audit"
    assert "secret" not in str(found)
    reference = Person.objects.get(email="agent@linden.example").reference
    assert Entry.objects.filter(actor=f"staff:{reference}").exclude(kind="staff.sign_in_changed").count() == 3


@pytest.mark.parametrize("path", ["requests/", "audit/", "verify/"])
def test_what_leaves_does_so_by_post_and_not_for_everybody(at_desk: AtDesk, path: str) -> None:
    assert at_desk("officer").get(f"{REPORTS}{path}").status_code == 405
    for role in ("agent", "editor"):
        assert at_desk(role).post(f"{REPORTS}{path}").status_code == 403
    assert not Entry.objects.filter(kind="desk.taken_away").exists()


# ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_auditor_verifies_the_ledger_from_the_desk(at_desk: AtDesk, anna: Customer) -> None:
    allow(anna, "recs")
    prove()
    auditor = at_desk("auditor")
    prove()
    assert "in the background" in told(auditor, auditor.post(f"{REPORTS}verify/"))
    assert "already" in told(auditor, auditor.post(f"{REPORTS}verify/"))
    Job.objects.filter(handler="desk.verify_ledger").update(done=5)
    assert "5 of " in auditor.get(REPORTS).content.decode().partition('role="status"')[2]
    assert "is being read" in auditor.get(REPORTS).content.decode()
    run_due()
    (verification,) = Verification.objects.all()
    assert (verification.faults, verification.entries) == (0, Entry.objects.count())
    assert verification.ended_at is not None
    assert "everything fits" in auditor.get(REPORTS).content.decode()


def test_a_reading_that_broke_off_stands_in_nobodys_way(at_desk: AtDesk, anna: Customer) -> None:
    auditor = at_desk("auditor")
    auditor.post(f"{REPORTS}verify/")
    Job.objects.filter(handler="desk.verify_ledger").update(gave_up_at=timezone.now())
    assert "broke off" in auditor.get(REPORTS).content.decode()
    assert "in the background" in told(auditor, auditor.post(f"{REPORTS}verify/"))


def test_a_fault_is_named(at_desk: AtDesk, anna: Customer) -> None:
    allow(anna, "recs")
    prove()
    auditor = at_desk("auditor")
    prove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customer SET sale_stopped_seq = 77 WHERE id = %s", [anna.pk])
    auditor.post(f"{REPORTS}verify/")
    run_due()
    (verification,) = Verification.objects.all()
    assert verification.faults == 1
    page = auditor.get(REPORTS).content.decode()
    assert "1 fault" in page
    assert verification.first_fault[:20] in page


# ── The self-check ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_self_check_finds_nothing_in_the_pack_but_what_is_said_and_all_that_is_old(linden: Brand) -> None:
    now = timezone.now()
    assert {gap.what for gap in gaps(linden, now)} == {"No privacy policy is published"}
    late = gaps(linden, now + timedelta(days=366))
    assert sum(gap.what == "Nobody has revised it for twelve months" for gap in late) > 5
    Brand.objects.filter(pk=linden.pk).update(authority_url="", legal_register="")
    linden.refresh_from_db()
    assert ("Art. 13(2)(d)", linden.name) in {(gap.law, gap.where) for gap in gaps(linden, now)}


def test_a_language_that_is_spoken_later_shows_what_is_missing(linden: Brand, at_desk: AtDesk) -> None:
    linden.languages = [*linden.languages, "de"]
    missing = [gap.where for gap in gaps(linden, timezone.now()) if gap.what == "Says nothing in this language"]
    assert missing
    assert all(where.endswith(", de") for where in missing)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert "No privacy policy is published" in at_desk("auditor").get(REPORTS).content.decode()


def test_each_page_that_a_colleague_opens_is_an_entry_once_in_the_time_a_record_stays_open(at_desk: AtDesk, linden: Brand) -> None:
    auditor = at_desk("auditor")
    for path in (REPORTS, REPORTS, "/desk/jobs/job/", "/desk/figures/?days=365"):
        assert auditor.get(path).status_code == 200
    pages = [entry.act["page"] for entry in Entry.objects.of(linden.subject).filter(kind="desk.viewed").order_by("seq")]
    assert pages == ["reports", "jobs_job_changelist", "figures"]
    found = rows(auditor.post(f"{REPORTS}audit/"))
    assert [row[3] for row in found if row[2] == "desk.viewed"] == pages
    with time_machine.travel(timezone.now() + settings.RECORD_OPEN + timedelta(seconds=1)):
        auditor.get(REPORTS)
    assert Entry.objects.of(linden.subject).filter(kind="desk.viewed").count() == 4


def test_what_is_refused_is_no_view_and_without_its_entry_no_page_is_shown(
    at_desk: AtDesk, linden: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = at_desk("agent")
    assert agent.get(REPORTS).status_code == 403
    assert agent.get("/desk/nothing/").status_code in {302, 404}
    assert not Entry.objects.of(linden.subject).filter(kind="desk.viewed").exists()
    monkeypatch.setattr(Turn, "append", _breaks)
    with pytest.raises(RuntimeError):
        agent.get("/desk/requests/request/")


def _breaks(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("the disk is full")
