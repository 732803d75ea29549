"""What was true when it was recorded, and is not any more when a partner would hear of it."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Customer
from consents.actions import restrict
from consents.tests.acting import allow, deny
from data_requests.actions.erasing import erase_customer
from data_requests.erasing import walker
from ledger.turns import turn
from propagation import reconciling
from propagation.models import Delivery, Partner
from propagation.tests.calling import Api
from propagation.tests.choosing import ANNA, said
from propagation.tests.conftest import BY, Server, opened, work
from propagation.tests.receiving import a_partner
from propagation.webhooks import sending


def erased(customer: Customer) -> None:
    with turn(customer.subject, brand=customer.brand.key, actor=BY) as this:
        erase_customer(this, customer, why="request")


def test_of_whoever_was_deleted_nothing_is_told_but_that(crm: Partner, anna: Customer) -> None:
    with a_partner() as server:
        opened(crm, server)
        allow(anna, "ads")
        deny(anna, "ads")
        erased(anna)
        work()
        assert [each.body["type"] for each in server.got] == ["person.deleted"]
    assert set(Delivery.objects.values_list("subject", flat=True)) == {""}  # or the second look would find them again
    assert walker.left(anna, [ANNA["email"]]) == {}


def test_a_start_is_told_only_while_it_is_allowed(anna: Customer, adfields: Server) -> None:
    with turn(anna.subject, brand=anna.brand.key, actor=BY) as this:
        restrict(this, anna, request="R-1")
    allow(anna, "ads")
    work()
    assert "started" not in [each.data.get("change") for each in adfields[1].got]


def test_what_is_sent_again_takes_along_what_came_later(anna: Customer, adfields: Server) -> None:
    server = adfields[1]
    allow(anna, "ads")
    work()
    deny(anna, "ads")
    work()
    assert reconciling.again(Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk)) == 2
    sending.deliver_all()
    assert [each.data["change"] for each in server.got] == ["started", "stopped"] * 2


def test_a_choice_is_on_the_disk_before_it_is_answered(api: Api, anna: Customer) -> None:
    """Counting calls may wait for the disk; not inside the transaction of a choice."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such setting")
    said(api, ANNA, "deny")
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone()[0] == "on"
