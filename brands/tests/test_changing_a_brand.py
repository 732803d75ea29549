"""make_brand, restyle, reword, change_legal_details, change_identity: it works; twice is once; no entry, no effect."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from brands import actions
from brands.models import Brand, Theme, Wording
from brands.tests.conftest import png
from ledger.models import Entry
from ledger.turns import Turn

BY = "staff:0123456789abcdef0123456789abcdef"

CHANGES: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "theme": (actions.restyle, {"theme_values": {"radius": "8px", "light_only": True}}, {"theme_values": {"radius": "9px"}}),
    "wording": (
        actions.reword,
        {"language": "en", "key": "choices.lede", "text": "Choose freely. You can change it any time."},
        {"language": "en", "key": "choices.lede", "text": "Choose as you like."},
    ),
    "legal": (actions.change_legal_details, {"details": {"legal_name": "Linden GmbH"}}, {"details": {"legal_name": "Linden SA"}}),
    "identity": (actions.change_identity, {"details": {"host": "privacy.linden.example"}}, {"details": {"name": "Linden"}}),
    "logo": (actions.set_logo, {"variant": "light", "upload": png(40, 20)}, {"variant": "light", "upload": png(20, 20)}),
}


def standing(brand: Brand) -> list[Any]:
    """Everything a change could touch, as it is in the database."""
    rows = [Brand.objects.filter(pk=brand.pk), Theme.objects.filter(brand=brand), Wording.objects.filter(brand=brand), brand.logos.all()]
    return [list(queryset.values()) for queryset in rows]


def test_it_makes_a_brand_with_a_chain_of_its_own(linden: Brand):
    first, second = Entry.objects.filter(subject=linden.subject).order_by("seq")[:2]
    assert [first.act["what"], second.act["what"]] == ["identity", "legal"]
    assert {first.kind, second.kind} == {"brand.changed"}
    assert first.brand == "linden"
    assert first.actor == "system:tests"


def test_it_makes_no_second_brand_of_a_key_or_a_host(linden: Brand):
    details = {column: getattr(linden, column) for column in (*Brand.IDENTITY, *Brand.LEGAL) if column not in {"name", "host"}}
    for key, host in (
        ("linden", "other.localhost"),
        ("other", "linden.localhost"),
        ("other", "Linden.localhost"),
        ("Other", "o.localhost"),
    ):
        with pytest.raises(ValidationError):
            actions.make_brand(key=key, name="Other", host=host, by=BY, **details)
    assert Brand.objects.count() == 1


@pytest.mark.parametrize("languages", [[], ["xx"], ["en", 1], "en", ["pl"]])
def test_it_makes_no_brand_that_cannot_speak(languages: Any, linden: Brand):
    with pytest.raises(ValidationError):
        actions.change_identity(linden, details={"languages": languages, "default_language": "en"}, by=BY)


@pytest.mark.parametrize("what", CHANGES)
def test_it_changes_and_says_so(linden: Brand, what: str):
    change, values, _other = CHANGES[what]
    before, epoch = standing(linden), linden.config_epoch
    entry = change(linden, by=BY, **values)
    assert entry.kind == "brand.changed"
    assert entry.act["what"] == what
    assert len(entry.act["sha256"]) == 64
    assert entry.actor == BY
    assert standing(linden) != before
    assert linden.config_epoch == Brand.objects.get(pk=linden.pk).config_epoch == epoch + 1


@pytest.mark.parametrize("what", CHANGES)
def test_twice_is_once(linden: Brand, what: str):
    change, values, other = CHANGES[what]
    change(linden, by=BY, **values)
    before, entries = standing(linden), Entry.objects.count()
    assert change(linden, by=BY, **values) is None
    assert (standing(linden), Entry.objects.count()) == (before, entries)
    assert change(linden, by=BY, **other) is not None


@pytest.mark.parametrize("what", CHANGES)
def test_without_an_entry_nothing_changes(linden: Brand, what: str, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise IntegrityError("the ledger takes nothing")

    before = standing(linden)
    monkeypatch.setattr(Turn, "append", refuse)
    change, values, _other = CHANGES[what]
    with pytest.raises(IntegrityError), transaction.atomic():
        change(linden, by=BY, **values)
    assert standing(linden) == before


@pytest.mark.parametrize("what", CHANGES)
def test_another_brand_is_left_alone(linden: Brand, kingfisher: Brand, what: str):
    before = standing(kingfisher)
    change, values, _other = CHANGES[what]
    change(linden, by=BY, **values)
    assert standing(kingfisher) == before


def test_the_hash_is_that_of_what_it_became(linden: Brand):
    entry = actions.change_legal_details(linden, details={"legal_name": "Łódź SA"}, by=BY)
    assert entry is not None
    content = {column: getattr(Brand.objects.get(pk=linden.pk), column) for column in Brand.LEGAL}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert entry.act["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_it_refuses_a_look_that_cannot_be_read(linden: Brand):
    before = standing(linden)
    with pytest.raises(ValidationError, match="ink on paper: 1.28 to 1"):
        actions.restyle(linden, theme_values={"ink": "#e3e3e3"}, by=BY)
    assert standing(linden) == before


@pytest.mark.parametrize("values", [{"answer": "#ffffff"}, {"good": "#ffffff"}, {"band": "url(x)"}])
def test_it_refuses_what_is_not_a_brands_to_set(linden: Brand, values: dict[str, Any]):
    with pytest.raises(ValidationError):
        actions.restyle(linden, theme_values=values, by=BY)


def test_legal_details_and_identity_are_two_matters(linden: Brand):
    with pytest.raises(ValidationError):
        actions.change_legal_details(linden, details={"host": "elsewhere.example"}, by=BY)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("decide.allow", "Yes please"),
        ("choices.lede", "Are you sure? You will miss our offers."),
        ("choices.lede", "Czy na pewno chcesz odejść?"),
        ("choices.lede", "Stay with us!"),
        ("choices.lede", "word " * 26),
        ("choices.lede", "Konstantynopolitańczykowianeczka"),
        ("choices.lede", "Hello {name}"),
        ("choices.lede", "Hello {brand.subject}"),
        ("choices.lede", "Words here. " * 30),
    ],
)
def test_it_refuses_words_that_push(linden: Brand, key: str, text: str):
    with pytest.raises(ValidationError):
        actions.reword(linden, language="en", key=key, text=text, by=BY)
    assert not linden.wordings.exists()


def test_it_refuses_a_language_the_brand_does_not_speak(linden: Brand):
    with pytest.raises(ValidationError):
        actions.reword(linden, language="de", key="choices.lede", text="Frei.", by=BY)


def test_an_empty_text_goes_back_to_ours(linden: Brand):
    actions.reword(linden, language="en", key="choices.lede", text="Choose freely.", by=BY)
    assert actions.reword(linden, language="en", key="choices.lede", text="", by=BY) is not None
    assert actions.reword(linden, language="en", key="choices.lede", text="", by=BY) is None
    assert not linden.wordings.exists()


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("brands_theme", "accent", "red"),
        ("brands_theme", "band", "none; } body { display: none"),
        ("brands_theme", "font_text", "a</style>"),
        ("brands_brand", "host", "UPPER.example"),
        ("brands_brand", "languages", "[]"),
        ("brands_brand", "config_epoch", 0),
        ("brands_brand", "key", "No Key"),
    ],
)
def test_the_database_refuses_what_the_forms_would(linden: Brand, table: str, column: str, value: Any):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s", [value])
