"""The brand's own sign-in at the desk: an officer sets it, the provider is asked first, and its secret is shown to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import OpenIdProvider
from accounts.tests.stub_provider import CLIENT, SECRET, StubProvider, running
from brands.models import Brand
from preference_center.tests.test_desk import AtDesk, seat

pytestmark = pytest.mark.django_db
DESK = "/desk/accounts/openidprovider/"


@pytest.fixture
def stub() -> Iterator[StubProvider]:
    with running() as stub:
        yield stub


@pytest.fixture
def at_desk(linden: Brand, settings: Any) -> AtDesk:
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    return lambda *groups: seat(linden, settings.MAIL_DIR, *groups)


def fields(stub: StubProvider, **more: str) -> dict[str, str]:
    return {"label": "Linden", "issuer": stub.issuer, "client_id": CLIENT, "given_secret": SECRET, "in_use": "on"} | more


def test_an_officer_sets_it_and_customers_see_the_button(at_desk: AtDesk, stub: StubProvider, linden: Brand) -> None:
    officer = at_desk("officer")
    assert officer.post(f"{DESK}add/", fields(stub)).status_code == 302
    made = OpenIdProvider.objects.get()
    assert (made.brand, made.token_endpoint) == (linden, f"{stub.issuer}/token")
    page = officer.get(f"{DESK}{made.pk}/change/").content.decode()
    assert SECRET not in page
    assert made.secret not in page
    assert "/sign-in/with-brand/callback/" in page
    officer.post(f"{DESK}{made.pk}/change/", fields(stub, given_secret="", label="Linden & Loom"))
    assert OpenIdProvider.objects.get().secret == made.secret
    assert officer.get(f"{DESK}add/").status_code == 403, "one a brand"


def test_a_provider_that_does_not_answer_is_told_and_not_saved(at_desk: AtDesk, stub: StubProvider) -> None:
    officer = at_desk("officer")
    stub.answer = (500, b"")
    assert "could not be asked" in officer.post(f"{DESK}add/", fields(stub)).content.decode()
    assert not OpenIdProvider.objects.exists()


def test_nobody_else_sets_it(at_desk: AtDesk, stub: StubProvider) -> None:
    for role in ("agent", "editor", "auditor"):
        assert at_desk(role).post(f"{DESK}add/", fields(stub)).status_code in {403, 404}
    assert not OpenIdProvider.objects.exists()
