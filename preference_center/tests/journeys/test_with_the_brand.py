"""Sign in with the brand's own account, in Chromium: the policy of our pages lets the form lead to the provider, and to nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts import openid
from accounts.actions import save_provider
from accounts.models import OpenIdLink, OpenIdProvider
from accounts.tests.stub_provider import CLIENT, SECRET, StubProvider, running
from brands.models import Brand
from preference_center.tests.journeys.walking import OpenPage, press, sign_in
from preference_center.tests.servers import Server


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with running() as stub:
        yield stub


def test_it_is_linked_once_and_opens_the_page_from_then_on(
    linden: Brand, stub: StubProvider, open_page: OpenPage, server: Server, mail_folder: Path, work: Callable[[], int], settings: Any
) -> None:
    settings.PORT = str(server.port)
    provider = OpenIdProvider(label="Linden & Loom", issuer=stub.issuer, client_id=CLIENT, in_use=True)
    save_provider(provider, openid.discover(stub.issuer), brand=linden, secret=SECRET, by="system:tests")
    page = open_page("linden", javascript=False)
    sign_in(page, "anna@example.com", mail_folder, work)
    page.goto("/account/")
    press(page.locator("form[action='/account/with-brand/link/'] button"))
    assert page.url.endswith("/account/")
    assert "Linked." in page.content()
    assert OpenIdLink.objects.get().sub == stub.sub
    press(page.locator("form[action='/sign-out/'] button").first)
    page.goto("/sign-in/?next=/history/")
    press(page.locator("form[action='/sign-in/with-brand/'] button"))
    assert page.url.endswith("/history/")
    assert stub.tokens == 2
    assert all(asked["scope"] == "openid" for asked in stub.asked)
