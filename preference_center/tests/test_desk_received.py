"""Data that came from others, noted at the desk: who may, what may be chosen, and what the people it is about hear."""

from __future__ import annotations

import time
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import join
from accounts.tests.conftest import a_brand
from brands.models import Brand
from consents.models import Received
from jobs.actions import run_due
from ledger.models import Entry
from ledger.proving import prove
from notifications.sending.loop import send_all
from preference_center.tests.cast import play_the_story
from preference_center.tests.test_desk import RECEIVED, errors, seat

ADD = f"{RECEIVED}add/"


@pytest.fixture
def club(the_law: None, settings: Any) -> Brand:
    """Kingfisher, which says that the coach tells it a child's group; Marta and Paweł are with it."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    play_the_story()
    Received.objects.all().delete()
    prove()
    run_due()
    send_all()
    return Brand.objects.get(key="kingfisher")


@pytest.fixture
def sit(club: Brand, settings: Any) -> Any:
    return lambda role: seat(club, settings.MAIL_DIR, role)


def form(**more: Any) -> dict[str, Any]:
    people = "Marta.Zielinska@example.com\n\n stranger@example.com \n"
    return {"what": ["club/child-group"], "received_on": timezone.localdate().isoformat(), "addresses": people} | more


def subjects(settings: Any, since: int) -> list[tuple[str, str]]:
    new = [path for path in sorted(Path(settings.MAIL_DIR).glob("*.eml")) if int(path.name.split("-")[0]) > since]
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in new]
    return [(str(mail["To"]), str(mail["Subject"])) for mail in mails]


def test_the_officer_notes_it_and_those_concerned_are_told(sit: Any, club: Brand, settings: Any) -> None:
    officer = sit("officer")
    page = officer.get(ADD).content.decode()
    assert "The coach who plans the groups" in page
    assert "You told us" not in page, "what the person said needs no telling"
    assert 'name="_save"' in page
    assert "_addanother" not in page
    assert "_continue" not in page
    began = time.time_ns()
    response = officer.post(ADD, form())
    assert response["Location"] == RECEIVED
    shown = officer.get(RECEIVED).content.decode()
    assert "1 person is told by mail." in shown
    assert "1 address belongs to nobody here: stranger@example.com" in shown
    received = Received.objects.get()
    assert received.customer.code in shown
    assert "zielinska" not in shown.lower(), "the list names nobody"
    assert Entry.objects.get(pk=received.entry).actor.startswith("staff:")
    prove()
    send_all()
    told = subjects(settings, began)
    assert told == [("marta.zielinska@example.com", "Kingfisher Juniors got data about you from somebody else")]
    officer.post(ADD, form())
    assert Received.objects.count() == 1


def test_what_cannot_be_is_told_at_the_form_and_noted_nowhere(sit: Any) -> None:
    officer = sit("officer")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    for wrong, words in (
        ({"received_on": tomorrow}, "This day is still to come."),
        ({"addresses": "marta"}, "Enter an email address"),
        ({"addresses": "\n".join(f"a{n}@example.com" for n in range(1001))}, "At most 1000 addresses at a time."),
        ({"what": ["you/name"]}, "Select a valid choice"),
        ({"what": []}, "This field is required."),
    ):
        assert words in errors(officer.post(ADD, form(**wrong)))
    assert not Received.objects.exists()


def test_an_auditor_reads_and_an_agent_does_not(sit: Any) -> None:
    auditor = sit("auditor")
    assert auditor.get(RECEIVED).status_code == 200
    assert auditor.get(ADD).status_code == auditor.post(ADD, form()).status_code == 403
    agent = sit("agent")
    assert agent.get(RECEIVED).status_code == agent.post(ADD, form()).status_code == 403
    assert not Received.objects.exists()


def test_another_brands_people_are_nobody_here(sit: Any) -> None:
    join(brand=a_brand("wren"), address="bob@example.com", language="en")
    officer = sit("officer")
    officer.post(ADD, form(addresses="bob@example.com\nanna.kowalczyk@example.com"))
    assert not Received.objects.exists()
    assert "2 addresses belong to nobody here" in officer.get(RECEIVED).content.decode()


def test_what_nobody_was_told_in_time_is_marked(sit: Any) -> None:
    officer = sit("officer")
    officer.post(ADD, form())
    assert 'class="is-late"' not in officer.get(RECEIVED).content.decode()
    long_ago = timezone.localdate() - timedelta(days=90)
    Received.objects.update(received_on=long_ago, tell_by=long_ago + timedelta(days=30))
    assert 'class="is-late"' in officer.get(RECEIVED).content.decode()
