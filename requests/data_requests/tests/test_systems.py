"""Other systems of the brand: each is asked, what it holds is brought by a person, goes into the copy, and is kept nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Customer
from brands.models import Brand
from data_requests import actions
from data_requests.models import Attachment, Package, Request, System
from data_requests.package.sealing import opened
from data_requests.package.writing import write_package
from data_requests.states import NotPossible, State
from data_requests.tests.conftest import SESSION, asked, by, work
from data_requests.tests.test_package import zipfile_of
from ledger.models import Entry

pytestmark = pytest.mark.django_db
SAM = "staff:" + "1" * 32


@pytest.fixture
def shop(linden: Brand) -> System:
    return actions.name_system(System(key="shop", name="Shop orders"), brand=linden, by=SAM)


@pytest.fixture
def request_of(shop: System, anna: Customer) -> Request:
    found = asked(anna)
    work()
    return found


def files() -> list[str]:
    return sorted(path.name for path in settings.PACKAGES_DIR.glob("*.pcs"))


def test_each_that_is_in_use_is_asked_and_the_copy_waits_for_it(
    request_of: Request, linden: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    actions.name_system(System(key="old", name="Old till", in_use=False), brand=linden, by=SAM)
    assert list(request_of.items.values_list("system", flat=True)) == ["center", "Shop orders"]
    assert not Package.objects.exists()
    item = request_of.items.get(system="Shop orders")
    actions.attach(item, json.dumps([{"order": 4711, "note": "=1+1"}]), by=SAM)
    actions.item_done(item, "done", by=SAM, count=1, note="The name of who delivered it is masked.")
    with django_capture_on_commit_callbacks(execute=True):
        work()
    archive = zipfile_of(Package.objects.get())
    assert json.loads(archive.read("systems/shop.json")) == [{"order": 4711, "note": "=1+1"}]
    page = archive.read("index.html").decode()
    assert "systems/shop.json" in page
    assert "The name of who delivered it is masked." in page
    assert not Attachment.objects.exists(), "it has done its part"
    assert files() == [Package.objects.get().file]


def test_a_table_is_brought_without_formulas(request_of: Request) -> None:
    item = request_of.items.get(system="Shop orders")
    attachment = actions.attach(item, "order,note\n4711,=HYPERLINK(1)\n\n", by=SAM)
    assert attachment.name == "shop.csv"
    assert b"".join(opened(attachment.file, attachment.key)).decode() == "order,note\r\n4711,'=HYPERLINK(1)\r\n"


def test_a_later_one_takes_its_place(request_of: Request, django_capture_on_commit_callbacks: Any) -> None:
    item = request_of.items.get(system="Shop orders")
    with django_capture_on_commit_callbacks(execute=True):
        for text in ("[1]", "[2]"):
            actions.attach(item, text, by=SAM)
    assert files() == [Attachment.objects.get().file]
    assert b"2" in b"".join(opened(Attachment.objects.get().file, Attachment.objects.get().key))


@pytest.mark.parametrize(
    "text", ["", "  ", "[1", "just words", "a,b\n1", "a\x00,b\n1,2", "x" * 60_001, '["\\ud800"]', "[" * 50_000, "a,b\n1\r2,3"]
)
def test_what_is_neither_is_refused_and_leaves_no_file(request_of: Request, text: str) -> None:
    with pytest.raises(NotPossible):
        actions.attach(request_of.items.get(system="Shop orders"), text, by=SAM)
    assert files() == []


def test_nothing_is_brought_to_what_has_ended(request_of: Request, anna: Customer, django_capture_on_commit_callbacks: Any) -> None:
    item = request_of.items.get(system="Shop orders")
    with django_capture_on_commit_callbacks(execute=True):
        actions.attach(item, "[1]", by=SAM)
        actions.withdraw(request_of, by=by(anna))
    assert not Attachment.objects.exists()
    with pytest.raises(NotPossible):
        actions.attach(item, "[1]", by=SAM)
    assert files() == []


def test_if_its_entry_cannot_be_written_no_file_stays(request_of: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.turns._insert", lambda entry: (_ for _ in ()).throw(RuntimeError("no room")))
    with pytest.raises(RuntimeError):
        actions.attach(request_of.items.get(system="Shop orders"), "[1]", by=SAM)
    assert files() == []
    assert not Attachment.objects.exists()


def test_a_system_of_no_list_gets_a_name_that_is_no_path(anna: Customer) -> None:
    request = asked(anna)
    actions.start(request, by=SAM)
    names = [actions.attach(request.items.create(system=system), "[1]", by=SAM).name for system in ("../../etc/Passwd", "…")]
    assert names[0] == "etcpasswd.json"
    assert names[1].startswith("system-")


def test_a_system_is_noted_with_the_brand(shop: System, linden: Brand) -> None:
    entry = Entry.objects.of(linden.subject).get(kind="system.named")
    assert entry.act == entry.act | {"key": "shop", "name": "Shop orders", "in_use": True}


def test_what_was_brought_while_the_copy_was_written_is_not_lost(request_of: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    item = request_of.items.get(system="Shop orders")
    actions.attach(item, "[1]", by=SAM)
    actions.item_done(item, "done", by=SAM)
    brought: list[Attachment] = []

    def writes(*args: Any) -> Any:
        done = write_package(*args)
        if not brought:
            brought.append(actions.attach(item, "[2]", by=SAM))
            actions.item_done(item, "done", by=SAM)
        return done

    monkeypatch.setattr("data_requests.handlers.write_package", writes)
    work()
    work()
    assert json.loads(zipfile_of(Package.objects.get()).read("systems/shop.json")) == [2]


def test_other_kinds_ask_no_system(shop: System, anna: Customer) -> None:
    request = asked(anna, "review", SESSION, asked={"text": "why"})
    assert request.state == State.IN_PROGRESS
    assert list(request.items.values_list("system", flat=True)) == ["person"]
