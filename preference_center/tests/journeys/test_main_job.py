"""The main job, from outside: a running center, Chromium with scripts off, the demo's mailbox, and in the end no server at all."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ledger.verify import Fault, read_keys, verify
from preference_center.tests.journeys.walking import SIX_DIGITS, answer, ask_for_a_code, enter_code, press, pressed
from preference_center.tests.servers import ROOT, Installation, Server, wait_for

ANNA = "anna.nowak@example.com"  # nobody of the demo: her record begins here
CHANGES = (0x01, 0x20, 0x80)  # the bits that are flipped in each byte


@pytest.fixture
def center(installation: Callable[..., Installation]) -> Installation:
    here = installation(DEMO="1", DEBUG="1")
    here.up()
    return here


@pytest.fixture
def server(center: Installation) -> Server:
    return center.server


def newest_code(page: Page) -> str:
    """Read in the demo's mailbox, once the worker has sent it."""

    def look() -> str:
        page.goto("/demo/mailbox/")
        mail = page.locator("main a[href*='/demo/mailbox/']", has_text="is your code").first  # other mails arrive, too
        if not mail.count():
            return ""
        press(mail)
        found = SIX_DIGITS.search(page.locator("main").inner_text())
        return found[1] if found else ""

    return str(wait_for(look, "the code in the mailbox"))


def say(page: Page, purpose: str, decision: str) -> None:
    page.goto("/choices/")
    press(answer(page, f"/choices/{purpose}/", decision))
    assert pressed(page, f"/choices/{purpose}/") == decision


def save(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def verified(receipt: Path) -> subprocess.CompletedProcess[str]:
    """As on somebody else's machine: no settings, no database, an empty environment."""
    return subprocess.run([sys.executable, "-m", "ledger.verify", str(receipt)], cwd=ROOT, capture_output=True, text=True, env={})


def refusals(receipt: bytes, keys: bytes) -> int:
    """Changes every byte of the receipt in each of the three ways; how many of these files are refused."""
    known = read_keys(keys)
    refused = 0
    for place in range(len(receipt)):
        for change in CHANGES:
            edited = bytearray(receipt)
            edited[place] ^= change
            try:
                verify(bytes(edited), known)
            except Fault:
                refused += 1
    return refused


def test_anna_decides_takes_one_back_and_keeps_the_proof(open_page, center, axe, tmp_path, capsys: Any):
    page, mailbox = open_page("linden"), open_page("linden")
    ask_for_a_code(page, ANNA)
    enter_code(page, newest_code(mailbox))
    assert page.url.endswith(f":{center.port}/")
    page.goto("/choices/")
    assert page.locator("[aria-pressed=true]").count() == 0

    say(page, "makers", "allow")
    say(page, "ads", "allow")
    say(page, "ads", "deny")
    assert pressed(page, "/choices/makers/") == "allow"
    axe(page)

    page.goto("/history/")
    latest = page.locator("main .ledger a[href^='/history/']").filter(has_text="ads on other sites")  # a partner may have confirmed since
    press(latest.first)
    assert "ads on other sites" in page.locator("main .lede").inner_text()
    axe(page)
    receipt = save(page, "Receipt (JSON)", tmp_path)
    keys = save(page, "Public keys", tmp_path)
    assert keys.name == "consent-keys.json"

    center.stop()
    with pytest.raises(urllib.error.URLError):
        center.get("/healthz/")
    genuine = verified(receipt)
    assert genuine.returncode == 0, genuine.stdout + genuine.stderr
    assert "genuine" in genuine.stdout
    raw = receipt.read_bytes()
    assert verify(raw, read_keys(keys.read_bytes()))["state"] == "withdrawn"
    refused = refusals(raw, keys.read_bytes())
    with capsys.disabled():
        sys.stdout.write(f"\n{refused} of {len(raw) * len(CHANGES)} single-byte changes of a receipt of {len(raw)} bytes refused\n")
    assert refused == len(raw) * len(CHANGES) > 3000
    receipt.write_bytes(raw.replace(b'"ads"', b'"add"'))
    assert verified(receipt).returncode == 1
