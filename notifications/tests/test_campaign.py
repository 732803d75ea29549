from __future__ import annotations

from accounts.models import Customer
from notifications.models import Campaign, Message
from notifications.tests.conftest import mails, text_of, work


def test_it_reaches_anna(told: Campaign, anna: Customer) -> None:
    assert work() == 1
    (mail,) = mails()
    assert "Photos of your room" in text_of(mail)
    message = Message.objects.get()
    assert message.state == "sent", message.state
