"""The system's Chromium on the live pages: with scripts off unless a test says otherwise, and with axe at hand."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Request, Response

from accounts.models import Customer
from jobs.actions import run_due
from ledger.proving import prove
from notifications.sending.loop import send_all
from preference_center.tests.cast import SignedIn
from preference_center.tests.journeys.pages import make_world as make_world
from preference_center.tests.journeys.played import played as played
from preference_center.tests.journeys.walking import WCAG, ComeIn, OpenPage, Violations, carry
from preference_center.tests.servers import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def server(live_server: Any) -> Server:
    """Pages served from this process, on the database of the test. What a request enqueues is done by `work()`."""
    return Server(live_server.url)


class Watch:
    """What the pages of one test did wrong, and which of them have their scripts off."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.paused = False
        self.scripts_off: dict[Page, CDPSession] = {}

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def _console(self, message: ConsoleMessage) -> None:
        """Errors of any kind. A file that is missing is told by _response; the answer to a document may well be a 404."""
        if not self.paused and message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if not (host == "127.0.0.1" or host == "localhost" or host.endswith(".localhost")):
            self.faults.append(f"asked a third party: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"{response.status} {response.url}")

    def turn_scripts_off(self, page: Page) -> None:
        self.scripts_off[page] = page.context.new_cdp_session(page)
        self.scripts_off[page].send("Emulation.setScriptExecutionDisabled", {"value": True})

    @contextmanager
    def with_scripts(self, page: Page) -> Iterator[None]:
        """axe is a script. The page's own scripts, which were skipped while it was read, do not run now either."""
        self.paused = True
        switch = self.scripts_off.get(page)
        if switch:
            switch.send("Emulation.setScriptExecutionDisabled", {"value": False})
        yield
        if switch:
            switch.send("Emulation.setScriptExecutionDisabled", {"value": True})
        self.paused = False


@pytest.fixture
def watch() -> Iterator[Watch]:
    """At the end the test fails if a page broke the content security policy, raised in a script, asked a third party or lacked a file."""
    one = Watch()
    yield one
    assert not one.faults, "\n".join(one.faults)


@pytest.fixture
def open_page(browser: Browser, server: Server, watch: Watch) -> Iterator[OpenPage]:
    """`open_page("linden", dark=True, width=390)`: a page of a fresh browser profile whose relative addresses lead to that brand.

    Scripts are off unless `javascript=True`. Further options are those of Playwright's new_context.
    """
    contexts: list[BrowserContext] = []

    def open_one(
        brand: str = "linden", *, javascript: bool = False, dark: bool = False, width: int = 1280, language: str = "en", **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=server.url(brand),
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            locale=language,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(20_000)
        watch.over(context)
        contexts.append(context)
        page = context.new_page()
        if not javascript:
            watch.turn_scripts_off(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def come_in(open_page: OpenPage, signed_in: SignedIn, server: Server) -> ComeIn:
    """`come_in(anna, width=390)`: a page of a fresh browser profile in which she has just signed in. Options as for `open_page`."""

    def enter(customer: Customer, **options: Any) -> Page:
        page = open_page(customer.brand.key, **options)
        carry(signed_in(customer), page, server.url(customer.brand.key))
        return page

    return enter


COMBINATIONS = [(brand, dark, width) for brand in ("linden", "kingfisher") for dark in (False, True) for width in (1280, 390)]


def combination_of(name: str, brand: str = "") -> tuple[str, bool, int]:
    """(brand, dark, width) that the test of this page runs in: fixed by the name, so that pages share the eight among them; of a page that
    one `brand` has, the four of that."""
    mine = [each for each in COMBINATIONS if brand in ("", each[0])]
    return mine[zlib.crc32(name.encode()) % len(mine)]


@pytest.fixture
def violations(watch: Watch) -> Violations:
    """`violations(page)` opens all details and says what breaks WCAG 2.2 A and AA or best practice; other rules: `tags=`."""
    rules = Axe()

    def examine(page: Page, tags: Sequence[str] = (*WCAG, "best-practice")) -> list[str]:
        with watch.with_scripts(page):
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found = rules.run(page, options={"runOnly": list(tags), "resultTypes": ["violations"]}).response["violations"]
        return [f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:160]}" for rule in found for node in rule["nodes"]]

    return examine


@pytest.fixture
def axe(violations: Violations) -> Callable[[Page], None]:
    """`axe(page)` fails with a readable report on any violation of WCAG 2.2 A and AA and best practice."""

    def examine(page: Page) -> None:
        found = violations(page)
        assert not found, "\n".join([page.url, *found])

    return examine


@pytest.fixture
def mail_folder(settings: Any) -> Path:
    """Mail of this test is written as files into the folder that this names, as in the embedded mode."""
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    return Path(settings.MAIL_DIR)


@pytest.fixture
def work() -> Callable[[], int]:
    """`work()` does here and now what the background does: positions, followers, due jobs, mail. Returns how many jobs and mails."""

    def do() -> int:
        prove()
        return run_due() + send_all()

    return do
