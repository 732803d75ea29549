"""A deletion: its wait, how it is cancelled, what is gone afterwards and what proves it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.utils import timezone

from accounts import factors
from accounts.actions import join
from accounts.actions.colleagues import appoint, ask_for_roles, decide_roles, suspend
from accounts.assurance import Level, Proof
from accounts.models import Challenge, Contact, Customer, MadeAt, Person, ReplacedAddress, RoleChange, Suppression
from accounts.suppression import is_suppressed
from brands.models import Brand
from consents.decide import decide
from data_requests import actions
from data_requests.erasing import walker
from data_requests.erasing.scope import recipients_to_tell
from data_requests.models import Held, Item, Request, System
from data_requests.states import NotPossible
from data_requests.tests.conftest import ONE_CODE, SESSION, asked, by
from jobs.actions import run_due
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry
from ledger.proving import prove
from ledger.turns import turn

pytestmark = pytest.mark.django_db
AFTER_THE_WAIT = timedelta(hours=72, minutes=1)


def answered(request: Request) -> None:
    """A colleague has told everybody whom no program asks."""
    for item in request.items.exclude(system="center").filter(outcome="open"):
        actions.item_done(item, Item.Outcome.DONE, by="staff:sam", count=1)


def carried_out(request: Request, after: timedelta = AFTER_THE_WAIT) -> Request:
    answered(request)
    run_due(timezone.now() + after)
    prove()
    request.refresh_from_db()
    return request


def mails() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in Path(django_settings.MAIL_DIR).glob("*.eml")]


def entries(subject: str) -> list[str]:
    return list(Entry.objects.of(subject).order_by("seq").values_list("kind", flat=True))


# ── The wait ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_with_two_factors_it_waits_three_days_and_uses_nothing_meanwhile(anna: Customer) -> None:
    request = asked(anna, "delete")
    assert request.not_before is not None
    assert timedelta(hours=71) < request.not_before - timezone.now() <= timedelta(hours=72)
    assert decide(anna, "delivery").reason == "restricted"
    answered(request)
    run_due(timezone.now() + timedelta(hours=71))
    assert Customer.objects.filter(pk=anna.pk).exists()
    with pytest.raises(NotPossible):
        actions.erase(request, by="system:test")


def test_with_a_mailed_code_it_waits_a_week(anna: Customer) -> None:
    request = asked(anna, "delete", ONE_CODE)
    assert request.not_before is not None
    assert request.not_before - timezone.now() > timedelta(days=6, hours=23)


def test_a_session_alone_deletes_nothing(anna: Customer) -> None:
    request = asked(anna, "delete", SESSION)
    assert request.state == "identity_pending"
    assert decide(anna, "delivery").allowed
    with pytest.raises(NotPossible):
        actions.erase(request, by="system:test", now=timezone.now() + timedelta(days=30))


def test_the_time_to_change_ones_mind_takes_nothing_of_the_laws_time(anna: Customer) -> None:
    """CCPA regulations 7020(d): a request that lay on somebody's table for weeks."""
    received = actions.receive(
        anna, "delete", {}, Proof(Level.IV3, "passkey"), by=by(anna), via="post", received_on=timezone.localdate() - timedelta(days=27)
    )  # fmt: skip
    request = received.request
    assert request.until is not None
    assert request.not_before is not None
    assert request.not_before < request.until


def test_asked_twice_it_is_one_and_cancelled_once_it_is_none(anna: Customer) -> None:
    first = asked(anna, "delete")
    again = actions.receive(anna, "delete", {}, Proof(Level.IV3, "passkey"), by=by(anna))
    assert again.again
    assert again.request == first
    assert actions.withdraw(first, by=by(anna))
    assert decide(anna, "delivery").allowed
    carried_out_nothing = run_due(timezone.now() + AFTER_THE_WAIT)
    assert carried_out_nothing
    assert Customer.objects.filter(pk=anna.pk).exists()


def test_whoever_reads_mail_of_theirs_keeps_the_data(anna: Customer) -> None:
    request = asked(anna, "delete")
    assert actions.keep(request, by=f"link:{anna.subject}")
    assert not actions.keep(request, by=f"link:{anna.subject}"), "twice is once"
    request.refresh_from_db()
    assert request.state == "withdrawn"
    assert decide(anna, "delivery").allowed


def test_a_link_that_keeps_data_ends_no_other_request(anna: Customer) -> None:
    copy = asked(anna)
    assert not actions.keep(copy, by=f"link:{anna.subject}")
    copy.refresh_from_db()
    assert copy.is_open


def test_this_was_not_me_stops_it_and_what_was_allowed_goes_on(anna: Customer) -> None:
    asked(anna, "delete")
    actions.not_me(anna, by=f"link:{anna.subject}")
    assert decide(anna, "delivery").allowed
    run_due(timezone.now() + timedelta(days=30))
    assert Customer.objects.filter(pk=anna.pk).exists()


def test_another_pause_of_theirs_outlasts_a_cancelled_deletion(anna: Customer) -> None:
    asked(anna, "restrict", asked={"text": "please check"})
    deletion = asked(anna, "delete")
    actions.withdraw(deletion, by=by(anna))
    assert decide(anna, "delivery").reason == "restricted"


def test_nothing_is_deleted_while_an_account_is_held(anna: Customer) -> None:
    request = asked(anna, "delete")
    answered(request)
    with turn(anna.subject, brand=anna.brand.key, actor=by(anna)) as this:
        this.append(anna.subject, "account.halted", {"why": "not_me"})
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert Customer.objects.filter(pk=anna.pk).exists()
    run_due(timezone.now() + timedelta(days=8))
    assert not Customer.objects.filter(pk=anna.pk).exists()


# ── Carried out ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_goes_and_the_ledger_says_so(anna: Customer, carol: Customer, signed_in: Any) -> None:
    signed_in(anna)
    before = entries(carol.subject)
    Challenge.objects.create(
        browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="anna.kowalczyk@example.com",
        address="anna.kowalczyk@example.com", expires_at=timezone.now() + timedelta(minutes=10),
    )  # fmt: skip
    request = carried_out(asked(anna, "delete"))
    assert request.state == "fulfilled"
    assert request.customer is None
    assert not Customer.objects.filter(pk=anna.pk).exists()
    assert not Person.objects.filter(email="anna.kowalczyk@example.com").exists()
    assert not Challenge.objects.exists()
    assert not walker.left(anna)
    kinds = entries(anna.subject)
    assert kinds.index("person.erased") < kinds.index("erasure.certified")
    assert kinds.count("erasure.certified") == kinds.count("person.erased") == 1
    readable = Entry.objects.of(anna.subject).readable().values_list("payload", flat=True)
    assert not [payload for payload in readable if "anna" in str(payload)]
    assert list(verify()) == []
    assert entries(carol.subject) == before
    assert Contact.objects.filter(customer=carol).exists()


def test_the_certificate_says_what_went_where_and_is_mailed_once(anna: Customer) -> None:
    request = asked(anna, "delete")
    names = list(request.items.exclude(system="center").values_list("system", flat=True))
    carried_out(request)
    certificate = Entry.objects.get(kind="erasure.certified").act
    assert certificate["request"] == request.number
    assert [each["system"] for each in certificate["systems"]] == names
    assert ["accounts.Customer", 1] in certificate["tables"]
    assert certificate["kept"] == []
    told = [mail for mail in mails() if "Subject: Your data was deleted" in mail]
    assert len(told) == 1
    run_due(timezone.now() + timedelta(days=9))
    assert len([mail for mail in mails() if "Subject: Your data was deleted" in mail]) == 1


def test_a_second_look_that_is_repeated_gives_the_same_certificate(anna: Customer) -> None:
    request = asked(anna, "delete")
    answered(request)
    actions.start(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)
    assert actions.erase(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)
    sealed = Job.objects.get(handler="data_requests.certify").payload["sealed"]
    mailed = Job.objects.filter(handler="data_requests.tell_erased")
    first = actions.certify(sealed, by="system:test")
    before = mailed.count()
    assert actions.certify(sealed, by="system:test") == first
    assert mailed.count() == before > 0


def test_what_was_kept_ends_once(anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    system = System(key="shop", name="Shop orders")
    actions.name_system(system, brand=anna.brand, by="system:test")
    now = timezone.now()
    held = Held.objects.create(request=request, system=system, subject=anna.subject, until=now.date(), ended_at=now)
    before = Entry.objects.count()
    assert not actions.note_held(held, [], by="system:test", now=now)
    assert Entry.objects.count() == before


def test_who_is_asked_as_a_system_is_not_told_again_under_the_same_name(anna: Customer) -> None:
    name = recipients_to_tell(anna)[0]
    actions.name_system(System(key="carrier", name=name), brand=anna.brand, by="system:test")
    item = asked(anna, "delete").items.get(system=name)
    assert item.connected is not None


def test_no_job_remembers_who_it_was(anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    assert Job.objects.filter(handler="data_requests.certify", payload={}).exists()
    assert not Job.objects.filter(payload__has_key="sealed").exists()


def test_every_address_is_told(anna: Customer) -> None:
    Contact.objects.create(
        customer=anna, brand=anna.brand, channel="email", address="anna@work.example", canonical="anna@work.example",
        proven_at=timezone.now(),
    )  # fmt: skip
    carried_out(asked(anna, "delete"))
    told = {mail.split("\nTo: ")[1].split("\n")[0] for mail in mails() if "Subject: Your data was deleted" in mail}
    assert told == {"anna.kowalczyk@example.com", "anna@work.example"}


def test_another_brand_keeps_its_customer_and_the_sign_in(anna: Customer, kingfisher: Brand, signed_in: Any) -> None:
    there = join(brand=kingfisher, address="anna.kowalczyk@example.com", language="en")
    browser, here = signed_in(there), signed_in(anna)
    carried_out(asked(anna, "delete"))
    assert Customer.objects.filter(pk=there.pk, person__email="anna.kowalczyk@example.com").exists()
    assert EmailAddress.objects.filter(email="anna.kowalczyk@example.com").exists()
    assert browser.get("/choices/").context["signed_in"]
    assert here.get("/account/").status_code == 302
    assert is_suppressed(anna.brand, "email", "anna.kowalczyk@example.com")
    assert not is_suppressed(kingfisher, "email", "anna.kowalczyk@example.com")
    assert list(verify()) == []


def test_every_way_in_that_was_made_here_goes(anna: Customer, carol: Customer) -> None:
    for customer in (anna, carol):
        assert customer.person
        factors.add_authenticator(person=customer.person, customer=customer, brand=anna.brand, secret="JBSWY3DPEHPK3PXP")
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=True):  # a new factor is worth no more than a mailbox
        carried_out(asked(anna, "delete"))
    connection.check_constraints()
    assert set(Authenticator.objects.values_list("user", flat=True)) == {carol.person_id}
    assert set(MadeAt.objects.values_list("authenticator__user", flat=True)) == {carol.person_id}


def test_who_works_at_the_desk_goes_on_signing_in_there(anna: Customer) -> None:
    assert anna.person_id
    appoint(anna.brand, "anna.kowalczyk@example.com", ["agent"], by="system:operator")
    carried_out(asked(anna, "delete"))
    assert Person.objects.filter(pk=anna.person_id).exists()
    assert not Customer.objects.filter(pk=anna.pk).exists()


def test_who_works_at_another_brands_desk_keeps_that_and_what_opens_it(anna: Customer, kingfisher: Brand, signed_in: Any) -> None:
    assert anna.person
    assert anna.person_id
    factors.add_authenticator(person=anna.person, customer=anna, brand=anna.brand, secret="JBSWY3DPEHPK3PXP")
    appoint(kingfisher, "anna.kowalczyk@example.com", ["agent"], by="system:operator")
    here = signed_in(anna)
    assert here.get("/account/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=True):
        carried_out(asked(anna, "delete"))
    connection.check_constraints()
    assert Person.objects.filter(pk=anna.person_id).exists()
    assert set(Authenticator.objects.filter(type="totp").values_list("user", flat=True)) == {anna.person_id}
    assert here.get("/account/").status_code == 302
    assert walker.left(anna, ["anna.kowalczyk@example.com"]) == {}


@pytest.mark.parametrize("given", [True, False])
def test_who_worked_here_once_or_was_to_can_be_erased(anna: Customer, given: bool) -> None:
    assert anna.person_id
    change = ask_for_roles(anna.brand, "anna.kowalczyk@example.com", ["agent"], by="staff:ola")
    assert change is not None
    decide_roles(anna.brand, change, give=given, by="staff:iga")
    LogEntry.objects.create(user_id=anna.person_id, action_flag=CHANGE, object_repr="a draft")
    suspend(anna.brand, change.person, by="staff:iga")
    carried_out(asked(anna, "delete"))
    connection.check_constraints()
    assert not Person.objects.filter(pk=anna.person_id).exists()
    assert not RoleChange.objects.exists()


def test_other_requests_of_theirs_end_with_it(anna: Customer) -> None:
    other = asked(anna, "correct", SESSION, asked={"text": "my name is spelled wrong"})
    carried_out(asked(anna, "delete"))
    other.refresh_from_db()
    assert (other.state, other.asked, other.customer) == ("withdrawn", {}, None)


def test_a_refused_request_loses_its_words_and_keeps_its_row(anna: Customer) -> None:
    refused = asked(anna, "correct", SESSION, asked={"text": "I am Napoleon"})
    actions.refuse(refused, "accurate", "You are not.", by="staff:sam")
    carried_out(asked(anna, "delete"))
    refused.refresh_from_db()
    assert (refused.state, refused.ground, refused.answer, refused.asked) == ("refused", "accurate", "", {})


def test_twice_is_once(anna: Customer) -> None:
    request = carried_out(asked(anna, "delete"))
    assert not actions.erase(request, by="system:test", now=timezone.now() + timedelta(days=30))
    assert entries(anna.subject).count("person.erased") == 1


def test_while_a_system_is_silent_the_center_keeps_everything(anna: Customer) -> None:
    request = asked(anna, "delete")
    assert request.items.exclude(system="center").exists()
    run_due(timezone.now() + AFTER_THE_WAIT)
    assert Customer.objects.filter(pk=anna.pk).exists()
    with pytest.raises(NotPossible):
        actions.erase(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)


def test_if_its_entry_fails_nothing_is_deleted(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    request = asked(anna, "delete")
    answered(request)
    actions.start(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)
    assert anna.person_id

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("no room for an entry")

    with monkeypatch.context() as patched:
        patched.setattr(walker, "empty_kinds", full)
        with pytest.raises(OSError, match="no room"):
            actions.erase(request, by="system:test", now=timezone.now() + AFTER_THE_WAIT)
    request.refresh_from_db()
    assert request.state in {"verified", "in_progress"}
    assert Contact.objects.filter(customer=anna).exists()
    assert Person.objects.filter(pk=anna.person_id).exists()
    assert not Suppression.objects.exists()


def test_what_a_second_look_finds_stops_the_certificate(anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walker, "left", lambda customer, addresses: {"accounts.Contact": 1})
    carried_out(asked(anna, "delete"))
    assert not Entry.objects.filter(kind="erasure.certified").exists()
    assert Job.objects.get(handler="data_requests.certify").error == "StillThere"


def test_the_journal_tells_a_restored_backup(anna: Customer, settings: Any) -> None:
    carried_out(asked(anna, "delete"))
    lines = [json.loads(line) for path in Path(settings.PROOF_DIR).glob("journal-*.jsonl") for line in path.read_text().splitlines()]
    assert {"person.erased", "tombstone"} <= {line["kind"] for line in lines if line["subject"] == anna.subject}
    assert "anna" not in json.dumps(lines)


# ── Some of it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_messages_alone_go_and_the_account_stays(anna: Customer) -> None:
    request = asked(anna, "delete", asked={"only": ["messages"]})
    prove()
    assert anna.messages.filter(kind="request_received", facts__request=request.number).exists()
    carried_out(request)
    assert request.state == "fulfilled"
    assert Customer.objects.filter(pk=anna.pk).exists()
    assert decide(anna, "delivery").allowed, "nothing was paused for it"
    assert not anna.messages.filter(kind="request_received", facts__request=request.number).exists()
    assert not Suppression.objects.exists()


# ── Coming back ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_comes_back_themselves_begins_anew(anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    back = join(brand=anna.brand, address="anna.kowalczyk@example.com", language="en")
    assert back.subject != anna.subject
    assert not is_suppressed(anna.brand, "email", "anna.kowalczyk@example.com")


def test_a_table_of_addresses_tells_nobody_whose_they_were(anna: Customer) -> None:
    carried_out(asked(anna, "delete"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM accounts_suppression")
        digests = [row[0] for row in cursor.fetchall()]
    assert len(digests) == 1
    assert len(digests[0]) == 64


def test_a_code_for_an_address_that_they_had_before_goes_as_well(anna: Customer) -> None:
    ReplacedAddress.objects.create(customer=anna, canonical="anna.before@example.com")
    Challenge.objects.create(
        browser="b" * 64, brand=anna.brand, purpose="sign_in", canonical="anna.before@example.com", expires_at=timezone.now()
    )  # fmt: skip
    carried_out(asked(anna, "delete"))
    assert not Challenge.objects.exists()


def test_a_sign_in_that_was_left_behind_is_seen(anna: Customer) -> None:
    assert anna.person
    walker.left(anna)
    Contact.objects.all().delete()
    left_behind = Customer(pk=anna.pk, person_id=anna.person_id, brand=anna.brand, subject=anna.subject)
    anna.delete()
    assert walker.left(left_behind)["accounts.Person"] == 1
