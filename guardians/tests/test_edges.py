"""What happens twice, too late, or to somebody who is not there any more; and that without its entry nothing is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import NoBirthDate, NotAChild, begin_guardianship, end_guardianship, join, new_child
from accounts.actions.joining import give_sign_in
from accounts.gates import NotYours
from accounts.models import Customer, Guardianship
from brands.models import Brand
from consents.actions import record_lapse
from consents.saying import Said
from consents.standing import UnknownPurpose
from consents.states import Verb
from guardians import actions
from guardians.actions.becoming import NotNow
from guardians.models import Dispute, Note, Wish
from guardians.tests.families import OTHER_STAFF, SEEN, STAFF, a_child, answer, born, decides, mails, said_by, tied, wishes
from ledger.models import Entry
from ledger.turns import turn

Proposal = Dispute.Proposal


def entries(customer: Customer) -> int:
    return Entry.objects.of(customer.subject).count()


# ── Guardianships ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_twice_is_once(both: Customer, pawel: Customer) -> None:
    before = entries(both)
    tie = tied(pawel, both)
    assert entries(both) == before
    assert end_guardianship(tie, why="lost", by=STAFF)
    assert not end_guardianship(tie, why="lost", by=STAFF)
    assert not actions.end(tie, why="lost", by=STAFF)


def test_who_is_of_age_is_no_child(marta: Customer) -> None:
    with pytest.raises(NotAChild):
        new_child(marta, "Ola", born(18))
    with pytest.raises(NoBirthDate):
        new_child(marta, "Ola", timezone.localdate() + timedelta(days=1))


def test_where_both_are_gone_there_is_nothing_to_end(zosia: Customer) -> None:
    tie = Guardianship.objects.get(child=zosia)
    Guardianship.objects.update(guardian=None, child=None)
    tie.refresh_from_db()
    assert not end_guardianship(tie, why="erased", by=STAFF)
    assert not actions.end(tie, why="erased", by=STAFF)


def test_without_its_entry_nothing_begins_or_ends(zosia: Customer, pawel: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    tie = Guardianship.objects.get(child=zosia)

    def broken(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("ledger.turns.Turn.append", broken)
    with pytest.raises(OSError, match="disk full"):
        begin_guardianship(guardian=pawel, child=zosia, verified=SEEN, by=STAFF)
    with pytest.raises(OSError, match="disk full"):
        end_guardianship(tie, why="lost", by=STAFF)
    with pytest.raises(OSError, match="disk full"):
        actions.make_wish(zosia, "copy")
    assert (Guardianship.objects.open().count(), Wish.objects.count()) == (1, 0)


def test_while_it_counts_nothing_lapses(zosia: Customer, marta: Customer) -> None:
    decides(marta, zosia, "album", "allow")
    with turn(zosia.subject, brand=zosia.brand.key, actor=STAFF) as this:
        assert record_lapse(this, zosia, marta.subject, actor=STAFF) == []


def test_nothing_at_all_is_one_press(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, "album", "allow")
    said = Said(f"guardian:{marta.subject}", marta.subject)
    assert actions.deny_all(both, marta, said) > 3
    assert actions.deny_all(both, marta, said) == 0
    assert not answer(both, "album")[0]
    end_guardianship(Guardianship.objects.get(guardian=pawel), why="lost", by=STAFF)
    with pytest.raises(NotYours):
        actions.deny_all(both, pawel, Said(f"guardian:{pawel.subject}", pawel.subject))


def test_a_note_goes_with_what_is_written_and_with_nothing_else(zosia: Customer, marta: Customer) -> None:
    decides(marta, zosia, "album", "allow")
    decides(marta, zosia, "album", "allow", note="again")
    assert not Note.objects.exists()
    stale = said_by(marta, zosia, "photos", seen=0)
    decides(marta, zosia, "photos", "deny")
    wish = wishes(zosia, "photos")
    actions.decide(zosia, marta, "photos", "", Verb.ALLOW, stale, note="too late")
    wish.refresh_from_db()
    assert wish.state == Wish.State.OPEN, "what was not saved answers nothing"


def test_in_france_a_yes_of_theirs_that_stands_is_not_said_again(marta: Customer) -> None:
    lea = a_child(marta, years=12, name="Léa", country="FR")
    wishes(lea, "album")
    decides(marta, lea, "album", "allow")
    decides(marta, lea, "album", "deny")
    wishes(lea, "album")
    before = Entry.objects.of(lea.subject).filter(kind="choice.decided").count()
    decides(marta, lea, "album", "allow")
    assert Entry.objects.of(lea.subject).filter(kind="choice.decided").count() == before + 1
    assert answer(lea, "album") == (True, "granted")


def test_a_wish_without_a_page_is_a_wish(zosia: Customer, marta: Customer) -> None:
    actions.make_wish(zosia, "allow", purpose="album")
    decides(marta, zosia, "album", "allow")
    assert answer(zosia, "album") == (True, "granted")


# ── Wishes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wish_is_asked_once_reminded_once_a_day_and_taken_back(zosia: Customer, marta: Customer) -> None:
    wish = wishes(zosia, "album", "please")
    assert wishes(zosia, "album") == wish
    assert not actions.remind(wish), "too early"
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=True):
        assert actions.remind(wish)
        assert not actions.remind(wish)
    assert actions.take_wish_back(wish)
    assert not actions.take_wish_back(wish)
    assert not actions.remind(wish)
    with pytest.raises(UnknownPurpose):
        actions.make_wish(zosia, "allow", purpose="nothing-of-ours")


def test_what_is_about_no_use_is_answered(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    wish = actions.make_wish(zosia, "copy", note="all of it")
    with pytest.raises(NotYours):
        actions.answer_other(wish, pawel, allowed=True)
    assert actions.answer_other(wish, marta, allowed=False, note="next week")
    assert not actions.answer_other(wish, marta, allowed=True)
    wish.refresh_from_db()
    assert (wish.state, wish.answer) == (Wish.State.REFUSED, "next week")
    again = actions.make_wish(zosia, "copy")
    assert actions.answer_other(again, marta, allowed=True)


# ── Disputes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_freezes_and_two_settle(both: Customer, marta: Customer, pawel: Customer) -> None:
    dispute = actions.open_dispute(both, "who may decide", by=STAFF)
    assert actions.open_dispute(both, "again", by=OTHER_STAFF) == dispute
    tie = Guardianship.objects.get(guardian=pawel)
    with pytest.raises(NotNow):
        actions.settle(dispute, read=actions.mark_of(dispute), by=OTHER_STAFF)
    for wrong in ((Proposal.NOTHING, None, ""), (Proposal.END, None, "III Nsm 1/26"), (Proposal.END, tie, " "), (Proposal.GO_ON, tie, "")):
        with pytest.raises(ValueError, match="no such proposal"):
            actions.propose(dispute, wrong[0], by=STAFF, tie=wrong[1], shown=wrong[2])
    other = a_child(pawel, name="Kuba")
    with pytest.raises(ValueError, match="another child"):
        actions.propose(dispute, Proposal.END, by=STAFF, tie=Guardianship.objects.get(child=other), shown="III Nsm 1/26")
    actions.propose(dispute, Proposal.END, by=STAFF, tie=tie, shown="III Nsm 1/26")
    dispute.refresh_from_db()
    read = actions.mark_of(dispute)
    with pytest.raises(NotNow):
        actions.settle(dispute, read=read, by=STAFF)
    with pytest.raises(NotNow):
        actions.settle(dispute, read="something else", by=OTHER_STAFF)
    actions.settle(dispute, read=read, by=OTHER_STAFF)
    tie.refresh_from_db()
    assert tie.ended_at
    assert decides(marta, both, "album", "allow").saved, "and Marta decides again"
    with pytest.raises(NotNow):
        actions.propose(dispute, Proposal.GO_ON, by=STAFF)


def test_everybody_goes_on(both: Customer, marta: Customer, pawel: Customer) -> None:
    dispute = actions.open_dispute(both, "who may decide", by=STAFF)
    actions.propose(dispute, Proposal.GO_ON, by=STAFF)
    dispute.refresh_from_db()
    actions.settle(dispute, read=actions.mark_of(dispute), by=OTHER_STAFF)
    assert decides(pawel, both, "album", "allow").saved


def test_where_nobody_decides_there_is_no_dispute(zosia: Customer) -> None:
    Guardianship.objects.all().delete()
    with pytest.raises(NotNow):
        actions.open_dispute(zosia, "who may decide", by=STAFF)


# ── Joining ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_decides_for_them_already_needs_no_invitation(zosia: Customer, marta: Customer, kingfisher: Brand) -> None:
    _invitation, code = actions.invite(marta, [zosia], name="Ja", address="")
    with pytest.raises(NotYours):
        actions.accept_invitation(kingfisher, code, marta)
    assert mails() == [], "it was handed over, not mailed"


def test_a_claim_without_a_child_who_is_still_here_is_no_claim(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    invitation, _code = actions.invite(marta, [zosia], name="Paweł", address="")
    claim = actions.begin_claim(pawel, claim="father", method="in_person", invitation=invitation)
    claim.children = []
    claim.save()
    with pytest.raises(NotNow):
        actions.accept(claim, by=STAFF)


def test_who_is_found_to_be_a_minor_meanwhile_is_nobodys_guardian(marta: Customer) -> None:
    claim = actions.begin_claim(marta, claim="mother", method="in_person", name="Zosia", birth_date=born(3))
    Customer.objects.filter(pk=marta.pk).update(birth_date=born(17), minor_until=timezone.localdate() + timedelta(days=300))
    with pytest.raises(NotYours):
        actions.accept(claim, by=STAFF)


@pytest.mark.parametrize(("years", "minor"), [(17, True), (40, False)])
def test_the_age_of_somebody_who_joins(kingfisher: Brand, years: int, minor: bool) -> None:
    customer = join(brand=kingfisher, address="nowe@example.com", language="pl", birth_date=born(years))
    assert (customer.birth_date == born(years)) is minor


def test_a_sign_in_that_belongs_to_somebody_else_is_given_to_nobody(zosia: Customer, marta: Customer, kingfisher: Brand) -> None:
    from accounts.actions import AddressTaken
    from accounts.models import Person

    other = join(brand=kingfisher, address="inna@example.com", language="pl")
    other.contacts.all().delete()  # the sign-in alone is left
    assert Person.objects.filter(email="inna@example.com").exists()
    for address in ("marta@example.com", "inna@example.com"):
        with pytest.raises(AddressTaken), turn(zosia.subject, brand=kingfisher.key, actor=STAFF):
            give_sign_in(zosia, address)
