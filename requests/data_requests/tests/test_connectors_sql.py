"""Another database of the brand, asked by a program: what it gives for a copy, what goes and what stays at a deletion, and whose rows are
never touched."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import timezone

from accounts.actions import join
from accounts.models import Contact, Customer
from accounts.sealed import unseal
from brands.models import Brand
from data_requests import actions
from data_requests.connectors import AnotherPersons, Fault, Keys, Unreachable, keys_of
from data_requests.connectors.sql import SqlConnector
from data_requests.erasing import certificate
from data_requests.erasing.plan import plan_of
from data_requests.erasing.scope import Deletion
from data_requests.models import Attachment, Held, Item, Package, Request, System
from data_requests.tests.conftest import asked, work
from data_requests.tests.shop import (
    AFTER_THE_WAIT,
    ALIAS,
    ANNA,
    CAROL,
    DESCRIPTION,
    FIRST_DAY,
    LAST_DAY,
    ROWS_THAT_GO,
    SAM,
    THIS_YEAR,
    Shop,
    a_postgresql_database,
    carried_out,
    connected,
    describe,
    described_as,
    emptied,
    filled,
    mails,
    noon,
    on_the_day,
    others_answered,
    system_of,
)
from data_requests.tests.test_package import zipfile_of
from jobs.actions import enqueue, run_due
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DELETED_HERE = {1, 11, 12, 51, 52, 103}
KEPT = {101, 102}


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    if not django_settings.DATABASE_URL:
        pytest.skip("this run has no PostgreSQL")
    with a_postgresql_database() as url:
        yield url


@pytest.fixture
def in_postgresql(db: None, django_db_blocker: Any, settings: Any, tmp_path: Path, postgresql_url: str) -> Iterator[Shop]:
    settings.CONNECTORS_DIR = tmp_path / "connectors"
    shop = filled(emptied(Shop(postgresql_url)))
    with django_db_blocker.unblock(), connected(shop.url):
        yield shop


@pytest.fixture
def in_sqlite(db: None, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[Shop]:
    settings.CONNECTORS_DIR = tmp_path / "connectors"
    shop = filled(Shop(f"sqlite:///{tmp_path / 'shop.sqlite3'}"))
    with django_db_blocker.unblock(), connected(shop.url):
        yield shop


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue(f"in_{request.param}")
    return found


@pytest.fixture
def system(linden: Brand) -> System:
    """A database that is described as usual."""
    return system_of(linden, "sql")


@pytest.fixture
def usual(shop: Shop, system: System, linden: Brand) -> Shop:
    describe(linden, DESCRIPTION)
    return shop


def item_of(request: Request) -> Item:
    found: Item = request.items.get(connected__key="shop")
    return found


def connector(brand: Brand) -> SqlConnector:
    return SqlConnector.of(brand.key, "shop")


def all_of(given: Any) -> dict[str, list[list[Any]]]:
    """What a connector reads for a copy."""
    return {name: [list(row) for row in rows] for name, _columns, rows in given}


def brought(package: Package, name: str = "shop") -> Any:
    def refused(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(zipfile_of(package).read(f"systems/{name}.json"), parse_constant=refused)


# ── The description ─────────────────────────────────────────────────────────────────────────────────────────────────


def table(**changes: Any) -> dict[str, Any]:
    """One table, described rightly but for the changes; None leaves out."""
    right = {"table": "customers", "subject": {"column": "email", "is": "email"}, "columns": ["name"], "on_erasure": "delete"}
    return {name: value for name, value in (right | changes).items() if value is not None}


KEEP = {"ground": "Tax law", "law": "Art. 112", "column": "name", "years": 5}
FROM_ORDERS = {"column": "id", "from": "orders.customer_id"}
FROM_CUSTOMERS = {"column": "customer_id", "from": "customers.id"}

WRONG: dict[str, Any] = {
    "no YAML": "database: shop\ntables: [",
    "no letters": "database: \x07",
    "nothing": "",
    "a list": [1, 2],
    "no database": {"tables": [table()]},
    "a database that is no name": {"database": ["shop"], "tables": [table()]},
    "an unknown database": {"database": "till", "tables": [table()]},
    "the center's own database": {"database": "default", "tables": [table()]},
    "no tables": {"database": "shop"},
    "an empty list of tables": {"database": "shop", "tables": []},
    "tables that are no list": {"database": "shop", "tables": table()},
    "a table that is a word": {"database": "shop", "tables": ["customers"]},
    "no name of a table": {"database": "shop", "tables": [table(table=None)]},
    "a table with a quote": {"database": "shop", "tables": [table(table='customers"')]},
    "a table with a semicolon": {"database": "shop", "tables": [table(table="customers; DROP TABLE orders")]},
    "a table with a line break": {"database": "shop", "tables": [table(table="customers\n")]},
    "a table of another schema": {"database": "shop", "tables": [table(table="public.customers")]},
    "a column with a quote": {"database": "shop", "tables": [table(columns=["name'"])]},
    "a column with a semicolon": {"database": "shop", "tables": [table(columns=["name; DELETE FROM orders"])]},
    "a column with a blank": {"database": "shop", "tables": [table(columns=["name, phone"])]},
    "columns that are a number": {"database": "shop", "tables": [table(columns=5)]},
    "a key with a quote": {"database": "shop", "tables": [table(subject={"column": 'email" = email OR "a', "is": "email"})]},
    "a key of a quoted table": {"database": "shop", "tables": [table(subject={"column": "email", "from": 'customers".id'})]},
    "a key of a quoted column": {
        "database": "shop", "tables": [table(), table(table="orders", subject={"column": "id", "from": "customers.id;"})],
    },
    "a mask with a semicolon": {"database": "shop", "tables": [table(on_erasure="mask", mask={"name = 1; --": None})]},
    "no subject": {"database": "shop", "tables": [table(subject=None)]},
    "a subject that is a word": {"database": "shop", "tables": [table(subject="email")]},
    "known by nothing": {"database": "shop", "tables": [table(subject={"column": "email"})]},
    "known by telephone": {"database": "shop", "tables": [table(subject={"column": "phone", "is": "phone"})]},
    "nothing happens to it": {"database": "shop", "tables": [table(on_erasure=None)]},
    "something else happens to it": {"database": "shop", "tables": [table(on_erasure="archive")]},
    "a mask that says not with what": {"database": "shop", "tables": [table(on_erasure="mask")]},
    "a mask that is a list": {"database": "shop", "tables": [table(on_erasure="mask", mask=["name"])]},
    "a mask where rows go": {"database": "shop", "tables": [table(mask={"name": "–"})]},
    "kept without saying why": {"database": "shop", "tables": [table(on_erasure="keep")]},
    "kept and deleted": {"database": "shop", "tables": [table(keep=KEEP)]},
    **{
        f"kept without {name}": {
            "database": "shop", "tables": [table(on_erasure="keep", keep={key: KEEP[key] for key in KEEP if key != name})],
        }
        for name in KEEP
    },
    "kept for no law": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"law": ""})]},
    "kept by a law of nothing": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"law": None})]},
    "kept for some years": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"years": "some"})]},
    "kept for years that have gone": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"years": -5})]},
    "kept for reasons that are no words": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"ground": {"en": 5}})]},
    "a title that is a number": {"database": "shop", "tables": [table(title=5)]},
    "a table twice": {"database": "shop", "tables": [table(), table()]},
    "a key of a table that is not described": {"database": "shop", "tables": [table(table="orders", subject=FROM_CUSTOMERS)]},
    "a circle": {"database": "shop", "tables": [table(subject=FROM_ORDERS), table(table="orders", subject=FROM_CUSTOMERS)]},
    "a circle of one": {"database": "shop", "tables": [table(subject={"column": "id", "from": "customers.id"})]},
    "a missing table": {"database": "shop", "tables": [table(), table(table="carts", subject={"column": "email", "is": "email"})]},
    "a missing column": {"database": "shop", "tables": [table(columns=["name", "shoe_size"])]},
    "a missing key": {"database": "shop", "tables": [table(subject={"column": "mail", "is": "email"})]},
    "a missing column to mask": {"database": "shop", "tables": [table(on_erasure="mask", mask={"shoe_size": None})]},
    "a missing day": {"database": "shop", "tables": [table(on_erasure="keep", keep=KEEP | {"column": "issued_on"})]},
    "a missing column that keys come from": {
        "database": "shop",
        "tables": [table(), table(table="orders", columns=[], subject={"column": "customer_id", "from": "customers.number"})],
    },
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_description_that_is_wrong_is_a_fault_and_asks_nothing(in_sqlite: Shop, linden: Brand, wrong: str) -> None:
    describe(linden, WRONG[wrong])
    before = in_sqlite.everything()
    for question in (
        lambda: connector(linden).check(),
        lambda: connector(linden).plan(Keys(frozenset({ANNA}), ""), TODAY),
        lambda: connector(linden).erase(Keys(frozenset({ANNA}), ""), TODAY, "R-2222-2222"),
    ):
        with pytest.raises(Fault):
            question()
    assert in_sqlite.everything() == before


@pytest.mark.parametrize("wrong", ["a missing table", "a missing column", "a missing column that keys come from"])
def test_what_the_database_lacks_is_named(shop: Shop, linden: Brand, wrong: str) -> None:
    describe(linden, WRONG[wrong])
    with pytest.raises(Fault, match="carts|shoe_size|number"):
        connector(linden).check()


def test_the_usual_description_can_be_asked(usual: Shop, linden: Brand) -> None:
    connector(linden).check()


def test_a_description_that_is_not_there_is_a_fault(in_sqlite: Shop, linden: Brand) -> None:
    with pytest.raises(Fault, match="linden/shop.yaml is not there"):
        connector(linden)


def test_a_description_that_cannot_be_read_is_a_fault(in_sqlite: Shop, linden: Brand) -> None:
    """A folder stands for a file of somebody else: whoever runs the tests may be allowed to read everything."""
    describe(linden, DESCRIPTION, "other").with_name("shop.yaml").mkdir()
    with pytest.raises(Fault):
        connector(linden)


def test_yaml_that_makes_objects_makes_none(in_sqlite: Shop, linden: Brand, tmp_path: Path) -> None:
    describe(linden, f"database: !!python/object/apply:os.system ['touch {tmp_path}/made']\ntables: []\n")
    with pytest.raises(Fault):
        connector(linden)
    assert not (tmp_path / "made").exists()


def test_no_name_in_the_settings_is_the_centers_own_database(tmp_path: Path) -> None:
    root = django_settings.BASE_DIR
    here = os.environ | {
        "DJANGO_SETTINGS_MODULE": "preference_center.settings", "DATA_DIR": str(tmp_path),
        "CONNECTED_DATABASES": json.dumps({"default": f"sqlite:///{tmp_path}/other.sqlite3"}),
        "PYTHONPATH": f"{root}{os.pathsep}{root / 'requests'}",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", "import django; django.setup()"], env=here, cwd=root, capture_output=True, text=True)
    assert done.returncode
    assert "CONNECTED_DATABASES names other databases than the center's own" in done.stderr


def test_one_brand_never_reads_the_description_of_another(usual: Shop, kingfisher: Brand) -> None:
    with pytest.raises(Fault, match="kingfisher/shop.yaml is not there"):
        connector(kingfisher)


# ── A copy ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_copy_holds_the_rows_of_the_person_alone(usual: Shop, anna: Customer, carol: Customer) -> None:
    before = usual.everything()
    request = asked(anna)
    work()
    request.refresh_from_db()
    item = item_of(request)
    assert (request.state, item.outcome, item.count, item.by) == ("fulfilled", "done", 8, "system:connector")
    package = Package.objects.get()
    found = brought(package)
    assert set(found) == {"customers", "reviews", "invoices", "orders"}
    assert found["customers"] == [{"name": "Anna Kowalczyk", "email": ANNA, "phone": "+48 600 100 200"}]
    assert sorted(row["id"] for row in found["orders"]) == [11, 12]
    assert sorted(float(row["total"]) for row in found["orders"]) == [89.9, 120]
    assert sorted((row["author"], row["text"]) for row in found["reviews"]) == [
        ("A. K.", "Soft; it's \"good\"."), ("Anna", "Linen that lasts."),
    ]  # fmt: skip
    assert {(row["number"], row["issued_on"]) for row in found["invoices"]} == {
        ("F/101", f"{THIS_YEAR}-01-02"), ("F/102", f"{THIS_YEAR - 1}-12-31"), ("F/103", f"{THIS_YEAR - 7}-06-30"),
    }  # fmt: skip
    assert "systems/shop.json" in zipfile_of(package).read("index.html").decode()
    assert "arol" not in zipfile_of(package).read("systems/shop.json").decode()
    assert usual.everything() == before
    assert not Attachment.objects.exists(), "it has done its part"


def test_a_table_that_no_copy_is_to_hold_is_left_out(shop: Shop, system: System, linden: Brand, anna: Customer) -> None:
    describe(linden, described_as(orders={"columns": []}, invoices={"columns": ["number"]}))
    asked(anna)
    work()
    found = brought(Package.objects.get())
    assert set(found) == {"customers", "reviews", "invoices"}
    assert all(set(row) == {"number"} for row in found["invoices"])


def test_of_whom_the_shop_does_not_know_there_is_nothing_to_copy(usual: Shop, linden: Brand) -> None:
    stranger = join(brand=linden, address="zoe@example.com", language="en")
    request = asked(stranger)
    work()
    assert (item_of(request).outcome, item_of(request).count) == ("nothing", 0)
    assert not [name for name in zipfile_of(Package.objects.get()).namelist() if name.startswith("systems/")]


def test_a_copy_that_does_not_ask_for_other_systems_asks_none(usual: Shop, anna: Customer) -> None:
    request = asked(anna, asked={"parts": ["account"]})
    work()
    assert not request.items.filter(connected__isnull=False).exists()
    assert not [name for name in zipfile_of(Package.objects.get()).namelist() if name.startswith("systems/")]


def test_a_copy_says_what_no_letter_says(in_postgresql: Shop, system: System, linden: Brand, anna: Customer) -> None:
    """Types that a shop has and JSON has not. None of them may stop the copy for good, or make it one that no program reads."""
    in_postgresql.run_all(
        "CREATE TABLE visits (email text, at timestamptz, day date, hour time, address inet, took interval, raw bytea, facts jsonb,"
        " tags text[], score float8, key uuid, nothing text, sure boolean, price numeric(8, 2));"
        f"INSERT INTO visits VALUES ('{ANNA}', '2026-03-02 10:00+01', '2026-03-02', '10:15', '192.0.2.7', '90 seconds', '\\x00ff',"
        " '{\"a\": [1]}', '{x,y}', 'NaN', '6f1e1e1e-0000-4000-8000-000000000001', NULL, true, 1.50)"
    )
    columns = ["at", "day", "hour", "address", "took", "raw", "facts", "tags", "score", "key", "nothing", "sure", "price"]
    visits = {"table": "visits", "subject": {"column": "email", "is": "email"}, "columns": columns, "on_erasure": "delete"}
    describe(linden, {"database": "shop", "tables": [visits]})
    request = asked(anna)
    work()
    assert (item_of(request).outcome, item_of(request).count) == ("done", 1), item_of(request).note
    row = brought(Package.objects.get())["visits"][0]
    assert row["at"].startswith("2026-03-02T09:00:00")
    assert (row["day"], row["hour"][:5], row["address"], row["raw"]) == ("2026-03-02", "10:15", "192.0.2.7", "00ff")
    assert row["facts"] in ({"a": [1]}, '{"a": [1]}')
    assert (row["tags"], row["nothing"], row["sure"], row["price"]) == (["x", "y"], None, True, "1.50")
    assert row["key"] == "6f1e1e1e-0000-4000-8000-000000000001"


def test_a_copy_is_refused_whole_if_one_row_is_of_somebody_else(usual: Shop, anna: Customer) -> None:
    usual.answers_with_carols()
    request = asked(anna)
    work()
    item = item_of(request)
    assert item.outcome == "failed"
    assert "somebody else" in item.note
    assert CAROL not in item.note
    assert not Attachment.objects.exists()
    assert not Package.objects.exists()
    assert list(django_settings.PACKAGES_DIR.glob("*.pcs")) == [], "what was written until then is gone"
    assert connections[ALIAS].connection is None, "and the database is let go of"


def test_what_fails_while_rows_are_read_is_told_by_its_class_alone(
    in_postgresql: Shop, system: System, linden: Brand, anna: Customer
) -> None:
    """Rows come while the file is written: their errors are the connector's all the same."""
    in_postgresql.run("ALTER TABLE reviews RENAME TO real_reviews")
    in_postgresql.run("CREATE VIEW reviews AS SELECT id, author_email, author, text || 1 / (id - 52) AS text FROM real_reviews")
    describe(linden, DESCRIPTION)
    request = asked(anna)
    work()
    assert (item_of(request).outcome, item_of(request).note) == ("failed", "shop: DataError")
    assert list(django_settings.PACKAGES_DIR.glob("*.pcs")) == []
    assert connections[ALIAS].connection is None


def test_what_cannot_be_done_now_while_rows_are_read_is_tried_again(in_sqlite: Shop, system: System, linden: Brand, anna: Customer) -> None:
    in_sqlite.run("ALTER TABLE reviews RENAME TO real_reviews")
    in_sqlite.run("CREATE VIEW reviews AS SELECT id, author_email, author, json_extract('{', '$') || id AS text FROM real_reviews")
    describe(linden, DESCRIPTION)
    request = asked(anna)
    work()
    assert item_of(request).outcome == "open"
    assert Job.objects.get(handler="data_requests.copy").error == "Unreachable"
    in_sqlite.is_itself_again("reviews")
    run_due(timezone.now() + timedelta(minutes=1))
    request.refresh_from_db()
    assert request.state == "fulfilled"


def test_what_was_put_right_is_asked_again_the_next_day(usual: Shop, anna: Customer) -> None:
    usual.answers_with_carols()
    request = asked(anna)
    work()
    usual.is_itself_again()
    enqueue("data_requests.ask_again", {})
    work()
    request.refresh_from_db()
    assert request.state == "fulfilled"
    assert brought(Package.objects.get())["customers"][0]["email"] == ANNA


def test_a_database_that_is_not_there_is_tried_again(usual: Shop, anna: Customer) -> None:
    usual.goes_away()
    request = asked(anna)
    work()
    assert item_of(request).outcome == "open"
    assert Job.objects.get(handler="data_requests.copy").error == "Unreachable"
    usual.comes_back()
    run_due(timezone.now() + timedelta(minutes=1))
    request.refresh_from_db()
    assert request.state == "fulfilled"
    assert item_of(request).count == 8


# ── Whose rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_addresses_that_the_shop_has_in_capitals_are_found_where_it_says_so(
    shop: Shop, system: System, linden: Brand, anna: Customer
) -> None:
    shop.run("UPDATE customers SET email = %s WHERE id = 1", "Anna.KOWALCZYK@Example.COM")
    describe(linden, DESCRIPTION)
    assert all_of(connector(linden).read(keys_of(anna), "R-2222-2222"))["customers"] == []
    describe(linden, described_as(customers={"subject": {"column": "email", "is": "email", "any_case": True}}))
    found = all_of(connector(linden).read(keys_of(anna), "R-2222-2222"))
    assert found["customers"] == [["Anna Kowalczyk", "Anna.KOWALCZYK@Example.COM", "+48 600 100 200"]]
    assert len(found["orders"]) == 2
    others = shop.of_others()
    carried_out(asked(anna, "delete"))
    assert shop.run("SELECT email, name, phone FROM customers WHERE id = 1") == [(None, "–", None)]
    assert shop.ids("orders") == {21, 31, 41}
    assert shop.of_others() == others


def test_an_address_that_nobody_has_proven_opens_nothing(usual: Shop, anna: Customer) -> None:
    """Else whoever writes down Carol's address with their own account would read what Carol bought."""
    Contact.objects.create(customer=anna, brand=anna.brand, channel="email", address=CAROL, canonical=CAROL)
    assert keys_of(anna).emails == {ANNA}
    others = usual.of_others()
    asked(anna)
    work()
    assert "arol" not in json.dumps(brought(Package.objects.get()))
    carried_out(asked(anna, "delete"))
    assert usual.of_others() == others


def test_somebody_without_a_proven_address_is_known_by_those_of_the_records(usual: Shop, anna: Customer) -> None:
    Contact.objects.filter(customer=anna).update(proven_at=None)
    assert keys_of(anna).emails == {ANNA}


def test_every_proven_address_is_a_key(usual: Shop, linden: Brand, anna: Customer) -> None:
    Contact.objects.create(
        customer=anna, brand=linden, channel="email", address="a@work.example", canonical="a@work.example", proven_at=timezone.now()
    )
    usual.run("UPDATE reviews SET author_email = 'a@work.example' WHERE id = 52")
    assert len(all_of(connector(linden).read(keys_of(anna), "R-2222-2222"))["reviews"]) == 2


def test_a_telephone_number_that_reads_like_an_address_is_no_key(usual: Shop, linden: Brand, anna: Customer) -> None:
    Contact.objects.create(
        customer=anna, brand=linden, channel="sms", address=CAROL, canonical=CAROL, proven_at=timezone.now()
    )  # fmt: skip
    assert keys_of(anna).emails == {ANNA}


def test_a_shop_that_knows_people_by_our_number_is_asked_by_it(shop: Shop, linden: Brand, anna: Customer, carol: Customer) -> None:
    shop.run("ALTER TABLE orders ADD COLUMN member TEXT")
    shop.run("UPDATE orders SET member = %s WHERE id = 12", anna.code)
    shop.run("UPDATE orders SET member = %s WHERE id = 21", carol.code)
    orders = {"table": "orders", "subject": {"column": "member", "is": "code"}, "columns": ["id"], "on_erasure": "delete"}
    describe(linden, {"database": "shop", "tables": [orders]})
    assert all_of(connector(linden).read(keys_of(anna), "R-2222-2222")) == {"orders": [[12]]}
    connector(linden).erase(keys_of(anna), TODAY, "R-2222-2222")
    assert shop.ids("orders") == {11, 21, 31, 41}


SAME = {
    "members": {"table": "members", "subject": {"column": "email", "is": "email"}, "columns": ["email"], "on_erasure": "delete"},
    "visits": {"table": "visits", "subject": {"column": "member", "from": "members.number"}, "columns": ["id"], "on_erasure": "delete"},
    "by code": {"table": "visits", "subject": {"column": "member", "is": "code"}, "columns": ["id"], "on_erasure": "delete"},
}  # fmt: skip


@pytest.mark.parametrize("tables", [["members", "visits"], ["by code"]])
def test_two_customers_whose_numbers_differ_in_capitals_are_two(in_sqlite: Shop, linden: Brand, tables: list[str]) -> None:
    """A collation that takes them for one is not believed, in whichever order it gives them. In MySQL that is the usual one."""
    in_sqlite.run_all(
        "CREATE TABLE members (number TEXT PRIMARY KEY, email TEXT);"
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, member TEXT COLLATE NOCASE);"
        f"INSERT INTO members VALUES ('a1', '{ANNA}'), ('A1', '{CAROL}');"
        "INSERT INTO visits VALUES (1, 'A1'), (2, 'a1'), (3, 'A1')"
    )
    describe(linden, {"database": "shop", "tables": [SAME[name] for name in tables]})
    for keys in (Keys(frozenset({ANNA}), "a1"), Keys(frozenset({CAROL}), "A1")):
        with pytest.raises(AnotherPersons):
            all_of(connector(linden).read(keys, "R-2222-2222"))
        with pytest.raises(AnotherPersons):
            connector(linden).plan(keys, TODAY)
        with pytest.raises(AnotherPersons):
            connector(linden).erase(keys, TODAY, "R-2222-2222")
    assert in_sqlite.ids("visits") == {1, 2, 3}
    assert len(in_sqlite.run("SELECT * FROM members")) == 2


def test_rows_of_somebody_else_stop_every_question(usual: Shop, linden: Brand, anna: Customer) -> None:
    usual.answers_with_carols()
    keys = keys_of(anna)
    for question in (
        lambda: connector(linden).locate(keys),
        lambda: connector(linden).plan(keys, TODAY),
        lambda: all_of(connector(linden).read(keys, "R-2222-2222")),
        lambda: connector(linden).erase(keys, TODAY, "R-2222-2222"),
    ):
        with pytest.raises(AnotherPersons):
            question()
    usual.is_itself_again()
    assert usual.ids("orders") == {11, 12, 21, 31, 41}


def test_a_value_is_never_a_part_of_a_statement(usual: Shop, linden: Brand) -> None:
    before = usual.everything()
    poison = {"x' OR '1'='1", "'; DROP TABLE orders; --", "%", "%s", "\\"}
    keys = Keys(frozenset(poison), "' OR 1=1 --", {"customers.id": ()})
    assert all(rows == [] for rows in all_of(connector(linden).read(keys, "R-2222-2222")).values())
    connector(linden).erase(keys, TODAY, "R-2222-2222")
    assert usual.everything() == before


@pytest.mark.long
def test_many_keys_are_asked_some_at_a_time(usual: Shop, linden: Brand) -> None:
    """More than one statement takes: each row is read once, and each goes."""
    for number in range(1000, 2201):
        usual.run("INSERT INTO customers VALUES (%s, %s, 'Anna', NULL)", number, ANNA)
        usual.run("INSERT INTO orders VALUES (%s, %s, 1)", number, number)
    keys = Keys(frozenset({ANNA}), "")
    orders = [row[0] for row in all_of(connector(linden).read(keys, "R-2222-2222"))["orders"]]
    assert len(orders) == len(set(orders)) == 1203
    by_name = {table.name: table for table in connector(linden).erase(keys, TODAY, "R-2222-2222")}
    assert by_name["orders"].deleted == 1203
    assert by_name["customers"].masked == 1202
    assert usual.ids("orders") == {21, 31, 41}


# ── A deletion ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_goes_goes_what_is_masked_is_empty_and_what_is_kept_stays(usual: Shop, anna: Customer, carol: Customer) -> None:
    others = usual.of_others()
    request = carried_out(asked(anna, "delete"))
    assert usual.run("SELECT email, name, phone FROM customers WHERE id = 1") == [(None, "–", None)]
    assert usual.run("SELECT author_email, author, text FROM reviews WHERE id = 51") == [(None, "–", "Linen that lasts.")]
    assert usual.ids("orders") == {21, 31, 41}
    assert usual.ids("invoices") == KEPT | {201, 202}
    assert usual.of_others() == others
    assert request.state == "partly_fulfilled"
    assert request.customer is None
    assert not Customer.objects.filter(pk=anna.pk).exists()
    assert Customer.objects.filter(pk=carol.pk).exists()
    assert list(verify()) == []


def test_it_says_of_each_table_what_it_did(usual: Shop, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The item goes with the person: it is looked at before."""
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)  # the recipients that a person tells have not answered
    item = item_of(request)
    assert (item.outcome, item.count, item.by, item.located) == ("kept", ROWS_THAT_GO, "system:connector", "")
    assert item.note == f"Invoices: 2 rows, until December 31, {THIS_YEAR + 5}. Tax law." or item.note == (
        f"Invoices: 2 rows, until 31 December {THIS_YEAR + 5}. Tax law."
    )
    found = {each["name"]: each for each in item.found}
    assert {name: (each["count"], each["masked"], each["kept"]) for name, each in found.items()} == {
        "customers": (1, 1, 0), "reviews": (2, 2, 0), "orders": (2, 0, 0), "invoices": (3, 0, 2),
    }  # fmt: skip
    assert (found["invoices"]["first"], found["invoices"]["until"]) == (FIRST_DAY.isoformat(), LAST_DAY.isoformat())
    assert found["invoices"]["law"] == {"en": "Art. 112 VAT Act"}
    entry = Entry.objects.get(subject=anna.subject, kind="request.system_answered", payload__contains='"Shop orders"')
    assert entry.act == entry.act | {"outcome": "kept", "count": ROWS_THAT_GO}
    assert Customer.objects.filter(pk=anna.pk).exists(), "the center waits for the others"


def test_a_note_is_written_in_the_language_of_whoever_reads_it(usual: Shop, anna: Customer) -> None:
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    request = asked(anna, "delete")
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert item_of(request).note == f"Faktury: 2 wiersze, do 31 grudnia {THIS_YEAR + 5}. Przepisy podatkowe."


def test_what_is_kept_is_written_down_under_a_seal(usual: Shop, anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    held = Held.objects.get()
    assert (held.request, held.system.key, held.subject, held.until, held.ended_at) == (request, "shop", anna.subject, FIRST_DAY, None)
    assert [each["name"] for each in held.found] == ["invoices"]
    assert "anna" not in f"{held.sealed}{held.found}".lower()
    opened = unseal(held.sealed)
    assert opened["to"] == [ANNA]
    assert opened["keys"]["located"] == {"customers.id": [1]}


def test_the_certificate_names_the_system_and_what_stays(usual: Shop, anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    act = Entry.objects.get(kind="erasure.certified").act
    assert {"system": "Shop orders", "outcome": "kept", "count": ROWS_THAT_GO} in act["systems"]
    assert act["kept"] == [
        {"system": "Shop orders", "table": "invoices", "count": 2, "law": "Art. 112 VAT Act", "until": LAST_DAY.isoformat()}
    ]
    shown = certificate.shown(request)
    assert shown
    assert [text for text in shown.kept if "Shop orders" in text and "2 rows" in text and str(THIS_YEAR + 5) in text]
    assert mails("Your data was deleted") == [ANNA]


def test_without_anything_to_keep_it_is_done_in_full(shop: Shop, system: System, linden: Brand, anna: Customer) -> None:
    describe(linden, described_as(invoices={"on_erasure": "delete", "keep": None}, customers={"on_erasure": "delete", "mask": None}))
    others = shop.of_others()
    request = carried_out(asked(anna, "delete"))
    assert request.state == "fulfilled"
    assert {table: shop.ids(table) & {1, 11, 12, 101, 102, 103} for table in ("customers", "orders", "invoices")} == {
        "customers": set(), "orders": set(), "invoices": set(),
    }  # fmt: skip
    assert shop.of_others() == others, "and what pointed at a row went before the row"
    assert not Held.objects.exists()
    act = Entry.objects.get(kind="erasure.certified").act
    assert {"system": "Shop orders", "outcome": "done", "count": 8} in act["systems"]
    assert act["kept"] == []


def test_of_whom_the_shop_does_not_know_nothing_goes(usual: Shop, linden: Brand) -> None:
    before = usual.everything()
    stranger = join(brand=linden, address="zoe@example.com", language="en")
    request = carried_out(asked(stranger, "delete"))
    assert request.state == "fulfilled"
    assert usual.everything() == before
    assert {"system": "Shop orders", "outcome": "nothing", "count": 0} in Entry.objects.get(kind="erasure.certified").act["systems"]


def test_what_was_masked_before_does_not_count_again(usual: Shop, linden: Brand) -> None:
    usual.run("UPDATE reviews SET author = '–' WHERE id = 51")
    keys = Keys(frozenset({ANNA}), "")
    for expected in (2, 0):
        found = {each.name: each for each in connector(linden).erase(keys, TODAY, "R-2222-2222")}
        assert found["reviews"].masked == expected


def test_a_row_whose_day_is_not_known_stays_until_somebody_has_looked(shop: Shop, system: System, linden: Brand, anna: Customer) -> None:
    shop.run("UPDATE invoices SET issued_on = NULL WHERE customer_id = 1")
    describe(linden, DESCRIPTION)
    carried_out(asked(anna, "delete"))
    assert shop.ids("invoices") == {101, 102, 103, 201, 202}
    held = Held.objects.get()
    assert held.until > TODAY + timedelta(days=360)
    assert held.found[0]["until"] is None


@pytest.mark.parametrize("day", ["9999-12-31", "", "soon", "31.12.2020"])
def test_a_day_that_is_none_stops_nobody(shop: Shop, system: System, linden: Brand, anna: Customer, day: str) -> None:
    """A shop may write its days as text. A row whose day cannot be read stays, as one without a day does."""
    shop.run("UPDATE invoices SET number = %s WHERE id = 103", day)
    shop.run("UPDATE invoices SET number = '2015-06-30T10:00:00' WHERE id = 102")
    describe(linden, described_as(invoices={"keep": DESCRIPTION["tables"][0]["keep"] | {"column": "number"}}))
    assert plan_of(anna, Deletion(), TODAY).unseen == []
    carried_out(asked(anna, "delete"))
    assert shop.ids("invoices") == {101, 103, 201, 202}
    assert shop.ids("orders") == {21, 31, 41}


def test_a_day_that_stands_for_never_stops_nobody(in_postgresql: Shop, system: System, linden: Brand, anna: Customer) -> None:
    in_postgresql.run("UPDATE invoices SET issued_on = '9999-12-31' WHERE id = 103")
    describe(linden, DESCRIPTION)
    carried_out(asked(anna, "delete"))
    assert in_postgresql.ids("invoices") == {101, 102, 103, 201, 202}
    assert in_postgresql.ids("orders") == {21, 31, 41}


def test_the_year_of_an_invoice_is_the_year_where_the_brand_is(in_postgresql: Shop, system: System, linden: Brand) -> None:
    """Half an hour into the first of January in Warsaw it is still the old year in UTC: the law counts from the new one."""
    in_postgresql.run("ALTER TABLE invoices ALTER COLUMN issued_on TYPE timestamptz USING NULL")
    in_postgresql.run("UPDATE invoices SET issued_on = %s WHERE customer_id = 1", f"{THIS_YEAR}-01-01 00:30:00+01")
    describe(linden, DESCRIPTION)
    found = {each.name: each for each in connector(linden).plan(Keys(frozenset({ANNA}), ""), TODAY)}
    assert found["invoices"].until == LAST_DAY


@pytest.mark.parametrize(("issued", "year_end", "last"), [
    ("2024-02-29", False, "2029-02-28"), ("2023-03-02", False, "2028-03-02"), ("2023-03-02", True, "2028-12-31"),
    ("2023-12-31", True, "2028-12-31"), ("2024-01-01", True, "2029-12-31"),
])  # fmt: skip
def test_a_row_stays_to_the_end_of_its_last_day(shop: Shop, linden: Brand, issued: str, year_end: bool, last: str) -> None:
    shop.run("UPDATE invoices SET issued_on = %s", issued)
    keep = DESCRIPTION["tables"][0]["keep"] | {"year_end": year_end}
    describe(linden, described_as(invoices={"keep": keep}))
    keys, day = Keys(frozenset({ANNA}), "", {"customers.id": (1,)}), date.fromisoformat(last)
    found = {each.name: each for each in connector(linden).erase(keys, day, "R-2222-2222")}
    assert (found["invoices"].kept, found["invoices"].until) == (3, day)
    assert shop.ids("invoices") == {101, 102, 103, 201, 202}
    connector(linden).erase(Keys(frozenset(), "", {"customers.id": (1,)}), day + timedelta(days=1), "R-2222-2222")
    assert shop.ids("invoices") == {201, 202}


def test_a_wrong_description_fails_the_item_and_deletes_nothing_anywhere(shop: Shop, system: System, linden: Brand, anna: Customer) -> None:
    describe(linden, described_as(customers={"columns": ["shoe_size"]}))
    before = shop.everything()
    request = carried_out(asked(anna, "delete"))
    item = item_of(request)
    assert (request.state, item.outcome, item.count) == ("in_progress", "failed", 0)
    assert "shoe_size" in item.note
    assert shop.everything() == before
    assert Customer.objects.filter(pk=anna.pk).exists()
    assert Contact.objects.filter(customer=anna).exists()
    describe(linden, DESCRIPTION)
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + AFTER_THE_WAIT + timedelta(days=1))
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"
    assert shop.ids("orders") == {21, 31, 41}


def test_what_the_database_refuses_is_undone_whole_and_told_by_its_class_alone(
    shop: Shop, system: System, linden: Brand, anna: Customer
) -> None:
    """Something that nobody described still points at the row: all that went before it in the same deletion is there again."""
    shop.run("CREATE TABLE parcels (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id))")
    shop.run("INSERT INTO parcels VALUES (71, 1)")
    describe(linden, described_as(invoices={"on_erasure": "delete", "keep": None}, customers={"on_erasure": "delete", "mask": None}))
    before = shop.everything()
    request = carried_out(asked(anna, "delete"))
    item = item_of(request)
    assert (item.outcome, item.note) == ("failed", "shop: IntegrityError")
    assert shop.everything() == before
    assert Customer.objects.filter(pk=anna.pk).exists()
    logged = Entry.objects.filter(subject=anna.subject, kind="request.system_answered").last()
    assert logged
    assert logged.act["outcome"] == "failed"
    assert "Integrity" not in json.dumps(logged.act)


def test_a_column_that_may_not_be_empty_fails_and_says_nothing_of_the_row(
    shop: Shop, system: System, linden: Brand, anna: Customer
) -> None:
    describe(linden, described_as(customers={"mask": {"name": None}}))
    before = shop.everything()
    request = carried_out(asked(anna, "delete"))
    assert (item_of(request).outcome, item_of(request).note) == ("failed", "shop: IntegrityError")
    assert shop.everything() == before


def test_what_comes_back_by_itself_is_seen_by_the_second_look(shop: Shop, system: System, linden: Brand, anna: Customer) -> None:
    again = f"INSERT INTO reviews VALUES (OLD.id + 1000, '{ANNA}', 'Anna', 'again');"
    if shop.vendor == "sqlite":
        shop.run(f"CREATE TRIGGER back AFTER DELETE ON reviews BEGIN {again} END")
    else:
        shop.run(f"CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {again} RETURN NULL; END$$")
        shop.run("CREATE TRIGGER back AFTER DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION again()")
    describe(linden, described_as(reviews={"on_erasure": "delete", "mask": None}))
    request = carried_out(asked(anna, "delete"))
    assert item_of(request).outcome == "failed"
    assert item_of(request).note == "rows are still there: reviews"
    assert Customer.objects.filter(pk=anna.pk).exists()


def test_keys_of_a_kind_that_json_does_not_have_are_kept_too(in_postgresql: Shop, system: System, linden: Brand, anna: Customer) -> None:
    """Many shops number their customers with a UUID."""
    in_postgresql.run_all(
        "CREATE TABLE members (id uuid PRIMARY KEY, number numeric(12, 0), email text);"
        "CREATE TABLE visits (id integer PRIMARY KEY, member uuid NOT NULL REFERENCES members (id));"
        "CREATE TABLE bills (id integer PRIMARY KEY, member numeric(12, 0) NOT NULL, issued_on date);"
        f"INSERT INTO members VALUES ('6f1e1e1e-0000-4000-8000-000000000001', 77, '{ANNA}'),"
        f" ('6f1e1e1e-0000-4000-8000-000000000002', 78, '{CAROL}');"
        "INSERT INTO visits VALUES (1, '6f1e1e1e-0000-4000-8000-000000000001'), (2, '6f1e1e1e-0000-4000-8000-000000000002');"
        f"INSERT INTO bills VALUES (1, 77, '{THIS_YEAR}-01-02'), (2, 78, '{THIS_YEAR}-01-02')"
    )
    keep = DESCRIPTION["tables"][0]["keep"]
    describe(linden, {
        "database": "shop",
        "tables": [
            {"table": "members", "subject": {"column": "email", "is": "email"}, "on_erasure": "mask", "mask": {"email": None}},
            {"table": "visits", "subject": {"column": "member", "from": "members.id"}, "on_erasure": "delete"},
            {"table": "bills", "subject": {"column": "member", "from": "members.number"}, "on_erasure": "keep", "keep": keep},
        ],
    })  # fmt: skip
    request = carried_out(asked(anna, "delete"))
    assert request.state == "partly_fulfilled"
    assert in_postgresql.ids("visits") == {2}
    on_the_day(LAST_DAY + timedelta(days=2))
    assert in_postgresql.ids("bills") == {2}
    assert Held.objects.get().ended_at


# ── Interrupted ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_end_between_the_commit_there_and_ours_counts_the_same_rows(
    usual: Shop, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the worker ends here")

    request = asked(anna, "delete")
    others_answered(request)
    with monkeypatch.context() as patched:
        patched.setattr("data_requests.erasing.asking.item_done", ends)
        run_due(timezone.now() + AFTER_THE_WAIT)
    assert usual.ids("orders") == {21, 31, 41}, "there it is done"
    item = item_of(request)
    assert (item.outcome, Job.objects.get(handler="data_requests.delete").error) == ("open", "RuntimeError")
    assert item.located
    assert "anna.kowalczyk" not in f"{item.located}{item.found}".lower()
    assert Customer.objects.filter(pk=anna.pk).exists()
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"
    act = Entry.objects.get(kind="erasure.certified").act
    assert {"system": "Shop orders", "outcome": "kept", "count": ROWS_THAT_GO} in act["systems"]
    assert [each["count"] for each in act["kept"]] == [2]
    assert unseal(Held.objects.get().sealed)["keys"]["located"] == {"customers.id": [1]}


def test_an_end_before_the_commit_there_leaves_everything_and_is_done_later(
    usual: Shop, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = usual.everything()
    request = asked(anna, "delete")
    others_answered(request)
    at_work = SqlConnector._erase

    def ends(self: SqlConnector, cursor: Any, table: Any, *args: Any) -> None:
        if table.name == "customers":
            raise RuntimeError("the worker ends here")
        at_work(self, cursor, table, *args)

    with monkeypatch.context() as patched:
        patched.setattr(SqlConnector, "_erase", ends)
        run_due(timezone.now() + AFTER_THE_WAIT)
    assert usual.everything() == before
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"
    assert usual.ids("orders") == {21, 31, 41}


def test_while_the_database_is_away_the_center_keeps_everything(usual: Shop, anna: Customer) -> None:
    usual.goes_away()
    request = carried_out(asked(anna, "delete"))
    assert (item_of(request).outcome, Job.objects.get(handler="data_requests.delete").error) == ("open", "Unreachable")
    assert Customer.objects.filter(pk=anna.pk).exists()
    usual.comes_back()
    run_due(timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"
    assert usual.ids("orders") == {21, 31, 41}


def test_what_was_given_up_is_asked_again_the_next_day(usual: Shop, anna: Customer) -> None:
    usual.goes_away()
    request = asked(anna, "delete")
    others_answered(request)
    for _unused in range(10):
        run_due(timezone.now() + timedelta(days=5))
    assert Job.objects.get(handler="data_requests.delete").gave_up_at
    usual.comes_back()
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + timedelta(days=6))
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"


def test_rows_of_somebody_else_stop_a_deletion_everywhere(usual: Shop, anna: Customer) -> None:
    usual.answers_with_carols()
    request = carried_out(asked(anna, "delete"))
    item = item_of(request)
    assert item.outcome == "failed"
    assert "somebody else" in item.note
    assert "@" not in item.note
    assert Customer.objects.filter(pk=anna.pk).exists()
    usual.is_itself_again()
    assert usual.ids("orders") == {11, 12, 21, 31, 41}
    assert usual.ids("invoices") == {101, 102, 103, 201, 202}
    enqueue("data_requests.ask_again", {})
    run_due(timezone.now() + timedelta(days=5))
    request.refresh_from_db()
    assert request.state == "partly_fulfilled"


def test_a_database_that_is_away_stops_no_other(usual: Shop, linden: Brand, anna: Customer, tmp_path: Path) -> None:
    """Their names are in the order of the items: the one that is away is asked first."""
    other = filled(Shop(f"sqlite:///{tmp_path / 'till.sqlite3'}"))
    with connected(other.url, "till"):
        describe(linden, DESCRIPTION | {"database": "till"}, "till")
        system_of(linden, "sql", "till", "Till")
        usual.goes_away()
        request = carried_out(asked(anna, "delete"))
        assert request.items.get(system="Till").outcome == "kept"
        assert item_of(request).outcome == "open"
        assert other.ids("orders") == {21, 31, 41}
        usual.comes_back()
        run_due(timezone.now() + AFTER_THE_WAIT)
        request.refresh_from_db()
        assert request.state == "partly_fulfilled"
        assert Held.objects.count() == 2


# ── What had to stay ────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_row_goes_when_its_day_has_passed_and_the_last_ends_it(usual: Shop, linden: Brand, anna: Customer) -> None:
    Contact.objects.create(
        customer=anna, brand=linden, channel="email", address="a@work.example", canonical="a@work.example", proven_at=timezone.now()
    )
    others = usual.of_others()
    request = carried_out(asked(anna, "delete"))
    on_the_day(FIRST_DAY)
    assert usual.ids("invoices") == KEPT | {201, 202}, "the last day is still one of those on which it stays"
    on_the_day(FIRST_DAY + timedelta(days=1))
    assert usual.ids("invoices") == {101, 201, 202}
    held = Held.objects.get()
    assert (held.until, held.ended_at) == (LAST_DAY, None)
    assert [each["kept"] for each in held.found] == [1]
    assert mails("What had to stay is deleted") == []
    on_the_day(LAST_DAY + timedelta(days=1))
    assert usual.ids("invoices") == {201, 202}
    held.refresh_from_db()
    assert held.ended_at
    assert held.sealed == ""
    assert mails("What had to stay is deleted") == sorted([ANNA, "a@work.example"])
    entry = Entry.objects.get(kind="held.erased")
    assert entry.subject == anna.subject
    assert entry.act == entry.act | {"request": request.number, "system": "Shop orders", "count": 1}
    assert usual.of_others() == others
    assert not Job.objects.filter(payload__has_key="sealed").exists(), "no job remembers who it was"
    on_the_day(LAST_DAY + timedelta(days=2))
    assert len(mails("What had to stay is deleted")) == 2, "twice is once"
    assert list(verify()) == []


def test_what_had_to_stay_waits_for_a_database_that_is_away(usual: Shop, anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    usual.goes_away()
    on_the_day(LAST_DAY + timedelta(days=1))
    assert Held.objects.get().ended_at is None
    assert Job.objects.get(handler="data_requests.erase_held").error == "Unreachable"
    usual.comes_back()
    run_due(noon(LAST_DAY + timedelta(days=1)))
    assert Held.objects.get().ended_at
    assert usual.ids("invoices") == {201, 202}


def test_what_had_to_stay_goes_though_its_database_was_away_for_a_week(usual: Shop, anna: Customer) -> None:
    """Every try was in vain. It is asked again another day, without anybody at the desk."""
    carried_out(asked(anna, "delete"))
    usual.goes_away()
    on_the_day(LAST_DAY + timedelta(days=1))
    for _unused in range(10):
        run_due(noon(LAST_DAY + timedelta(days=4)))
    assert Job.objects.get(handler="data_requests.erase_held").gave_up_at
    usual.comes_back()
    on_the_day(LAST_DAY + timedelta(days=8))
    assert usual.ids("invoices") == {201, 202}
    assert Held.objects.get().ended_at


def test_an_end_while_what_had_to_stay_goes_is_made_up_for(usual: Shop, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the worker ends here")

    carried_out(asked(anna, "delete"))
    with monkeypatch.context() as patched:
        patched.setattr("data_requests.actions.note_held", ends)
        on_the_day(LAST_DAY + timedelta(days=1))
    assert usual.ids("invoices") == {201, 202}, "there it is done"
    assert Held.objects.get().ended_at is None
    run_due(noon(LAST_DAY + timedelta(days=1)))
    assert Held.objects.get().ended_at
    assert mails("What had to stay is deleted") == [ANNA]
    assert Entry.objects.get(kind="held.erased").act["count"] == 2, "as many as there were"


def come_back(shop: Shop) -> None:
    """Somebody with Anna's address opens a new account in the shop, and buys and writes."""
    shop.run("INSERT INTO customers VALUES (5, %s, 'Anna Nowa', '+48 700')", ANNA)
    shop.run("INSERT INTO orders VALUES (81, 5, 10)")
    shop.run("INSERT INTO reviews VALUES (82, %s, 'Anna Nowa', 'I came back.')", ANNA)
    shop.run("INSERT INTO invoices VALUES (83, 5, 'F/83', %s, 10)", f"{THIS_YEAR}-01-03")


def test_who_has_come_back_loses_nothing_when_old_invoices_go(usual: Shop, anna: Customer) -> None:
    """They asked for a deletion years ago. What they have given the shop since then is not what had to stay."""
    carried_out(asked(anna, "delete"))
    come_back(usual)
    on_the_day(LAST_DAY + timedelta(days=1))
    assert usual.ids("invoices") & KEPT == set()
    assert usual.run("SELECT email, name, phone FROM customers WHERE id = 5") == [(ANNA, "Anna Nowa", "+48 700")]
    assert 81 in usual.ids("orders")
    assert usual.run("SELECT author_email FROM reviews WHERE id = 82") == [(ANNA,)]
    assert Held.objects.get().ended_at


def test_invoices_of_a_new_account_do_not_make_the_old_ones_last(usual: Shop, anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    come_back(usual)
    usual.run("UPDATE invoices SET issued_on = %s WHERE id = 83", f"{THIS_YEAR + 3}-01-03")
    on_the_day(LAST_DAY + timedelta(days=1))
    assert Held.objects.get().ended_at
    on_the_day(LAST_DAY + timedelta(days=3 * 366 + 1))
    assert 83 in usual.ids("invoices"), "of this one nobody has asked that it goes"


def test_an_account_that_stays_loses_nothing_when_old_invoices_go(usual: Shop, anna: Customer) -> None:
    carried_out(asked(anna, "delete", asked={"only": ["system:shop"]}))
    come_back(usual)
    on_the_day(LAST_DAY + timedelta(days=1))
    assert usual.ids("invoices") & KEPT == set()
    assert 81 in usual.ids("orders")
    assert usual.run("SELECT name FROM customers WHERE id = 5") == [("Anna Nowa",)]


# ── Before they confirm ─────────────────────────────────────────────────────────────────────────────────────────────


def text_of(page: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode())))


def test_a_plan_changes_nothing(usual: Shop, anna: Customer) -> None:
    before, entries = usual.everything(), Entry.objects.count()
    plan = plan_of(anna, Deletion(), TODAY)
    assert {"“Shop orders”: Account in the shop", "“Shop orders”: Orders", "“Shop orders”: Reviews", "“Shop orders”: Invoices"} <= set(
        plan.goes
    )
    assert [(each.text, each.law) for each in plan.held] == [
        (f"Invoices: 2 rows, until 31 December {THIS_YEAR + 5}. Tax law.", "Art. 112 VAT Act")
    ] or [(each.text, each.law) for each in plan.held] == [
        (f"Invoices: 2 rows, until December 31, {THIS_YEAR + 5}. Tax law.", "Art. 112 VAT Act")
    ]
    assert plan.unseen == []
    assert usual.everything() == before
    assert Entry.objects.count() == entries
    assert not Item.objects.exists()


def test_the_page_shows_what_goes_and_what_stays_and_until_when(usual: Shop, signed_in: Any, with_app: Any, anna: Customer) -> None:
    before = usual.everything()
    page = text_of(signed_in(anna).get("/requests/delete/"))
    assert "“Shop orders”: Orders" in page
    assert re.search(rf"Invoices: 2 rows, until (31 December|December 31,) {THIS_YEAR + 5}\. Tax law\. Art\. 112 VAT Act", page)
    assert "could not look into" not in page
    browser = with_app(anna)
    assert browser.post("/requests/delete/", {"what": "all"}).status_code == 303
    check = text_of(browser.get("/requests/delete/check/"))
    assert re.search(rf"We keep, locked Invoices: 2 rows, until (31 December|December 31,) {THIS_YEAR + 5}\. Tax law\.", check)
    assert usual.everything() == before


def test_the_page_says_it_in_polish(shop: Shop, system: System, linden: Brand, signed_in: Any, anna: Customer) -> None:
    law = {"en": "Art. 112 VAT Act", "pl": "art. 112 ustawy o VAT"}
    describe(linden, described_as(invoices={"keep": DESCRIPTION["tables"][0]["keep"] | {"law": law}}))
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    page = text_of(signed_in(anna).get("/requests/delete/"))
    assert "„Shop orders”: Zamówienia" in page
    assert f"Faktury: 2 wiersze, do 31 grudnia {THIS_YEAR + 5}. Przepisy podatkowe. art. 112 ustawy o VAT" in page


def test_the_page_says_plainly_if_a_database_cannot_be_looked_into(usual: Shop, signed_in: Any, anna: Customer) -> None:
    usual.goes_away()
    page = signed_in(anna).get("/requests/delete/")
    assert page.status_code == 200
    assert "We could not look into Shop orders just now." in text_of(page)
    assert "“Shop orders”: Orders" not in text_of(page)
    Customer.objects.filter(pk=anna.pk).update(language="pl")
    anna.refresh_from_db()
    assert "Nie mogliśmy teraz zajrzeć do: Shop orders." in text_of(signed_in(anna).get("/requests/delete/"))


@pytest.mark.parametrize("wrong", ["a missing table", "a mask that is a list", "no YAML"])
def test_the_page_says_the_same_of_a_wrong_description_and_no_word_more(
    in_sqlite: Shop, system: System, linden: Brand, signed_in: Any, anna: Customer, wrong: str
) -> None:
    describe(linden, WRONG[wrong])
    page = signed_in(anna).get("/requests/delete/")
    assert page.status_code == 200
    assert "We could not look into Shop orders just now." in text_of(page)
    assert "carts" not in text_of(page)


def test_the_page_shows_no_row_of_somebody_else(usual: Shop, signed_in: Any, anna: Customer) -> None:
    usual.answers_with_carols()
    page = text_of(signed_in(anna).get("/requests/delete/"))
    assert "We could not look into Shop orders just now." in page
    assert CAROL not in page


def test_a_system_that_is_not_in_use_is_neither_shown_nor_asked(usual: Shop, system: System, linden: Brand, anna: Customer) -> None:
    system.in_use = False
    actions.name_system(system, brand=linden, by=SAM)
    before = usual.everything()
    assert not plan_of(anna, Deletion(), TODAY).held
    request = carried_out(asked(anna, "delete"))
    assert request.state == "fulfilled"
    assert usual.everything() == before


# ── Some of it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_the_shop_holds_can_go_alone_and_the_account_stays(usual: Shop, with_app: Any, anna: Customer) -> None:
    others = usual.of_others()
    browser = with_app(anna)
    assert browser.post("/requests/delete/", {"what": "some", "only": ["system:shop"]}).status_code == 303
    check = text_of(browser.get("/requests/delete/check/"))
    assert "What “Shop orders” holds of you" in check
    answer = browser.post("/requests/delete/check/")
    request = Request.objects.get(number=answer["Location"].split("/")[2])
    assert request.asked == {"only": ["system:shop"]}
    assert [item.system for item in request.items.all()] == ["center", "Shop orders"]
    carried_out(request)
    assert request.state == "partly_fulfilled"
    assert (item_of(request).outcome, item_of(request).count) == ("kept", ROWS_THAT_GO)
    assert usual.ids("orders") == {21, 31, 41}
    assert usual.of_others() == others
    assert Customer.objects.filter(pk=anna.pk).exists()
    assert Contact.objects.filter(customer=anna, canonical=ANNA).exists()
    assert not Entry.objects.filter(kind__in=("person.erased", "erasure.certified")).exists()
    page = text_of(browser.get(f"/requests/{request.number}/"))
    assert "Invoices: 2 rows" in page
    assert str(THIS_YEAR + 5) in page


def test_messages_alone_leave_the_shop_alone(usual: Shop, anna: Customer) -> None:
    before = usual.everything()
    request = carried_out(asked(anna, "delete", asked={"only": ["messages"]}))
    assert request.state == "fulfilled"
    assert usual.everything() == before


def test_a_cancelled_deletion_asks_no_system(usual: Shop, anna: Customer) -> None:
    before = usual.everything()
    request = asked(anna, "delete")
    actions.withdraw(request, by=f"self:{anna.subject}")
    run_due(timezone.now() + timedelta(days=30))
    assert usual.everything() == before
    assert item_of(request).outcome == "open"


def test_unreachable_says_which_database_and_no_more(usual: Shop, linden: Brand) -> None:
    usual.goes_away()
    with pytest.raises(Unreachable) as found:
        connector(linden).check()
    assert str(found.value) == "shop: OperationalError"
