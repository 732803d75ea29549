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
        code = str(wait_for(lambda: self._code(page.context.new_page(), address), "the code in the mailbox"))
        page.fill("input[name=code]", code)
        press(page.locator("main form:has(input[name=code]) button").first)

    def _code(self, page: Page, address: str) -> str:
        page.goto("/demo/mailbox/")
        mails = page.locator("main a[href*='/demo/mailbox/']", has_text=CODE_MAIL).filter(has_text=address)
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


def opened(page: Page, address: str, note: str = "", reason: str = "called") -> None:
    """That customer's record, as an agent opens it."""
    page.goto("/desk/people/")
    page.fill("input[name=typed]", address)
    press(page.locator("#content form button"))
    press(page.locator("#content table a").first)
    if page.locator("select[name=reason]").count() and not page.locator(".person").count():
        page.select_option("select[name=reason]", reason)
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


@picture
def desk_find(studio: Studio, path: Path) -> None:
    page = studio.desk(SAM)
    page.goto("/desk/people/")
    page.fill("input[name=typed]", "anna.kowalczyk@example.com")
    press(page.locator("#content form button"))
    page.screenshot(path=path, full_page=True)


def asked(studio: Studio, kind: str, text: str) -> None:
    """A request of Carol's, once; she has shown nothing but the code she signed in with."""
    page = studio.page("carol.novak@example.com")
    page.goto("/requests/")
    if page.locator("main a[href*='/requests/R-']").count():
        return
    page.goto(f"/requests/{kind}/")
    page.fill("main textarea", text)
    press(page.locator("main form:has(textarea) button").first)
    press(page.locator("main .btn--primary", has_text="Send the request"))


def opened_request(studio: Studio) -> Page:
    asked(studio, "correct", "My name is Karolina, not Carol.")
    page = studio.desk(SAM)
    page.goto("/desk/requests/request/")
    press(page.locator("#result_list tbody a").first)
    if page.locator("#content form button[value=look]").count():
        press(page.locator("#content form button[value=look]"))
    return page


@picture
def desk_queue(studio: Studio, path: Path) -> None:
    asked(studio, "correct", "My name is Karolina, not Carol.")
    page = studio.desk(SAM)
    page.goto("/desk/requests/request/")
    page.screenshot(path=path, full_page=True)


@picture
def desk_request(studio: Studio, path: Path) -> None:
    page = opened_request(studio)
    if page.locator("#act-correct").count():
        page.locator("#act-correct summary").click()
        page.fill("#act-correct input[name=name]", "Karolina Novak")
        press(page.locator("#act-correct button[name=see]"))
    page.screenshot(path=path, full_page=True)


def draft_of(page: Page, purpose: str) -> None:
    """A new version of that purpose, begun by its editor."""
    page.goto("/desk/catalogue/purpose/")
    page.check(f"#result_list tr:has(td:text-is('{purpose}')) input[name=_selected_action]")
    page.select_option("select[name=action]", "revise")
    press(page.locator("#changelist-form .actions button"))
    page.goto("/desk/catalogue/purposeversion/?published=no")
    press(page.locator("#result_list tbody th a").first)


@picture
def desk_draft(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    draft_of(page, "news")
    page.fill("textarea[name=texts-0-sentence]", "We write to you about new fabrics, twice a month, and about sales.")
    press(page.locator("input[name=_continue]"))
    press(page.locator(".object-tools a", has_text="As a customer"))
    page.screenshot(path=path, full_page=True)


@picture
def desk_draft_as_read(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/catalogue/purposeversion/?published=no")
    if not page.locator("#result_list tbody th a").count():
        draft_of(page, "news")
    else:
        press(page.locator("#result_list tbody th a").first)
    press(page.locator(".object-tools a", has_text="As a customer"))
    press(page.locator("#as-read a[href*='language=pl']").first)
    page.screenshot(path=path, full_page=True)


@picture
def desk_reports(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/reports/")
    press(page.locator("form[action*='/verify/'] button"))
    wait_for(lambda: _verified(page), "the ledger to be read")
    page.screenshot(path=path, full_page=True)


def _verified(page: Page) -> bool:
    page.goto("/desk/reports/")
    return "everything fits" in page.locator("#content").inner_text()


@picture
def desk_colleagues(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/colleagues/")
    page.screenshot(path=path, full_page=True)


@picture
def desk_family(studio: Studio, path: Path) -> None:
    page = studio.desk("iga@kingfisher.example", "kingfisher", dark=True)
    opened(page, "marta.zielinska@example.com", reason="family")
    page.screenshot(path=path, full_page=True)


@picture
def desk_look(studio: Studio, path: Path) -> None:
    page = studio.desk(OLA)
    page.goto("/desk/brands/theme/")
    press(page.locator("#result_list tbody th a").first)
    page.fill("input[name=accent]", "#5a1f55")
    press(page.locator("button[formaction]"))
    page.screenshot(path=path)


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
