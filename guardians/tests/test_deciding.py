"""Zosia asks, Marta allows, Paweł withdraws; and whose word stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.actions import end_guardianship, freeze, unfreeze
from accounts.gates import Frozen, NotYours
from accounts.models import Customer, Guardianship
from consents.saying import Result
from guardians.models import Note, Wish
from guardians.tests.families import BY_MAIL, a_child, answer, decides, tied, turns_off, wishes
from ledger.models import Entry

SignedIn = Callable[[Customer], Client]
USE = "album"


def test_nothing_is_allowed_at_first(zosia: Customer) -> None:
    assert answer(zosia, USE) == (False, "guardian_missing")


def test_the_child_asks_and_the_guardian_allows_with_a_note(zosia: Customer, marta: Customer) -> None:
    wish = wishes(zosia, USE, "All my friends are in it.")
    assert answer(zosia, USE) == (False, "guardian_missing"), "asking allows nothing"
    assert decides(marta, zosia, USE, "allow", note="Have fun.").saved
    wish.refresh_from_db()
    assert answer(zosia, USE) == (True, "granted")
    assert (wish.state, wish.answer, wish.answered_by) == (Wish.State.ALLOWED, "Have fun.", marta.subject)
    assert Note.objects.get(child=zosia).text == "Have fun."


def test_one_withdraws_and_it_stays_off_until_they_lift_it(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, USE, "allow")
    assert decides(pawel, both, USE, "deny", note="Not on the internet.").saved
    assert answer(both, USE) == (False, "refused")
    assert decides(marta, both, USE, "deny").saved
    assert decides(marta, both, USE, "allow").saved
    assert answer(both, USE) == (False, "refused"), "Marta allows again, and Paweł’s no stands"
    assert decides(pawel, both, USE, "allow").saved
    assert answer(both, USE) == (True, "granted")


def test_a_childs_no_is_lifted_by_a_wish_and_a_yes_and_by_nothing_else(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, USE, "allow")
    turns_off(both, USE)
    assert answer(both, USE) == (False, "refused")
    decides(marta, both, USE, "deny")
    decides(marta, both, USE, "allow")
    decides(pawel, both, USE, "allow")
    assert answer(both, USE) == (False, "refused"), "two yeses do not outweigh it"
    wishes(both, USE)
    assert answer(both, USE) == (False, "refused"), "asking turns nothing on"
    decides(pawel, both, USE, "allow")
    assert answer(both, USE) == (True, "granted")
    lifted = Entry.objects.of(both.subject).filter(kind="choice.decided").order_by("-seq").first()
    assert lifted is not None
    assert lifted.act["party"] == both.subject
    assert lifted.act["evidence"], "the wish is the proof that it was theirs to lift"


def test_a_no_after_the_wish_stands(both: Customer, marta: Customer) -> None:
    turns_off(both, "results")
    wishes(both, USE)
    turns_off(both, USE)
    decides(marta, both, USE, "allow")
    assert answer(both, USE) == (False, "refused")


def test_only_a_guardian_in_force_decides(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    with pytest.raises(NotYours):
        decides(pawel, zosia, USE, "allow")
    with pytest.raises(NotYours):
        decides(pawel, zosia, USE, "deny")
    tie = tied(pawel, zosia)
    decides(pawel, zosia, USE, "allow")
    assert answer(zosia, USE)[0]
    end_guardianship(tie, why="lost", by="staff:" + "a" * 32)
    assert not answer(zosia, USE)[0], "it counts no more from this instant"
    with pytest.raises(NotYours):
        decides(pawel, zosia, USE, "deny")


def test_a_former_guardians_no_stands_until_a_remaining_one_says_yes(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, USE, "allow")
    decides(pawel, both, USE, "deny")
    end_guardianship(Guardianship.objects.get(guardian=pawel), why="lost", by="staff:" + "a" * 32)
    assert answer(both, USE) == (False, "refused")
    decides(marta, both, USE, "deny")
    decides(marta, both, USE, "allow")
    assert answer(both, USE) == (True, "granted")


def test_in_a_dispute_a_guardian_can_only_reduce(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, USE, "allow")
    assert freeze(both, by="staff:" + "a" * 32)
    assert not freeze(both, by="staff:" + "a" * 32)
    with pytest.raises(Frozen):
        decides(marta, both, "results", "allow")
    assert decides(pawel, both, USE, "deny").saved
    assert unfreeze(both, by="staff:" + "a" * 32)
    assert decides(marta, both, "results", "allow").saved


def test_who_was_verified_by_mail_alone_passes_nothing_on(marta: Customer) -> None:
    child = a_child(marta, verified=BY_MAIL)
    assert decides(marta, child, "selection", "allow").result is Result.WEAK_PROOF
    assert answer(child, "selection") == (False, "guardian_missing")
    assert decides(marta, child, "results", "allow").saved
    Guardianship.objects.filter(child=child).update(allows_disclosure=True)
    assert decides(marta, child, "selection", "allow").saved
    Guardianship.objects.filter(child=child).update(allows_disclosure=False)
    assert answer(child, "selection") == (False, "guardian_missing"), "the guard is in the engine, not in the page"


def test_of_age_nobody_decides_for_them(zosia: Customer, marta: Customer) -> None:
    decides(marta, zosia, USE, "allow")
    tie = Guardianship.objects.get(child=zosia)
    assert tie.until is not None
    with time_machine.travel(tie.until, tick=False), pytest.raises(NotYours):
        decides(marta, zosia, USE, "deny")


def test_at_sixteen_in_poland_they_decide_alone(marta: Customer) -> None:
    kuba = a_child(marta, years=15, name="Kuba")
    decides(marta, kuba, USE, "allow")
    decides(marta, kuba, "results", "deny")
    assert answer(kuba, USE) == (True, "granted")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        assert answer(kuba, USE) == (False, "undecided"), "what was allowed for them is put to them"
        assert decides(marta, kuba, "photos", "allow").result is Result.NO_CONTROL
        assert decides(marta, kuba, "results", "allow").saved, "a no of her own she can lift"
        assert answer(kuba, "results") == (False, "undecided")


# ── The link of a mail about a child ────────────────────────────────────────────────────────────────────────────────


def test_a_press_in_a_guardians_mail_is_the_guardians_word(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(marta, both, USE, "allow")
    token = links.make(both, links.Scope(USE, "", "2026-12-30", pawel.code))
    browser = Client(headers={"host": both.brand.host})
    assert browser.get(f"/u/{token}/").status_code == 200
    assert browser.post(f"/u/{token}/", {"decision": "deny"}).status_code == 303
    choice = both.choices.get(party=pawel.subject)
    assert (choice.state, choice.how) == ("refused", "link")
    assert answer(both, USE) == (False, "refused")
    assert browser.post(f"/u/{token}/", {"decision": "allow"}).headers["Location"].endswith("next=/family/")
    assert decides(pawel, both, USE, "allow").saved, "and it is theirs to lift"
    end_guardianship(Guardianship.objects.get(guardian=pawel), why="lost", by="staff:" + "a" * 32)
    assert browser.get(f"/u/{token}/").status_code == 410
    assert browser.post(f"/u/{token}/", {"decision": "deny"}).status_code == 410
    assert answer(both, USE) == (True, "granted")


def test_a_no_of_a_guardian_is_lifted_on_the_page_once_the_child_decides_alone(marta: Customer, signed_in: SignedIn) -> None:
    kuba = a_child(marta, years=15, name="Kuba")
    decides(marta, kuba, USE, "deny")
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=True):
        browser = signed_in(marta)
        page = browser.get("/family/").content.decode()
        assert "Lift my no" in page
        found = re.search(r'name="page" value="([^"]+)"', page)
        assert found
        answer_ = browser.post(f"/family/{kuba.code}/choices/{USE}/", {"decision": "allow", "page": found[1]})
        assert answer_.status_code == 303
        assert answer(kuba, USE) == (False, "undecided")
        assert "Lift my no" not in browser.get("/family/").content.decode()
