"""What partners hear about a child: the yes of a guardian, its end, and the birthday from which the child decides alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import timezone

from accounts.actions import Verified, begin_guardianship, end_guardianship, join, new_child
from accounts.models import Customer, Guardianship
from brands.models import Brand
from catalogue.published import published
from consents import shown
from consents.actions import say_for
from consents.saying import Said
from consents.standing import basis_here
from consents.states import How, Verb, Where
from ledger.models import Head
from ledger.turns import turn
from propagation.tests import receiving
from propagation.tests.conftest import Server, opened, partner_of, work

BY = "staff:" + "a" * 32
USE = "selection"  # goes to the regional association


@pytest.fixture
def warta(kingfisher: Brand) -> Iterator[Server]:
    with receiving.a_partner() as server:
        yield opened(partner_of(kingfisher, "okreg-warta"), server), server


@pytest.fixture
def pawel(kingfisher: Brand) -> Customer:
    return join(brand=kingfisher, address="pawel.zielinski@example.com", language="pl")


def a_child(guardian: Customer) -> Customer:
    today = timezone.localdate()
    child = new_child(guardian, "Zosia", date(today.year - 11, 1, 1))
    tie(guardian, child)
    return child


def tie(guardian: Customer, child: Customer) -> Guardianship:
    return begin_guardianship(guardian=guardian, child=child, verified=Verified("parent", "in_person", True, by=BY), by=BY)


def says(guardian: Customer, child: Customer, verb: Verb) -> None:
    purpose = published(child.brand)[USE]
    screen = shown.screen(child.brand, purpose, "", "en", basis_here(child, purpose))
    seen = Head.objects.values_list("seq", flat=True).get(pk=child.subject)
    party = guardian.subject
    said = Said(f"guardian:{party}", party, How.BUTTON, Where.FAMILY, "IV2", "en", seen, screen.version, screen.sha256)
    assert say_for(child, guardian, USE, "", verb, said).saved


def heard(server: Server) -> list[tuple[str, str]]:
    return [(each.body["type"], each.data.get("change", "")) for each in server[1].got]


def test_a_guardians_yes_and_its_end_reach_the_partner(marta: Customer, warta: Server) -> None:
    child = a_child(marta)
    says(marta, child, Verb.ALLOW)
    work()
    assert heard(warta) == [("choice.changed", "started")]
    end_guardianship(Guardianship.objects.get(child=child), why="resigned", by=BY)
    work()  # the end has a job write down what lapses
    work()
    assert heard(warta)[-1] == ("choice.changed", "stopped")


def test_while_another_guardians_yes_stands_nobody_is_told_to_stop(marta: Customer, pawel: Customer, warta: Server) -> None:
    child = a_child(marta)
    other = tie(pawel, child)
    says(marta, child, Verb.ALLOW)
    says(pawel, child, Verb.ALLOW)
    work()
    end_guardianship(other, why="resigned", by=BY)
    work()
    work()
    assert ("choice.changed", "stopped") not in heard(warta)


def test_one_guardians_no_is_a_stop(marta: Customer, pawel: Customer, warta: Server) -> None:
    child = a_child(marta)
    tie(pawel, child)
    says(marta, child, Verb.ALLOW)
    says(pawel, child, Verb.ALLOW)
    says(pawel, child, Verb.DENY)
    work()
    assert heard(warta)[-1] == ("choice.changed", "stopped")


@pytest.mark.parametrize(("days", "told"), [(30, False), (0, True)])
def test_that_they_decide_alone_is_told_on_the_day(marta: Customer, warta: Server, days: int, told: bool) -> None:
    child = a_child(marta)
    says(marta, child, Verb.ALLOW)
    with turn(child.subject, brand=child.brand.key, actor="system:coming_of_age") as this:
        this.append(child.subject, "coming_of_age.told", {"age": 16, "days": days, "of_age": False})
    work()
    events = [each for each in warta[1].got if each.body["type"] == "person.came_of_age"]
    assert [(each.data["age"], each.data["of_age"]) for each in events] == ([(16, False)] if told else [])
