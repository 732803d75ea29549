"""The system's Chromium, started once a process: a second driver beside a running one refuses to start."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",  # the tests may run as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Gone before the database is, and with it whatever was serving it."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: `make test` installs it"
    # Playwright keeps an event loop in this thread; Django would take every query for one made inside a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:  # it waits on a connection that the browser kept, and holds one to the database
                thread.join(10)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
