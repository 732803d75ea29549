"""/u/<token>/: can only reduce, acts on POST alone, needs neither cookie nor sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import links
from accounts.models import Customer
from brands.models import Brand
from consents.decide import decide
from consents.models import Frequency, Taste, Topic
from consents.states import Reason
from consents.tests.acting import allow
from consents.tests.forms_of import SignedIn, browser_at
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SCANNERS = ("Mozilla/5.0 (SafeLinks)", "MimecastLinkScanner/1.0", "GoogleImageProxy")


@pytest.fixture
def token(anna: Customer) -> str:
    allow(anna, "news", "email")
    Topic.objects.create(brand=anna.brand, key="rugs", purpose="news", names={"en": "Rugs", "pl": "Dywany"})
    Frequency.objects.create(brand=anna.brand, key="monthly", names={"en": "Monthly"}, days=28)
    return links.make(anna, links.Scope("news", "email"))


def decided(customer: Customer) -> int:
    return Entry.objects.of(customer.subject).count()


@pytest.mark.parametrize("agent", SCANNERS)
def test_a_scanner_that_follows_it_changes_nothing(anna: Customer, token: str, agent: str) -> None:
    before = decided(anna)
    client = browser_at(anna.brand, **{"user-agent": agent})
    for _ in range(3):
        assert client.get(f"/u/{token}/").status_code == 200
    assert client.head(f"/u/{token}/").status_code == 200
    assert decided(anna) == before
    assert decide(anna, "news", "email").allowed


def test_one_press_stops_it_and_twice_is_once(anna: Customer, token: str) -> None:
    client = browser_at(anna.brand)
    for _ in range(2):
        assert client.post(f"/u/{token}/", {"do": "stop"}).status_code == 303
    assert decide(anna, "news", "email").reason is Reason.WITHDRAWN
    entry = Entry.objects.of(anna.subject).filter(kind="choice.decided").latest("seq")
    assert (entry.actor, entry.act["how"], entry.act["assurance"], entry.act["shown"]) == (f"link:{anna.subject}", "link", "IV1", None)
    page = client.get(f"/u/{token}/").content.decode()
    assert entry.number in page
    assert "Undo" not in page


def test_the_one_click_of_a_mail_program_acts_without_a_redirect(anna: Customer, token: str) -> None:
    answer = browser_at(anna.brand).post(f"/u/{token}/", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert decide(anna, "news", "email").reason is Reason.WITHDRAWN
    assert Entry.objects.of(anna.subject).latest("seq").act["how"] == "one_click"


def test_it_can_stop_all_marketing(anna: Customer, token: str) -> None:
    browser_at(anna.brand).post(f"/u/{token}/", {"do": "all"})
    assert decide(anna, "news", "email").reason is Reason.MARKETING_STOPPED


def test_keeping_fewer_only_narrows(anna: Customer, token: str) -> None:
    client = browser_at(anna.brand)
    client.post(f"/u/{token}/", {"do": "fewer", "topic_off": ["rugs", "forged"], "days": "28"})
    client.post(f"/u/{token}/", {"do": "fewer", "days": "0"})
    taste = Taste.objects.get(customer=anna, channel="email")
    assert (taste.topics_off, taste.days_between) == (["rugs"], 28)
    assert decide(anna, "news", "email").allowed


def test_it_shows_no_address_and_no_name(anna: Customer, token: str) -> None:
    anna.name = "Anna Kowalczyk"
    anna.save(update_fields=["name"])
    page = browser_at(anna.brand).get(f"/u/{token}/").content.decode()
    assert "anna@example.com" not in page
    assert "Kowalczyk" not in page
    assert "a•••@e•••.com" in page


@pytest.mark.parametrize("harm", ["cut", "altered", "padded", "empty", "long", "foreign letters"])
def test_a_harmed_token_is_over(anna: Customer, token: str, harm: str) -> None:
    harmed = {
        "cut": token[:-4], "altered": ("A" if token[0] != "A" else "B") + token[1:], "padded": f"{token}==", "empty": "-",
        "long": token * 20, "foreign letters": "ąęć",
    }[harm]  # fmt: skip
    for answer in (browser_at(anna.brand).get(f"/u/{harmed}/"), browser_at(anna.brand).post(f"/u/{harmed}/", {"do": "stop"})):
        assert answer.status_code == 410
    assert decide(anna, "news", "email").allowed


def test_a_token_of_another_brand_is_over(anna: Customer, token: str, kingfisher: Brand) -> None:
    assert browser_at(kingfisher).post(f"/u/{token}/", {"do": "stop"}).status_code == 410


def test_a_token_of_somebody_who_was_erased_is_over(anna: Customer, token: str) -> None:
    client = browser_at(anna.brand)
    anna.delete()
    before = Entry.objects.count()
    path = f"/u/{token}/"
    for answer in (client.get(path), client.post(path, {"do": "stop"}), client.post(path, {"List-Unsubscribe": "One-Click"})):
        assert answer.status_code == 410
    assert Entry.objects.count() == before


def test_an_old_key_still_verifies(anna: Customer, token: str, settings: Any) -> None:
    settings.LINK_KEYS = ["a newer key", *settings.LINK_KEYS]
    assert links.read(anna.brand, token).customer == anna
    settings.LINK_KEYS = ["a newer key"]
    with pytest.raises(links.BadLink):
        links.read(anna.brand, token)


def test_it_reads_nothing_else(anna: Customer, token: str, signed_in: SignedIn) -> None:
    assert browser_at(anna.brand).get("/history/").status_code == 302


def test_where_no_address_is_known_it_names_none(anna: Customer) -> None:
    page = browser_at(anna.brand).get(f"/u/{links.make(anna, links.Scope('news', 'sms'))}/").content.decode()
    assert "For the address" not in page
    assert "•" not in page


def test_of_a_number_it_shows_the_end() -> None:
    assert links.masked("+48 600 100 242") == "••• 42"


def test_it_offers_to_stop_everything_only_while_that_goes_on(anna: Customer, token: str) -> None:
    client = browser_at(anna.brand)
    assert 'value="all"' in client.get(f"/u/{token}/").content.decode()
    assert 'value="all"' not in client.get(f"/u/{links.make(anna, links.Scope('', ''))}/").content.decode()
    client.post(f"/u/{token}/", {"do": "all"})
    assert 'value="all"' not in client.get(f"/u/{token}/").content.decode()
