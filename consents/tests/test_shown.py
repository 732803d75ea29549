"""What was shown: the bytes of contracts.md 3, stored once, shown again, and as the person's own law has the buttons."""

from __future__ import annotations

import hashlib
import json

import pytest

from accounts.models import Customer
from brands.models import Brand
from catalogue.published import published
from consents import shown
from consents.models import Shown
from consents.screens import choices_page
from consents.standing import basis_here
from consents.tests.acting import acts, allow, deny, page
from consents.tests.catalogue_of_all_grounds import found_golden, resident


def test_the_bytes_are_the_contracts(anna: Customer) -> None:
    screen = shown.screen(anna.brand, published(anna.brand)["news"], "sms", "en")
    texts = published(anna.brand)["news"].for_language("en")
    expected = {
        "v": 1, "brand": "linden", "purpose": "news", "version": 1, "channel": "sms", "language": "en", "title": "News and offers",
        "sentence": f"{texts.sentence} At most one a month.",
        "facts": {
            "data": texts.data, "recipients": texts.recipients, "sold": texts.sold, "kept": texts.kept, "if_no": texts.if_no,
            "ground": texts.ground,
        },
        "buttons": ["Allow", "Don’t allow"], "controller": "Linden & Loom sp. z o.o., ul. Tkacka 8, 90-001 Łódź, Poland",
    }  # fmt: skip
    assert screen.body == json.dumps(expected, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert screen.sha256 == hashlib.sha256(screen.body).hexdigest()


def test_each_language_has_its_own(anna: Customer) -> None:
    purpose = published(anna.brand)["recs"]
    english, polish = (json.loads(shown.screen(anna.brand, purpose, "", language).body) for language in ("en", "pl"))
    assert (english["language"], polish["language"]) == ("en", "pl")
    assert polish["title"] == "Podpowiedzi dopasowane do domu"


def test_it_is_stored_once_for_everybody(anna: Customer, bea: Customer) -> None:
    allow(anna, "recs")
    allow(bea, "recs")
    deny(anna, "recs")
    assert Shown.objects.count() == 1
    assert acts(anna)[0]["shown"] == acts(bea)[0]["shown"] == Shown.objects.get().sha256


def test_it_is_shown_again_as_it_was(anna: Customer) -> None:
    allow(anna, "recs")
    saw = shown.again(acts(anna)[-1]["shown"])
    assert saw is not None
    assert saw["title"] == "Suggestions that match your home"


@pytest.mark.parametrize("sha256", [None, "", "0" * 64])
def test_nothing_shown_is_nothing_again(anna: Customer, sha256: str | None) -> None:
    assert shown.again(sha256) is None


def test_bytes_that_do_not_fit_their_hash_are_not_shown(anna: Customer) -> None:
    allow(anna, "recs")
    Shown.objects.update(body=Shown.objects.get().body.replace("fabrics", "anything"))
    assert shown.again(acts(anna)[-1]["shown"]) is None


def test_the_buttons_are_those_of_the_page(linden: Brand) -> None:
    """A legitimate interest that the law of Germany turns into consent stands on the page with Allow and Don't allow."""
    golden = found_golden()
    gail = resident(golden)
    Customer.objects.filter(pk=gail.pk).update(country="DE", region="")
    gail.refresh_from_db()
    gail.brand = golden
    use = published(golden)["legitimate-interest"]
    assert basis_here(gail, use) == "consent"
    assert "legitimate-interest" in {card.id for card in choices_page(gail, "en").optional}
    allow(gail, "legitimate-interest")
    saw = shown.again(acts(gail)[-1]["shown"])
    assert saw is not None
    assert saw["buttons"] == ["Allow", "Don’t allow"]
    californian = resident(golden, "CA")
    Customer.objects.filter(pk=californian.pk).update(country="US", region="CA")
    californian.refresh_from_db()
    californian.brand = golden
    deny(californian, "legitimate-interest")
    saw = shown.again(acts(californian)[-1]["shown"])
    assert saw is not None
    assert saw["buttons"] == ["Take back the objection", "Object"]


def test_the_form_of_the_page_says_what_is_shown(anna: Customer) -> None:
    rows = {row.id: row for row in choices_page(anna, "en").rows}
    decide = rows["news-sms"].decide
    assert decide is not None
    nonce, seen, version, language, sha256 = dict(decide.hidden)["page"].split(".")
    said = page(anna, "news", "sms")
    assert (int(seen), int(version), language, sha256) == (said.seen, 1, "en", said.shown)
    assert len(nonce) == 32


@pytest.mark.parametrize("channel", ["email", "sms", "phone", "post", "push"])
def test_every_channel_has_a_name(channel: str) -> None:
    assert shown.channel_name(channel) not in ("", channel)
    assert shown.channel_name("pigeon") == "pigeon"
