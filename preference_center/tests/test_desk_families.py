"""Families at the desk: who is taken for a guardian and by whose eyes, what is frozen and who settles it, and what nobody else opens."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import gates, uploads
from accounts.models import Customer, Guardianship, Person
from accounts.sealed import seal
from brands.models import Brand
from guardians import actions
from guardians.models import ChildPage, Dispute, GuardianClaim
from guardians.tests.families import STAFF, a_child, adult, born, decides, tied
from ledger.models import Entry
from preference_center.tests.test_desk import AtDesk, seat, told
from preference_center.tests.test_desk import mailbox as mailbox  # a fixture

pytestmark = pytest.mark.django_db
QUEUE, DISPUTES = "/desk/guardians/guardianclaim/", "/desk/guardians/dispute/"
SHOWS_SOMEBODY = re.compile(r"/desk/guardians/(guardianclaim|dispute)/(\d+|child/[^/]+)/")
PAPER = b"%PDF-1.7 signed by Marta"
LOOKS = ("record.looked_at", "desk.viewed")


@pytest.fixture
def at_desk(kingfisher: Brand, settings: Any) -> AtDesk:
    """Whoever comes to a page that shows somebody opens it first, as the page asks."""

    def sit(*groups: str) -> Any:
        browser: Any = seat(kingfisher, settings.MAIL_DIR, *groups)
        generic = browser.generic

        def opening(method: str, path: str, *args: Any, **more: Any) -> Any:
            page = SHOWS_SOMEBODY.match(path)
            if page:
                generic("POST", page[0], "act=look", content_type="application/x-www-form-urlencoded")
            return generic(method, path, *args, **more)

        browser.generic = opening
        return browser

    return sit


@pytest.fixture
def marta(kingfisher: Brand) -> Customer:
    return adult(kingfisher, "Marta")


@pytest.fixture
def pawel(kingfisher: Brand) -> Customer:
    return adult(kingfisher, "Pawel", "pl")


@pytest.fixture
def zosia(marta: Customer, pawel: Customer) -> Customer:
    """Eleven; both of her parents decide."""
    child = a_child(marta)
    tied(pawel, child)
    return child


def claims(guardian: Customer, method: str = "in_person", name: str = "Zosia") -> GuardianClaim:
    return actions.begin_claim(guardian, claim="mother", method=method, name=name, birth_date=born(11))


def signed(guardian: Customer) -> GuardianClaim:
    claim = claims(guardian, "signed_form")
    actions.hand_in(claim, uploads.sealed(PAPER), PAPER)
    claim.refresh_from_db()
    return claim


def disputed(child: Customer) -> Dispute:
    return actions.open_dispute(child, "Each says that the other may not.", by=STAFF)


def press(browser: Any, row: Any, act: str, **fields: Any) -> Any:
    return browser.post(f"{QUEUE if isinstance(row, GuardianClaim) else DISPUTES}{row.pk}/", {"act": act, **fields})


def text(browser: Any, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    content: str = response.content.decode()
    return content


def reference(browser: Any) -> str:
    return f"staff:{Person.objects.get(pk=browser.session['_auth_user_id']).reference}"


# ── Guardians to verify ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_queue_shows_what_can_be_moved_on_the_oldest_first(
    at_desk: AtDesk, kingfisher: Brand, marta: Customer, pawel: Customer
) -> None:
    first, second = claims(marta), signed(pawel)
    by_mail, waits = adult(kingfisher, "Ewa"), adult(kingfisher, "Jan")
    claims(by_mail, "email_plus")
    claims(waits, "signed_form")
    over = adult(kingfisher, "Olga")
    actions.over(claims(over), by=f"self:{over.subject}")
    sam = at_desk("agent")
    page = text(sam, QUEUE)
    assert page.index(f"Marta ({marta.code})") < page.index(f"Pawel ({pawel.code})")
    assert f"{QUEUE}{first.pk}/" in page
    assert f"{QUEUE}{second.pk}/" in page
    assert "the child’s mother" in page
    shown = {
        where: [each.code in text(sam, f"{QUEUE}{where}") for each in (by_mail, waits, over)] for where in ("", "?state=open", "?state=all")
    }
    assert shown == {"": [False, False, False], "?state=open": [True, True, False], "?state=all": [True, True, True]}
    assert sam.get(f"{QUEUE}?evidence__contains=a").status_code == 400


def test_sam_sees_marta_and_her_document_and_nothing_sealed_stays(at_desk: AtDesk, marta: Customer, signed_in: Any) -> None:
    claim, sam = claims(marta), at_desk("agent")
    page = text(sam, f"{QUEUE}{claim.pk}/")
    assert "m•••@e•••.com" in page
    assert marta.person is not None
    assert marta.person.email not in page
    assert "Zosia" in page
    assert press(sam, claim, "accept").status_code == 303
    claim.refresh_from_db()
    assert (claim.state, claim.sealed, claim.evidence) == ("accepted", "", "")
    tie = Guardianship.objects.get(guardian=marta)
    assert (tie.adulthood_method, tie.allows_disclosure, tie.verified_by) == ("in_person", True, reference(sam))
    assert "Zosia" in signed_in(marta).get("/family/").content.decode()
    page = text(sam, f"{QUEUE}{claim.pk}/")
    assert "Zosia" not in page
    assert 'name="act"' not in page
    assert press(sam, claim, "accept").status_code == 422
    assert Guardianship.objects.count() == 1


def test_a_signed_form_takes_two_people_who_read_the_same(at_desk: AtDesk, marta: Customer) -> None:
    claim, sam, ola = signed(marta), at_desk("agent"), at_desk("officer")
    read = hashlib.sha256(PAPER).hexdigest()
    page = text(sam, f"{QUEUE}{claim.pk}/")
    assert f'value="{read}"' in page
    assert 'value="second_look"' not in page
    assert "That is not possible" in told(sam, press(sam, claim, "first_look", read="0" * 64))
    claim.refresh_from_db()
    assert claim.state == "form_here"
    assert press(sam, claim, "first_look", read=read).status_code == 303
    assert "That is not possible" in told(sam, press(sam, claim, "second_look", read=read))
    assert not Guardianship.objects.exists()
    claim.refresh_from_db()
    assert (claim.state, claim.looked_by) == ("looked_at", reference(sam))
    assert press(ola, claim, "second_look", read=read).status_code == 303
    claim.refresh_from_db()
    assert (claim.state, claim.evidence, claim.sealed, claim.evidence_sha256) == ("accepted", "", "", read)
    assert Guardianship.objects.get(guardian=marta).verified_by == reference(ola)
    with pytest.raises(IntegrityError, match="claim_form_takes_two"), transaction.atomic():
        GuardianClaim.objects.filter(pk=claim.pk).update(decided_by=claim.looked_by)


def test_a_refusal_is_read_by_the_adult(at_desk: AtDesk, marta: Customer, signed_in: Any) -> None:
    claim, sam = signed(marta), at_desk("agent")
    assert press(sam, claim, "refuse", why="").status_code == 422
    assert press(sam, claim, "refuse", why="The signature is missing. Please send it again.").status_code == 303
    assert "The signature is missing." in signed_in(marta).get("/family/").content.decode()
    claim.refresh_from_db()
    assert (claim.state, claim.evidence, claim.sealed) == ("refused", "", "")
    assert not Guardianship.objects.exists()
    assert sam.get(f"{QUEUE}{claim.pk}/evidence/").status_code == 404


def test_the_signed_form_is_a_file_for_who_has_to_look_at_it(at_desk: AtDesk, marta: Customer) -> None:
    claim, sam = signed(marta), at_desk("agent")
    url = f"{QUEUE}{claim.pk}/evidence/"
    assert f'href="{url}"' in text(sam, f"{QUEUE}{claim.pk}/")
    answer = sam.get(url)
    assert (answer.content, answer["Content-Type"]) == (PAPER, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="form-{marta.code}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox;")
    auditor = at_desk("auditor")
    page = text(auditor, f"{QUEUE}{claim.pk}/")
    assert url not in page
    assert "Zosia" not in page
    assert auditor.get(url).status_code == 404


def test_for_children_who_are_here_it_says_who_decides_already(at_desk: AtDesk, marta: Customer, pawel: Customer) -> None:
    kuba = a_child(marta, 9, "Kuba")
    invitation, _code = actions.invite(marta, [kuba], name="Pawel", address="")
    claim = actions.begin_claim(pawel, claim="father", method="in_person", invitation=invitation)
    sam = at_desk("agent")
    page = text(sam, f"{QUEUE}{claim.pk}/")
    assert "Kuba" in page
    assert page.count(f"Marta ({marta.code})") == 2, "who invited, and who decides already"
    actions.resign(marta, kuba)
    assert "no adult who decides for the child asks for it any more" in told(sam, press(sam, claim, "accept"))
    assert not Guardianship.objects.filter(guardian=pawel).exists()


def test_a_child_who_came_of_age_meanwhile_gets_no_guardian(at_desk: AtDesk, marta: Customer) -> None:
    claim, sam = claims(marta), at_desk("agent")
    GuardianClaim.objects.filter(pk=claim.pk).update(sealed=seal({"name": "Zosia", "birth_date": born(30).isoformat()}))
    assert "they are of age" in told(sam, press(sam, claim, "accept"))
    assert not Guardianship.objects.exists()


# ── Disputed families ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dispute_freezes_and_two_people_settle_it(
    at_desk: AtDesk, marta: Customer, pawel: Customer, zosia: Customer, signed_in: Any
) -> None:
    sam, ola, home = at_desk("agent"), at_desk("officer"), signed_in(marta)
    assert "album" in home.get("/family/").content.decode()
    opened = sam.post(f"{DISPUTES}open/", {"child": zosia.code.lower(), "reason": "A court has decided."})
    dispute = Dispute.objects.get()
    assert opened["Location"] == f"{DISPUTES}{dispute.pk}/"
    page = home.get("/family/").content.decode()
    assert "album" not in page, "a guardian sees nothing of it"
    assert zosia.code in text(sam, DISPUTES)
    page = text(sam, f"{DISPUTES}{dispute.pk}/")
    assert f"Marta ({marta.code})" in page
    assert f"Pawel ({pawel.code})" in page
    assert 'value="settle"' not in page

    tie = Guardianship.objects.get(guardian=pawel)
    assert press(sam, dispute, "end", tie=tie.pk, shown="").status_code == 422
    assert press(sam, dispute, "end", tie=0, shown="III RC 12/26").status_code == 422
    assert press(sam, dispute, "end", tie=tie.pk, shown="III RC 12/26").status_code == 303
    page = text(ola, f"{DISPUTES}{dispute.pk}/")
    assert reference(sam).removeprefix("staff:") not in page
    assert "Proposed: one adult no longer decides" in page
    assert "III RC 12/26" in page
    read = mark(page)
    assert "That is not possible" in told(sam, press(sam, dispute, "settle", read=read))
    press(sam, dispute, "end", tie=tie.pk, shown="III RC 13/26")
    assert "That is not possible" in told(ola, press(ola, dispute, "settle", read=read)), "it was changed since"
    assert Guardianship.objects.open().filter(pk=tie.pk).exists()
    assert press(ola, dispute, "settle", read=mark(text(ola, f"{DISPUTES}{dispute.pk}/"))).status_code == 303
    assert not Guardianship.objects.open().filter(pk=tie.pk).exists()
    dispute.refresh_from_db()
    assert dispute.settled_by == reference(ola)
    assert not gates.ward(marta, zosia.code).is_frozen
    assert "album" in home.get("/family/").content.decode()
    page = text(ola, f"{DISPUTES}{dispute.pk}/")
    assert "Settled: one adult no longer decides" in page
    assert 'name="act"' not in page


def mark(page: str) -> str:
    """What the button of the second person carries."""
    return page.partition('name="read" value="')[2].partition('"')[0]


def test_everybody_goes_on_where_two_people_say_so(at_desk: AtDesk, zosia: Customer) -> None:
    dispute, sam, ola = disputed(zosia), at_desk("agent"), at_desk("officer")
    assert press(sam, dispute, "go_on").status_code == 303
    press(ola, dispute, "settle", read=mark(text(ola, f"{DISPUTES}{dispute.pk}/")))
    assert [tie.frozen_at for tie in gates.guardians_of(zosia)] == [None, None]
    with pytest.raises(IntegrityError, match="dispute_settled_by_two"), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(settled_by=reference(sam))


def test_a_child_is_found_by_what_somebody_can_say(at_desk: AtDesk, marta: Customer, pawel: Customer, zosia: Customer) -> None:
    sam = at_desk("agent")
    kuba = a_child(marta, 9, "Kuba")
    for said in (zosia.code, pawel.code, "Pawel@example.com"):
        assert sam.post(f"{QUEUE}child/", {"child": said})["Location"] == f"{QUEUE}child/{zosia.code}/", said
    several = sam.post(f"{QUEUE}child/", {"child": "marta@example.com"})
    assert several.status_code == 422
    assert f"Kuba ({kuba.code}), Zosia ({zosia.code})" in several.content.decode()
    for said in ("NOBODYHERE", "nobody@example.com", "@", ""):
        assert sam.post(f"{QUEUE}child/", {"child": said}).status_code == 422, said
    actions.resign(pawel, zosia)
    assert sam.post(f"{QUEUE}child/", {"child": pawel.code}).status_code == 422, "an adult who decides for nobody"


def test_nothing_is_disputed_where_nobody_decides_and_twice_is_once(
    at_desk: AtDesk, marta: Customer, pawel: Customer, zosia: Customer
) -> None:
    sam = at_desk("agent")
    form = {"child": zosia.code, "reason": "Each says that the other may not."}
    first = sam.post(f"{DISPUTES}open/", form)
    assert sam.post(f"{DISPUTES}open/", form)["Location"] == first["Location"]
    assert Dispute.objects.count() == 1
    kuba = a_child(marta, 9, "Kuba")
    actions.resign(marta, kuba)
    assert sam.post(f"{DISPUTES}open/", form | {"child": kuba.code}).status_code == 422
    assert sam.post(f"{DISPUTES}open/", form | {"reason": ""}).status_code == 422
    assert Dispute.objects.count() == 1


# ── One child ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_makes_a_child_older(at_desk: AtDesk, zosia: Customer) -> None:
    sam, url = at_desk("agent"), f"{QUEUE}child/{zosia.code}/"
    older = born(13)
    form = {"act": "birth_date", "birth_date": older.isoformat(), "document": "A passport"}
    assert sam.post(url, form | {"document": ""}).status_code == 422
    assert sam.post(url, form | {"birth_date": "2999-01-01"}).status_code == 422
    assert "they are of age" in told(sam, sam.post(url, form | {"birth_date": born(40).isoformat()}))
    assert sam.post(url, form).status_code == 303
    zosia.refresh_from_db()
    assert zosia.birth_date == older
    entry = Entry.objects.get(kind="birth_date.changed")
    assert entry.actor == reference(sam)
    assert "passport" not in (entry.payload or "").lower()
    assert date.fromisoformat(entry.act["birth_date"]) == older


def test_an_address_is_theirs_or_not_as_it_was_read(at_desk: AtDesk, kingfisher: Brand, marta: Customer) -> None:
    ola = a_child(marta, 17, "Ola")
    sam, url = at_desk("agent"), f"{QUEUE}child/{ola.code}/"
    assert 'value="agree"' not in text(sam, url)
    actions.ask_for_page(ola, "somebody@example.com")
    stale = mark(text(sam, url))
    actions.ask_for_page(ola, "ola@example.com")
    assert "That is not possible" in told(sam, sam.post(url, {"act": "agree", "read": stale}))
    page = text(sam, url)
    assert "ola@example.com" in page
    assert sam.post(url, {"act": "not_theirs", "read": mark(page)}).status_code == 303
    assert not ChildPage.objects.exclude(sealed="").exists()
    for address in ("marta@example.com", "ola@example.com"):
        actions.ask_for_page(ola, address)
        said = told(sam, sam.post(url, {"act": "agree", "read": mark(text(sam, url))}))
        assert ("belongs to another account" in said) == (address == "marta@example.com")
    ola.refresh_from_db()
    assert ola.person is not None
    assert ola.person.email == "ola@example.com"


# ── Who may, and where ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("role", "sees"), [("editor", False), ("auditor", True)])
def test_who_only_looks_changes_nothing(at_desk: AtDesk, marta: Customer, zosia: Customer, role: str, sees: bool) -> None:
    claim, dispute, browser = claims(marta), disputed(zosia), at_desk(role)
    before = Entry.objects.exclude(kind__in=LOOKS).count()
    for page in (QUEUE, DISPUTES):
        assert browser.get(page).status_code == (200 if sees else 403)
    for row, where in ((claim, QUEUE), (dispute, DISPUTES)):
        assert browser.get(f"{where}{row.pk}/").status_code == (200 if sees else 404)
    press(browser, claim, "accept")
    press(browser, claim, "refuse", why="No.")
    press(browser, dispute, "go_on")
    for page in (f"{DISPUTES}open/", f"{QUEUE}child/", f"{QUEUE}child/{zosia.code}/", f"{QUEUE}{claim.pk}/evidence/"):
        assert browser.get(page).status_code == 404
        assert browser.post(page, {"child": zosia.code, "act": "birth_date"}).status_code == 404
    assert Entry.objects.exclude(kind__in=LOOKS).count() == before


def test_another_brands_families_are_not_there(linden: Brand, marta: Customer, zosia: Customer, settings: Any) -> None:
    claim, dispute, stranger = signed(marta), disputed(zosia), seat(linden, settings.MAIL_DIR, "agent")
    for page in (
        f"{QUEUE}{claim.pk}/", f"{QUEUE}{claim.pk}/evidence/", f"{QUEUE}child/{zosia.code}/", f"{DISPUTES}{dispute.pk}/",
    ):  # fmt: skip
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, {"act": "refuse", "why": "No."}).status_code == 404
    assert stranger.post(f"{DISPUTES}open/", {"child": zosia.code, "reason": "So."}).status_code == 422
    assert stranger.post(f"{QUEUE}child/", {"child": "marta@example.com"}).status_code == 422
    assert "result_list" not in stranger.get(f"{QUEUE}?state=all").content.decode()


def test_every_field_has_its_label(at_desk: AtDesk, marta: Customer, zosia: Customer) -> None:
    """And no page has an id twice."""
    sam, claim, dispute = at_desk("agent"), signed(adult(marta.brand, "Ewa")), disputed(zosia)
    press(sam, dispute, "go_on")
    for page in (f"{QUEUE}{claim.pk}/", f"{DISPUTES}{dispute.pk}/", f"{DISPUTES}open/", f"{QUEUE}child/", f"{QUEUE}child/{zosia.code}/"):
        content = text(sam, page)
        ids = re.findall(r'\bid="([^"]+)"', content)
        assert len(ids) == len(set(ids)), page
        fields = re.findall(r'<(?:textarea|input(?! type="hidden"))\b[^>]*?\bid="([^"]+)"', content)
        labelled = set(re.findall(r'<label[^>]*\bfor="([^"]+)"', content))
        assert fields
        assert [each for each in fields if each not in labelled and not each.startswith("id_end_tie")] == [], page


def test_no_page_shows_a_family_before_a_press_that_it_reads_of(kingfisher: Brand, settings: Any, marta: Customer, zosia: Customer) -> None:
    sam, claim = seat(kingfisher, settings.MAIL_DIR, "agent"), claims(marta, "signed_form")
    for path, whose in ((f"{QUEUE}{claim.pk}/", marta), (f"{QUEUE}child/{zosia.code}/", zosia)):
        page = sam.get(path).content.decode()
        assert "to check who decides for a child" in page
        assert whose.name not in page
        assert sam.post(path, {"act": "refuse", "why": "No."}).status_code == 303
        sam.post(path, {"act": "look"})
        looks = Entry.objects.of(whose.subject).filter(kind="record.looked_at")
        assert [look.act["reason"] for look in looks] == ["family"], path
    claim.refresh_from_db()
    assert claim.decided_at is None


# ── A child's record ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_childs_record_says_what_the_family_reads(at_desk: AtDesk, marta: Customer, signed_in: Any) -> None:
    child = a_child(marta)
    decides(marta, child, "results", "allow")
    sam, record = at_desk("agent"), f"/desk/people/{child.code}/"
    sam.post(record, {"act": "look", "reason": "called"})
    stands = shown(sam.get(record))
    assert "It is on. Your mum said yes" in stands
    assert "It is off." in stands
    assert "1 no was recorded." in told(sam, sam.post(record, {"act": "no", "what": ["results/"], "how": "phone"}))
    assert "It is off. You turned it off." in shown(sam.get(record))
    assert "It stays off until Zosia asks for it again." in signed_in(marta).get("/family/").content.decode()


def shown(page: Any) -> str:
    part = page.content.decode().partition('id="part-stands"')[2].partition("</table>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())
