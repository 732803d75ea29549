"""A whole town for the demo and the benchmarks: people whom the brand's records know, who decided over two years, with true chains,
positions and seals. The same number makes the same town. Rows go in by COPY on PostgreSQL.

What a decision writes is taken from one that a model customer really made, so that the town's entries have every field of today's.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model
from django.utils import timezone

from accounts.actions import join
from accounts.models import Contact, Customer, ExternalId
from brands.models import Brand
from consents.follower import recount
from consents.models import Choice
from consents.states import State, Verb
from jobs.actions import run_due
from ledger.canonical import commitment, timestamp
from ledger.keys import key_set
from ledger.models import Cursor, Entry, Head, Log, Position
from ledger.proving import prove
from ledger.sequence import extended, sealed, write_seal_file

SEED = 2026
AT_ONCE = 20_000  # people of one transaction
SEALED_EACH = 1000  # entries
SPAN = timedelta(days=730)
FIRST = (
    "Anna",
    "Jan",
    "Maria",
    "Piotr",
    "Zofia",
    "Adam",
    "Ewa",
    "Tomasz",
    "Julia",
    "Marek",
    "Ola",
    "Karol",
    "Iga",
    "Filip",
    "Nina",
    "Leon",
)
LAST = (
    "Nowak",
    "Wrona",
    "Lis",
    "Mazur",
    "Zając",
    "Król",
    "Wilk",
    "Kania",
    "Sowa",
    "Dąb",
    "Brzoza",
    "Klon",
    "Jawor",
    "Lipa",
    "Sosna",
    "Buk",
)
MODEL = "model.citizen@town.example"
# Use, channel, and of a hundred people how many say yes, and of those how many take it back.
USES = (("news", "email", 55, 30), ("recs", "", 60, 10), ("news", "sms", 20, 45), ("makers", "", 10, 20), ("ads", "", 15, 50))

Progress = Callable[[int, int], object]


@dataclass
class Rows:
    """What goes into the tables together, in their columns' order."""

    customers: list[tuple[Any, ...]] = field(default_factory=list)
    contacts: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: list[tuple[Any, ...]] = field(default_factory=list)
    heads: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    choices: list[tuple[Any, ...]] = field(default_factory=list)


def build(brand: Brand, people: int, progress: Progress = lambda done, total: None) -> int:
    """`people` more of them, and the entries of their decisions. Returns how many entries there are. Nothing may write meanwhile."""
    prove()
    run_due()  # whoever is to be told of something is chosen among those who are here already
    builder = Builder(brand)
    for begin in range(0, people, AT_ONCE):
        count = min(AT_ONCE, people - begin)
        with transaction.atomic():
            builder.settle(count)
        progress(begin + count, people)
    write_seal_file()
    position = Log.objects.get(pk=1).position
    recount()
    Cursor.objects.exclude(follower="figures").update(position=position)  # nobody is written to of what happened before the demo
    if connection.vendor == "postgresql":
        _run("ANALYZE")
    return position


class Builder:
    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.acts = _acts(brand)
        self.number = Customer.objects.filter(brand=brand).count()
        self.chance = random.Random(f"{SEED} {brand.key} {self.number}")  # noqa: S311  (a town that comes out the same again)
        self.now = timezone.now()
        self.keys = key_set()
        self.ids = {model: model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Customer, Entry)}

    def settle(self, count: int) -> None:
        rows = Rows()
        for _person in range(count):
            self._person(rows)
        _insert(Customer, "id brand_id code subject name language country country_evidence region created_at", rows.customers)
        _insert(Contact, "customer_id brand_id channel address canonical proven_at", rows.contacts)
        _insert(ExternalId, "customer_id brand_id value", rows.numbers)
        _insert(Head, "subject seq commitment recorded_at", rows.heads)
        _insert(Entry, "id public_id subject seq kind brand actor payload salt commitment previous recorded_at", rows.entries)
        choice = "customer_id purpose channel party state version seq seen expires_at entry receipt recorded_at how"
        _insert(Choice, choice, rows.choices)
        self._give_positions(rows.entries)
        for model in (Customer, Entry):
            _move_sequence(model, self.ids[model])

    def _person(self, rows: Rows) -> None:
        chance, self.number = self.chance, self.number + 1
        self.ids[Customer] += 1
        key, subject = self.ids[Customer], f"{chance.getrandbits(128):032x}"
        came = self.now - SPAN * chance.random()
        language = "pl" if chance.random() < 0.7 else "en"
        name, address = f"{chance.choice(FIRST)} {chance.choice(LAST)}", f"person{self.number}@town.example"
        rows.customers.append(
            (key, self.brand.pk, _code(chance), subject, name, language, self.brand.country, "brand", "", _moment(came))
        )  # fmt: skip
        rows.contacts.append((key, self.brand.pk, "email", address, address, _moment(came)))
        rows.numbers.append((key, self.brand.pk, f"T-{self.number:07d}"))
        chain = Chain(self, subject, rows)
        chain.append("person.recorded", "system:town", {"language": language, "country": self.brand.country}, came)
        for use in chance.sample(USES, 2):
            self._decide(chain, key, language, came, use)
        rows.heads.append((subject, chain.seq, chain.commitment, _moment(chain.at)))

    def _decide(self, chain: Chain, key: int, language: str, came: datetime, use: tuple[str, str, int, int]) -> None:
        purpose, channel, yes, back = use
        chance = self.chance
        first = State.GRANTED if chance.randrange(100) < yes else State.REFUSED
        states = [first, State.WITHDRAWN] if first == State.GRANTED and chance.randrange(100) < back else [first]
        before, seen = State.UNSET, 0
        for state in states:
            at = chain.at + (self.now - chain.at) * (chance.random() ** 2) * 0.9
            model = self.acts[purpose, channel]
            act = {**model, "party": chain.subject, "state": state.value, "before": before.value, "seen": seen, "language": language}
            if state != State.GRANTED:
                act |= {"expires_at": None}
            number, receipt = chain.append("choice.decided", f"self:{chain.subject}", act, at)
            before, seen = state, chain.seq
        expires = datetime.fromisoformat(act["expires_at"]) if act["expires_at"] else None
        chain.rows.choices.append(
            (
                key, purpose, channel, chain.subject, before.value, act["version"], chain.seq, act["seen"], _moment(expires), number,
                _uuid(receipt), _moment(chain.at), act["how"],
            )
        )  # fmt: skip

    def _give_positions(self, entries: list[tuple[Any, ...]]) -> None:
        """As sequence() would, for those that nobody but this transaction knows of."""
        log = Log.objects.select_for_update().get(pk=1)
        positions: list[tuple[int, int]] = []
        for begin in range(0, len(entries), SEALED_EACH):
            part = entries[begin : begin + SEALED_EACH]
            positions += [(log.position + number, entry[0]) for number, entry in enumerate(part, 1)]
            log.position += len(part)
            log.hash = extended(log.hash, (entry[9] for entry in part))
            sealed(log.epoch, log.position, log.hash, self.keys, timezone.now()).save(force_insert=True)
        _insert(Position, "position entry", positions)
        log.save(update_fields=["position", "hash"])


class Chain:
    """One person's entries, each after the one before."""

    def __init__(self, builder: Builder, subject: str, rows: Rows) -> None:
        self.builder, self.subject, self.rows = builder, subject, rows
        self.seq = 0
        self.commitment: str | None = None
        self.at = builder.now - SPAN

    def append(self, kind: str, actor: str, act: dict[str, Any], at: datetime) -> tuple[int, uuid.UUID]:
        chance, ids = self.builder.chance, self.builder.ids
        ids[Entry] += 1
        self.seq += 1
        self.at = max(at, self.at + timedelta(microseconds=1))
        public = uuid.UUID(int=chance.getrandbits(128), version=4)
        salt = chance.randbytes(32)
        common = {
            "v": 1, "id": str(public), "subject": self.subject, "seq": self.seq, "previous": self.commitment, "kind": kind,
            "brand": self.builder.brand.key, "actor": actor, "recorded_at": timestamp(self.at),
        }  # fmt: skip
        payload = json.dumps(common | act, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        previous, self.commitment = self.commitment, commitment(salt, payload.encode())
        self.rows.entries.append(
            (
                ids[Entry], _uuid(public), self.subject, self.seq, kind, self.builder.brand.key, actor, payload, salt, self.commitment,
                previous, _moment(self.at),
            )
        )  # fmt: skip
        return ids[Entry], public


def _acts(brand: Brand) -> dict[tuple[str, str], dict[str, Any]]:
    """The act of each use as a model customer's yes writes it, without what every entry has."""
    from preference_center.demo.story import decide

    model = join(brand=brand, address=MODEL, language=brand.default_language)
    for purpose, channel, _yes, _back in USES:
        if not model.choices.filter(purpose=purpose, channel=channel).exists():
            decide(model, purpose, channel, Verb.ALLOW)
    prove()
    common = {"v", "id", "subject", "seq", "previous", "kind", "brand", "actor", "recorded_at"}
    entries = Entry.objects.of(model.subject).filter(kind="choice.decided")
    return {
        (entry.act["purpose"], entry.act["channel"]): {name: value for name, value in entry.act.items() if name not in common}
        for entry in entries
    }


# ── Into the tables ─────────────────────────────────────────────────────────────────────────────────────────────────


def _insert(model: type[Model], columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    names, table = columns.split(), model._meta.db_table
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", list(rows))  # noqa: S608  (our own tables)


def _move_sequence(model: type[Model], last: int) -> None:
    if connection.vendor == "postgresql":
        _run(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), {last})")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _moment(moment: datetime | None) -> Any:
    return moment if connection.vendor == "postgresql" else connection.ops.adapt_datetimefield_value(moment)


def _uuid(value: uuid.UUID) -> Any:
    return value if connection.vendor == "postgresql" else value.hex


def _code(chance: random.Random) -> str:
    return "".join(chance.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=10))
