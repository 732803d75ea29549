"""Somebody who asks for another: the person proves or confirms it themselves, and the agent learns nothing but how far it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Customer
from data_requests import actions, links
from data_requests.asking_forms import a_name
from data_requests.models import Mandate, Request
from data_requests.states import State
from data_requests.tests.conftest import ONE_CODE, TWO_FACTORS, Guest, asked, by, work
from jobs.actions import enqueue, run

pytestmark = pytest.mark.django_db
AGENT = "for-somebody-else"


def asked_for(guest: Guest, **answers: str) -> tuple[Mandate, str]:
    """The mandate, and the page that the agent sees after it."""
    guest.asks(AGENT, **answers)
    answer = guest.enters(guest.code())
    assert answer.status_code == 303
    work()
    return Mandate.objects.latest("pk"), guest.get(answer.headers["Location"]).content.decode()


def test_a_copy_waits_until_the_person_shows_who_they_are(guest: Guest, anna: Customer) -> None:
    mandate, page = asked_for(guest)
    request = Request.objects.get()
    assert (request.customer, request.via, request.state) == (anna, "agent", State.IDENTITY_PENDING)
    assert mandate.request == request
    sent = [path.read_text(encoding="utf-8") for path in Path(django_settings.MAIL_DIR).glob("*.eml")]
    told = [text for text in sent if f"/requests/agent/{mandate.number}/" in text.replace("=\n", "")]
    assert len(told) == 1, "the agent hears where to look"
    assert "To: ada@helpers.example" in told[0]
    assert mandate.sealed == ""
    assert "Waiting for the person" in page
    actions.verify(request, TWO_FACTORS, by=by(anna))
    request.refresh_from_db()
    assert request.state == State.VERIFIED
    status = f"/requests/agent/{mandate.number}/{links.signature('linden', mandate.number, links.AGENT)}/"
    assert "We know it is you" in guest.get(status).content.decode()


def test_the_agent_cannot_tell_whether_the_address_is_known(guest: Guest, anna: Customer) -> None:
    known, one_page = asked_for(guest)
    unknown, other_page = asked_for(guest, person="nobody@example.com")
    assert known.request is not None
    assert unknown.request is None
    assert unknown.sealed == "", "the address is forgotten"

    def same(page: str, mandate: Mandate) -> str:
        return page.replace(mandate.number, "N")

    assert same(one_page.partition("<main")[2].partition("</main>")[0], known) == same(
        other_page.partition("<main")[2].partition("</main>")[0], unknown
    )


@pytest.mark.parametrize("kind", ["limit", "object", "copy"])
def test_nor_by_what_becomes_of_it_without_the_person(guest: Guest, anna: Customer, kind: str) -> None:
    known, _page = asked_for(guest, kind=kind, text="Stop.")
    unknown, _page = asked_for(guest, kind=kind, text="Stop.", person="nobody@example.com")
    pages = []
    for ended in (False, True):
        if ended and known.request is not None:
            actions.not_me(anna, by="link:x")
        for mandate in (known, unknown):
            path = f"/requests/agent/{mandate.number}/{links.signature('linden', mandate.number, links.AGENT)}/"
            main = guest.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
            pages.append(main.replace(mandate.number, "N"))
    assert len(set(pages)) == 1
    Mandate.objects.update(created_at=timezone.now() - django_settings.UNVERIFIED_KEPT - timedelta(hours=1))
    for mandate in (known, unknown):
        path = f"/requests/agent/{mandate.number}/{links.signature('linden', mandate.number, links.AGENT)}/"
        assert guest.get(path).status_code == 404, "and they end alike"


def test_a_limit_happens_on_the_agents_word(guest: Guest, anna: Customer) -> None:
    asked_for(guest, kind="limit")
    anna.refresh_from_db()
    assert anna.sensitive_limited_seq is not None
    assert Request.objects.get().state == State.IN_PROGRESS


def test_what_a_link_is_enough_for_the_person_confirms_with_one_press(guest: Guest, anna: Customer) -> None:
    asked_for(guest, kind="object", text="No more profiling.")
    request = Request.objects.get()
    assert request.state == State.IDENTITY_PENDING
    follow = f"/requests/{request.number}/follow/{links.signature('linden', request.number, links.FOLLOW)}/"
    page = Guest(anna.brand).get(follow).content.decode()
    assert "Ada Agent" in page
    assert "Privacy Helpers" in page
    Guest(anna.brand).post(follow, {"confirm": "yes"})
    request.refresh_from_db()
    assert request.state == State.IN_PROGRESS


def test_the_agent_opens_nothing_but_how_far_it_is(guest: Guest, anna: Customer) -> None:
    mandate, _page = asked_for(guest)
    request = Request.objects.get()
    signature = links.signature("linden", mandate.number, links.AGENT)
    assert guest.get(f"/requests/{request.number}/").status_code == 302
    assert guest.get(f"/requests/{request.number}/follow/{signature}/").status_code == 404
    assert guest.get(f"/requests/agent/{mandate.number}/{links.signature('linden', mandate.number)}/").status_code == 404
    assert guest.get(f"/requests/agent/R-2222-2222/{signature}/").status_code == 404


def test_a_job_that_runs_twice_makes_one_request(guest: Guest, anna: Customer) -> None:
    mandate, _page = asked_for(guest)
    assert actions.find_person(Mandate.objects.get(pk=mandate.pk), by="system:tests") is None
    stale = Mandate(
        brand=anna.brand, number="R-3333-3333", kind="copy", agent="Ada", address="a@b.example", permission_on=timezone.localdate()
    )
    assert actions.find_person(stale, by="system:tests") is None
    assert Request.objects.count() == 1


def test_a_copy_that_is_being_made_already_is_not_made_for_the_agent(guest: Guest, anna: Customer) -> None:
    asked(anna, proof=ONE_CODE)
    mandate, page = asked_for(guest)
    assert Request.objects.count() == 1
    assert mandate.request is None
    assert mandate.sealed == ""
    assert "Waiting for the person" in page


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("permission_on", (timezone.localdate() + timedelta(days=2)).isoformat(), "This day has not come yet."),
        ("person", "ada@helpers.example", "This is your own address."),
        ("name", "", "Write the name"),
        ("name", "Your account is locked: https://evil.example", "Write a name in letters"),
        ("name", "Ada\nAgent", "Write a name in letters"),
        ("organisation", "evil.example", "Write a name in letters"),
        ("organisation", "x0mark-zz-0x", "Write a name in letters"),
        ("organisation", "'" * 60, "Write a name in letters"),
    ],
)
def test_what_does_not_fit_is_said(guest: Guest, name: str, value: str, words: str) -> None:
    guest.post(f"/requests/{AGENT}/", {"kind": "copy"})
    who = {"name": "Ada", "organisation": "", "email": "ada@helpers.example", "person": "a@example.com", "permission_on": "2026-11-02"}
    answer = guest.post(f"/requests/{AGENT}/who/", who | {name: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_limit_is_never_swallowed_and_never_buries_anybody(guest: Guest, anna: Customer, settings: Any) -> None:
    settings.MANDATES_WAITING = 0
    for _again in range(3):
        asked_for(guest, kind="limit")
        anna.refresh_from_db()
        assert anna.sensitive_limited_seq is not None
        Customer.objects.filter(pk=anna.pk).update(sensitive_limited_seq=None)  # as if she had lifted it since
    assert Request.objects.count() == 1


@pytest.mark.parametrize("name", ["Ada Agent", "Łucja Żak-Nowak", "O’Brien & Sons, Ltd.", "Studio 54", "Jan P. Nowak"])
def test_names_are_names(name: str) -> None:
    a_name(name)


def test_nobody_is_flooded_by_agents(guest: Guest, anna: Customer, settings: Any) -> None:
    settings.MANDATES_WAITING = 1
    asked_for(guest)
    second, page = asked_for(guest)
    assert Request.objects.count() == 1
    assert second.sealed == ""
    assert "Waiting for the person" in page, "which the agent cannot tell from the first"


def test_what_was_never_found_is_forgotten(guest: Guest, settings: Any) -> None:
    mandate, _page = asked_for(guest, person="nobody@example.com")
    Mandate.objects.update(created_at=timezone.now() - settings.UNVERIFIED_KEPT - timedelta(days=1))
    run(enqueue("data_requests.expire", {}).pk)
    assert not Mandate.objects.filter(pk=mandate.pk).exists()
