"""A child is deleted, or a guardian is: what goes, what ends, and who is told nothing about anybody else."""

from __future__ import annotations

import json

from accounts import gates
from accounts.models import Customer, Guardianship
from data_requests.actions import erase_customer
from data_requests.collect import sections
from data_requests.erasing import walker
from guardians import actions
from guardians.models import Note, Wish
from guardians.tests.families import STAFF, a_child, answer, decides, tied, wishes
from jobs.actions import run_due
from ledger.proving import prove
from ledger.turns import turn


def erase(customer: Customer) -> None:
    with turn(customer.subject, brand=customer.brand.key, actor=STAFF) as this:
        erase_customer(this, customer, why="asked", request=None)
    prove()
    run_due()
    prove()
    run_due()


def test_a_child_is_deleted(both: Customer, marta: Customer, pawel: Customer) -> None:
    wishes(both, "album", "kanarek")
    decides(marta, both, "album", "allow", note="kanarek")
    actions.replace_link(marta, both)
    erase(both)
    assert not walker.left(both)
    assert gates.wards_of(marta) == gates.wards_of(pawel) == []
    assert not Wish.objects.exists()
    assert not Note.objects.exists()
    kept = Guardianship.objects.get(guardian_subject=marta.subject)
    assert kept.child_id is None, "that somebody was entitled stays, by references alone"


def test_a_guardian_is_deleted_and_what_they_allowed_lapses(both: Customer, marta: Customer, pawel: Customer) -> None:
    decides(pawel, both, "album", "allow")
    decides(pawel, both, "photos", "deny")
    decides(marta, both, "photos", "allow")
    assert answer(both, "album") == (True, "granted")
    erase(pawel)
    tie = Guardianship.objects.get(guardian_subject=pawel.subject)
    assert (tie.guardian_id, tie.ended_at is not None) == (None, True)
    assert not answer(both, "album")[0]
    assert answer(both, "photos") == (False, "refused"), "a no stands until a remaining guardian says yes"
    decides(marta, both, "photos", "allow")
    assert answer(both, "photos") == (True, "granted")


def test_a_copy_of_the_child_holds_nothing_of_the_adults_nor_of_a_sibling(both: Customer, marta: Customer, pawel: Customer) -> None:
    kuba = a_child(marta, years=14, name="Kubakanarek")
    tied(pawel, kuba)
    Customer.objects.filter(pk=marta.pk).update(name="Martakanarek")
    decides(marta, both, "album", "allow", note="for you")
    decides(marta, kuba, "photos", "allow", note="siblingkanarek")
    actions.invite(marta, [both], name="Trzecikanarek", address="kanarek@example.com")
    held = json.dumps([[section.key, list(section.rows())] for section in sections(both)], ensure_ascii=False)
    assert "for you" in held
    for secret in ("kanarek", "marta@example.com", "pawel@example.com", kuba.code, marta.code):
        assert secret not in held, secret


def test_a_copy_of_a_guardian_holds_nothing_of_the_child(both: Customer, marta: Customer) -> None:
    Customer.objects.filter(pk=both.pk).update(name="Zosiakanarek")
    wishes(both, "album", "wishkanarek")
    decides(marta, both, "album", "allow", note="notekanarek")
    held = json.dumps([[section.key, list(section.rows())] for section in sections(marta)], ensure_ascii=False)
    for secret in ("kanarek", both.code):
        assert secret not in held, secret
