"""The demo's people hear of what changes in the same words whether there is a server or none: PostgreSQL with Redis, SQLite with files, and
`manage.py tick` with nothing running at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.conf import settings

from preference_center.tests.mail_under_fire import Redis
from preference_center.tests.servers import Installation, wait_for

TOKEN = re.compile(r"/u/[\w-]+/|http://[\w.:]+")
Told = set[tuple[str, str, str]]


def told(one: Installation) -> Told:
    """To whom, with which subject, in which words; without the links, which are everybody's own."""
    return {_read(path) for path in sorted((one.data / "mail").glob("*.eml"))}


def _read(path: Path) -> tuple[str, str, str]:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["To"]), str(mail["Subject"]), TOKEN.sub("", body.get_content())


def done(one: Installation) -> bool:
    campaigns = one.rows("SELECT count(*) FROM notifications_campaign WHERE chosen_at IS NOT NULL")[0][0]
    waiting = one.rows("SELECT count(*) FROM notifications_message WHERE state IN ('queued', 'started')")[0][0]
    untold = one.rows("SELECT count(*) FROM consents_received WHERE told_at IS NULL")[0][0]
    return campaigns == 2 and waiting == 0 and untold == 0


@pytest.mark.long
@pytest.mark.skipif(not settings.DATABASE_URL, reason="it compares both databases, from where PostgreSQL runs")
def test_everybody_hears_the_same(installation: Callable[..., Installation], tmp_path: Path) -> None:
    redis = Redis(tmp_path)
    try:
        with_servers = installation(DEMO="1", DEBUG="1", REDIS_URL=redis.url)
        with_servers.up()
        wait_for(lambda: done(with_servers), "everybody to be told")
    finally:
        with_servers.stop()
        redis.kill()
    (tmp_path / "files").mkdir()
    without = Installation(tmp_path / "files", "", {"DEMO": "1", "DEBUG": "1"})
    try:
        without.up()
        wait_for(lambda: done(without), "everybody to be told without a server")
    finally:
        without.stop()
    (tmp_path / "by-hand").mkdir()
    by_hand = Installation(tmp_path / "by-hand", "", {"DEMO": "1", "DEBUG": "1"}).prepare()
    by_hand.manage("demo")
    by_hand.manage("tick")
    assert done(by_hand)
    who = {to for to, subject, _text in told(with_servers) if "changes to our privacy policy" in subject}
    assert who >= {"anna.kowalczyk@example.com", "marta.zielinska@example.com"}
    assert told(with_servers) == told(without) == told(by_hand)
