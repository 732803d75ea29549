"""Of two thousand people, two hundred are deleted: no word of theirs is left anywhere, and of the others not a byte has changed."""

from __future__ import annotations

import faulthandler
import hashlib
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import redis
import time_machine
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage import default_storage
from django.core.cache import cache
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts import codes
from accounts.actions import change_contact, change_name, join, link
from accounts.assurance import NOTHING
from accounts.factors import add_authenticator
from accounts.models import Contact, Customer, MadeAt, OpenIdProvider, Person
from accounts.sealed import seal
from accounts.signing_in import let_in
from accounts.tests.canaries import Found, search, shared_word, word
from brands.models import Brand
from consents.states import Verb
from data_requests import actions, drafts
from data_requests.models import Attachment, Claim, Package, Request, System
from data_requests.package.sealing import opened
from data_requests.parts import PARTS, SYSTEMS
from data_requests.tables import of_people, rows_of
from data_requests.tests.conftest import SESSION, TWO_FACTORS, by
from data_requests.tests.shop import connected, describe
from jobs.actions import enqueue, enqueue_daily, run_due
from jobs.models import Job
from ledger.checking import verify
from ledger.models import Entry
from ledger.proving import prove
from notifications.models import Message
from notifications.sending.loop import drain
from notifications.states import Class
from preference_center.celery import app as celery_app
from preference_center.demo.story import decide

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

PEOPLE = 2000
AT_ONCE = 10  # people a commit
STAFF = "staff:" + "1" * 32
AFTER_THE_WAIT = timedelta(hours=72, minutes=1)
BEFORE = timedelta(days=5)  # since when everybody is here: what was set up then is no news any more
OUR_LOGGERS = (
    "accounts", "brands", "catalogue", "consents", "data_requests", "jobs", "ledger", "notifications", "preference_center", "regimes",
)  # fmt: skip
FOR_A_DAY = {"newer"}  # an address that nobody has proven: the code for it may be anybody's, and goes within a day


def is_erased(number: int) -> bool:
    """A tenth of all: one of two who share a flat, one who has another brand, too, and both of two who share a flat."""
    return number % 40 in {0, 10, 20, 21}


def has_another_brand(number: int) -> bool:
    return number % 40 == 10


def has_everything(number: int) -> bool:
    """Whatever takes longer: whoever is deleted, and some of the others."""
    return is_erased(number) or number % 20 == 5


# ── Where they are ──────────────────────────────────────────────────────────────────────────────────────────────────


class Shop:
    """A database of the brand that a program asks, and that is the brand's to keep in order: of what it holds, rows count."""

    TABLES = """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, note TEXT NOT NULL);
        CREATE TABLE calls (id INTEGER PRIMARY KEY, code TEXT NOT NULL, said TEXT NOT NULL);
        CREATE INDEX customers_email ON customers (email);
        CREATE INDEX orders_customer ON orders (customer_id);
        CREATE INDEX calls_code ON calls (code);
    """
    DESCRIPTION: dict[str, Any] = {
        "database": "shop",
        "tables": [
            {
                "table": "customers", "subject": {"column": "email", "is": "email"}, "columns": ["email", "name"], "on_erasure": "delete",
            },
            {
                "table": "orders", "subject": {"column": "customer_id", "from": "customers.id"}, "columns": ["note"],
                "on_erasure": "delete",
            },
            {"table": "calls", "subject": {"column": "code", "is": "code"}, "columns": ["said"], "on_erasure": "delete"},
        ],
    }  # fmt: skip

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as there:
            there.executescript(self.TABLES)

    def add(self, people: list[tuple[int, str, str]]) -> None:
        """Number, address and code of each."""
        with closing(sqlite3.connect(self.path)) as there, there:
            for number, address, code in people:
                there.execute("INSERT INTO customers VALUES (?, ?, ?)", (number + 1, address, word(number, "shopname")))
                there.execute("INSERT INTO orders (customer_id, note) VALUES (?, ?)", (number + 1, word(number, "shopone")))
                there.execute("INSERT INTO orders (customer_id, note) VALUES (?, ?)", (number + 1, word(number, "shoptwo")))
                there.execute("INSERT INTO calls (code, said) VALUES (?, ?)", (code, word(number, "shopsaid")))

    def rows(self) -> bytes:
        with closing(sqlite3.connect(self.path)) as there:
            return "\n".join(there.iterdump()).encode()

    def digest(self, number: int, code: str) -> str:
        with closing(sqlite3.connect(self.path)) as there:
            found = [
                there.execute("SELECT * FROM customers WHERE id = ?", (number + 1,)).fetchall(),
                there.execute("SELECT * FROM orders WHERE customer_id = ?", (number + 1,)).fetchall(),
                there.execute("SELECT * FROM calls WHERE code = ?", (code,)).fetchall(),
            ]
        return hashlib.sha256(repr(found).encode()).hexdigest()


@dataclass
class Place:
    """A center with a folder of its own, Redis, a log, and a shop beside it."""

    folder: Path
    redis: redis.Redis
    log: Path
    shop: Shop
    brand: Brand
    club: Brand
    provider: OpenIdProvider
    timed: dict[str, float] = field(default_factory=dict)

    def search(self) -> dict[str, Found]:
        """Where what is found."""
        return {
            "database": search(_dump()),
            "files": self._search_files(),
            "redis": search(self._redis()),
            "log": search(self.log.read_bytes()),
            "shop": search(self.shop.rows()),
        }

    def _search_files(self) -> Found:
        """Whatever lies in the folder of data and in that of the keys but for the mails, which went out; what is encrypted is read with the
        key that the database has for it."""
        found: Found = set()
        for path in [*self.folder.rglob("*"), *Path(django_settings.KEYS_DIR).rglob("*")]:
            if path.is_file() and Path(django_settings.MAIL_DIR) not in path.parents:
                found |= search(path.name.encode() + b"\n" + path.read_bytes())
        for name, key in _keys_of_files():
            found |= search(_unpacked(b"".join(opened(name, key))))
        return found

    def _redis(self) -> bytes:
        """Keys and values, as the server would hand them to another one."""
        keys: Any = self.redis.keys("*")
        return b"\n".join(key + b"\n" + _value(self.redis, key) for key in keys)


def _value(server: redis.Redis, key: bytes) -> bytes:
    kinds: dict[bytes, Callable[[bytes], Any]] = {
        b"string": server.get, b"list": lambda key: server.lrange(key, 0, -1), b"hash": server.hgetall, b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1),
    }  # fmt: skip
    kind: Any = server.type(key)
    value = kinds[kind](key)
    return value if isinstance(value, bytes) else repr(value).encode()


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def _dump() -> bytes:
    """All that the database would hand over. SQLite: every byte of its file as well, once its log was emptied and it was packed, as its
    operator does."""
    if connection.vendor == "postgresql":
        return _pg_dump()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0, "somebody was reading"
    name = Path(str(connection.settings_dict["NAME"]))
    beside = [path.read_bytes() for path in name.parent.glob(f"{name.name}*")]
    with closing(sqlite3.connect(name)) as there:
        return b"\n".join([*beside, "\n".join(there.iterdump()).encode()])


def _pg_dump() -> bytes:
    values = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        program = Path(cursor.fetchone()[0]) / "pg_dump"
    where = ["--host", str(values["HOST"]), "--username", str(values["USER"]), *(["--port", str(values["PORT"])] if values["PORT"] else [])]
    environment = os.environ | {"PGPASSWORD": str(values["PASSWORD"])}
    return subprocess.run([str(program), *where, str(values["NAME"])], env=environment, check=True, capture_output=True).stdout


def _keys_of_files() -> list[tuple[str, str]]:
    packages = Package.objects.filter(gone_at=None).values_list("file", "key")
    return [*packages, *Attachment.objects.values_list("file", "key")]


@pytest.fixture
def place(linden: Brand, kingfisher: Brand, settings: Any, tmp_path: Path, redis_server: str, django_db_blocker: Any) -> Iterator[Place]:
    settings.DATA_DIR = tmp_path
    settings.PACKAGES_DIR, settings.CONNECTORS_DIR = tmp_path / "packages", tmp_path / "connectors"
    settings.EMAIL_BACKEND = "brands.mail.FolderBackend"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_server}}
    settings.CELERY_BROKER_URL = redis_server
    server = redis.Redis.from_url(redis_server)
    server.flushall()
    log = tmp_path.with_name(f"{tmp_path.name}.log")
    provider = OpenIdProvider.objects.create(
        brand=linden, label="Linden", issuer="https://id.linden.example", client_id="center", authorization_endpoint="https://a.example",
        token_endpoint="https://t.example", jwks_uri="https://j.example", in_use=True,
    )  # fmt: skip
    shop = Shop(tmp_path.with_name(f"{tmp_path.name}-shop.sqlite3"))
    with logging_to(log), celery_at(redis_server), django_db_blocker.unblock(), connected(f"sqlite:///{shop.path}"):
        yield Place(tmp_path, server, log, shop, linden, kingfisher, provider)
    server.flushall()


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """All that our loggers say, and whatever the others say from INFO on."""
    root, handler = logging.getLogger(), logging.FileHandler(path, encoding="utf-8")
    before = {logger: logger.level for logger in (root, *map(logging.getLogger, OUR_LOGGERS))}
    for logger in before:
        logger.setLevel(logging.INFO if logger is root else logging.DEBUG)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        for logger, level in before.items():
            logger.setLevel(level)


@contextmanager
def celery_at(url: str) -> Iterator[None]:
    """Hints of jobs go through this server."""
    before = {name: celery_app.conf[name] for name in ("broker_url", "broker_transport", "broker_transport_options")}
    _set_broker({"broker_url": url, "broker_transport": None, "broker_transport_options": {}})
    try:
        yield
    finally:
        _set_broker(before)


def _set_broker(values: dict[str, Any]) -> None:
    """The pools of connections that the application has made are made anew."""
    app: Any = celery_app
    app.pool.force_close_all()
    app._pool = app.amqp._producer_pool = None
    app.conf.update(values)


# ── Who they are ────────────────────────────────────────────────────────────────────────────────────────────────────


def address_of(number: int) -> str:
    """With a word of theirs in it, but for whoever uses it at another brand as well."""
    return f"both{number:04d}@example.com" if has_another_brand(number) else f"{word(number, 'login')}@example.com"


def comes(place: Place, number: int) -> Customer:
    """Somebody with a word of their own in every place where an account has words."""
    first = f"{word(number, 'replaced')}@example.com" if has_everything(number) else address_of(number)
    customer = join(brand=place.brand, address=first, language="en")
    customer.brand = place.brand
    change_name(customer=customer, name=word(number, "former"))
    change_name(customer=customer, name=f"{word(number, 'name')} Kowalska")
    change_contact(customer=customer, address=address_of(number))  # of whoever has it already nothing comes of it
    home, flat = word(number, "post"), shared_word(number // 2, "phone")
    Contact.objects.create(customer=customer, brand=place.brand, channel="post", address=f"ul. {home} 1", canonical=home)
    Contact.objects.create(customer=customer, brand=place.brand, channel="sms", address=flat, canonical=flat)
    ours = f"{shared_word(number // 2, 'mail')}@example.com"
    Contact.objects.create(customer=customer, brand=place.brand, channel="email", address=ours, canonical=ours)
    assert customer.person
    passkey = Authenticator.objects.create(user=customer.person, type="webauthn", data={"name": word(number, "passkey"), "credential": {}})
    MadeAt.objects.create(authenticator=passkey, brand=place.brand)
    if has_everything(number):
        add_authenticator(person=customer.person, customer=customer, brand=place.brand, secret="JBSWY3DPEHPK3PXP")
    link(customer, place.provider, word(number, "sub"))
    Message.objects.create(
        brand=place.brand,
        customer=customer,
        kind="new_device",
        klass=Class.SERVICE,
        language="en",
        facts={"browser": word(number, "facts")},
    )
    return customer


def signs_in(place: Place, number: int, customer: Customer) -> None:
    """In a browser with a name of its own, of which only the family is kept, and where a request is begun and not sent."""
    request: Any = RequestFactory(headers={"host": place.brand.host, "user-agent": f"Firefox {word(number, 'browser')}"}).get("/")
    request.session, request.user = import_module(django_settings.SESSION_ENGINE).SessionStore(), AnonymousUser()
    request.brand, request.customer = place.brand, None
    request._messages = default_storage(request)
    with context.request_context(request):
        assert customer.person
        assert let_in(request, person=customer.person, customer=customer, how="code", proven=address_of(number))
        drafts.keep(request, "correct", {"text": word(number, "draft")})
        request.session.save()


def asks(number: int, customer: Customer) -> None:
    """A request with words in both directions."""
    decide(customer, "recs", "", Verb.ALLOW)
    review = received(customer, "review", asked={"text": word(number, "asked")})
    actions.write(review, word(number, "letter"), by=by(customer), from_person=True)
    actions.write(review, word(number, "said"), by=STAFF, from_person=False)


def asks_for_more(place: Place, number: int, customer: Customer) -> None:
    """Requests of every fate; codes for every address; somebody who asks for them, a request without an account, a copy."""
    refused = received(customer, "correct", asked={"text": word(number, "wrong")})
    actions.extend(refused, word(number, "reason"), by=STAFF)
    actions.refuse(refused, "accurate", word(number, "answer"), by=STAFF)
    claim = Claim(name=word(number, "claimant"), shown=word(number, "shown"))
    actions.receive(customer, "copy", {"text": word(number, "claimed")}, NOTHING, by=STAFF, via="post", claim=claim)
    wants_code(place, number, "sign_in", address_of(number))
    wants_code(place, number, "request", f"{word(number, 'replaced')}@example.com")
    wants_code(place, number, "address", f"{word(number, 'newer')}@example.com")
    actions.ask_for(
        place.brand, "correct", {"text": word(number, "mandated")}, person=address_of(number), agent=word(number, "agent"), organisation="",
        address="ada@helpers.example", permission_on=timezone.localdate(), language="en",
    )  # fmt: skip
    without = {"brand": place.brand.key, "address": address_of(number), "text": word(number, "limited"), "nonce": f"{number:032x}"}
    with transaction.atomic():
        enqueue("data_requests.limit", {"sealed": seal(without)})
    received(customer, "copy", TWO_FACTORS, asked={"parts": sorted(set(PARTS) - {SYSTEMS})})


def asks_again(number: int, customer: Customer) -> None:
    """A second copy, for which one system has answered, and another has not."""
    copy = received(customer, "copy", TWO_FACTORS)
    actions.start(copy, by=STAFF)
    actions.attach(copy.items.get(system="Archive"), json.dumps([word(number, "attached")]), by=STAFF)


def received(customer: Customer, kind: str, proof: Any = SESSION, asked: dict[str, Any] | None = None) -> Request:
    return actions.receive(customer, kind, asked or {}, proof, by=by(customer)).request


def wants_code(place: Place, number: int, purpose: str, address: str) -> None:
    browser = hashlib.sha256(f"{number} {purpose}".encode()).hexdigest()
    assert codes.ask(browser=browser, brand=place.brand, purpose=purpose, canonical=address, address=address, language="en")


ACCOUNT = {"login", "former", "name", "post", "passkey", "sub", "facts", "draft"}
REQUESTS = {"asked", "letter", "said"}
MORE = {"replaced", "wrong", "reason", "answer", "claimant", "shown", "claimed", "newer", "agent", "mandated", "limited"}
IN_THE_SHOP = {"shopname", "shopone", "shoptwo", "shopsaid"}
IN_FILES = {"attached", "name", "post", "asked", "letter", "shopname", "shopone", "shoptwo", "shopsaid"}
SHARED = {"phone", "mail"}


def expected(number: int) -> Found:
    """Words of one that must be found in the database."""
    places = ACCOUNT | REQUESTS | (MORE if has_everything(number) else set())
    if has_another_brand(number):
        places = places - {"login"}
    shared = {(f"h{number // 2:03d}", place) for place in SHARED}
    return shared | {(f"{number:04d}", place) for place in places}


# ── What stays as it is ─────────────────────────────────────────────────────────────────────────────────────────────


def rows_as_they_are(place: Place, people: dict[int, Customer]) -> dict[tuple[int, str], str]:
    """A digest of the rows of each in each table."""
    found = {}
    for number, customer in people.items():
        for model, declaration in of_people():
            rows = Person.objects.filter(customers=customer) if model is Person else rows_of(model, declaration.of, customer)
            if rows is not None and (values := list(rows.order_by("pk").values_list())):
                found[number, model._meta.label] = hashlib.sha256(repr(values).encode()).hexdigest()
        if customer.brand_id == place.brand.pk:
            found[number, "shop"] = place.shop.digest(number, customer.code)
    return found


# ── The test ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    def __init__(self, timed: dict[str, float]) -> None:
        self.timed, self.at = timed, time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.timed[name], self.at = now - self.at, now


def some_at_a_time(numbers: list[int], act: Callable[[int], object]) -> None:
    """A commit for so many of them: nobody reads along."""
    for start in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            for number in numbers[start : start + AT_ONCE]:
                act(number)


def everybody_comes(place: Place, clock: Clock) -> tuple[dict[int, Customer], dict[int, Customer]]:
    """Those of the one brand, and those of them whom the other knows as well."""
    people: dict[int, Customer] = {}
    others: dict[int, Customer] = {}
    numbers = list(range(PEOPLE))

    def one_comes(number: int) -> None:
        people[number] = comes(place, number)
        if has_another_brand(number):
            others[number] = join(brand=place.club, address=address_of(number), language="pl")
            change_name(customer=others[number], name=f"known elsewhere {number}")

    with time_machine.travel(timezone.now() - BEFORE):
        some_at_a_time(numbers, one_comes)
    clock.lap("they come")
    some_at_a_time(numbers, lambda number: signs_in(place, number, people[number]))
    clock.lap("they sign in")
    place.shop.add([(number, address_of(number), customer.code) for number, customer in people.items()])
    some_at_a_time(numbers, lambda number: asks(number, people[number]))
    clock.lap("they ask")
    some = [number for number in numbers if has_everything(number)]
    some_at_a_time(some, lambda number: asks_for_more(place, number, people[number]))
    run_due()
    clock.lap("jobs, with a copy for some")
    describe(place.brand, Shop.DESCRIPTION)
    for system in (System(key="shop", name="Shop", connector="sql"), System(key="archive", name="Archive")):
        actions.name_system(system, brand=place.brand, by=STAFF)
    some_at_a_time(some, lambda number: asks_again(number, people[number]))
    run_due()
    clock.lap("a second copy for some")
    prove()
    drain(10)
    clock.lap("positions, messages, some mail")
    return people, others


def ask_to_be_deleted(number: int, customer: Customer) -> Request:
    """And everybody whom no program asks has answered."""
    request = received(customer, "delete", TWO_FACTORS)
    for item in request.items.exclude(system__in=("center", "Shop")):
        actions.item_done(item, "done", by=STAFF, count=1, note=word(number, "note"))
    return request


def test_of_two_hundred_deleted_people_no_word_is_left(place: Place, capsys: Any) -> None:
    faulthandler.cancel_dump_traceback_later()  # it takes longer than what counts as hanging, and moves all the time
    clock = Clock(place.timed)
    people, others = everybody_comes(place, clock)
    gone = [number for number in people if is_erased(number)]
    stay = {number: customer for number, customer in people.items() if not is_erased(number)} | {
        PEOPLE + number: customer for number, customer in others.items()
    }
    requests = {number: ask_to_be_deleted(number, people[number]) for number in gone}
    clock.lap("they ask to be deleted")

    before = place.search()
    assert_the_search_finds(place, before)
    clock.lap("first search")
    untouched = rows_as_they_are(place, stay)
    clock.lap("first digests")

    run_due(timezone.now() + AFTER_THE_WAIT)
    clock.lap("deletion")
    prove()
    states = Counter(Request.objects.filter(pk__in=[request.pk for request in requests.values()]).values_list("state", flat=True))
    assert states == {"fulfilled": len(gone)}
    assert not Customer.objects.filter(pk__in=[people[number].pk for number in gone]).exists()
    erased = Entry.objects.filter(subject__in=[people[number].subject for number in gone])
    assert erased.filter(kind="person.erased").count() == erased.filter(kind="erasure.certified").count() == len(gone)
    assert not Job.objects.exclude(error="").exists()

    after = place.search()
    clock.lap("second search")
    theirs = {f"{number:04d}" for number in gone} | {f"h{number // 2:03d}" for number in gone if number % 40 == 20}
    left = {where: {each for each in found if each[0] in theirs} for where, found in after.items()}
    for_a_day = {each for each in left["database"] if each[1] in FOR_A_DAY}
    left["database"] -= for_a_day
    assert not after["redis"] | after["log"], "of nobody at all"
    assert not any(left.values()), {where: dict(Counter(each[1] for each in found)) for where, found in left.items() if found}
    assert {path.name for path in Path(django_settings.PACKAGES_DIR).iterdir()} == {name for name, _key in _keys_of_files()}
    others_words = {where: {each for each in found if each[0] not in theirs} for where, found in before.items()}
    assert after["database"] - for_a_day == others_words["database"]
    assert after["shop"] == others_words["shop"]
    assert {each for each in others_words["files"] if each[0].isdigit()} <= after["files"], "copies of others"

    assert rows_as_they_are(place, stay) == untouched
    clock.lap("second digests")
    assert list(verify()) == []
    clock.lap("the ledger verified")

    enqueue_daily(timezone.now() + AFTER_THE_WAIT)
    run_due(timezone.now() + AFTER_THE_WAIT)
    a_day_later = {each for each in search(_dump()) if each[0] in theirs}
    assert not a_day_later
    clock.lap("the night after")
    with capsys.disabled():
        tell(place, before, after, gone, untouched)


def assert_the_search_finds(place: Place, found: dict[str, Found]) -> None:
    """Everything of everybody where it should be; and what is put where nothing should be."""
    missing = {each for number in range(PEOPLE) for each in expected(number)} - found["database"]
    assert not missing, Counter(each[1] for each in missing)
    assert not {each for each in found["database"] if each[1] == "browser"}
    assert {each[1] for each in found["files"]} >= IN_FILES
    for number in filter(has_everything, range(PEOPLE)):
        assert {each for each in found["files"] if each[0] == f"{number:04d}"} >= {(f"{number:04d}", name) for name in IN_FILES}
    assert found["shop"] >= {(f"{number:04d}", name) for number in range(PEOPLE) for name in IN_THE_SHOP}
    assert not found["redis"] | found["log"]
    cache.set("planted", {"name": word(1, "planted")})
    logging.getLogger("jobs.planted").debug(word(2, "planted"))
    planted = place.search()
    assert planted["redis"] == {("0001", "planted")}
    assert planted["log"] == {("0002", "planted")}
    cache.delete("planted")
    place.log.write_bytes(place.log.read_bytes().replace(word(2, "planted").encode(), b"nobody"))
    assert place.redis.llen("celery"), "hints of jobs went through Redis"


def tell(place: Place, before: dict[str, Found], after: dict[str, Found], gone: list[int], untouched: dict[tuple[int, str], str]) -> None:
    theirs = {f"{number:04d}" for number in gone}
    counts = {where: sum(each[0] in theirs for each in found) for where, found in before.items()}
    mode = "PostgreSQL" if connection.vendor == "postgresql" else "SQLite"
    tables = sum(1 for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    sys.stdout.write(
        f"\n{mode}: {PEOPLE} people, {len(gone)} deleted. Words of theirs before: {counts}; after: 0 in a dump of {tables} tables,"
        f" in files, Redis, the log and the shop. Of {PEOPLE - len(gone)} others {len(untouched)} digests as before, and"
        f" {len(after['database'])} words in the dump.\n"
        + "".join(f"  {seconds:6.1f} s  {name}\n" for name, seconds in place.timed.items())
        + f"  {sum(place.timed.values()):6.1f} s\n"
    )
