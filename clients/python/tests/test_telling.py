# mypy: disable-error-code="import-not-found"
"""What a partner tells the center: choices, wide words, ties, files."""

from __future__ import annotations

import io
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from preference_center_client import Center, Evidence, Import, Problem, ReportLine, Unreachable, by_email, by_id

ANNA = by_email("anna@example.com")
AT = datetime(2026, 11, 2, 10, 15, tzinfo=timezone(timedelta(hours=1)))
SAVED = {"result": "saved", "receipt": "3d1c6f7e-0000-4000-8000-000000000001"}
FORM = Evidence("Yes, send me the newsletter", "checkout form", "0" * 64)
NUMBER = str(uuid.UUID(int=7))
STATUS = {"id": NUMBER, "state": "dry", "lines": 3, "done": 3, "counts": {"applied": 2, "refused": 1}}


def test_it_passes_on_a_no(server: Any, center: Center):
    server.will(server.json(SAVED))
    outcome = center.deny(ANNA, "news", "email", occurred_at=AT, language="pl")
    assert (outcome.result, outcome.receipt, outcome.missing) == ("saved", SAVED["receipt"], ())
    (asked,) = server.asked
    assert asked.path == "/api/v1/choices"
    assert asked.json == {
        "person": {"email": "anna@example.com"}, "purpose": "news", "channel": "email", "decision": "deny",
        "occurred_at": "2026-11-02T09:15:00.000000Z", "language": "pl",
    }  # fmt: skip


def test_it_passes_on_a_yes_with_its_proof(server: Any, center: Center):
    server.will(server.json({"result": "unproven", "receipt": None, "missing": ["wording"]}))
    outcome = center.allow(ANNA, "news", evidence=FORM, occurred_at=AT)
    assert (outcome.result, outcome.missing) == ("unproven", ("wording",))
    assert server.asked[0].json["evidence"] == {"wording": FORM.wording, "source": "checkout form", "sha256": "0" * 64}
    assert "double_opt_in" not in server.asked[0].json


def test_it_has_the_person_asked(server: Any, center: Center):
    server.will(server.json({"result": "pending", "receipt": None}))
    assert center.allow(ANNA, "news", double_opt_in=True).result == "pending"
    assert server.asked[0].json["double_opt_in"] is True


@pytest.mark.parametrize("how", [{}, {"evidence": FORM}, {"occurred_at": AT}, {"evidence": FORM, "occurred_at": AT, "double_opt_in": True}])
def test_a_yes_has_one_proof(center: Center, how: Any):
    with pytest.raises(ValueError, match="needs evidence"):
        center.allow(ANNA, "news", **how)


def test_a_time_has_a_zone(center: Center):
    with pytest.raises(ValueError, match="zone"):
        center.deny(ANNA, "news", occurred_at=datetime.fromisoformat("2026-11-02"))


def test_it_passes_on_a_wide_no(server: Any, center: Any):
    server.will(server.json({"result": "stands", "receipt": None}))
    assert center.stop(ANNA, "marketing").result == "stands"
    assert (server.asked[0].path, server.asked[0].json) == ("/api/v1/scopes", {"person": ANNA.as_json(), "scope": "marketing"})
    with pytest.raises(ValueError, match="scope"):
        center.stop(ANNA, "everything")
    with pytest.raises(TypeError):
        center.stop("C-1", "marketing")


def test_it_ties_an_id_to_an_address(server: Any, center: Center):
    server.will(server.json({"pairwise": "0" * 32, "created": True}))
    tied = center.tie("C-1", email="anna@example.com", country="PL")
    assert (tied.pairwise, tied.created) == ("0" * 32, True)
    assert server.asked[0].json == {"id": "C-1", "email": "anna@example.com", "country": "PL"}
    with pytest.raises(ValueError, match="id"):
        center.tie("")


def test_it_looks_somebody_up(server: Any, center: Center):
    server.will(
        server.json({"pairwise": "0" * 32, "ids": ["C-1"], "emails": ["anna@example.com"], "phones": []}),
        server.problem(404, "unknown-person"),
    )
    found = center.look_up(by_id("C-1"))
    assert (found.ids, found.emails, found.phones) == (("C-1",), ("anna@example.com",), ())
    assert "anna" not in repr(found)
    with pytest.raises(Problem, match="unknown-person"):
        center.look_up(by_id("C-2"))


@pytest.mark.parametrize("wrong", [{}, {"result": None}, {"result": "saved", "receipt": 1}, {"result": "saved", "missing": [1]}, []])
def test_an_outcome_of_the_wrong_shape_raises(server: Any, center: Center, wrong: Any):
    server.will(server.json(wrong))
    with pytest.raises(Unreachable):
        center.deny(ANNA, "news")


def test_what_is_wrong_comes_line_by_line(server: Any, center: Center):
    errors = [{"line": 1, "field": "purpose", "why": "none of yours"}, "and this is none"]
    server.will(server.json({"code": "unknown-purpose", "detail": "no", "errors": errors}, 422))
    with pytest.raises(Problem) as raised:
        center.deny(ANNA, "news")
    assert raised.value.errors == (errors[0],)


# ── Once ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "tell",
    [
        lambda center: center.deny(ANNA, "news"),
        lambda center: center.allow(ANNA, "news", double_opt_in=True),
        lambda center: center.stop(ANNA, "sale"),
    ],
)
def test_a_repetition_carries_the_same_key(server: Any, center: Center, tell: Any):
    server.will(server.resets(), server.problem(503, "later"), server.json(SAVED))
    tell(center)
    tell(center)
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert all(re.fullmatch(r"[\x21-\x7e]{1,80}", key) for key in keys)
    assert server.asked[0].body == server.asked[1].body == server.asked[2].body


def test_a_no_that_was_not_taken_raises(server: Any):
    server.will(server.hangs())
    with pytest.raises(Unreachable):
        Center(server.origin, "pck_a", timeout=(0.2, 0.2), retries=1).deny(ANNA, "news")
    assert len(server.asked) == 2


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CSV = b"email,news\n" + b"anna@example.com,yes\n" * 50_000  # 1 MB


@pytest.mark.parametrize(
    ("name", "media"), [("a.csv", "text/csv"), ("A.NDJSON", "application/x-ndjson"), ("a.jsonl", "application/x-ndjson")]
)
def test_it_sends_a_file(server: Any, center: Center, tmp_path: Path, name: str, media: str):
    (tmp_path / name).write_bytes(CSV)
    server.will(server.json({"id": NUMBER, "state": "waiting", "status": "https://elsewhere.example/"}, 202))
    assert center.import_consents(tmp_path / name, "plain") == Import(NUMBER, "waiting")
    (asked,) = server.asked
    assert asked.body == CSV
    assert asked.headers["content-type"] == media
    assert asked.headers["content-length"] == str(len(CSV))
    assert (urlsplit(asked.path).path, parse_qs(urlsplit(asked.path).query)) == (
        "/api/v1/imports",
        {"preset": ["plain"], "dry_run": ["true"]},
    )


@pytest.mark.parametrize("opened", ["path", "file", "memory"])
def test_a_file_is_sent_again_whole(server: Any, center: Center, tmp_path: Path, opened: str):
    (tmp_path / "a.csv").write_bytes(CSV)
    server.will(server.problem(503, "later"), server.resets(), server.json({"id": NUMBER, "state": "waiting"}, 202))
    if opened == "path":
        center.import_consents(str(tmp_path / "a.csv"), "plain", dry_run=False)
    else:
        with (tmp_path / "a.csv").open("rb") if opened == "file" else io.BytesIO(CSV) as file:
            file.seek(11)  # from where it stands
            center.import_consents(file, "plain", dry_run=False)
            assert not file.closed
    assert [asked.body for asked in server.asked] == [CSV if opened == "path" else CSV[11:]] * 3
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert "dry_run=false" in server.asked[0].path


def test_a_file_is_read_as_it_is_sent(server: Any, center: Center):
    class Counting(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            self.largest = max(self.largest, len(piece))
            return piece

    server.will(server.json({"id": NUMBER, "state": "waiting"}, 202))
    file = Counting(CSV)
    center.import_consents(file, "plain")
    assert 0 < file.largest <= 128 * 1024


def test_a_file_that_is_none_raises(center: Any, tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        center.import_consents(tmp_path / "none.csv", "plain")
    with pytest.raises(TypeError, match="rb"):
        center.import_consents(io.StringIO("a"), "plain")


def test_it_follows_an_import(server: Any, center: Center):
    server.will(server.json(STATUS))
    assert center.import_status(NUMBER) == Import(NUMBER, "dry", 3, 3, {"applied": 2, "refused": 1})
    assert center.apply_import(NUMBER).state == "dry"
    status, apply = server.asked
    assert (status.method, status.path) == ("GET", f"/api/v1/imports/{NUMBER}")
    assert (apply.method, apply.path) == ("POST", f"/api/v1/imports/{NUMBER}/apply")
    assert apply.headers["idempotency-key"]
    with pytest.raises(ValueError, match="UUID"):
        center.import_status("../people")


def test_it_reads_the_report(server: Any, center: Center):
    server.will(server.stream({"line": 2, "outcome": "applied"}, {"line": 3, "outcome": "refused", "why": "no such purpose"}))
    assert list(center.import_report(NUMBER)) == [ReportLine(2, "applied", ""), ReportLine(3, "refused", "no such purpose")]
    server.will(server.stream({"line": 2, "outcome": "applied"}, breaks_off=True))
    with pytest.raises(Unreachable):
        list(center.import_report(NUMBER))


@pytest.mark.parametrize("wrong", [{"counts": {"applied": "2"}}, {"lines": True}, {"state": None}, {"id": 7}, {"counts": []}])
def test_a_status_of_the_wrong_shape_raises(server: Any, center: Center, wrong: Any):
    server.will(server.json(STATUS | wrong))
    with pytest.raises(Unreachable):
        center.import_status(NUMBER)


def test_times_are_utc(server: Any, center: Center):
    server.will(server.json(SAVED))
    center.stop(ANNA, "sale", occurred_at=datetime(2026, 3, 1, 2, 3, 4, 5, UTC))
    assert server.asked[0].json["occurred_at"] == "2026-03-01T02:03:04.000005Z"
