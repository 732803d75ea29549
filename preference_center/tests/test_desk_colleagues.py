"""Four eyes: roles take two officers, and whoever wrote a draft does not publish it. Less is done by one, at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.colleagues import NotYourself, ask_for_roles, decide_roles
from accounts.models import Person, Role, RoleChange
from brands.models import Brand
from catalogue.actions import load_policy, publish, publish_policy, revise, revise_policy
from catalogue.models import Purpose
from catalogue.pack import FOLDER
from catalogue.problems import Refused
from ledger.models import Entry
from preference_center.tests.test_desk import DESK, VERSIONS, AtDesk, employ, press, told
from preference_center.tests.test_desk import at_desk as at_desk  # fixtures
from preference_center.tests.test_desk import mailbox as mailbox

pytestmark = pytest.mark.django_db
COLLEAGUES = f"{DESK}colleagues/"


def roles_of(email: str) -> set[str]:
    return set(Role.objects.filter(person__email=email).values_list("group__name", flat=True))


def ask(browser: Any, address: str, *roles: str) -> Any:
    return browser.post(COLLEAGUES, {"act": "ask", "address": address, "roles": roles, "known_as": "Nora"})


def test_roles_take_two_officers(at_desk: AtDesk, linden: Brand) -> None:
    ola, iga = at_desk("officer"), at_desk("officer", "auditor")
    assert "Another officer has to confirm it." in told(ola, ask(ola, "Nora@linden.example", "agent"))
    change = RoleChange.objects.open().get()
    assert roles_of("nora@linden.example") == set()
    assert "takes somebody else" in told(ola, ola.post(COLLEAGUES, {"act": "give", "change": change.pk}))
    assert roles_of("nora@linden.example") == set()
    assert "Roles wait for a second officer" in iga.get(DESK).content.decode()
    for _time in range(2):
        assert "Done." in told(iga, iga.post(COLLEAGUES, {"act": "give", "change": change.pk}))
    assert roles_of("nora@linden.example") == {"agent"}
    nora = Person.objects.get(email="nora@linden.example")
    assert nora.known_as == "Nora"
    acts = Entry.objects.of(linden.subject).filter(kind__startswith="staff.roles").exclude(actor="system:tests").order_by("seq")
    assert list(acts.values_list("kind", flat=True)) == ["staff.roles_asked", "staff.roles_changed"]


def test_nobody_decides_about_themselves(at_desk: AtDesk) -> None:
    ola, iga = at_desk("officer"), at_desk("officer", "agent")
    assert ask(ola, "officer@linden.example", "officer", "agent").status_code == 422
    ask(iga, "officer@linden.example", "officer", "agent")
    change = RoleChange.objects.open().get()
    assert "takes somebody else" in told(ola, ola.post(COLLEAGUES, {"act": "give", "change": change.pk}))
    me = Person.objects.get(email="officer@linden.example")
    assert "takes somebody else" in told(ola, ola.post(COLLEAGUES, {"act": "suspend", "person": me.pk}))
    assert roles_of("officer@linden.example") == {"officer"}


def test_fewer_are_taken_by_one_at_once_and_the_next_click_fails(at_desk: AtDesk) -> None:
    ola, sam = at_desk("officer"), at_desk("agent", "editor")
    assert "at once" in told(ola, ask(ola, "agent-editor@linden.example", "editor"))
    assert sam.get(f"{DESK}people/").status_code == 403
    person = Person.objects.get(email="agent-editor@linden.example")
    assert "Done." in told(ola, ola.post(COLLEAGUES, {"act": "suspend", "person": person.pk}))
    assert sam.get(DESK).status_code == 302
    assert roles_of(person.email) == set()


def test_what_waits_goes_with_what_is_taken_and_a_refusal_is_written_down(at_desk: AtDesk, linden: Brand) -> None:
    ola, iga = at_desk("officer"), at_desk("officer", "auditor")
    sam = employ(linden, "sam@linden.example", "agent")
    ask(ola, "sam@linden.example", "agent", "officer")
    change = RoleChange.objects.open().get()
    iga.post(COLLEAGUES, {"act": "suspend", "person": sam.pk})
    ola.post(COLLEAGUES, {"act": "give", "change": change.pk})
    iga.post(COLLEAGUES, {"act": "give", "change": change.pk})
    assert roles_of("sam@linden.example") == set()
    ask(ola, "nora@linden.example", "agent")
    iga.post(COLLEAGUES, {"act": "refuse", "change": RoleChange.objects.open().get().pk})
    assert Entry.objects.of(linden.subject).filter(kind="staff.roles_refused").count() == 2  # what waited, and what was refused


def test_bad_input_changes_nothing(at_desk: AtDesk) -> None:
    ola = at_desk("officer")
    for address, roles in (("nobody", ["agent"]), ("nora@linden.example", ["king"]), ("", ["agent"])):
        assert ask(ola, address, *roles).status_code == 422
    for form in (
        {"act": "give", "change": "x"},
        {"act": "give", "change": "9" * 30},
        {"act": "give"},
        {"act": "suspend", "person": "0"},
        {"act": "?"},
    ):
        assert ola.post(COLLEAGUES, form).status_code == 404
    ask(ola, "nora@linden.example", "agent")
    assert ask(ola, "nora@linden.example", "officer").status_code == 422, "one waits already"
    assert RoleChange.objects.count() == 1


@pytest.mark.parametrize("role", ["agent", "editor", "auditor"])
def test_only_officers_give_roles(at_desk: AtDesk, role: str) -> None:
    browser = at_desk(role)
    assert browser.get(COLLEAGUES).status_code == 403
    assert ask(browser, "nora@linden.example", "officer").status_code == 403
    assert not Person.objects.filter(email="nora@linden.example").exists()


def test_an_officer_alone_is_told_that_nobody_can_confirm_it(at_desk: AtDesk) -> None:
    ola = at_desk("officer")
    assert "There is no other officer here yet." in told(ola, ask(ola, "nora@linden.example", "agent"))
    at_desk("officer", "auditor")
    assert "no other officer" not in told(ola, ask(ola, "iga@linden.example", "agent"))


def test_the_database_holds_it_too(linden: Brand) -> None:
    ola = employ(linden, "ola@linden.example", "officer")
    change = ask_for_roles(linden, "nora@linden.example", ["agent"], by=f"staff:{ola.reference}")
    assert change is not None
    with pytest.raises(NotYourself):
        decide_roles(linden, change, give=True, by=f"staff:{ola.reference}")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleChange.objects.filter(pk=change.pk).update(given=True, decided_by=change.asked_by, decided_at=timezone.now())
    decide_roles(linden, change, give=False, by=f"staff:{ola.reference}")
    assert roles_of("nora@linden.example") == set()


def test_the_operator_appoints_the_first_officers(linden: Brand) -> None:
    call_command("appoint", "Ola@linden.example", "--roles", "officer", "--known-as", "Ola")
    assert roles_of("ola@linden.example") == {"officer"}
    for wrong in (
        ["nobody", "--roles", "officer"],
        ["a@b.example", "--roles", "king"],
        ["a@b.example", "--roles", "agent", "--brand", "x"],
    ):
        with pytest.raises(CommandError):
            call_command("appoint", *wrong)


def test_where_there_are_two_brands_the_operator_says_which(linden: Brand, kingfisher: Brand) -> None:
    with pytest.raises(CommandError, match="linden, kingfisher"):
        call_command("appoint", "ola@linden.example", "--roles", "officer")
    call_command("appoint", "ola@linden.example", "--roles", "officer", "--brand", "kingfisher")
    assert Role.objects.get().brand == kingfisher


def test_colleagues_of_another_brand_are_none_here(at_desk: AtDesk, kingfisher: Brand) -> None:
    both = employ(kingfisher, "both@desk.example", "officer")
    ola = at_desk("officer")
    assert both.email not in ola.get(COLLEAGUES).content.decode()
    assert ola.post(COLLEAGUES, {"act": "suspend", "person": both.pk}).status_code == 404
    change = ask_for_roles(kingfisher, both.email, ["agent", "officer"], by="staff:somebody")
    assert change is not None
    assert ola.post(COLLEAGUES, {"act": "give", "change": change.pk}).status_code == 404
    page = ola.get(COLLEAGUES).content.decode() + ola.get(DESK).content.decode()
    assert both.email not in page
    assert Role.objects.at(kingfisher).get().group.name == "officer"


# ── Drafts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_wrote_a_draft_does_not_publish_it(at_desk: AtDesk, linden: Brand, settings: Any) -> None:
    ola, iga = at_desk("officer", "editor"), at_desk("officer")
    purpose = Purpose.objects.get(brand=linden, key="news")
    press(ola, f"{DESK}catalogue/purpose/", "revise", purpose)
    draft = purpose.draft
    assert draft is not None
    assert "You wrote this draft" in told(ola, press(ola, VERSIONS, "publish", draft))
    draft.refresh_from_db()
    assert draft.number is None
    assert "You wrote this draft" not in told(iga, press(iga, VERSIONS, "publish", draft)), "it may be refused for what it says"
    settings.FOUR_EYES = False
    assert "You wrote this draft" not in told(ola, press(ola, VERSIONS, "publish", draft))


def test_the_verbs_refuse_it_for_purposes_and_policies(linden: Brand) -> None:
    load_policy(linden, FOLDER / "policy-shop.yaml", by="system:tests")
    by, other = "staff:" + "a" * 32, "staff:" + "b" * 32
    drafts = (
        (revise(Purpose.objects.get(brand=linden, key="recs"), by=by), publish),
        (revise_policy(linden.policies.get(), by=by), publish_policy),
    )
    for draft, verb in drafts:
        assert "four_eyes" in refused(verb, draft, by)
        assert "four_eyes" not in refused(verb, draft, other)


def refused(verb: Any, draft: Any, by: str) -> set[str]:
    try:
        verb(draft, by=by)
    except Refused as refusal:
        return refusal.codes
    return set()
