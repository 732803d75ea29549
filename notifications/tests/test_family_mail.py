"""What happens in a family is told to the adults who decide: who gets it, who does not, in which words, and once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import actions as accounts
from accounts.actions import Verified, join
from accounts.assurance import Level, Proof
from accounts.models import Contact, Customer
from brands.models import Brand
from consents import actions as consents
from consents.actions.families import deny_all_for, record_lapse, say_for, say_for_in, turn_off
from consents.models import Received
from consents.naming import register_names
from consents.saying import Result
from consents.states import How, Verb, Where
from consents.tests.acting import allow, own, page
from data_requests import actions as requests
from data_requests.models import Request
from ledger.models import Cursor
from ledger.proving import prove
from ledger.turns import turn
from notifications.models import Message
from notifications.tests.conftest import html_of, mails, text_of, work
from notifications.tests.families import a_child, decides, for_child, wish, written

GOLDEN = Path(__file__).parent / "golden_families"
START = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)


@pytest.fixture
def zosia(marta: Customer, pawel: Customer) -> Customer:
    """Marta reads English, Paweł Polish."""
    Customer.objects.filter(pk=marta.pk).update(name="Marta Zielińska")
    Customer.objects.filter(pk=pawel.pk).update(name="Paweł Zieliński")
    return a_child(marta, pawel)


@pytest.fixture
def kuba(kingfisher: Brand) -> Customer:
    """A child of somebody else, who reads nothing of Zosia."""
    return a_child(join(brand=kingfisher, address="ada.nowak@example.com", language="en"), name="Kuba")


def told() -> list[int]:
    """To whom the follower has written by now, by customer."""
    prove()
    return sorted(Message.objects.filter(kind="family").values_list("customer", flat=True))


def sent() -> dict[str, tuple[str, str]]:
    """By first name of the address: subject and text of the newest mail, once everything is done."""
    work()
    return {str(mail["To"]).partition(".")[0]: (str(mail["Subject"]).strip(), text_of(mail)) for mail in mails()}


def dropped() -> list[tuple[str, str]]:
    assert work() == 0
    return list(Message.objects.order_by("pk").values_list("state", "why"))


def given_up(guardian: Customer, child: Customer, why: str = "resigned") -> None:
    tie = child.guardians.get(guardian=guardian)
    assert accounts.end_guardianship(tie, why=why, by=f"guardian:{guardian.subject}")


# ── A wish ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_child_would_like_is_told_to_each_adult_in_their_language(kuba: Customer, zosia: Customer) -> None:
    wish(zosia)
    found = sent()
    assert set(found) == {"marta", "pawel"}
    assert found["marta"][0] == "Zosia would like: Photos on the website"
    assert found["pawel"][0] == "Zosia prosi o zgodę: Zdjęcia na stronie klubu"
    for mail in mails():
        assert "for the wall" not in text_of(mail) + html_of(mail)
        assert "/family/" in text_of(mail)
        assert "List-Unsubscribe" not in mail
        assert "Zielińska" not in text_of(mail)


@pytest.mark.parametrize(
    ("what", "english", "polish"),
    [
        ("copy", "Zosia would like to see the data we have", "Zosia prosi o wgląd w swoje dane"),
        ("correct", "Zosia would like something put right", "Zosia prosi o poprawienie danych"),
        ("delete", "Zosia would like data deleted", "Zosia prosi o usunięcie danych"),
    ],
)
def test_what_is_about_no_use_is_said_in_words(zosia: Customer, what: str, english: str, polish: str) -> None:
    wish(zosia, what)
    found = sent()
    assert (found["marta"][0], found["pawel"][0]) == (english, polish)


def test_a_reminder_says_that_it_is_one(zosia: Customer) -> None:
    wish(zosia, kind="wish.reminded")
    assert "has been asked before" in sent()["marta"][1]


def test_a_use_that_was_never_published_is_named_by_its_key(zosia: Customer) -> None:
    wish(zosia, purpose="balloons")
    assert sent()["marta"][0] == "Zosia would like: balloons"


@pytest.mark.parametrize("answer", ["wish.answered", "wish.taken_back"])
def test_what_is_answered_before_the_mail_goes_is_not_told(zosia: Customer, answer: str) -> None:
    act = {"what": "allow", "purpose": "photos", "channel": ""}
    wish(zosia)
    written(zosia, answer, act | ({"party": "0" * 32, "state": "allowed", "note": None} if answer == "wish.answered" else {}))
    assert dropped() == [("dropped", "over")] * 2


def test_an_answer_to_another_wish_leaves_this_one(zosia: Customer) -> None:
    wish(zosia)
    written(zosia, "wish.taken_back", {"what": "copy", "purpose": "", "channel": ""})
    assert set(sent()) == {"marta", "pawel"}


@pytest.mark.parametrize("name", ["", "x" * 41])
def test_a_child_without_a_name_is_your_child(marta: Customer, name: str) -> None:
    wish(a_child(marta, name=name), "copy")
    assert sent()["marta"][0] == "Your child would like to see the data we have"


# ── Decisions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_one_adult_decides_is_told_to_the_other(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    assert say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos")).result is Result.SAVED
    assert told() == [pawel.pk]
    assert say_for(zosia, pawel, "photos", "", Verb.DENY, for_child(zosia, pawel, "photos")).result is Result.SAVED
    found = sent()
    assert found["pawel"][0] == "Marta Zielińska wyraża zgodę: Zdjęcia na stronie klubu"
    assert found["marta"][0] == "Paweł Zieliński chose “Don’t allow”: Photos on the website"
    assert "About: Zosia" in found["marta"][1]
    assert say_for(zosia, marta, "photos", "", Verb.DENY, for_child(zosia, marta, "photos")).result is Result.SAVED
    assert "wyłącza: Zdjęcia" in sent()["pawel"][0]


def test_what_the_child_turns_off_is_told_to_all(zosia: Customer, marta: Customer) -> None:
    say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    prove()
    Message.objects.all().delete()
    turn_off(zosia, "photos", "", own(zosia, where=Where.CHILD))
    found = sent()
    assert set(found) == {"marta", "pawel"}
    assert found["marta"][0] == "Zosia chose “Don’t allow”: Photos on the website"
    assert "About" not in found["marta"][1]


def test_an_adult_without_a_name_is_another_adult(zosia: Customer, marta: Customer) -> None:
    Customer.objects.filter(pk=marta.pk).update(name="")
    say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    assert sent()["pawel"][0].startswith("Inna osoba dorosła")


def test_turning_all_of_it_off_is_told_once(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    offs = len(deny_all_for(zosia, marta, for_child(zosia, marta, "photos")))
    assert offs > 2
    assert told() == [pawel.pk]
    subject, text = sent()["pawel"]
    assert subject == f"Marta Zielińska wybiera „Brak zgody”: {offs} zastosowań"
    assert "Zdjęcia na stronie klubu" in text
    assert "Filmy z treningów" in text


def test_two_presses_are_told_twice(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    for purpose in ("photos", "videos"):
        say_for(zosia, marta, purpose, "", Verb.DENY, for_child(zosia, marta, purpose))
    assert told() == [pawel.pk] * 2


def test_a_wish_that_is_granted_is_told_by_the_yes_alone(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    turn_off(zosia, "photos", "", own(zosia, where=Where.CHILD))
    asked = wish(zosia)
    prove()
    Message.objects.all().delete()
    wished = consents.Wished(asked, own(zosia, where=Where.CHILD))
    said = for_child(zosia, marta, "photos")
    with turn(zosia.subject, brand=zosia.brand.key, actor=said.actor) as this:
        assert say_for_in(this, zosia, marta, "photos", "", Verb.ALLOW, said, wished).result is Result.SAVED
    assert told() == [pawel.pk]
    assert "wyraża zgodę" in sent()["pawel"][0]


def test_what_runs_out_with_age_or_a_guardian_is_told_by_no_mail_of_its_own(zosia: Customer, marta: Customer) -> None:
    say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    given_up(marta, zosia)
    prove()
    before = Message.objects.count()
    with turn(zosia.subject, brand=zosia.brand.key, actor="system:families") as this:
        assert record_lapse(this, zosia, marta.subject, actor="system:families")
    assert len(told()) == before


def test_what_people_decide_for_themselves_is_nobodys_business(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    allow(marta, "letter")
    accounts.signed_in(customer=marta, how="code", browser="Firefox on Linux")
    said = page(zosia, "photos", verb=Verb.DENY, how=How.LINK, where=Where.LINK)
    consents.say(zosia, "photos", "", Verb.DENY, said)
    assert told() == []


def test_of_choices_that_an_adult_does_not_see_they_read_nothing(zosia: Customer, marta: Customer) -> None:
    wish(zosia)
    prove()
    accounts.freeze(zosia, by="staff:ola")
    wish(zosia, "copy")
    turn_off(zosia, "photos", "", own(zosia, where=Where.CHILD))
    work()
    assert set(Message.objects.values_list("facts__happened", "state", "why")) == {
        ("wish.made", "dropped", "over"), ("guardianship.frozen", "sent", ""),
    }  # fmt: skip


def test_what_is_chosen_by_who_decides_alone_is_told_to_no_adult(marta: Customer) -> None:
    young = a_child(marta, years=16)
    turn_off(young, "photos", "", own(young, where=Where.CHILD))
    assert told() == []


# ── Who decides ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_guardian_is_told_to_them_and_to_the_others(kingfisher: Brand, zosia: Customer) -> None:
    ewa = join(brand=kingfisher, address="ewa.lis@example.com", language="en")
    Customer.objects.filter(pk=ewa.pk).update(name="Ewa Lis")
    decides(ewa, zosia)
    found = sent()
    assert set(found) == {"marta", "pawel", "ewa"}
    assert found["ewa"][0] == "From now on you decide for a child: Zosia"
    assert found["marta"][0] == "From now on Ewa Lis decides for Zosia, too"
    assert found["pawel"][0] == "Od teraz decyduje też: Ewa Lis (dotyczy: Zosia)"


def test_whoever_was_confirmed_by_mail_has_it_from_that_mail(kingfisher: Brand, zosia: Customer, marta: Customer, pawel: Customer) -> None:
    decides(join(brand=kingfisher, address="ewa.lis@example.com", language="en"), zosia, Verified("parent", "email_plus"))
    assert told() == sorted([marta.pk, pawel.pk])


def test_an_end_is_told_to_who_left_and_to_who_remains(zosia: Customer, marta: Customer) -> None:
    given_up(marta, zosia)
    found = sent()
    assert found["marta"][0] == "You no longer decide for a child: Zosia"
    assert "because you decide for a child" not in found["marta"][1]
    assert found["pawel"][0] == "Nie decyduje już: Marta Zielińska (dotyczy: Zosia)"
    assert "za które decydujesz" in found["pawel"][1]


def test_an_end_by_age_is_told_to_who_decided(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    for each in (marta, pawel):
        given_up(each, zosia, why="of_age")
    found = sent()
    assert len(mails()) == 2
    assert found["marta"][0] == "Zosia is of age, and you no longer see the data"


def test_an_end_that_a_backup_repeats_is_told_to_nobody(zosia: Customer, marta: Customer) -> None:
    given_up(marta, zosia, why="restored")
    assert told() == []


def test_of_a_guardian_who_was_deleted_the_others_are_told(zosia: Customer, marta: Customer) -> None:
    given_up(marta, zosia, why="erased")
    Customer.objects.filter(pk=marta.pk).delete()
    found = sent()
    assert set(found) == {"pawel"}
    assert found["pawel"][0] == "Nie decyduje już: inna osoba dorosła (dotyczy: Zosia)"


def test_a_dispute_and_its_end_are_told_to_all(zosia: Customer) -> None:
    accounts.freeze(zosia, by="staff:ola")
    assert sent()["marta"][0] == "Support looks into who may decide for Zosia"
    accounts.unfreeze(zosia, by="staff:ola")
    found = sent()
    assert (len(mails()), found["marta"][0]) == (4, "It is settled who may decide for Zosia")


def test_an_invitation_is_told_to_the_adults_who_did_not_write_it(zosia: Customer, marta: Customer) -> None:
    written(zosia, "guardian.invited", {"by": marta.subject}, actor=f"guardian:{marta.subject}")
    found = sent()
    assert set(found) == {"pawel"}
    assert "Zaprasza: Marta Zielińska" in found["pawel"][1]


def test_a_refusal_is_told_to_the_adult_alone(zosia: Customer, marta: Customer) -> None:
    written(marta, "guardian.refused", {"method": "in_person"}, actor="staff:ola")
    found = sent()
    assert set(found) == {"marta"}
    assert found["marta"][0] == "We could not confirm that you decide for a child"


# ── Growing up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def grows(child: Customer, *, age: int, in_days: int, of_age: bool) -> None:
    written(child, "coming_of_age.told", {"age": age, "days": in_days, "of_age": of_age}, actor="system:coming_of_age")


def with_an_address(child: Customer) -> Contact:
    address = "zosia.zielinska@example.com"
    found: Contact = child.contacts.create(
        brand=child.brand, channel="email", address=address, canonical=address, proven_at=timezone.now()
    )  # fmt: skip
    return found


@pytest.mark.parametrize("in_days", [30, 0])
def test_a_birthday_that_counts_is_told_with_its_day(zosia: Customer, in_days: int) -> None:
    grows(zosia, age=16, in_days=in_days, of_age=False)
    found = sent()
    year = timezone.now().year + 4
    assert found["marta"][0] == f"Zosia turns 16 on Jan. 1, {year}" or found["marta"][0] == f"Zosia turns 16 on 1 January {year}"
    assert f"1 stycznia {year}" in found["pawel"][0]
    assert "decides alone" in found["marta"][1]
    assert "asks for an address" in found["marta"][1]


def test_the_young_person_reads_it_in_words_to_them(zosia: Customer) -> None:
    with_an_address(zosia)
    for of_age in (False, True):
        grows(zosia, age=18, in_days=30, of_age=of_age)
    work()
    to_them = [mail for mail in mails() if str(mail["To"]).startswith("zosia")]
    assert [str(mail["Subject"])[:11] for mail in to_them] == ["You turn 18"] * 2
    assert [("no longer see" in text_of(mail)) for mail in to_them] == [False, True]
    assert all("/choices/" in text_of(mail) for mail in to_them)
    assert sum("no adult sees" in text_of(mail) for mail in mails()) == 1


def test_on_the_day_itself_whoever_decides_no_more_is_told_by_the_end(zosia: Customer) -> None:
    with_an_address(zosia)
    zosia.guardians.update(until=timezone.now() - timedelta(hours=1), started_at=timezone.now() - timedelta(days=9))
    grows(zosia, age=18, in_days=0, of_age=True)
    assert told() == [zosia.pk]


def test_an_address_that_waits_is_told_to_the_adults(zosia: Customer) -> None:
    written(zosia, "child_page.asked", {})
    found = sent()
    assert found["marta"][0] == "Zosia would like to sign in with an address of their own"
    written(zosia, "child_page.asked", {})
    written(zosia, "child_page.refused", {})
    assert work() == 0


def test_an_address_that_was_agreed_to_is_told_to_all_three(zosia: Customer) -> None:
    with_an_address(zosia)
    written(zosia, "child_page.claimed", {})
    found = sent()
    assert found["zosia"][0] == "From now on you sign in with this address"
    assert found["marta"][0] == "From now on Zosia signs in with an address of their own"


# ── Until it goes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_whoever_no_longer_decides_when_the_mail_would_go_reads_only_of_that(zosia: Customer, marta: Customer) -> None:
    wish(zosia)
    prove()
    given_up(marta, zosia)
    work()
    to_marta = [str(mail["Subject"]) for mail in mails() if str(mail["To"]).startswith("marta")]
    assert to_marta == ["You no longer decide for a child: Zosia"]
    over = Message.objects.get(customer=marta, state="dropped")
    assert (over.facts["happened"], over.why) == ("wish.made", "over")


def test_of_what_is_gone_nothing_is_sent(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    wish(zosia)
    prove()
    Customer.objects.filter(pk=zosia.pk).delete()
    assert dropped() == [("dropped", "over")] * 2


def test_twice_is_once(zosia: Customer, marta: Customer) -> None:
    wish(zosia)
    say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    before = told()
    Cursor.objects.filter(follower="notifications").update(position=0)
    Message.objects.exclude(kind="family").delete()
    prove()
    new = Message.objects.filter(kind="family", facts__happened__in=["wish.made", "choice.decided"])
    assert sorted(new.values_list("customer", flat=True)) == before


def test_a_child_who_is_gone_is_passed_over(zosia: Customer) -> None:
    wish(zosia)
    Customer.objects.filter(pk=zosia.pk).delete()
    assert told() == []


# ── A child's requests and data ─────────────────────────────────────────────────────────────────────────────────────


def asked(child: Customer, guardian: Customer) -> str:
    requests.receive(child, "copy", {}, Proof(Level.IV3W, "code"), by=f"guardian:{guardian.subject}")
    found: str = Request.objects.get(customer=child).number
    return found


def test_a_childs_request_is_written_to_the_adults_about_the_child(zosia: Customer, marta: Customer) -> None:
    number = asked(zosia, marta)
    found = sent()
    assert set(found) == {"marta", "pawel"}
    assert found["marta"][0] == f"Request {number} for a child, Zosia: A copy of your data" or number in found["marta"][0]
    assert f"/requests/{number}/" in found["marta"][1]
    assert "You asked" not in found["marta"][1]
    assert "About: Zosia" in found["marta"][1]
    requests.withdraw(Request.objects.get(number=number), by=f"guardian:{marta.subject}")
    assert "About: Zosia" in sent()["marta"][1]
    assert len(mails()) == 4


def test_a_childs_request_is_written_to_nobody_who_no_longer_decides(zosia: Customer, marta: Customer, pawel: Customer) -> None:
    asked(zosia, marta)
    prove()
    given_up(marta, zosia)
    work()
    kinds = Message.objects.filter(customer=marta).values_list("kind", "state")
    assert set(kinds) == {("request_received", "dropped"), ("family", "sent")}


def test_a_child_with_an_address_reads_it_themselves(zosia: Customer, marta: Customer) -> None:
    with_an_address(zosia)
    asked(zosia, marta)
    assert set(sent()) == {"zosia"}


def test_what_a_minor_asks_who_may_ask_alone_is_written_to_no_adult(marta: Customer) -> None:
    young = a_child(marta, years=17)
    asked(young, marta)
    assert work() == 0


def test_data_of_a_child_from_somebody_else_is_told_to_the_adults(zosia: Customer) -> None:
    names = register_names(zosia.brand)
    source, kinds = next((source, kinds) for source, kinds in names.by_source.items() if source != "you" and kinds)
    noted = consents.receive(zosia, source=source, categories=sorted(kinds)[:1], received_on=date(2026, 11, 24), by="system:tests")
    found = sent()
    assert set(found) == {"marta", "pawel"}
    assert "about a child for whom you decide, Zosia," in found["marta"][1]
    assert Received.objects.get(pk=noted.pk).told_at is not None


def test_a_child_nobody_decides_for_is_written_to_as_anybody(marta: Customer, zosia: Customer, pawel: Customer) -> None:
    for each in (marta, pawel):
        given_up(each, zosia)
    prove()
    Message.objects.all().delete()
    asked(zosia, marta)
    assert work() == 0


# ── The words ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "pl"])
def test_each_reads_as_it_is_kept(db: None, request: Any, language: str) -> None:
    """Of everything that is told of a family, what each of them reads. UPDATE_GOLDEN=1 writes it anew."""
    with time_machine.travel(START, tick=False) as clock:
        marta, pawel = (request.getfixturevalue(name) for name in ("marta", "pawel"))
        Customer.objects.filter(pk=marta.pk).update(name="Marta Zielińska")
        Customer.objects.filter(pk=pawel.pk).update(name="Paweł Zieliński")
        Customer.objects.update(language=language)
        found = "\n".join(_letters(story, clock) for story in _story(marta, pawel, language))
    path = GOLDEN / f"families.{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == found


def _story(marta: Customer, pawel: Customer, language: str) -> Iterator[Callable[[], object]]:
    """From the first wish to the day on which it is over."""
    zosia, how = a_child(marta, pawel), {"language": language}
    Customer.objects.filter(pk=zosia.pk).update(language=language)
    for what in ("allow", "copy", "correct", "delete"):
        yield partial(wish, zosia, what)
    yield partial(wish, zosia, kind="wish.reminded")
    yield lambda: say_for(zosia, marta, "photos", "", Verb.ALLOW, for_child(zosia, marta, "photos"))
    yield lambda: say_for(zosia, pawel, "videos", "", Verb.DENY, for_child(zosia, pawel, "videos"))
    yield lambda: turn_off(zosia, "photos", "", own(zosia, where=Where.CHILD, **how))
    yield lambda: say_for(zosia, marta, "photos", "", Verb.DENY, for_child(zosia, marta, "photos"))
    yield lambda: deny_all_for(zosia, marta, for_child(zosia, marta, "photos"))
    yield partial(written, zosia, "guardian.invited", {"by": marta.subject})
    ewa = join(brand=marta.brand, address="ewa.lis@example.com", language=language)
    Customer.objects.filter(pk=ewa.pk).update(name="Ewa Lis")
    yield partial(decides, ewa, zosia)
    yield partial(accounts.freeze, zosia, by="staff:ola")
    yield partial(accounts.unfreeze, zosia, by="staff:ola")
    yield partial(given_up, ewa, zosia)
    yield partial(written, marta, "guardian.refused", {"method": "in_person"})
    yield partial(grows, zosia, age=16, in_days=30, of_age=False)
    yield partial(written, zosia, "child_page.asked", {})
    with_an_address(zosia)
    yield partial(written, zosia, "child_page.claimed", {})
    yield partial(grows, zosia, age=16, in_days=0, of_age=False)
    yield partial(grows, zosia, age=18, in_days=7, of_age=True)
    yield partial(given_up, marta, zosia, why="lost")
    yield partial(given_up, pawel, zosia, why="of_age")
    yield partial(grows, zosia, age=18, in_days=0, of_age=True)


def _letters(cause: Callable[[], object], clock: Any) -> str:
    """Whom it reaches, subject and text but for its foot, in order of the addresses."""
    before = len(mails())
    cause()
    clock.shift(60)
    work()
    clock.shift(60)
    new = sorted(mails()[before:], key=lambda mail: str(mail["To"]))
    return "".join(f"To: {mail['To']}\nSubject: {str(mail['Subject']).strip()}\n\n{_body(mail)}\n" for mail in new)


def _body(mail: EmailMessage) -> str:
    return text_of(mail).replace("\r\n", "\n").partition("\n-- \n")[0].partition("\n--\n")[0]
