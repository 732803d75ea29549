"""How an adult comes to decide: in person, by a form that two look at, by two mails a day apart; and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import gates, uploads
from accounts.actions import AddressTaken, NoBirthDate, NotAChild, correct_birth_date, new_child
from accounts.gates import NotYours
from accounts.models import Customer, Guardianship
from brands.models import Brand
from guardians import actions
from guardians.actions import NotOpen
from guardians.actions.becoming import BY_MAIL, NotNow
from guardians.actions.claiming_page import TooYoung
from guardians.claim_links import link_of
from guardians.links import child_of, token_of
from guardians.models import GuardianClaim, Invitation
from guardians.tests.families import OTHER_STAFF, STAFF, a_child, adult, born, mails, tied
from jobs.actions import run_due
from ledger.models import Entry
from ledger.proving import prove
from ledger.turns import turn

State = GuardianClaim.State


def claimed(guardian: Customer, method: str = "in_person") -> GuardianClaim:
    return actions.begin_claim(guardian, claim="mother", method=method, name="Zosia", birth_date=born(11))


def test_until_it_is_accepted_nothing_is_read(marta: Customer) -> None:
    claimed(marta)
    assert gates.wards_of(marta) == []
    assert not Customer.objects.filter(name="Zosia").exists(), "what was written is locked away"


def test_seen_in_person(marta: Customer) -> None:
    claim = claimed(marta)
    with pytest.raises(NotNow):
        actions.accept(claim, by=f"self:{marta.subject}")
    (tie,) = actions.accept(claim, by=STAFF)
    claim.refresh_from_db()
    assert (claim.state, claim.sealed, claim.evidence) == (State.ACCEPTED, "", "")
    assert (tie.adulthood_method, tie.allows_disclosure, tie.verified_by, tie.parenthood_claim) == ("in_person", True, STAFF, "mother")
    (ward,) = gates.wards_of(marta)
    assert (ward.child.name, ward.child.birth_date) == ("Zosia", born(11))
    with pytest.raises(NotNow):
        actions.accept(claim, by=STAFF)
    assert Entry.objects.of(ward.child.subject).filter(kind="guardianship.started").count() == 1
    assert Entry.objects.of(marta.subject).filter(kind="guardianship.started").count() == 1


def test_a_form_takes_two_looks_by_two_people(marta: Customer) -> None:
    claim = claimed(marta, "signed_form")
    with pytest.raises(NotNow):
        actions.first_look(claim, by=STAFF)
    actions.hand_in(claim, uploads.sealed(b"%PDF-form"), b"%PDF-form")
    actions.first_look(claim, by=STAFF)
    with pytest.raises(NotNow):
        actions.second_look(claim, by=STAFF)
    with pytest.raises(NotNow):
        actions.hand_in(claim, uploads.sealed(b"%PDF-other"), b"%PDF-other")
    (tie,) = actions.second_look(claim, by=OTHER_STAFF)
    claim.refresh_from_db()
    assert claim.evidence == "", "deleted with the decision"
    assert len(tie.evidence_sha256) == 64
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardianClaim.objects.filter(pk=claim.pk).update(decided_by=STAFF)
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardianClaim.objects.filter(pk=claim.pk).update(evidence="kept")


def test_a_refusal_says_why_and_keeps_nothing(marta: Customer) -> None:
    claim = claimed(marta, "signed_form")
    actions.hand_in(claim, uploads.sealed(b"%PDF-form"), b"%PDF-form")
    with pytest.raises(NotNow):
        actions.refuse(claim, " ", by=STAFF)
    actions.refuse(claim, "The signature is missing.", by=STAFF)
    claim.refresh_from_db()
    assert (claim.state, claim.why, claim.evidence, claim.sealed) == (State.REFUSED, "The signature is missing.", "", "")
    with pytest.raises(NotNow):
        actions.refuse(claim, "Again.", by=STAFF)


def test_two_mails_a_day_apart(marta: Customer) -> None:
    claim = claimed(marta, "email_plus")
    run_due()
    (first,) = mails()
    assert link_of(claim) in first
    with pytest.raises(NotNow):
        actions.accept(claim, by=BY_MAIL)
    assert actions.confirm_by_mail(claim)
    assert not actions.confirm_by_mail(claim), "once"
    with pytest.raises(NotNow):
        actions.accept(claim, by=STAFF)
    run_due()
    assert gates.wards_of(marta) == []
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1), tick=True):
        run_due(timezone.now())
        (tie,) = [ward.tie for ward in gates.wards_of(marta)]
        assert (tie.allows_disclosure, tie.verified_by) == (False, "")
        assert len(mails()) == 2
        assert actions.revoke(claim) == 1
        assert gates.wards_of(marta) == []
        assert actions.revoke(claim) == 0


def test_taken_back_before_the_second_mail_nothing_begins(marta: Customer) -> None:
    claim = claimed(marta, "email_plus")
    actions.confirm_by_mail(claim)
    actions.revoke(claim)
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        run_due(timezone.now())
        assert gates.wards_of(marta) == []


def test_a_new_claim_takes_the_place_of_the_one_before(marta: Customer) -> None:
    before, after = claimed(marta), claimed(marta, "email_plus")
    before.refresh_from_db()
    assert (before.state, after.state) == (State.OVER, State.OPEN)
    assert actions.over(after, by=f"self:{marta.subject}")
    assert not actions.over(after, by=f"self:{marta.subject}")


@pytest.mark.parametrize(("days", "error"), [(-1, NoBirthDate), (18 * 366 + 5, NotAChild), (140 * 366, NoBirthDate)])
def test_a_birth_date_that_cannot_be(marta: Customer, days: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        actions.begin_claim(
            marta, claim="mother", method="in_person", name="Z", birth_date=timezone.localdate() - timedelta(days=days)
        )  # fmt: skip


def test_a_child_is_nobodys_guardian(zosia: Customer) -> None:
    with pytest.raises(NotYours):
        actions.begin_claim(zosia, claim="mother", method="in_person", name="Z", birth_date=born(5))


def test_no_such_way(marta: Customer) -> None:
    with pytest.raises(ValueError, match="no such way"):
        actions.begin_claim(marta, claim="mother", method="a_promise", name="Z", birth_date=born(5))


def test_a_verified_guardian_adds_a_child(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    tie = actions.add_child(marta, name="Kuba", birth_date=born(14), claim="guardian")
    assert (tie.adulthood_method, tie.allows_disclosure, tie.parenthood_claim) == ("in_person", True, "guardian")
    assert len(gates.wards_of(marta)) == 2
    with pytest.raises(NotYours):
        actions.add_child(pawel, name="Kuba", birth_date=born(14), claim="father")


# ── Inviting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_invitation_is_taken_up_and_verified(zosia: Customer, marta: Customer, pawel: Customer, kingfisher: Brand) -> None:
    invitation, code = actions.invite(marta, [zosia], name="Paweł", address="pawel@example.com")
    run_due()
    assert code in mails()[-1]
    assert "Zosia" not in mails()[-1]
    assert actions.accept_invitation(kingfisher, code.lower(), pawel) == invitation
    claim = actions.begin_claim(pawel, claim="father", method="in_person", invitation=invitation)
    with pytest.raises(NotOpen):
        actions.open_invitation(kingfisher, code)
    assert gates.wards_of(pawel) == []
    actions.accept(claim, by=STAFF)
    assert [ward.child for ward in gates.wards_of(pawel)] == [zosia]
    with pytest.raises(NotNow):  # decided, and the child is here
        actions.accept(claim, by=STAFF)
    with pytest.raises(NotOpen):
        actions.begin_claim(pawel, claim="father", method="in_person", invitation=invitation)


def test_an_invitation_of_somebody_who_no_longer_decides_is_worth_nothing(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    tied(pawel, zosia)
    third = adult(zosia.brand, "Trzeci")
    invitation, _code = actions.invite(marta, [zosia], name="Trzeci", address="")
    claim = actions.begin_claim(third, claim="guardian", method="in_person", invitation=invitation)
    actions.end(Guardianship.objects.get(guardian=marta), why="lost", by=STAFF)
    with pytest.raises(NotYours):
        actions.accept(claim, by=STAFF)
    assert gates.wards_of(third) == []


def test_taken_back_and_forgotten(zosia: Customer, marta: Customer, pawel: Customer, kingfisher: Brand) -> None:
    invitation, code = actions.invite(marta, [zosia], name="Paweł", address="pawel@example.com")
    assert not actions.take_invitation_back(pawel, invitation.pk)
    assert actions.take_invitation_back(marta, invitation.pk)
    assert not actions.take_invitation_back(marta, invitation.pk)
    with pytest.raises(NotOpen):
        actions.open_invitation(kingfisher, code)


def test_after_fourteen_days_the_address_is_gone(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    from guardians.handlers import forget_contacts
    from jobs.handlers import Work
    from jobs.models import Job

    actions.invite(marta, [zosia], name="Paweł", address="pawel@example.com")
    claimed(pawel)
    for days, left in ((13, 1), (14, 0)):
        with time_machine.travel(timezone.now() + timedelta(days=days, minutes=1), tick=True):
            forget_contacts(Work(Job(handler="guardians.forget_contacts"), timezone.now()))
            assert (Invitation.objects.count(), GuardianClaim.objects.open().count()) == (left, left)


def test_from_the_gate(kingfisher: Brand, marta: Customer) -> None:
    invitation, code = actions.invite_from_gate(kingfisher, name="Ola", birth_date=born(9), address="mama@example.com", language="pl")
    run_due()
    assert code in mails()[-1]
    claim = actions.begin_claim(
        marta, claim="mother", method="in_person", name="Ola", birth_date=born(9),
        invitation=actions.accept_invitation(kingfisher, code, marta),
    )  # fmt: skip
    actions.accept(claim, by=STAFF)
    assert [ward.child.name for ward in gates.wards_of(marta)] == ["Ola"]
    assert Invitation.objects.get(pk=invitation.pk).accepted_at


# ── The child's page ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_replaced_link_opens_nothing(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    token = token_of(zosia)
    assert child_of(zosia.brand, token) == zosia
    actions.replace_link(marta, zosia)
    assert child_of(zosia.brand, token) is None
    again = token_of(zosia)
    assert child_of(zosia.brand, again) == zosia
    with pytest.raises(NotYours):
        actions.replace_link(pawel, zosia)
    for wrong in ("", "x", again[:-1], again[:-1] + ("A" if again[-1] != "A" else "B"), again.replace(zosia.code, marta.code)):
        assert child_of(zosia.brand, wrong) is None


def test_whoever_leaves_does_not_keep_the_link(both: Customer, pawel: Customer) -> None:
    token = token_of(both)
    assert actions.resign(pawel, both)
    assert child_of(both.brand, token) is None
    with pytest.raises(NotYours):
        actions.resign(pawel, both)


def test_the_page_becomes_theirs_with_an_address_and_an_adult(marta: Customer, pawel: Customer) -> None:
    young, kuba = a_child(marta, years=15), a_child(marta, years=16, name="Kuba")
    with pytest.raises(TooYoung):
        actions.ask_for_page(young, "zosia@example.com")
    assert not actions.agree_to_address(kuba, guardian=marta, by=f"guardian:{marta.subject}")
    actions.ask_for_page(kuba, "kuba@example.com")
    with pytest.raises(NotYours):
        actions.agree_to_address(kuba, guardian=pawel, by=f"guardian:{pawel.subject}")
    with pytest.raises(NotYours):
        actions.agree_to_address(kuba, guardian=None, by=f"self:{kuba.subject}")
    token = token_of(kuba)
    assert actions.refuse_address(kuba, guardian=None, by=STAFF)
    assert not actions.refuse_address(kuba, guardian=None, by=STAFF)
    actions.ask_for_page(kuba, "marta@example.com")
    with pytest.raises(AddressTaken):
        actions.agree_to_address(kuba, guardian=marta, by=f"guardian:{marta.subject}")
    actions.ask_for_page(kuba, "kuba@example.com")
    assert actions.agree_to_address(kuba, guardian=marta, by=f"guardian:{marta.subject}")
    kuba.refresh_from_db()
    assert kuba.person is not None
    assert kuba.person.email == "kuba@example.com"
    assert child_of(kuba.brand, token) is None, "from now on they sign in"
    with pytest.raises(TooYoung):
        actions.ask_for_page(kuba, "other@example.com")


# ── Names, birth dates, forms ───────────────────────────────────────────────────────────────────────────────────────


def test_a_guardian_makes_a_child_younger_and_not_older(zosia: Customer, marta: Customer) -> None:
    by = f"guardian:{marta.subject}"
    before = born(11)
    with pytest.raises(NotYours):
        correct_birth_date(zosia, before - timedelta(days=1), by=by)
    correct_birth_date(zosia, before + timedelta(days=30), by=by)
    correct_birth_date(zosia, before + timedelta(days=30), by=by)
    zosia.refresh_from_db()
    tie = Guardianship.objects.get(child=zosia)
    assert zosia.birth_date == before + timedelta(days=30)
    assert tie.until is not None
    assert tie.until.year == zosia.birth_date.year + 18
    correct_birth_date(zosia, before, by=STAFF)
    with pytest.raises(NotAChild):
        correct_birth_date(zosia, born(19), by=STAFF)
    with pytest.raises(NoBirthDate):
        correct_birth_date(zosia, timezone.localdate() + timedelta(days=1), by=STAFF)


def a_picture(kind: str) -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), "white").save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize(("content", "good"), [
    (a_picture("PNG"), True), (a_picture("JPEG"), True), (b"%PDF-1.7 form", True), (a_picture("GIF"), False), (b"<svg onload=x>", False),
    (b"", False), (b"%PDF-" + b"x" * uploads.LARGEST, False), (a_picture("PNG")[:60], False),
])  # fmt: skip
def test_what_is_taken_as_a_form(content: bytes, good: bool) -> None:
    file = SimpleUploadedFile("form.png", content)
    if not good:
        with pytest.raises(uploads.NotAPicture):
            uploads.looked_through(file)
        return
    kept = uploads.looked_through(file)
    assert kept.startswith((b"%PDF-", b"\xff\xd8"))
    assert uploads.opened(uploads.sealed(kept)) == (kept, "application/pdf" if kept.startswith(b"%PDF") else "image/jpeg")


def test_a_new_child_belongs_to_the_brand_of_the_guardian(linden: Brand, marta: Customer) -> None:
    stranger = adult(linden, "Obca")
    child = new_child(marta, "Zosia", born(8))
    with pytest.raises(NotAChild), turn(child.subject, stranger.subject, brand="linden", actor=STAFF) as this:
        from accounts.actions.families import begin_in
        from guardians.tests.families import SEEN

        begin_in(this, guardian=stranger, child=child, verified=SEEN)


# ── The gate ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def at_the_gate(kingfisher: Brand, settings: Any) -> Client:
    """A browser in which somebody new has just proven an address."""
    from accounts.tests.conftest import Browser

    browser = Browser(kingfisher, settings.MAIL_DIR)
    answer = browser.sign_in("nowe@example.com")
    assert answer.headers["Location"] == "/age/"
    return browser


def test_an_adult_passes_and_no_birth_date_is_kept(at_the_gate: Client, kingfisher: Brand) -> None:
    page = at_the_gate.get("/age/").content.decode()
    page = page[page.index("<h1>") : page.index("</main>")]
    assert not any(hint in page for hint in ("16", "18", "adult", "old enough"))
    assert at_the_gate.post("/age/", {"birth_date": born(40).isoformat()}).status_code == 302
    customer = kingfisher.customers.get(person__email="nowe@example.com")
    assert (customer.birth_date, customer.minor_until) == (None, None)
    assert Entry.objects.of(customer.subject).filter(kind="age.declared").get().act["band"] == "adult"


def test_a_teenager_at_the_age_joins_and_is_known_as_a_minor(at_the_gate: Client, kingfisher: Brand) -> None:
    at_the_gate.post("/age/", {"birth_date": born(16).isoformat()})
    customer = kingfisher.customers.get(person__email="nowe@example.com")
    assert customer.birth_date == born(16)
    assert customer.minor_until is not None


def test_below_the_age_nobody_joins_and_there_is_no_second_try(at_the_gate: Client, kingfisher: Brand) -> None:
    answer = at_the_gate.post("/age/", {"birth_date": born(12).isoformat()})
    assert answer.headers["Location"] == "/age/adult/"
    assert at_the_gate.get("/age/").headers["Location"] == "/age/adult/"
    assert at_the_gate.post("/age/", {"birth_date": born(40).isoformat()}).headers["Location"] == "/age/adult/"
    assert not kingfisher.customers.filter(person__email="nowe@example.com").exists()
    asked = at_the_gate.post("/age/adult/", {"name": "Ola", "address": "mama@example.com"})
    assert asked.status_code == 303
    assert Invitation.objects.count() == 1
    assert "may_ask" not in at_the_gate.session
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=True):
        assert at_the_gate.get("/age/adult/").headers["Location"] == "/sign-in/"


@pytest.mark.parametrize("said", ["", "2999-01-01", "1066-10-14", "yesterday"])
def test_no_date_is_no_answer(at_the_gate: Client, said: str) -> None:
    assert at_the_gate.post("/age/", {"birth_date": said}).status_code == 422


def test_a_code_is_handed_over_where_there_is_no_address(at_the_gate: Client) -> None:
    at_the_gate.post("/age/", {"birth_date": born(12).isoformat()})
    page = at_the_gate.post("/age/adult/", {"name": "Ola", "address": ""}).content.decode()
    prove()
    run_due()
    assert page.count("-") > 2
    assert Invitation.objects.count() == 1


def test_without_a_proof_there_is_no_question(kingfisher: Brand) -> None:
    browser = Client(headers={"host": kingfisher.host})
    assert browser.get("/age/").headers["Location"] == "/sign-in/"
    assert browser.get("/age/adult/").headers["Location"] == "/sign-in/"


def test_a_brand_without_children_asks_nobody(linden: Brand, settings: Any) -> None:
    from accounts.tests.conftest import Browser

    browser = Browser(linden, settings.MAIL_DIR)
    assert browser.sign_in("nowe@example.com").headers["Location"] == "/"
    assert browser.get("/age/").status_code == 404
    assert browser.get("/family/").status_code == 404
