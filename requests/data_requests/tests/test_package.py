"""What is in a copy: all of one's own and nothing of anybody else's, and nothing in it that acts."""

from __future__ import annotations

import csv
import faulthandler
import io
import json
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.actions import join
from accounts.models import Contact, Customer
from brands.models import Brand
from consents.tests.acting import allow, deny
from data_requests import actions
from data_requests.collect import sections
from data_requests.models import Package, Request
from data_requests.package.sealing import opened
from data_requests.tables import Undeclared
from data_requests.tests.conftest import SESSION, asked, by, work
from ledger import personal_data

pytestmark = pytest.mark.django_db
POISON = (
    "=HYPERLINK(\"https://evil.example\")", "<script>alert(1)</script>", "../../etc/passwd", "\u202egnp.exe", "+1", "@SUM(1)", "-2+3",
    "\tx",
)  # fmt: skip


def copy_of(customer: Customer, scope: dict[str, Any] | None = None) -> zipfile.ZipFile:
    request = asked(customer, asked=scope or {})
    work()
    return zipfile_of(Package.objects.get(request=request))


def zipfile_of(package: Package) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(opened(package.file, package.key))))


def everything(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.read(name).decode() for name in archive.namelist())


def with_canary(brand: Brand, number: int) -> Customer:
    """Somebody with a word of their own in every field that takes words."""
    mark = f"canary{number:04d}"
    customer = join(brand=brand, address=f"{mark}.login@example.com", language="en")
    customer.name = f"{mark}name Kowalska"
    customer.save(update_fields=["name"])
    Contact.objects.create(customer=customer, brand=brand, channel="post", address=f"ul. {mark}post 1", canonical=f"{mark}post")
    household = f"household{number // 2:04d} flat 1"  # shared by two, as one telephone and one address may be
    Contact.objects.create(customer=customer, brand=brand, channel="sms", address=household, canonical=household)
    request = asked(customer, "review", SESSION, asked={"text": f"{mark}asked"})
    actions.write(request, f"{mark}letter", by=by(customer), from_person=True)
    return customer


FIELDS = ("login", "name", "post", "asked", "letter")


def test_each_copy_holds_all_of_its_own_and_nothing_of_another(linden: Brand, kingfisher: Brand) -> None:
    people = [with_canary(brand, number) for number, brand in enumerate((linden, linden, linden, kingfisher))]
    for number, customer in enumerate(people):
        text = everything(copy_of(customer))
        for field in FIELDS:
            assert f"canary{number:04d}{'.' if field == 'login' else ''}{field}" in text, field
        for other in range(len(people)):
            assert other == number or f"canary{other:04d}" not in text


@pytest.mark.long
def test_two_thousand_copies_hold_their_own_and_nothing_else(linden: Brand, capsys: Any) -> None:
    faulthandler.cancel_dump_traceback_later()  # it takes longer than what counts as hanging, and moves all the time
    people = [with_canary(linden, number) for number in range(2000)]
    crossed = missing = 0
    for number, customer in enumerate(people):
        text = everything(copy_of(customer))
        missing += sum(f"canary{number:04d}{'.' if field == 'login' else ''}{field}" not in text for field in FIELDS)
        missing += f"household{number // 2:04d}" not in text
        crossed += text.count("canary") - text.count(f"canary{number:04d}")
        crossed += text.count("household") - text.count(f"household{number // 2:04d}")
    with capsys.disabled():
        sys.stdout.write(f"\n2000 copies: {missing} of their own words missing, {crossed} of others in them\n")
    assert (missing, crossed) == (0, 0)


def test_one_person_at_two_brands_takes_from_each_what_is_its_own(linden: Brand, kingfisher: Brand) -> None:
    here = join(brand=linden, address="two@example.com", language="en")
    there = join(brand=kingfisher, address="two@example.com", language="en")
    assert here.person == there.person
    asked(there, "review", SESSION, asked={"text": "kept at the club"})
    archive = copy_of(here)
    text = everything(archive)
    assert "kept at the club" not in text
    assert "kingfisher" not in text.lower()
    assert "csv/accounts.Person.csv" not in archive.namelist(), "the sign-in is of both"


class Acts(HTMLParser):
    """What a page could do by itself, and what names another place."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "link", "form", "a", "base", "svg"}:
            self.found.append(tag)
        self.found += [name for name, _value in attrs if name.startswith("on") or name in {"src", "href", "action"}]


@pytest.mark.parametrize("poison", POISON)
def test_nothing_in_it_acts(anna: Customer, poison: str) -> None:
    anna.name = f"{poison} Kowalska"
    anna.save(update_fields=["name"])
    request = asked(anna, "review", SESSION, asked={"text": poison})
    actions.write(request, poison, by=by(anna), from_person=True)
    Contact.objects.create(customer=anna, brand=anna.brand, channel="post", address=poison, canonical="post")
    archive = copy_of(anna)
    assert Acts(archive.read("index.html").decode()).found == []
    assert all(name.count("/") <= 1 and not name.startswith(("/", ".")) and ".." not in name for name in archive.namelist())
    for name in archive.namelist():
        if name.startswith("csv/"):
            cells = [cell for row in csv.reader(io.StringIO(archive.read(name).decode())) for cell in row]
            assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell], name
    rows = json.loads(archive.read("data.json"))["tables"]["accounts.Contact"]
    assert poison in [row["address"] for row in rows], "the data itself is as it is"


def test_its_schema_describes_it(anna: Customer) -> None:
    archive = copy_of(anna)
    data, schema = json.loads(archive.read("data.json")), json.loads(archive.read("schema.json"))
    assert set(data) == set(schema["required"])
    tables = schema["properties"]["tables"]["properties"]
    assert set(data["tables"]) == set(tables)
    for key, rows in data["tables"].items():
        assert all(set(row) == set(tables[key]["items"]["required"]) for row in rows), key


def test_its_receipts_verify_without_us(anna: Customer, tmp_path: Path) -> None:
    allow(anna, "recs", "")
    deny(anna, "ads", "")
    copy_of(anna).extractall(tmp_path)
    files = sorted((tmp_path / "receipts").glob("0*.json"))
    assert len(files) == 2
    done = subprocess.run(
        [sys.executable, "-m", "ledger.verify", *map(str, files)], cwd=django_settings.BASE_DIR, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_it_says_what_is_done_with_the_data_and_who_gets_it_by_name(anna: Customer) -> None:
    page = copy_of(anna).read("index.html").decode()
    for words in ("What we do with it", "Who gets data", "Where it comes from", "Your rights", anna.brand.authority_name, "Skrzynka"):
        assert words in page, words


def test_a_table_that_nobody_declared_stops_the_copy(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(personal_data._third_party, "mfa.Authenticator")
    with pytest.raises(Undeclared):
        list(sections(anna))


def test_in_polish_for_whoever_reads_polish(anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    page = copy_of(anna).read("index.html").decode()
    assert '<html lang="pl">' in page
    assert Request.objects.get(kind="copy").language == "pl"
