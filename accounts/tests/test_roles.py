"""A role is of one brand: it opens that desk and no other, and whoever has none anywhere may nothing."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts import factors
from accounts.actions import change_contact, join, put_back
from accounts.actions.colleagues import appoint, ask_for_roles, decide_roles, suspend
from accounts.models import Person, ReplacedAddress, Role, RoleChange
from accounts.tests.conftest import Browser, a_brand
from accounts.tests.test_second_factor import set_up
from brands.models import Brand

pytestmark = pytest.mark.django_db
BY = "system:operator"
LOOK_UP, GIVE = "accounts.look_up_customer", "accounts.give_roles"


@pytest.fixture
def wren(brand: Brand) -> Brand:
    return a_brand("wren")


@pytest.fixture
def nora(brand: Brand, wren: Brand) -> Person:
    """An officer at Linden, an agent at Wren."""
    appoint(brand, "nora@desk.example", ["officer"], by=BY)
    return appoint(wren, "nora@desk.example", ["agent"], by=BY)


def at(person: Person, brand: Brand | None) -> Person:
    """As loaded for a request there."""
    found = Person.objects.get(pk=person.pk)
    found.at = brand
    return found


def test_what_they_may_is_a_matter_of_where_they_are_signed_in(nora: Person, brand: Brand, wren: Brand) -> None:
    assert at(nora, brand).has_perms([LOOK_UP, GIVE])
    there = at(nora, wren)
    assert (there.has_perm(LOOK_UP), there.has_perm(GIVE), there.has_perms([LOOK_UP, GIVE])) == (True, False, False)
    assert (there.has_module_perms("accounts"), there.has_module_perms("ledger")) == (True, False)
    there.at = brand
    assert there.has_module_perms("ledger")


def test_nowhere_is_nobody(nora: Person, brand: Brand, django_assert_num_queries: Any) -> None:
    nowhere, elsewhere = at(nora, None), at(nora, a_brand("robin"))
    with django_assert_num_queries(0):
        assert not nowhere.is_staff
        assert not nowhere.has_perm(LOOK_UP)
    with django_assert_num_queries(1):
        assert not elsewhere.is_staff
        assert not elsewhere.has_perm(LOOK_UP)
        assert not elsewhere.has_module_perms("accounts")
    assert nora.works_somewhere


def test_one_query_says_who_they_are_and_what_they_may(nora: Person, brand: Brand, django_assert_num_queries: Any) -> None:
    here = at(nora, brand)
    with django_assert_num_queries(1):
        assert here.is_staff
        assert here.has_perm(LOOK_UP)
        assert here.has_perm(GIVE)


def test_a_role_that_allows_nothing_lets_in(brand: Brand) -> None:
    Group.objects.create(name="guest")
    guest = at(appoint(brand, "guest@desk.example", ["guest"], by=BY), brand)
    assert guest.is_staff
    assert not any(guest.has_perm(f"accounts.{each.codename}") for each in Permission.objects.all())


def test_who_may_no_longer_sign_in_may_nothing(nora: Person, brand: Brand) -> None:
    Person.objects.filter(pk=nora.pk).update(is_active=False)
    assert not at(nora, brand).has_perm(LOOK_UP)
    assert not at(nora, brand).has_module_perms("accounts")


def test_once_a_brand(nora: Person, wren: Brand) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Role.objects.create(person=nora, brand=wren, group=Group.objects.get(name="agent"))


def test_changes_wait_at_each_brand_and_are_decided_there(nora: Person, brand: Brand, wren: Brand) -> None:
    here = ask_for_roles(brand, nora.email, ["officer", "editor"], by="staff:ola")
    there = ask_for_roles(wren, nora.email, ["agent", "auditor"], by="staff:eve")
    assert here is not None
    assert there is not None
    with pytest.raises(RoleChange.DoesNotExist):
        decide_roles(wren, here, give=True, by="staff:iga")
    decide_roles(brand, here, give=True, by="staff:iga")
    assert set(nora.roles.at(brand).values_list("group__name", flat=True)) == {"officer", "editor"}
    assert set(nora.roles.at(wren).values_list("group__name", flat=True)) == {"agent"}
    assert RoleChange.objects.at(wren).open().get() == there


def test_who_leaves_one_brand_goes_on_at_the_other(nora: Person, brand: Brand, wren: Brand, settings: Any) -> None:
    here, there = Browser(brand, settings.MAIL_DIR), Browser(wren, settings.MAIL_DIR)
    for browser in (here, there):
        browser.sign_in(nora.email)
        assert browser.get("/account/").status_code == 200
    ask_for_roles(wren, nora.email, ["agent", "editor"], by="staff:eve")
    suspend(brand, nora, by="staff:iga")
    assert not nora.roles.at(brand).exists()
    assert nora.roles.at(wren).exists()
    assert RoleChange.objects.at(wren).open().exists()
    assert here.get("/account/").status_code == 302
    assert there.get("/account/").status_code == 200


def test_the_last_role_taken_signs_them_out(nora: Person, brand: Brand, settings: Any) -> None:
    here = Browser(brand, settings.MAIL_DIR)
    here.sign_in(nora.email)
    ask_for_roles(brand, nora.email, [], by="staff:iga")
    assert here.get("/account/").status_code == 302


def test_an_old_mailbox_opens_no_desk_by_putting_back(nora: Person, brand: Brand, wren: Brand, settings: Any) -> None:
    """It takes what was made since at that brand; who had a factor makes no other by mail."""
    customer = join(brand=wren, address=nora.email, language="en")
    change_contact(customer=customer, address="nora@new.example")
    hers = Browser(wren, settings.MAIL_DIR)
    hers.sign_in("nora@new.example")
    set_up(hers)
    assert put_back(ReplacedAddress.objects.get(customer=customer))
    thief = Browser(brand, settings.MAIL_DIR)
    thief.sign_in("nora@desk.example")
    page = thief.get("/account/second-factor/")
    assert (page.status_code, "second proof is gone" in page.content.decode()) == (403, True)
    assert thief.get("/account/authenticator/")["Location"].startswith("/account/second-factor/")
    call_command("appoint", "nora@desk.example", "--roles", "officer", "--brand", brand.key, "--anew")
    again = Browser(brand, settings.MAIL_DIR)
    again.sign_in("nora@desk.example")
    assert again.get("/account/second-factor/")["Location"].startswith("/account/authenticator/")
    set_up(again)


def test_a_passkey_of_elsewhere_is_told_of(nora: Person, brand: Brand, settings: Any) -> None:
    Authenticator.objects.create(user=nora, type="webauthn", data={})
    hers = Browser(brand, settings.MAIL_DIR)
    hers.sign_in(nora.email)
    assert "You have no authenticator app yet" in hers.get("/account/second-factor/").content.decode()


def test_who_works_elsewhere_signs_up_here_as_anybody(nora: Person, settings: Any) -> None:
    robin = a_brand("robin")
    browser = Browser(robin, settings.MAIL_DIR)
    browser.sign_in(nora.email)
    assert robin.customers.get().person == nora


def test_no_factor_is_made_at_another_brand_by_a_mailbox_alone(nora: Person, brand: Brand, settings: Any) -> None:
    """It would open the desk of the first: an authenticator app is the person's."""
    robin = a_brand("robin")
    join(brand=robin, address=nora.email, language="en")
    hers = Browser(brand, settings.MAIL_DIR)
    hers.sign_in(nora.email)
    set_up(hers)
    stranger = Browser(robin, settings.MAIL_DIR)
    stranger.sign_in(nora.email)
    assert stranger.get("/account/authenticator/")["Location"].startswith("/account/second-factor/")
    assert stranger.post("/account/passkeys/begin/").json()["location"].startswith("/account/second-factor/")
    assert "for_desk" in stranger.get("/account/second-factor/").context
    assert not stranger.get("/account/second-factor/").context["for_desk"]
    assert not factors.made_here(nora, robin, "webauthn").exists()
