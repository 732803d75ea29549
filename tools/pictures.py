"""Takes the pictures of the README and the guides from the running product: `make pictures`, or `make pictures ONLY=question,desk-home`.

A demo of its own is started in a temporary folder, on SQLite, and looked at in Chromium with scripts off. Each picture is a function below,
with the name of its file; the demo's people sign in as people do.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from base64 import b32decode
from collections.abc import Callable
from pathlib import Path

from django_otp.oath import totp
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from preference_center.tests.a_browser import FLAGS
from preference_center.tests.servers import Installation, wait_for

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
CODE_MAIL = re.compile(r"is your code|to Twój kod")
SIX_DIGITS = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)
WIDE, NARROW, HEIGHT = 1180, 390, 820
PEOPLE = 2000

Picture = Callable[["Studio", Path], None]
ALBUM: dict[str, Picture] = {}


def picture(take: Picture) -> Picture:
    ALBUM[take.__name__.replace("_", "-")] = take
    return take


class Studio:
    """The running demo, a browser, and the way in for each of its people."""

    def __init__(self, center: Installation, secrets: dict[str, bytes], browser: Browser) -> None:
        self.center, self.secrets, self.browser = center, secrets, browser
        self.profiles: dict[str, Page] = {}

    def page(self, who: str = "", brand: str = "linden", *, dark: bool = False, language: str = "en", width: int = WIDE) -> Page:
        """A window in which that person is signed in, and no other of theirs is touched: looks differ by window."""
        key = f"{who}@{brand}"
        if key not in self.profiles:
            context = self.browser.new_context(base_url=self.center.server.url(brand), java_script_enabled=False, reduced_motion="reduce")
            self.profiles[key] = context.new_page()
            if who:
                self._sign_in(self.profiles[key], who)
        page = self.profiles[key]
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.goto("/")
        self._speak(page, language)
        return page

    def desk(self, who: str, brand: str = "linden", *, dark: bool = False, language: str = "en", width: int = WIDE) -> Page:
        """The same for somebody who works there, with their second factor shown."""
        first = f"{who}@{brand}" not in self.profiles
        page = self.page(who, brand, dark=dark, language=language, width=width)
        if first:
            page.goto("/desk/")
            page.fill("input[name=token]", self.number(who))
            press(page.locator("main form:has(input[name=token]) button").first)
            if page.locator("html").get_attribute("lang") != language:
                press(page.locator(f"#user-tools button[value={language}]"))
        return page

    def _sign_in(self, page: Page, address: str) -> None:
        page.goto("/sign-in/")
        page.fill("input[type=email]", address)
        press(page.locator("main form:has(input[type=email]) button").first)
        code = str(wait_for(lambda: self._code(page.context.new_page()), "the code in the mailbox"))
        page.fill("input[name=code]", code)
        press(page.locator("main form:has(input[name=code]) button").first)

    def _code(self, page: Page) -> str:
        page.goto("/demo/mailbox/")
        mails = page.locator("main a[href*='/demo/mailbox/']", has_text=CODE_MAIL)
        found = None
        if mails.count():
            press(mails.first)
            found = SIX_DIGITS.search(page.locator("main").inner_text())
        page.close()
        return found[1] if found else ""

    @staticmethod
    def _speak(page: Page, language: str) -> None:
        if page.locator("html").get_attribute("lang") != language:
            press(page.locator(f"header button[value={language}]"))

    def number(self, who: str) -> str:
        """What that person's authenticator shows, and will go on showing for some seconds."""
        while time.time() % 30 > 25:
            time.sleep(0.5)
        return f"{totp(self.secrets[who]):06d}"


def press(button: Locator) -> None:
    with button.page.expect_navigation():
        button.click()


# ── The pictures ────────────────────────────────────────────────────────────────────────────────────────────────────


@picture
def question(studio: Studio, path: Path) -> None:
    page = studio.page("carol.novak@example.com")
    page.goto("/choices/")
    press(page.locator("form[action='/choices/recs/'] button[value=allow]"))
    page.goto("/demo/shop/")
    press(page.locator("main form button").first)
    press(page.locator("main form[action*=pay] button").first)
    page.screenshot(path=path, full_page=True)


SAM, OLA = "sam@linden.example", "ola@linden.example"


def opened(page: Page, address: str, note: str = "") -> None:
    """That customer's record, as an agent opens it."""
    page.goto("/desk/people/")
    page.fill("input[name=typed]", address)
    press(page.locator("#content form button"))
    press(page.locator("#content table a").first)
    if page.locator("select[name=reason]").count() and not page.locator(".person").count():
        page.select_option("select[name=reason]", "called")
        page.fill("input[name=note]", note)
        press(page.locator("#content form button"))


@picture
def desk_home(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/")
    page.screenshot(path=path, full_page=True)


@picture
def desk_figures(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/figures/?use=news/email&days=365")
    page.screenshot(path=path, full_page=True)


@picture
def desk_person(studio: Studio, path: Path) -> None:
    page = studio.desk(SAM)
    opened(page, "anna.kowalczyk@example.com", "You asked about the newsletter.")
    page.screenshot(path=path, full_page=True)


def main() -> None:
    wanted = {name for name in (sys.argv[1] if len(sys.argv) > 1 else "").split(",") if name} or set(ALBUM)
    if unknown := wanted - set(ALBUM):
        sys.exit(f"No such picture: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(ALBUM))}.")
    program = shutil.which("chromium") or sys.exit("chromium is not installed: `make setup-dev` installs it")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        center = Installation(Path(folder), "", {"DEMO": "1", "DEBUG": "1"})
        try:
            for command in ("migrate --verbosity=0", "createcachetable", f"demo --people {PEOPLE}"):  # so that the figures tell something
                center.manage(*command.split())
            told = center.up().output
            secrets = {who: b32decode(secret) for who, secret in re.findall(r"^ +(\S+@\S+) +([A-Z2-7]{32})$", told, re.MULTILINE)}
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            studio = Studio(center, secrets, browser)
            for name, take in ALBUM.items():
                if name in wanted:
                    take(studio, PICTURES / f"{name}.png")
                    print(f"docs/pictures/{name}.png", flush=True)
            browser.close()
        finally:
            center.stop()


if __name__ == "__main__":
    main()
