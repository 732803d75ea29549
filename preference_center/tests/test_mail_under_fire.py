"""R5, R8: mails to a real server while senders die by kill -9 and Redis is emptied and killed. Nothing is lost; a kill costs one duplicate
at most, under the same Message-ID and with the same bytes; marketing is never sent twice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from preference_center.tests.mail_under_fire import Fire, MailServer, Redis, twice
from preference_center.tests.servers import Installation, wait_for

Install = Callable[..., Installation]
CHOSEN = "SELECT 1 FROM notifications_campaign WHERE chosen_at IS NOT NULL"
OPEN = "SELECT COUNT(*) FROM notifications_message WHERE state IN ('queued', 'started')"


@pytest.fixture
def stage(installation: Install, tmp_path: Path) -> Iterator[Callable[..., tuple[Installation, MailServer, Redis | None]]]:
    """An installation with so many people, its schedule and its other work running, and nobody who sends yet."""
    ends: list[Callable[[], object]] = []

    def set_up(count: int, what: str, stall: float) -> tuple[Installation, MailServer, Redis | None]:
        server = MailServer(tmp_path, stall=stall)
        ends.append(server.stop)
        redis = Redis(tmp_path) if settings.DATABASE_URL else None
        if redis is not None:
            ends.append(redis.kill)
        more = {"REDIS_URL": redis.url} if redis else {}
        one = installation(EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(server.port), EMAIL_USE_TLS="0", **more).prepare()
        one.environment["DJANGO_SETTINGS_MODULE"] = "preference_center.settings"
        made = one.start("crowd", sys.executable, "-m", "preference_center.tests.crowding", str(count), what)
        assert made.process.wait(300) == 0, made.output
        one.start("others", *others())
        wait_for(lambda: chosen(one, what), "the choosing", 120)
        return one, server, redis

    yield set_up
    for end in reversed(ends):
        end()


def others() -> list[str]:
    """Everything but sending, and the schedule."""
    options = ["-B", "-P", "threads", "-c", "2", "-Q", "celery,proof", "-n", "others@%h", "--without-gossip", "--without-mingle"]
    return [sys.executable, "-m", "celery", "--quiet", "-A", "preference_center", "worker", *options, "--loglevel", "ERROR"]


def chosen(one: Installation, what: str) -> bool:
    """Everybody has a row: a newsletter's are committed together."""
    everybody = "SELECT 1 FROM notifications_message LIMIT 1" if what == "newsletter" else CHOSEN
    return bool(one.rows(everybody))


def a_campaign_survives(
    stage: Callable[..., tuple[Installation, MailServer, Redis | None]], count: int, kills: int, flushes: int, redis_kills: int
) -> str:
    one, server, redis = stage(count, "pack", stall=0.004)
    asked = Fire(one, server, kills, redis, flushes if redis else 0, redis_kills if redis else 0)
    asked.rage(lambda: one.rows(OPEN)[0][0] == 0, 900)
    seen = server.seen()
    again = twice(seen)
    rows = one.rows("SELECT message_id, state, body_sha256, doubted_at IS NOT NULL FROM notifications_message")
    assert len(rows) == count
    lost = {row[0] for row in rows} - {each.message_id for each in seen}
    assert not lost
    assert {row[1] for row in rows} == {"sent"}
    hashes = {row[0]: row[2] for row in rows}
    assert all(hashes[each.message_id] == each.sha256 for each in seen), "a mail sent again is the same to the byte"
    assert sum(again.values()) <= asked.killed
    doubts = {row[0] for row in rows if row[3]}
    assert set(again) <= doubts, "the report lists every doubt"
    return f"{count} mails, {asked.killed} kills: 0 lost, {sum(again.values())} twice on the wire, {len(doubts)} in doubt on the way"


def marketing_survives(stage: Callable[..., tuple[Installation, MailServer, Redis | None]], count: int, kills: int) -> str:
    one, server, redis = stage(count, "newsletter", stall=0.004)
    asked = Fire(one, server, kills, redis)
    asked.rage(lambda: one.rows(OPEN)[0][0] == 0, 900)
    seen = server.seen()
    assert not twice(seen), "marketing is never sent twice"
    rows = one.rows("SELECT message_id, state FROM notifications_message")
    assert len(rows) == count
    states = {state: {row[0] for row in rows if row[1] == state} for state in ("sent", "in_doubt")}
    assert len(states["sent"]) + len(states["in_doubt"]) == count
    assert states["sent"] <= {each.message_id for each in seen}
    assert len(states["in_doubt"]) <= asked.killed
    arrived = len(states["in_doubt"] & {each.message_id for each in seen})
    return f"{count} marketing mails, {asked.killed} kills: 0 twice, {len(states['in_doubt'])} in doubt ({arrived} of these arrived)"


def withdrawals_win(stage: Callable[..., tuple[Installation, MailServer, Redis | None]], what: str, count: int) -> str:
    """Half of the people withdraw, one after another, while the mail goes out to all."""
    one, server, redis = stage(count, what, stall=0.002)
    fire = Fire(one, server, 0, redis)
    log = one.folder / "withdrawn"
    leaving = one.start("leaving", sys.executable, "-m", "preference_center.tests.leaving", str(count // 2), str(log))
    fire.rage(lambda: leaving.process.poll() is not None and one.rows(OPEN)[0][0] == 0, 900)
    assert leaving.process.returncode == 0, leaving.output
    withdrawn = dict(line.split(" ") for line in log.read_text(encoding="ascii").splitlines())
    rows = one.rows("SELECT customer_id, state, EXTRACT(EPOCH FROM started_at) FROM notifications_message")
    reached = {str(row[0]): float(row[2]) for row in rows if row[1] == "sent"}
    late = [person for person, moment in withdrawn.items() if reached.get(person, 0) > float(moment)]
    assert not late
    spared = [row for row in rows if row[1] == "dropped"]
    assert spared, "nobody withdrew in time: the test says nothing"
    assert {str(row[0]) for row in spared} <= withdrawn.keys()
    both = len(reached.keys() & withdrawn.keys())
    return f"{what}: {count} people, {len(withdrawn)} withdrew meanwhile: {len(spared)} spared, {both} mailed before, 0 begun after"


@pytest.mark.long
def test_a_campaign_loses_nothing_when_its_senders_die(stage: Callable[..., tuple[Installation, MailServer, Redis | None]]) -> None:
    a_campaign_survives(stage, 400, 3, flushes=1, redis_kills=1)


@pytest.mark.long
def test_twenty_thousand_mails_and_sixty_kills(
    stage: Callable[..., tuple[Installation, MailServer, Redis | None]], record_property: Callable[[str, object], None]
) -> None:
    said = a_campaign_survives(stage, 20_000, 60, flushes=10, redis_kills=5)
    record_property("figure", said)
    sys.stderr.write(f"\n{said}\n")


@pytest.mark.long
@pytest.mark.parametrize("what", ["news", "newsletter"])
@pytest.mark.skipif("not __import__('django.conf').conf.settings.DATABASE_URL", reason="times are read as PostgreSQL has them")
def test_whoever_withdraws_meanwhile_gets_no_mail_that_began_later(
    stage: Callable[..., tuple[Installation, MailServer, Redis | None]], what: str
) -> None:
    sys.stderr.write(f"\n{withdrawals_win(stage, what, 4_000)}\n")


@pytest.mark.long
def test_marketing_is_never_sent_twice(
    stage: Callable[..., tuple[Installation, MailServer, Redis | None]], record_property: Callable[[str, object], None]
) -> None:
    said = marketing_survives(stage, 5_000, 20)
    record_property("figure", said)
    sys.stderr.write(f"\n{said}\n")
