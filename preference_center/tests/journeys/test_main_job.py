"""The main job, from outside: a running center, Chromium with scripts off, the demo's mailbox, and in the end no server at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from preference_center.tests.servers import ROOT, Installation, Server, wait_for

ANNA = "anna.kowalczyk@example.com"


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
        mail = page.locator("main a[href*='/demo/mailbox/']").first
        if not mail.count():
            return ""
        mail.click()
        found = re.search(r"^\s*(\d{6})\s*$", page.locator("main").inner_text(), re.MULTILINE)
        return found[1] if found else ""

    return str(wait_for(look, "the code in the mailbox"))


def say(page: Page, purpose: str, decision: str) -> None:
    page.goto("/choices/")
    page.locator(f"form[action='/choices/{purpose}/'] button[value={decision}]").click()
    pressed = page.locator(f"form[action='/choices/{purpose}/'] button[value={decision}]")
    assert pressed.get_attribute("aria-pressed") == "true"


def save(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def verified(receipt: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ledger.verify", str(receipt)], cwd=ROOT, capture_output=True, text=True, env={})


def test_anna_decides_takes_one_back_and_keeps_the_proof(open_page, center, axe, tmp_path):
    page, mailbox = open_page("linden"), open_page("linden")
    page.goto("/sign-in/")
    page.fill("input[type=email]", ANNA)
    page.locator("main form:has(input[type=email]) button").first.click()
    page.fill("input[name=code]", newest_code(mailbox))
    page.locator("main form:has(input[name=code]) button").first.click()
    assert "/sign-in/" not in page.url

    say(page, "makers", "allow")
    say(page, "ads", "allow")
    say(page, "ads", "deny")
    axe(page)

    page.goto("/history/")
    page.locator("main a[href^='/history/']:not([href='/history/'])").first.click()
    axe(page)
    receipt = save(page, "Receipt (JSON)", tmp_path)
    keys = save(page, "Public keys", tmp_path)
    assert keys.name == "consent-keys.json"

    center.stop()
    assert verified(receipt).returncode == 0, verified(receipt).stderr
    raw = receipt.read_bytes()
    assert b'"ads"' in raw
    receipt.write_bytes(raw.replace(b'"ads"', b'"add"'))
    assert verified(receipt).returncode == 1
