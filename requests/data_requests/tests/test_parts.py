"""A copy of a part: what was left out is not in it, nothing else is missing, and what was given can be put into a new place."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.utils import timezone

from accounts.actions import change_name, join
from accounts.models import Contact, Customer
from brands.models import Brand
from consents.models import Choice
from consents.tests.acting import allow
from data_requests import actions
from data_requests.collect import sections
from data_requests.models import System
from data_requests.parts import MOMENTS, OF_CATEGORY, PARTS, Scope, scope_of
from data_requests.tests.conftest import ALL, SESSION, SignedIn, asked
from data_requests.tests.test_package import copy_of
from ledger.personal_data import Nobody, declared

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(anna: Customer) -> Customer:
    """With something in every part."""
    change_name(customer=anna, name="Anna Kowalczyk")
    allow(anna, "recs")
    asked(anna, "review", SESSION, asked={"text": "why"})
    return anna


def tables(customer: Customer, **asked: Any) -> dict[str, Any]:
    with_asked = copy_of(customer, asked)
    found: dict[str, Any] = json.loads(with_asked.read("data.json"))["tables"]
    return found


def test_every_category_of_every_table_is_in_one_part() -> None:
    for model in apps.get_models(include_auto_created=True):
        declaration = declared(model)
        assert declaration
        if not isinstance(declaration.of, Nobody):
            assert set(declaration.exported.values()) <= OF_CATEGORY.keys(), model._meta.label
    assert sum(len(part.categories) for part in PARTS.values()) == len(OF_CATEGORY), "and in one alone"


def test_the_moments_are_columns() -> None:
    for label, column in MOMENTS.items():
        assert isinstance(apps.get_model(label)._meta.get_field(column), models.DateField), label


def test_the_parts_together_are_everything(full: Customer) -> None:
    def fields(scope: Scope) -> set[tuple[str, str]]:
        return {(section.key, name) for section in sections(full, scope) for name in section.fields}

    one_by_one = [fields(Scope(frozenset({part}))) for part in PARTS]
    assert set.union(*one_by_one) == fields(Scope())
    assert sum(map(len, one_by_one)) == len(fields(Scope())), "and none is in two"


def test_a_part_alone_holds_itself_alone(full: Customer) -> None:
    found = tables(full, parts=["account"])
    assert found["accounts.Customer"][0]["name"] == "Anna Kowalczyk"
    assert not found.keys() & {"consents.Choice", "ledger.Entry", "requests.Request", "usersessions.UserSession"}
    assert "receipts/consent-keys.json" not in copy_of(full, {"parts": ["account"]}).namelist()


def test_to_take_elsewhere_it_holds_what_they_gave_and_nothing_that_was_made_of_it(full: Customer) -> None:
    found = tables(full, portable=True)
    assert found.keys() >= {"accounts.Customer", "accounts.Contact", "consents.Choice", "requests.Request"}
    assert not found.keys() & {"ledger.Entry", "notifications.Message"}


def test_since_a_day_it_holds_what_came_from_then_on(anna: Customer) -> None:
    with time_machine.travel("2026-10-01T10:00:00Z"):
        asked(anna, "review", SESSION, asked={"text": "the old one"})
    asked(anna, "review", SESSION, asked={"text": "the new one"})
    found = tables(anna, since=(timezone.localdate() - timedelta(days=3)).isoformat())
    texts = [row["asked"].get("text") for row in found["requests.Request"]]
    assert "the new one" in texts
    assert "the old one" not in texts
    assert found["accounts.Contact"], "what has no day is in it whole"


def test_the_page_of_a_part_says_so(full: Customer) -> None:
    page = copy_of(full, {"parts": ["account"], "since": "2026-01-02"}).read("index.html").decode()
    assert "You asked for a part:" in page
    assert "Account and addresses" in page
    assert "You asked for a part:" not in copy_of(full).read("index.html").decode()


def test_other_systems_are_not_asked_where_they_were_left_out(anna: Customer, linden: Brand) -> None:
    actions.name_system(System(key="shop", name="Shop orders"), brand=linden, by="system:tests")
    request = asked(anna, asked={"parts": ["account"]})
    assert list(request.items.values_list("system", flat=True)) == ["center"]


def test_everything_that_is_offered_is_everything(anna: Customer, signed_in: SignedIn, linden: Brand) -> None:
    browser = signed_in(anna)
    browser.post("/requests/copy/", {"parts": [part for part in PARTS if part != "systems"]})
    assert "Everything we hold" in browser.get("/requests/copy/check/").content.decode()
    actions.name_system(System(key="shop", name="Shop orders"), brand=linden, by="system:tests")
    browser.post("/requests/copy/", {"parts": [part for part in PARTS if part != "systems"]})
    assert "Everything we hold" not in browser.get("/requests/copy/check/").content.decode()


def test_odd_answers_of_a_request_are_everything() -> None:
    assert scope_of({}) == scope_of({"parts": ["nonsense"]}) == scope_of({"parts": []}) == Scope()
    assert scope_of({"since": "2026-01-02"}).since == date(2026, 1, 2)


def test_what_was_chosen_is_shown_and_kept(full: Customer, signed_in: SignedIn) -> None:
    browser = signed_in(full)
    assert browser.post("/requests/copy/", {}).status_code == 422
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert browser.post("/requests/copy/", ALL | {"since": tomorrow}).status_code == 422
    browser.post("/requests/copy/", {"parts": ["account", "choices"], "since": "2026-01-02", "portable": "yes"})
    page = browser.get("/requests/copy/check/").content.decode()
    for words in ("Account and addresses, Your choices and their history", "only what you gave us", "from Jan. 2, 2026 on"):
        assert words in page or words.replace("Jan. 2, 2026", "2 January 2026") in page, words
    again = browser.get("/requests/copy/").content.decode()
    ticked = re.findall(r'value="(\w+)" id="id_parts_\d+" aria-describedby="[\w-]+" checked', again)
    assert ticked == ["account", "choices"]
    assert 'value="systems"' not in again, "the brand has none"
    assert 'value="2026-01-02"' in again


# ── Put into a new place ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_they_gave_goes_into_a_clean_place_and_comes_out_the_same(full: Customer, kingfisher: Brand) -> None:
    """By the JSON alone: a customer, the ways to reach them and what they decided, at a brand that has never heard of them. The copy that
    is made there says the same."""
    Contact.objects.create(customer=full, brand=full.brand, channel="post", address="ul. Tkacka 8", canonical="ul. tkacka 8")
    given = json.loads(json.dumps(tables(full, portable=True)))
    there = put(given, kingfisher)
    again = tables(there, portable=True)
    for label, leave_out in (
        ("accounts.Customer", {"code", "created_at"}),
        ("accounts.Contact", set()),
        ("consents.Choice", {"decided_at"}),
    ):
        assert without(again[label], leave_out) == without(given[label], leave_out), label
    assert given["consents.Choice"], "there was something to carry"


def without(rows: list[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    return sorted(({name: value for name, value in row.items() if name not in names} for row in rows), key=str)


def put(given: dict[str, Any], brand: Brand) -> Customer:
    """Each value by the column that it is named after: the schema of the file is all there is to know."""
    person = next(row for row in given["accounts.Contact"] if row["channel"] == "email")
    customer = join(brand=brand, address=person["address"], language="en")
    told = {name: value for name, value in columns(Customer, given["accounts.Customer"][0]).items() if name not in {"code", "created_at"}}
    Customer.objects.filter(pk=customer.pk).update(**told)
    customer.contacts.all().delete()
    for row in given["accounts.Contact"]:
        Contact.objects.create(customer=customer, brand=brand, canonical=row["address"].lower(), **columns(Contact, row))
    for row in given["consents.Choice"]:
        of_theirs = Choice.objects.filter(customer__subject__isnull=False).first()
        assert of_theirs
        Choice.objects.create(customer=customer, **like(of_theirs), **columns(Choice, row))
    customer.refresh_from_db()
    return customer


def columns(model: type[models.Model], row: dict[str, Any]) -> dict[str, Any]:
    fields = {field.name: field for field in model._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in row.items()}


def like(choice: Choice) -> dict[str, Any]:
    """The columns of a decision that are no words about anybody: positions of our ledger."""
    declaration = declared(Choice)
    assert declaration
    own = {"id", "customer", "customer_id"}
    return {
        field.attname: getattr(choice, field.attname)
        for field in Choice._meta.concrete_fields
        if field.name not in own | set(declaration.exported)
    }
