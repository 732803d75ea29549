"""The mail that asks once more: nothing is kept before the press, nothing that somebody said no to is said yes to."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts.models import Customer
from accounts.suppression import suppress
from brands.models import Brand
from consents import opting_in
from consents.decide import decide
from consents.models import Choice
from consents.standing import UnknownPurpose
from consents.tests.acting import deny, state
from jobs.actions import run_due
from jobs.models import Job

NEW = "somebody.new@example.com"


@pytest.fixture(autouse=True)
def mail_to_files(settings: Any) -> None:
    settings.CELERY_BROKER_URL = ""
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"


def mails() -> list[Any]:
    folder = Path(django_settings.MAIL_DIR)
    return (
        [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))] if folder.exists() else []
    )


def asked(brand: Brand, address: str = NEW, language: str = "en") -> str:
    """The path of the link that arrives."""
    opting_in.ask(brand, address=address, purpose="news", channel="email", language=language)
    run_due()
    text = mails()[-1].get_body(("plain",)).get_content()
    found = re.search(r"http://[^/]+(/yes/\S+)", text)
    assert found
    return found[1]


def pressed(browser: Client, path: str) -> Any:
    page = browser.get(path)
    assert page.status_code == 200
    hidden = re.search(r'name="page" value="([^"]+)"', page.content.decode())
    assert hidden
    return browser.post(path, {"page": hidden[1]})


def test_one_press_in_the_mailbox_and_it_counts(linden: Brand, visitor: Client) -> None:
    path = asked(linden)
    assert NEW not in path
    assert not Customer.objects.filter(contacts__canonical=NEW).exists()
    assert NEW not in str(Job.objects.latest("pk").payload)
    page = visitor.get(path).content.decode()
    assert "Allow this: News and offers, Email?" in page
    assert not Choice.objects.exists()
    answer = pressed(visitor, path)
    assert "Confirmed. You allow: News and offers, Email" in answer.content.decode()
    customer = Customer.objects.get(contacts__canonical=NEW)
    customer.brand = linden
    assert decide(customer, "news", "email").allowed
    assert not decide(customer, "news", "sms").allowed
    assert Choice.objects.get().how == "double_opt_in"
    assert "Confirmed" in pressed(visitor, path).content.decode()  # twice is once
    assert Choice.objects.count() == 1


def test_a_no_is_not_lifted_by_a_link(linden: Brand, anna: Customer, visitor: Client) -> None:
    path = asked(linden, "anna@example.com")
    deny(anna, "news", "email")
    answer = pressed(visitor, path)
    assert "Nothing was saved" in answer.content.decode()
    assert state(anna, "news", "email") == "refused"


def test_the_same_question_sends_one_mail_an_hour(linden: Brand, visitor: Client) -> None:
    with time_machine.travel(timezone.now().replace(minute=5), tick=True):
        asked(linden)
        asked(linden)
        assert len(mails()) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        asked(linden)
    assert len(mails()) == 2


def sent(brand: Brand, address: str, **values: str) -> int:
    """Mails that another question brings."""
    before = len(mails())
    opting_in.ask(brand, address=address, **({"purpose": "news", "channel": "email", "language": "en"} | values))
    run_due()
    return len(mails()) - before


def test_one_mail_an_hour_whatever_is_asked(linden: Brand) -> None:
    with time_machine.travel(timezone.now().replace(minute=5), tick=True):
        assert sent(linden, NEW) == 1
        assert sent(linden, NEW, purpose="ads", channel="") == 0


def test_whoever_refused_is_not_asked_by_mail(linden: Brand, anna: Customer) -> None:
    deny(anna, "news", "email")
    assert sent(linden, "anna@example.com") == 0


def test_whoever_was_deleted_is_neither_asked_nor_brought_back(linden: Brand, visitor: Client) -> None:
    path = asked(linden)
    suppress(linden, [("email", NEW)])
    assert visitor.get(path).status_code == 410
    assert not Customer.objects.filter(contacts__canonical=NEW).exists()
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert sent(linden, NEW) == 0


def test_it_is_in_polish_for_whoever_reads_polish(linden: Brand) -> None:
    asked(linden, language="pl")
    assert mails()[-1]["Content-Language"] == "pl"
    assert "Nowości i oferty" in mails()[-1]["Subject"]


def test_a_link_ends_and_is_of_one_brand(linden: Brand, golden: Brand, visitor: Client) -> None:
    path = asked(linden)
    assert Client(headers={"host": golden.host}).get(path).status_code == 410
    assert visitor.get(path[:-3] + "/").status_code == 410
    assert visitor.get("/yes/nothing/").status_code == 410
    assert visitor.get(f"/yes/{'x' * 2000}/").status_code == 410
    with time_machine.travel(timezone.now() + django_settings.DOUBLE_OPT_IN_VALID + timedelta(minutes=1), tick=True):
        assert visitor.get(path).status_code == 410
        assert visitor.post(path).status_code == 410
    assert not Choice.objects.exists()


def test_other_words_are_shown_anew(linden: Brand, visitor: Client) -> None:
    path = asked(linden)
    answer = visitor.post(path, {"page": ""})
    assert "The words have changed since" in answer.content.decode()
    assert not Choice.objects.exists()


def test_nobody_is_asked_about_what_there_is_not(linden: Brand) -> None:
    with pytest.raises(UnknownPurpose):
        opting_in.ask(linden, address=NEW, purpose="nothing", channel="", language="en")
    with pytest.raises(UnknownPurpose):
        opting_in.ask(linden, address=NEW, purpose="news", channel="", language="en")
