"""One sender from its claim to the note that a mail was taken: nothing lost, nothing twice, nothing to somebody who said no before."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, Customer
from consents.tests.acting import deny, head, state
from jobs.actions import run_due
from ledger.tests.patience import free_port, wait_for
from notifications import actions, tasks
from notifications.kinds import Ahead, Plan
from notifications.models import Campaign, Message, Undeliverable
from notifications.sending import lanes, loop, outbox
from notifications.sending.loop import drain, message_id, send_all
from notifications.states import Class, Why
from notifications.tests.conftest import mails, text_of, work
from notifications.tests.making import Note, a_kind, fresh, message
from notifications.tests.smtp import CLOSE, Script


def states(*messages: Message) -> list[str]:
    return [fresh(each).state for each in messages]


def erase(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).delete()


def pause(campaign: Campaign) -> None:
    assert actions.pause(campaign, by="staff:ola")


# ── Taken ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_due_is_sent_and_noted_whole(note: Note, script: Script, anna: Customer) -> None:
    one = message(anna)
    assert drain() == 1
    sent = fresh(one)
    assert (sent.state, sent.lane, sent.message_id) == ("sent", None, message_id(one))
    assert sent.body_sha256 == hashlib.sha256(script.taken[0]).hexdigest()
    assert script.message_ids() == [sent.message_id]
    assert script.recipients == ["anna.kowalczyk@example.com"]
    assert note.noted == [one.pk]


def test_twice_is_once(note: Note, script: Script, anna: Customer) -> None:
    message(anna)
    assert (drain(), drain(), send_all()) == (1, 0, 0)
    assert len(script.taken) == 1


def test_the_message_id_is_the_same_whoever_sends_and_says_nothing_of_the_person(anna: Customer, carol: Customer) -> None:
    one, two = message(anna), message(carol)
    assert message_id(one) == message_id(fresh(one))
    assert message_id(one) != message_id(two)
    name, host = message_id(one).split("@")
    assert host == anna.brand.host
    assert len(bytes.fromhex(name)) == 16


def test_a_slice_that_is_over_leaves_what_it_did_not_begin(note: Note, script: Script, anna: Customer) -> None:
    three = [message(anna) for _ in range(3)]
    assert drain(0) == 0
    assert states(*three) == ["queued"] * 3
    sender = loop.Sender(0)
    note.writing = lambda one: time.sleep(0.6) if one.pk == three[1].pk else None
    assert sender.run(time.monotonic() + 0.5) == 2
    sender.close()
    assert states(*three) == ["sent", "sent", "queued"]


@pytest.mark.django_db(transaction=True)
def test_between_two_mails_there_is_one_commit(note: Note, script: Script, anna: Customer) -> None:
    def commits(count: int) -> int:
        for _ in range(count):
            message(anna)
        with CaptureQueriesContext(connection) as queries:
            assert drain() == count
        return sum(each["sql"] == "COMMIT" for each in queries)

    drain()
    assert commits(9) - commits(4) == 5


def test_all_of_it_goes_on_one_connection(note: Note, script: Script, anna: Customer) -> None:
    count = outbox.AT_ONCE + 5
    rows = [message(anna) for _ in range(count)]
    assert send_all() == count
    assert set(states(*rows)) == {"sent"}
    assert script.connections == 1


def test_the_task_sends_and_asks_to_be_called_again_while_there_is_more(
    note: Note, script: Script, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message(anna)
    asked = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda **how: asked.append(how))
    tasks.send()
    tasks.send()
    assert asked == [{"retry": False}]
    assert len(script.taken) == 1


# ── Not to be sent ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_who_decides_between_choosing_and_sending_gets_no_mail_about_it(told: Campaign, anna: Customer, carol: Customer) -> None:
    run_due()
    rows = {each.customer_id: each for each in Message.objects.all()}
    reminder = Campaign.objects.create(brand=told.brand, version=told.version, kind=Campaign.Kind.REMINDER)
    asked = [message(each, "policy_reminder", campaign=reminder, urgent=False, contact=None) for each in (anna, carol)]
    deny(anna, "room-photos")
    assert send_all() == 3
    assert [(each.state, each.why) for each in map(fresh, asked)] == [("dropped", "not_affected"), ("sent", "")]
    assert {fresh(each).state for each in rows.values()} == {"sent"}
    to_anna = [text_of(mail) for mail in mails() if mail["To"].startswith("anna")]
    assert ["Photos of your room" in text for text in to_anna] == [False]


def test_what_is_decided_while_the_mail_is_planned_is_decided_before_or_after_it(note: Note, script: Script, anna: Customer) -> None:
    """The plan runs with the person's chain locked and in the transaction that starts the mail."""
    seen: list[bool] = []
    note.before = lambda one: seen.append(connection.in_atomic_block)
    message(anna)
    with CaptureQueriesContext(connection) as queries:
        drain()
    assert seen == [True]
    if connection.features.has_select_for_update:
        assert sum("ledger_head" in each["sql"] and each["sql"].endswith("FOR SHARE") for each in queries) == 1


def test_somebody_erased_with_their_message_in_hand_gets_none(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    one, two, three = message(carol), message(anna), message(carol)
    note.before = lambda each: erase(anna) if each.pk == one.pk else None
    assert drain() == 2
    assert states(one, three) == ["sent", "sent"]
    assert not Message.objects.filter(pk=two.pk).exists()
    assert script.recipients == ["carol.novak@example.com"] * 2


def test_somebody_erased_between_the_mail_and_its_note_does_no_harm(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    message(anna)
    two = message(carol)
    note.writing = lambda each: erase(anna) if each.customer_id == anna.pk else None
    assert drain() == 2
    assert states(two) == ["sent"]
    assert note.noted == [two.pk]


@pytest.mark.parametrize("address", ["anna@example.com\r\nBcc: all@example.com", "ąnna@example.com", "anna"])
def test_an_address_that_no_server_takes_is_never_tried(note: Note, script: Script, anna: Customer, carol: Customer, address: str) -> None:
    Contact.objects.filter(customer=anna).update(address=address)
    bad, good = message(anna), message(carol)
    assert drain() == 1
    assert (fresh(bad).state, fresh(bad).why, fresh(good).state) == ("dropped", "bad_address", "sent")
    assert script.recipients == ["carol.novak@example.com"]


def test_a_bad_address_of_a_campaign_is_told_in_the_center(told: Campaign, anna: Customer) -> None:
    Contact.objects.update(address="anna@example.com\nBcc: all@example.com")
    work()
    one = Message.objects.get()
    assert (one.state, one.why) == ("in_center", "bad_address")
    assert mails() == []


@pytest.mark.parametrize("why", [Why.NOT_ALLOWED, Why.OVER])
def test_what_its_kind_does_not_want_is_dropped_with_the_reason(note: Note, script: Script, anna: Customer, why: Why) -> None:
    note.before = lambda each: why
    one = message(anna)
    assert drain() == 0
    assert (fresh(one).state, fresh(one).why) == ("dropped", why)


# ── Broken words ────────────────────────────────────────────────────────────────────────────────────────────────────


def breaks(one: Message) -> None:
    raise KeyError("a template says nonsense about anna@example.com")


@pytest.mark.parametrize("where", ["before", "writing"])
def test_a_campaign_whose_mail_cannot_be_written_waits_and_goes_on_when_it_can(
    told: Campaign, note: Note, script: Script, anna: Customer, carol: Customer, where: str
) -> None:
    Message.objects.all().delete()
    one, two = (message(each, campaign=told, urgent=False) for each in (anna, carol))
    setattr(note, where, breaks)
    assert drain() == 0
    assert states(one, two) == ["queued", "queued"]
    told.refresh_from_db()
    assert told.paused_at is not None
    assert told.error == "KeyError"  # and nothing of what a person typed
    setattr(note, where, lambda each: None)
    assert send_all() == 0
    assert actions.resume(told, by="staff:ola")
    assert send_all() == 2
    assert states(one, two) == ["sent", "sent"]


def test_one_mail_of_a_campaign_that_can_never_be_written_is_put_aside_and_the_others_go(
    told: Campaign, note: Note, script: Script, anna: Customer, carol: Customer
) -> None:
    Message.objects.all().delete()
    bad, good = (message(each, campaign=told, urgent=False) for each in (anna, carol))
    note.writing = lambda each: breaks(each) if each.customer_id == anna.pk else None
    assert drain() == 0
    assert actions.resume(told, by="staff:ola")
    assert send_all() == 1
    told.refresh_from_db()
    assert (told.paused_at, told.error) == (None, "")
    assert (fresh(bad).state, fresh(bad).why, fresh(bad).answer) == ("dropped", "broken", "KeyError")
    assert states(good) == ["sent"]


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    told: Campaign, note: Note, script: Script, anna: Customer, carol: Customer
) -> None:
    Message.objects.all().delete()
    broken = [message(anna) for _ in range(3)]
    others = message(carol, campaign=told, urgent=False)
    note.writing = lambda each: breaks(each) if each.customer_id == anna.pk else None
    assert drain() == 1
    assert states(*broken, others) == ["queued"] * 3 + ["sent"]
    now = fresh(broken[0])
    assert now.answer == "KeyError"
    assert now.run_after > timezone.now() + timedelta(minutes=9)
    assert drain() == 0


def test_the_one_before_is_noted_even_if_the_next_cannot_be_planned(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    one, two, three = message(carol), message(anna), message(carol)
    note.before = lambda each: breaks(each) if each.pk == two.pk else None
    assert drain() == 2
    assert states(one, two, three) == ["sent", "queued", "sent"]
    assert {one.pk, three.pk} == set(note.noted)


def test_what_was_read_ahead_when_a_campaign_is_paused_stays(
    told: Campaign, note: Note, script: Script, anna: Customer, carol: Customer
) -> None:
    Message.objects.all().delete()
    one, two = (message(each, campaign=told, urgent=False) for each in (anna, carol))
    note.writing = lambda each: pause(told) if each.pk == one.pk else None
    assert drain() == 1
    assert states(one, two) == ["sent", "queued"]
    note.writing = lambda each: None
    actions.resume(told, by="staff:ola")
    assert drain() == 1
    assert states(two) == ["sent"]


def test_a_fault_of_the_database_is_no_fault_of_the_mail(note: Note, script: Script, anna: Customer) -> None:
    def gone(one: Message) -> None:
        raise OperationalError("the server closed the connection")

    note.before = gone
    one = message(anna)
    with pytest.raises(OperationalError):
        drain()
    assert (fresh(one).state, fresh(one).answer) == ("queued", "")


# ── The server's answers ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_is_gone_and_comes_back_gets_everything_once(note: Note, settings: Any, script: Script, anna: Customer) -> None:
    rows = [message(anna) for _ in range(3)]
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    for _ in range(4):
        assert drain() == 0
    assert states(*rows) == ["queued"] * 3
    assert [fresh(each).attempts for each in rows] == [0, 0, 0]
    settings.EMAIL_PORT = port
    assert send_all() == 3
    assert script.message_ids() == [message_id(each) for each in rows]


def test_a_service_message_in_doubt_goes_again_under_its_name_and_a_marketing_one_does_not(
    note: Note, script: Script, anna: Customer
) -> None:
    service = message(anna)
    script.says = {"dot": CLOSE}
    assert drain() == 0
    marketing = message(anna, klass=Class.MARKETING)
    assert drain() == 0
    assert states(service, marketing) == ["queued", "in_doubt"]
    script.says = {}
    assert drain() == 0  # not at once
    Message.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    assert drain() == 1
    assert script.message_ids() == [message_id(service), message_id(marketing), message_id(service)]


def test_a_refused_address_is_undeliverable_and_the_others_go_on(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    script.says = {"rcpt": "550 5.1.1 no such user"}
    one = message(anna)
    drain()
    assert (fresh(one).state, fresh(one).why, fresh(one).answer) == ("bounced", "refused", "550")
    assert Undeliverable.objects.get().contact.customer == anna
    script.says = {}
    two = message(carol)
    assert drain() == 1
    assert states(two) == ["sent"]


@pytest.mark.parametrize("says", [{"rcpt": "550 5.7.1 relaying denied"}, {"rcpt": "451 busy"}, {"data": "452 full"}])
def test_a_server_that_wants_none_of_our_mail_makes_nobody_undeliverable(
    note: Note, script: Script, anna: Customer, carol: Customer, says: dict[str, str]
) -> None:
    rows = [message(anna), message(carol)]
    script.says = says
    assert drain() == 0
    assert states(*rows) == ["queued", "queued"]
    assert [fresh(each).attempts for each in rows] == [1, 1]
    assert not Undeliverable.objects.exists()
    script.says = {}
    Message.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    assert drain() == 2


@pytest.mark.parametrize("answer", ["553 not you", "451 later"])
def test_where_our_sender_is_refused_all_mail_waits_and_no_try_is_counted(
    note: Note, script: Script, anna: Customer, carol: Customer, answer: str
) -> None:
    rows = [message(anna), message(carol)]
    script.says = {"mail": answer}
    for _ in range(9):
        assert drain() == 0
    assert [(each.state, each.attempts, each.answer) for each in map(fresh, rows)] == [("queued", 0, "")] * 2
    script.says = {}
    assert drain() == 2


def test_a_message_that_the_server_hangs_up_over_holds_up_no_other(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    bad, good = message(anna), message(carol)
    script.says = {"rcpt": CLOSE}
    assert drain() == 0
    assert [(each.state, each.attempts) for each in map(fresh, (bad, good))] == [("queued", 1), ("queued", 0)]
    assert fresh(bad).run_after > timezone.now()
    script.says = {}
    assert drain() == 1
    assert states(bad, good) == ["queued", "sent"]
    Message.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    assert drain() == 1
    assert script.message_ids() == [message_id(good), message_id(bad)]


def test_content_that_is_refused_bounces_and_the_address_stays_good(note: Note, script: Script, anna: Customer) -> None:
    script.says = {"dot": "554 5.7.1 spam"}
    one = message(anna)
    drain()
    assert (fresh(one).state, fresh(one).answer) == ("bounced", "554")
    assert not Undeliverable.objects.exists()


# ── Lanes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

HOLDER = """
import sys, time
if sys.argv[1].startswith("postgresql"):
    import psycopg
    connection = psycopg.connect(sys.argv[1], autocommit=True)
    for number in map(int, sys.argv[3:]):
        assert connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [0x6D61696C, number]).fetchone()[0]
else:
    import fcntl, pathlib
    folder = pathlib.Path(sys.argv[2]) / "lanes"
    folder.mkdir(parents=True, exist_ok=True)
    files = [(folder / f"mail-{number}").open("ab") for number in sys.argv[3:]]
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
time.sleep(600)
"""


@contextmanager
def another_process_holds(*numbers: int) -> Iterator[subprocess.Popen[str]]:
    address = "sqlite"
    if connection.vendor == "postgresql":
        known = connection.settings_dict
        address = f"postgresql://{known['USER']}@/{known['NAME']}?host={known['HOST']}"
    command = [sys.executable, "-c", HOLDER, address, str(django_settings.DATA_DIR), *map(str, numbers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]}) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_while_other_processes_hold_every_lane_nothing_is_sent(note: Note, script: Script, anna: Customer, settings: Any) -> None:
    settings.MAIL_SENDERS = 2
    message(anna)
    with another_process_holds(0, 1):
        assert drain() == 0
    wait_for(lambda: _is_free(0) and _is_free(1), "the locks of a dead process to go")
    assert drain() == 1


def test_beside_another_sender_only_the_own_share_goes(note: Note, script: Script, anna: Customer, settings: Any) -> None:
    settings.MAIL_SENDERS = 3
    rows = [message(anna) for _ in range(9)]
    with another_process_holds(1):
        assert drain() == 6
    assert {each.pk % 3 for each in Message.objects.filter(state="queued")} == {1}
    wait_for(lambda: _is_free(1), "the lock of a dead process to go")
    assert drain() == 3
    assert set(states(*rows)) == {"sent"}


@pytest.mark.parametrize("left_in", [0, 1, 7])
def test_what_a_killed_sender_left_at_the_server_in_whatever_lane_goes_on(
    note: Note, script: Script, anna: Customer, settings: Any, left_in: int
) -> None:
    """Lane 7 is one that there was when MAIL_SENDERS was larger."""
    settings.MAIL_SENDERS = 2
    service, marketing = message(anna), message(anna, klass=Class.MARKETING)
    for each in (service, marketing):
        assert outbox.start(each, left_in, message_id(each), each.contact or 0)
    with another_process_holds(left_in) as process:
        assert drain() == 0
        assert states(service, marketing) == ["started", "started"]  # its sender lives
        process.kill()
        process.wait()
        wait_for(lambda: _is_free(left_in), "the lock of a dead process to go")
        drain()
        drain()
    assert states(service, marketing) == ["sent", "in_doubt"]
    assert script.message_ids() == [message_id(service)]


def _is_free(number: int) -> bool:
    with lanes.lane(number) as free:
        return free


@pytest.mark.django_db(transaction=True)
def test_two_threads_of_one_process_never_send_at_once(note: Note, script: Script, anna: Customer) -> None:
    message(anna)
    inside, go_on = threading.Event(), threading.Event()
    took: list[int] = []

    def wait(one: Message) -> None:
        inside.set()
        assert go_on.wait(30)

    def send() -> None:
        took.append(drain())
        connection.close()

    note.writing = wait
    thread = threading.Thread(target=send)
    thread.start()
    assert inside.wait(30)
    assert drain() == 0
    go_on.set()
    thread.join(30)
    assert took == [1]
    assert len(script.taken) == 1


def test_a_lane_and_the_process_are_free_again_when_a_sender_fails(note: Note, script: Script, anna: Customer) -> None:
    note.writing = lambda one: (_ for _ in ()).throw(OperationalError("gone"))
    one = message(anna)
    with pytest.raises(OperationalError):
        drain()
    note.writing = lambda one: None
    assert drain() == 1
    assert states(one) == ["sent"]


def test_several_kinds_and_brands_go_in_one_run(note: Note, script: Script, anna: Customer, marta: Customer) -> None:
    other = a_kind("other")
    rows = [message(anna), message(marta, "other"), message(anna, "other")]
    assert drain() == 3
    assert states(*rows) == ["sent"] * 3
    assert other.noted == [rows[1].pk, rows[2].pk]
    assert script.connections == 1
    assert {name.split("@")[1] for name in script.message_ids()} == {anna.brand.host, marta.brand.host}


# ── Planned ahead ───────────────────────────────────────────────────────────────────────────────────────────────────


def planned(customer: Customer, seq: int) -> Callable[[Sequence[Message]], dict[int, Ahead]]:
    contact = customer.contacts.get()
    content = b"Message-ID: <%s>\r\n\r\nahead\r\n"

    def plan_many(messages: Sequence[Message]) -> dict[int, Ahead]:
        plan = Plan(contact.address, contact.pk, lambda name: content % name.encode())
        return {each.pk: Ahead(plan, customer.subject, seq) for each in messages}

    return plan_many


def test_a_plan_made_ahead_is_used_while_the_persons_chain_stands(note: Note, script: Script, anna: Customer) -> None:
    note.ahead = planned(anna, head(anna))
    rows = [message(anna) for _ in range(3)]
    note.before = breaks  # nobody is asked one by one
    assert drain() == 3
    assert states(*rows) == ["sent"] * 3
    assert [fresh(each).body_sha256 for each in rows] == [hashlib.sha256(content).hexdigest() for content in script.taken]
    assert script.message_ids() == [message_id(each) for each in rows]


def test_once_something_was_written_about_the_person_they_are_asked_anew(note: Note, script: Script, anna: Customer) -> None:
    note.ahead = planned(anna, head(anna))
    deny(anna, "recs")
    note.before = lambda one: Why.NOT_ALLOWED
    one = message(anna)
    assert drain() == 0
    assert (fresh(one).state, fresh(one).why) == ("dropped", "not_allowed")


def test_a_plan_that_is_old_is_made_anew(note: Note, script: Script, anna: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "FRESH", -1.0)
    note.ahead = planned(anna, head(anna))
    one = message(anna)
    assert drain() == 1
    assert b"ahead" not in script.taken[0]
    assert states(one) == ["sent"]


def test_a_fault_while_looking_ahead_concerns_nobody_else(note: Note, script: Script, anna: Customer, carol: Customer) -> None:
    unknown, one = message(anna, "a_kind_that_is_no_more"), message(carol)
    assert drain() == 1
    assert states(unknown, one) == ["queued", "sent"]
    assert fresh(unknown).answer == "KeyError"


def test_a_fault_of_the_database_while_looking_ahead_ends_the_run(note: Note, script: Script, anna: Customer) -> None:
    def gone(messages: Sequence[Message]) -> dict[int, Ahead]:
        raise OperationalError

    note.ahead = gone
    message(anna)
    with pytest.raises(OperationalError):
        drain()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ahead", [True, False])
def test_a_no_that_is_being_written_is_waited_for_and_wins(note: Note, script: Script, anna: Customer, ahead: bool) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("on SQLite there is one writer at a time")
    note.ahead = planned(anna, head(anna)) if ahead else lambda messages: {}
    note.before = lambda one: None if state(anna, "recs") == "none" else Why.NOT_ALLOWED
    one = message(anna)
    while_it_commits(lambda: deny(anna, "recs"), drain)
    assert (fresh(one).state, fresh(one).why) == ("dropped", "not_allowed")
    assert script.taken == []


def while_it_commits(write: Callable[[], object], act: Callable[[], object]) -> None:
    """`act` is done while a transaction that has run `write` is open; it commits once somebody waits for a lock."""
    written, commit = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            write()
            written.set()
            assert commit.wait(30)
        connection.close()

    def let_it_commit() -> None:
        wait_for(_waits_for_a_lock, "the sender to wait")
        commit.set()
        connection.close()

    threads = [threading.Thread(target=hold), threading.Thread(target=let_it_commit)]
    threads[0].start()
    assert written.wait(30)
    threads[1].start()
    act()
    for thread in threads:
        thread.join(30)


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_somebody_erased_while_the_sender_waited_for_them_stops_nothing(told: Campaign, anna: Customer) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("on SQLite there is one writer at a time")
    run_due()
    Message.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    sender = loop.Sender(0)
    (one,) = Message.objects.select_related("brand__theme", "campaign__version__policy")

    def leave() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM ledger_head WHERE subject = %s FOR UPDATE", [anna.subject])
        erase(anna)

    def send() -> None:
        assert sender.one(one)
        sender.close()

    while_it_commits(leave, send)
    told.refresh_from_db()
    assert told.paused_at is None
    assert mails() == []


def test_what_comes_into_the_queue_of_a_campaign_that_somebody_ended_is_not_sent(told: Campaign, script: Script) -> None:
    """It was at the server just then, or was being chosen for."""
    run_due()
    assert actions.end(told, by="staff:ola") > 0
    Message.objects.update(state="queued", why="")
    assert drain() == 0
    assert set(Message.objects.values_list("state", "why")) == {("dropped", "over")}
    assert script.taken == []
