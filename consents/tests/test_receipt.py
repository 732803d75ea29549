"""One receipt: its page, its file that proves itself without us, its translation; and nobody else's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Customer
from consents import actions
from consents.states import How, Scope
from consents.tests.acting import acts, allow, deny, own, page, signed_in
from consents.tests.catalogue_of_all_grounds import found_golden, publish, resident
from ledger.models import Entry
from ledger.verify import Fault, main, read_keys, verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def entry(anna: Customer) -> Entry:
    found = allow(anna, "news", "email").entry
    assert found is not None
    return found


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    content: bytes = response.content
    return content.decode()


def test_the_page_says_what_happened_and_what_was_seen(entry: Entry, browser: Client) -> None:
    shown = text(browser, f"/history/{entry.public_id}/")
    for words in (
        "You allowed: News and offers, Email", entry.number, "Linden &amp; Loom sp. z o.o.", "Not decided", "Allowed", "You, signed in",
        "In this privacy center.", "What you saw when you decided", "About twice a month.", "[Allow] [Don’t allow]", "/choices/#news",
        "GDPR, Article 6(1)(a)", "Europe/Warsaw", "Version 1 of this use",
    ):  # fmt: skip
        assert words in shown, words
    assert entry.commitment[:4] in shown
    assert re.fullmatch(r"C-[0-9A-F]{4}-[0-9A-F]{4}", entry.number)


def test_what_was_not_seen_is_not_shown(anna: Customer, browser: Client) -> None:
    deny(anna, "recs", shown=None)
    assert "What you saw" not in text(browser, f"/history/{acts(anna)[-1]['id']}/")


def test_until_when_a_yes_stands(anna: Customer) -> None:
    gail = resident(found_golden())
    publish(gail.brand, "short", "consent", lifetime_months=1)
    gail.brand.refresh_from_db()
    found = allow(gail, "short").entry
    assert found is not None
    assert "Stands until" in text(signed_in(gail), f"/history/{found.public_id}/")


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("guardian", "A parent or guardian"), ("staff", "Our colleague"), ("link", "You, by a link in a message from us"),
        ("signal", "Your browser’s privacy signal"), ("partner", "A partner, on your behalf"), ("system", "Our system, by a rule"),
    ],
)  # fmt: skip
def test_who_decided(anna: Customer, browser: Client, actor: str, words: str) -> None:
    deny(anna, "recs", actor=f"{actor}:someone", how=How.SIGNAL if actor == "signal" else How.API)
    assert words in text(browser, f"/history/{acts(anna)[-1]['id']}/")


def test_the_receipt_of_a_wide_word_and_of_joining(anna: Customer, browser: Client) -> None:
    stop = actions.stop(anna, Scope.MARKETING, own(anna))
    assert stop is not None
    assert "You stopped all marketing" in text(browser, f"/history/{stop.public_id}/")
    joined = Entry.objects.of(anna.subject).get(seq=1)
    assert joined.number in text(browser, f"/history/{joined.public_id}/")


# ── The file ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_proves_itself_with_the_published_keys(entry: Entry, browser: Client, tmp_path: Path) -> None:
    response = browser.get(f"/history/{entry.public_id}.json")
    keys = browser.get("/.well-known/consent-keys.json")
    assert verify(response.content, read_keys(keys.content)) == entry.act
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == f'attachment; filename="receipt-{entry.number}.json"'
    (tmp_path / "receipt.json").write_bytes(response.content)
    assert main([str(tmp_path / "receipt.json")]) == 1, "no key beside it"
    (tmp_path / "consent-keys.json").write_bytes(keys.content)
    done = subprocess.run(
        [sys.executable, "-m", "ledger.verify", str(tmp_path / "receipt.json")], cwd=ROOT, capture_output=True, text=True, env={"PATH": ""}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "genuine" in done.stdout


def test_the_file_is_the_same_bytes_each_time(entry: Entry, browser: Client) -> None:
    path = f"/history/{entry.public_id}.json"
    assert browser.get(path).content == browser.get(path).content


def test_one_changed_byte_is_refused(entry: Entry, browser: Client) -> None:
    data = browser.get(f"/history/{entry.public_id}.json").content
    keys = read_keys(browser.get("/.well-known/consent-keys.json").content)
    for position in range(0, len(data), 7):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises(Fault):
            verify(bytes(changed), keys)


def test_the_file_names_nobody(anna: Customer, entry: Entry, browser: Client) -> None:
    data = browser.get(f"/history/{entry.public_id}.json").content.decode()
    assert "anna" not in data.lower()
    assert "@" not in data
    assert anna.code not in data


# ── Nobody else's ───────────────────────────────────────────────────────────────────────────────────────────────────


def without_chance(content: bytes) -> str:
    """A page without what is random in it: the proofs of origin of its forms. Its own address stands in a form, too."""
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", content.decode())
    return re.sub(r"/history/[0-9a-f-]{36}", "/history/X", plain)


@pytest.mark.parametrize("end", ["/", ".json", ".jsonld"])
def test_somebody_elses_receipt_is_answered_like_one_that_never_was(bea: Customer, entry: Entry, end: str) -> None:
    stranger = signed_in(bea)
    theirs = stranger.get(f"/history/{entry.public_id}{end}")
    unknown = stranger.get(f"/history/{uuid.uuid4()}{end}")
    assert theirs.status_code == unknown.status_code == 404
    assert without_chance(theirs.content) == without_chance(unknown.content)
    assert {name: value for name, value in theirs.headers.items() if name not in {"Content-Length", "X-Request-Id"}} == {
        name: value for name, value in unknown.headers.items() if name not in {"Content-Length", "X-Request-Id"}
    }
    assert "Linden &amp; Loom" in theirs.content.decode()


def test_an_entry_of_the_brands_own_chain_is_nobodys_receipt(anna: Customer, browser: Client) -> None:
    public = Entry.objects.of(anna.brand.subject).first()
    assert public is not None
    assert browser.get(f"/history/{public.public_id}/").status_code == 404


@pytest.mark.parametrize("text_", ["nosuch", "0" * 36, "0192b1b2-0000-7000-8000-00000000000", "..%2f..%2fetc"])
def test_what_is_no_receipt_at_all_is_not_found(browser: Client, text_: str) -> None:
    assert browser.get(f"/history/{text_}/").status_code == 404


@pytest.mark.parametrize("end", ["/", ".json", ".jsonld"])
def test_receipts_are_read_and_not_written(entry: Entry, browser: Client, end: str) -> None:
    assert browser.post(f"/history/{entry.public_id}{end}").status_code == 405


def test_no_page_about_a_person_may_be_kept_by_a_cache(entry: Entry, browser: Client) -> None:
    for path in ("/choices/", "/history/", f"/history/{entry.public_id}/", f"/history/{entry.public_id}.json"):
        assert browser.get(path)["Cache-Control"] == "private, no-store", path


def test_the_form_and_the_receipt_name_the_same_wording(anna: Customer, entry: Entry) -> None:
    assert json.loads(entry.payload or "")["shown"] == page(anna, "news", "email").shown
