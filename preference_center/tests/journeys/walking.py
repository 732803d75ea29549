"""The steps that several journeys take: through the sign-in with the code from the mail, and to a press of a button."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page

# What the fixtures of those names give: see conftest.py.
OpenPage = Callable[..., Page]
ComeIn = Callable[..., Page]
Violations = Callable[..., list[str]]

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")

SIX_DIGITS = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


def newest_code(folder: Path, address: str) -> str:
    """From the newest mail to that address."""
    for path in sorted(folder.glob("*.eml"), reverse=True):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        found = SIX_DIGITS.search(body.get_content()) if body and address in str(mail["To"]) else None
        if found:
            return found[1]
    raise AssertionError(f"no code was mailed to {address}")


def ask_for_a_code(page: Page, address: str) -> None:
    page.goto("/sign-in/")
    page.fill("input[type=email]", address)
    press(page.locator("main form:has(input[type=email]) button").first)


def enter_code(page: Page, code: str) -> None:
    page.fill("input[name=code]", code)
    press(page.locator("main form:has(input[name=code]) button").first)


def sign_in(page: Page, address: str, folder: Path, work: Callable[[], int]) -> None:
    """As a person does it; the mail goes out because the job is done here and now."""
    ask_for_a_code(page, address)
    work()
    enter_code(page, newest_code(folder, address))


def press(button: Locator) -> None:
    """A button, or a link, until the page that it leads to is there: a click returns before that."""
    with button.page.expect_navigation():
        button.click()


def answer(page: Page, action: str, decision: str) -> Locator:
    """One of the buttons of the form that posts there."""
    return page.locator(f"form[action='{action}'] button[name=decision][value={decision}]")


def pressed(page: Page, action: str) -> str:
    """allow, deny, or "" when neither of the two buttons is pressed."""
    found = page.locator(f"form[action='{action}'] button[name=decision][aria-pressed=true]")
    return str(found.get_attribute("value")) if found.count() else ""


def carry(client: Client, page: Page, url: str) -> None:
    """Takes the session of a test client over into the browser."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
