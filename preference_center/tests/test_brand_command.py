"""A brand from files: begun from a starter pack, checked, opened whole or not at all, and brought to what the files say."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from brands.models import Brand
from ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_law")]
HOST = "privacy.example.localhost"


def brand(*said: str) -> str:
    out = io.StringIO()
    call_command("brand", *said, stdout=out)
    return out.getvalue()


@pytest.fixture(params=["shop", "club"])
def folder(request: Any, tmp_path: Path) -> Path:
    brand("begin", str(tmp_path / "mine"), "--like", request.param, "--key", "mine")
    return tmp_path / "mine"


def test_a_starter_pack_opens_as_it_was_copied(folder: Path) -> None:
    told = brand("open", str(folder), "--host", HOST)
    assert f"(mine) at {HOST}" in told
    assert "manage.py appoint" in told
    opened = Brand.objects.get(key="mine")
    assert opened.purposes.count() > 5
    assert Client(headers={"host": HOST}).get("/choices/").status_code == 200
    entries = Entry.objects.of(opened.subject)
    assert {entry.actor for entry in entries} == {"system:operator"}
    before = entries.count()
    brand("open", str(folder), "--host", HOST)
    assert entries.count() == before, "twice is once"


def test_a_check_keeps_nothing(folder: Path) -> None:
    before = Entry.objects.count()
    assert "Nothing was kept" in brand("open", str(folder), "--host", HOST, "--check")
    assert (Brand.objects.filter(key="mine").exists(), Entry.objects.count()) == (False, before)


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("brand.yaml", 'accent: "#1f5547"', 'accent: "#eeeeee"', "4.5"),
        ("purposes.yaml", "basis: consent", "basis: whim", "whim"),
        ("brand.yaml", "key: mine", "key: [", "not what it should be"),
        ("brand.yaml", "name: ", "nome: ", "not what it should be"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_half_there(tmp_path: Path, name: str, old: str, new: str, why: str) -> None:
    brand("begin", str(tmp_path / "mine"), "--key", "mine")
    file = tmp_path / "mine" / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = Entry.objects.count()
    with pytest.raises(CommandError, match=why):
        brand("open", str(tmp_path / "mine"), "--host", HOST)
    assert (Brand.objects.filter(key="mine").exists(), Entry.objects.count()) == (False, before)


def test_a_folder_that_is_there_is_left_alone_and_one_that_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there already"):
        brand("begin", str(tmp_path), "--key", "mine")
    with pytest.raises(CommandError, match=r"brand\.yaml is not there"):
        brand("open", str(tmp_path / "none"), "--host", HOST)


def test_a_host_or_key_that_is_taken_is_refused(tmp_path: Path, linden: Brand) -> None:
    brand("begin", str(tmp_path / "mine"), "--key", "mine")
    with pytest.raises(CommandError):
        brand("open", str(tmp_path / "mine"), "--host", linden.host)


def test_a_brand_that_is_there_is_not_moved_without_a_word(tmp_path: Path, linden: Brand) -> None:
    brand("begin", str(tmp_path / "mine"), "--key", linden.key)
    with pytest.raises(CommandError, match="--move"):
        brand("open", str(tmp_path / "mine"), "--host", HOST)
    assert Brand.objects.get(key=linden.key).host == linden.host
    assert "Brought up to date" in brand("open", str(tmp_path / "mine"), "--host", HOST, "--move")
    assert Brand.objects.get(key=linden.key).host == HOST
