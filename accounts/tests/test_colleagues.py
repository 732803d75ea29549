"""Roles are given by two and taken by one; a look is an entry with a reason; an account is halted once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import colleagues as names
from accounts.actions import halt, join
from accounts.actions.colleagues import AsTheyAre, NotGiven, NotYourself, appoint, ask_for_roles, decide_roles, suspend
from accounts.actions.looking import ANSWERS, NoReason, look, searched, taken_away, viewed
from accounts.models import Customer, Person, Role, RoleChange
from accounts.tests.conftest import Browser
from brands.models import Brand
from ledger.models import Entry

pytestmark = pytest.mark.django_db


def officer(name: str) -> str:
    return f"staff:{Person.objects.create_user(f'{name}@desk.example').reference}"


def roles_of(email: str, brand: Brand) -> list[str]:
    return sorted(Role.objects.at(brand).filter(person__email=email).values_list("group__name", flat=True))


def kinds(brand: Brand) -> list[str]:
    return list(Entry.objects.of(brand.subject).filter(kind__startswith="staff.roles").order_by("seq").values_list("kind", flat=True))


def test_one_asks_another_gives_twice_is_once(brand: Brand) -> None:
    ola, iga = officer("ola"), officer("iga")
    change = ask_for_roles(brand, "Nora@desk.example", ["agent", "agent"], known_as="Nora", by=ola)
    assert change is not None
    assert roles_of("nora@desk.example", brand) == []
    with pytest.raises(NotYourself):
        decide_roles(brand, change, give=True, by=ola)
    for _time in range(2):
        decide_roles(brand, change, give=True, by=iga)
    assert roles_of("nora@desk.example", brand) == ["agent"]
    assert kinds(brand) == ["staff.roles_asked", "staff.roles_changed"]
    nora = Person.objects.get(email="nora@desk.example")
    assert nora.known_as == "Nora"
    with pytest.raises(NotYourself):
        ask_for_roles(brand, "nora@desk.example", ["officer"], by=f"staff:{nora.reference}")


def test_one_change_waits_at_a_time_and_whoever_asked_takes_it_back(brand: Brand) -> None:
    ola = officer("ola")
    change = ask_for_roles(brand, "nora@desk.example", ["agent"], by=ola)
    assert change is not None
    with pytest.raises(NotGiven):
        ask_for_roles(brand, "nora@desk.example", ["officer"], by=ola)
    with pytest.raises(NotGiven):
        ask_for_roles(brand, "nora@desk.example", ["king"], by=ola)
    decide_roles(brand, change, give=False, by=ola)
    assert kinds(brand) == ["staff.roles_asked", "staff.roles_refused"]
    assert roles_of("nora@desk.example", brand) == []


def test_the_database_wants_two(brand: Brand) -> None:
    change = ask_for_roles(brand, "nora@desk.example", ["agent"], by=officer("ola"))
    assert change is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.filter(pk=change.pk).update(given=True, decided_by=change.asked_by, decided_at=timezone.now())


def test_the_operator_appoints_and_twice_is_once(brand: Brand) -> None:
    for _time in range(2):
        nora = appoint(brand, "nora@desk.example", ["agent"], known_as="Nora", by="system:operator")
    assert roles_of("nora@desk.example", brand) == ["agent"]
    assert kinds(brand) == ["staff.roles_changed"]
    assert Person.objects.get(pk=nora.pk).known_as == "Nora"


def test_what_they_have_already_is_not_asked_for_and_ends_nothing(brand: Brand) -> None:
    appoint(brand, "nora@desk.example", ["agent"], by="system:operator")
    change = ask_for_roles(brand, "nora@desk.example", ["agent", "editor"], by=officer("ola"))
    with pytest.raises(AsTheyAre):
        ask_for_roles(brand, "nora@desk.example", ["agent"], by=officer("iga"))
    with pytest.raises(AsTheyAre):
        ask_for_roles(brand, "nobody@desk.example", [], known_as="Eve", by=officer("eve"))
    assert RoleChange.objects.open().get() == change
    assert not Person.objects.filter(email="nobody@desk.example").exists()


def test_a_name_comes_with_the_roles_and_not_before(brand: Brand) -> None:
    change = ask_for_roles(brand, "nora@desk.example", ["agent"], known_as="Nora", by=officer("ola"))
    assert change is not None
    assert Person.objects.get(email="nora@desk.example").known_as == ""
    decide_roles(brand, change, give=False, by=officer("iga"))
    assert Person.objects.get(email="nora@desk.example").known_as == ""


def test_what_an_officer_asked_for_ends_with_their_office(brand: Brand) -> None:
    ola = appoint(brand, "ola@desk.example", ["officer"], by="system:operator")
    change = ask_for_roles(brand, "friend@desk.example", ["officer"], by=f"staff:{ola.reference}")
    assert change is not None
    iga = officer("iga")
    ask_for_roles(brand, "ola@desk.example", [], by=iga)
    decide_roles(brand, change, give=True, by=iga)
    assert roles_of("friend@desk.example", brand) == []
    assert kinds(brand)[-2:] == ["staff.roles_changed", "staff.roles_refused"]


def test_the_operators_word_ends_what_waited(brand: Brand) -> None:
    change = ask_for_roles(brand, "nora@desk.example", ["agent"], by=officer("ola"))
    appoint(brand, "nora@desk.example", ["officer"], by="system:operator")
    assert change is not None
    decide_roles(brand, change, give=True, by=officer("iga"))
    assert roles_of("nora@desk.example", brand) == ["officer"]


def test_less_is_done_by_one_and_takes_along_what_waits(brand: Brand) -> None:
    ola, iga = officer("ola"), officer("iga")
    sam = appoint(brand, "sam@desk.example", ["agent", "editor"], known_as="Sam", by="system:operator")
    assert ask_for_roles(brand, "sam@desk.example", ["officer"], by=ola) is not None
    assert ask_for_roles(brand, "sam@desk.example", ["agent"], by=iga) is None
    assert not RoleChange.objects.open().exists()
    assert roles_of("sam@desk.example", brand) == ["agent"]
    ask_for_roles(brand, "sam@desk.example", ["officer"], by=ola)
    for _time in range(2):
        suspend(brand, sam, by=iga)
    assert not RoleChange.objects.open().exists()
    assert roles_of("sam@desk.example", brand) == []
    with pytest.raises(NotYourself):
        suspend(brand, sam, by=f"staff:{sam.reference}")
    appoint(brand, "sam@desk.example", ["auditor"], by="system:operator")
    assert roles_of("sam@desk.example", brand) == ["auditor"]
    with pytest.raises(NotGiven):
        appoint(brand, "sam@desk.example", ["king"], by="system:operator")


def test_who_is_suspended_is_signed_out(brand: Brand, settings: Any) -> None:
    sam = appoint(brand, "sam@desk.example", ["agent"], by="system:operator")
    browser = Browser(brand, settings.MAIL_DIR)
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    browser.sign_in("sam@desk.example")
    assert browser.get("/account/").status_code == 200
    suspend(brand, sam, by=officer("ola"))
    assert browser.get("/account/").status_code == 302


def test_a_look_a_search_and_what_leaves_are_entries(brand: Brand) -> None:
    anna, by = join(brand=brand, address="anna@example.com", language="en"), officer("ola")
    look(anna, by=by, reason="called", note=" A parcel. ")
    look(anna, by=by, reason="fault", what=ANSWERS)
    for reason, note in (("", ""), ("bored", ""), ("other", " "), ("called", "x" * 201)):
        with pytest.raises(NoReason):
            look(anna, by=by, reason=reason, note=note)
    taken_away(anna.subject, brand, by=by, what="proof")
    searched(brand, by=by, kind="email", found=1)
    assert viewed(brand, by=by, page="reports").act["page"] == "reports"
    found = [(entry.kind, entry.act.get("note")) for entry in Entry.objects.of(anna.subject).exclude(kind="person.joined").order_by("seq")]
    assert found == [("record.looked_at", "A parcel."), ("record.looked_at", ""), ("desk.taken_away", None)]
    assert Entry.objects.of(brand.subject).filter(kind="desk.searched").count() == 1


def test_an_account_is_halted_by_somebody_of_the_desk(brand: Brand) -> None:
    anna: Customer = join(brand=brand, address="anna@example.com", language="en")
    entry = halt(customer=anna, by=officer("ola"))
    assert entry.act["why"] == "desk"


def test_names_of_colleagues_are_asked_for_only_where_there_are_any(brand: Brand, django_assert_num_queries: Any) -> None:
    sam = appoint(brand, "sam@desk.example", ["agent"], known_as="Sam", by="system:operator")
    with django_assert_num_queries(0):
        assert names.names_of(["self:" + "0" * 32, "system:job"]) == {}
    actor = f"staff:{sam.reference}"
    found = names.names_of([actor])
    assert names.in_words(actor, found) == "Our colleague Sam"
    assert names.in_words("staff:" + "0" * 32, found) == "Our colleague"
