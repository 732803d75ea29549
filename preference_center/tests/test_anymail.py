"""What an email service tells of our mail, by the webhooks of django-anymail, ends as a bounce or a complaint of ours."""

from __future__ import annotations

import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import include, path

from accounts.models import Customer
from brands.models import Brand
from jobs.actions import run_due
from ledger.proving import prove
from notifications.models import Message, Undeliverable
from notifications.sending.loop import send_all
from notifications.tests.conftest import publish
from preference_center.urls import urlpatterns as of_the_center

urlpatterns = [*of_the_center, path("hooks/anymail/", include("anymail.urls"))]
KEY = "key-of-mailgun"


@pytest.fixture
def sent(linden: Brand, anna: Customer, settings: Any, tmp_path: Path) -> Message:
    settings.ROOT_URLCONF = __name__
    settings.CELERY_BROKER_URL, settings.DATA_DIR, settings.EMAIL_BACKEND = "", tmp_path, "brands.mail.FolderBackend"
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    publish(linden, "shop")
    for background in (prove, run_due, send_all):
        background()
    message = Message.objects.get(customer=anna)
    assert message.state == "sent"
    return message


def tell(message: Message, event: dict[str, Any], key: str = KEY) -> int:
    """As Mailgun posts it; returns the status of our answer."""
    stamp, token = str(int(time.time())), "t" * 50
    signature = {"timestamp": stamp, "token": token, "signature": hmac.digest(key.encode(), f"{stamp}{token}".encode(), "sha256").hex()}
    data = {"id": "1", "timestamp": time.time(), "recipient": "a@example.com", "message": {"headers": {"message-id": message.message_id}}}
    body = json.dumps({"signature": signature, "event-data": {**data, **event}})
    host = message.brand.host
    return Client().post("/hooks/anymail/mailgun/tracking/", body, content_type="application/json", headers={"Host": host}).status_code


BOUNCE = {"event": "failed", "severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "no such user"}}


def test_a_bounce_ends_mail_to_the_address(sent: Message):
    assert tell(sent, BOUNCE) == 200
    sent.refresh_from_db()
    assert sent.state == "bounced"
    assert list(Undeliverable.objects.values_list("reason", flat=True)) == [Undeliverable.Reason.HARD]


def test_a_complaint_ends_marketing_to_the_address(sent: Message):
    assert tell(sent, {"event": "complained"}) == 200
    sent.refresh_from_db()
    assert (sent.state, sent.complained_at is not None) == ("sent", True)
    assert list(Undeliverable.objects.values_list("reason", flat=True)) == [Undeliverable.Reason.COMPLAINT]


def test_who_has_another_key_is_not_believed(sent: Message):
    assert tell(sent, BOUNCE, key="guessed") == 400
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert not Undeliverable.objects.exists()
