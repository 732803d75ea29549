"""What giving and taking back cost in clicks and fields, from every kind of page and from a mail: walked in Chromium, scripts off.

Not a figure of speed: the baseline of taking back is giving, and it may not cost more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import Customer
from benchmarks.browsers import session_cookie
from benchmarks.harness import Row
from benchmarks.options import Options
from benchmarks.web import server
from brands.models import Brand
from jobs.actions import run_due
from preference_center.demo.cast import HOSTS
from preference_center.tests.journeys.clicking import STARTS, Cost, Measuring, Pair, controls

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]


def rows(options: Options) -> list[Row]:
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is not installed: `make test` installs it")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in this thread
    with server(1) as (port, _process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        found = [row for key in HOSTS for row in of_brand(browser, port, Brand.objects.get(key=key), options)]
        browser.close()
    return found


def of_brand(browser: Browser, port: int, brand: Brand, options: Options) -> Iterator[Row]:
    def page_of(customer: Customer | None) -> Page:
        url = f"http://{brand.host}:{port}"
        context = browser.new_context(base_url=url, locale="en")
        if customer is not None:
            name, _, value = session_cookie(customer).partition("=")
            context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
        return page

    measuring = Measuring(brand, page_of, Path(settings.MAIL_DIR), run_due)
    every = controls(brand)
    for start in STARTS:
        mine = [each for each in every if start.signed_in or each.basis == "consent"]
        pairs = [measuring.both(start, each) for each in (mine[:1] if options.quick else mine)]
        yield _row(brand, start.name, pairs, options)


def _row(brand: Brand, start: str, pairs: list[Pair], options: Options) -> Row:
    fair = sum(pair.fair for pair in pairs)
    return Row(
        f"clicks to take back, {brand.key}, from: {start}",
        options.database,
        said([pair.taking_back for pair in pairs]),
        f"to give: {said([pair.giving for pair in pairs])}",
        f"no dearer for {fair} of {len(pairs)} controls",
        "≤ giving",
        fair == len(pairs),
    )


def said(costs: list[Cost]) -> str:
    """“2”, “1–2”, “4 and 2 fields”."""
    clicks = _range([cost.clicks for cost in costs])
    return f"{clicks} and {_range([cost.fields for cost in costs])} fields" if any(cost.fields for cost in costs) else clicks


def _range(numbers: list[int]) -> str:
    return str(min(numbers)) if min(numbers) == max(numbers) else f"{min(numbers)}–{max(numbers)}"
