"""An erasure: against the bare DELETEs and UPDATEs of the same rows, and what it costs where a hundred times more people are. And whether
any statement of it reads a table of people from end to end."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actions import join, signed_in
from accounts.assurance import Level, Proof
from accounts.models import Customer, Person
from benchmarks.crowd import gather
from benchmarks.harness import Row, Spread
from benchmarks.options import Options
from brands.models import Brand
from consents.states import Verb
from data_requests import actions
from data_requests.actions import erase_customer
from data_requests.erasing.walker import in_order
from data_requests.tables import rows_of
from ledger.emptying import covered, ranges
from ledger.kinds import Period, kinds
from ledger.models import Entry
from ledger.personal_data import DELETE
from ledger.proving import prove
from ledger.turns import turn
from preference_center.demo.story import decide

ROUNDS = 15
SIGN_INS, REQUESTS = 20, 5
LARGE = 5000  # rows from which on a table is not read from end to end


def rows(options: Options) -> list[Row]:
    shop = Brand.objects.get(key="linden")
    few, many = (1_000, 20_000) if options.quick else (10_000, 1_000_000)
    pairs = [(somebody(shop, f"ours{number}"), somebody(shop, f"base{number}")) for number in range(ROUNDS)]
    found = Spread(tuple(ours(one) / bare(other) for one, other in pairs[1:]))  # the first warms up
    result = [
        Row(
            "erasing one person", options.database, "–", "bare DELETEs and UPDATEs of the same rows", f"{found}×", "≤ 4×",
            found.median <= 4,
        ),
    ]  # fmt: skip
    if connection.vendor != "postgresql":
        return result
    among_few = among(shop, few, 0)
    among_many = among(shop, many, few)
    scanned = scans(somebody(shop, "planned"))
    ratio = among_many / among_few
    return [
        *result,
        Row(
            f"erasing one person among {many:,} people", options.database, f"{among_many * 1e3:.1f} ms",
            f"among {few:,}: {among_few * 1e3:.1f} ms", f"{ratio:.2f}×", "≤ 1.5×", ratio <= 1.5,
        ),
        Row(
            "large tables that an erasure reads from end to end", options.database, ", ".join(sorted(scanned)) or "none", "–",
            str(len(scanned)), "0", not scanned,
        ),
    ]  # fmt: skip


def somebody(shop: Brand, name: str) -> Customer:
    """Who has decided, signed in and asked as somebody of some years has."""
    customer = join(brand=shop, address=f"{name}@example.com", language="en")
    for purpose, verb in (("recs", Verb.ALLOW), ("makers", Verb.DENY), ("ads", Verb.DENY)):
        decide(customer, purpose, "", verb)
    for _number in range(SIGN_INS):
        signed_in(customer=customer, how="code", browser="Firefox on Linux")
    by = f"self:{customer.subject}"
    for _number in range(REQUESTS):
        asked = actions.receive(customer, "object", {"text": "No."}, Proof(Level.IV2, "session"), by=by).request
        actions.fulfil(asked, "It has stopped.", by="staff:" + "0" * 32)
    prove()
    return Customer.objects.select_related("brand", "person").get(pk=customer.pk)


def ours(customer: Customer) -> float:
    started = time.perf_counter()
    with turn(customer.subject, brand=customer.brand.key, actor="system:benchmarks") as this:
        erase_customer(this, customer, why="request")
    return time.perf_counter() - started


def bare(customer: Customer) -> float:
    """One statement for each table that has rows of them, by keys that are known; and the entries emptied as the ledger lets it."""
    deletes, ties = [], []
    for model, declaration in in_order():
        found = rows_of(model, declaration.of, customer)
        keys = list(found.values_list("pk", flat=True)) if found is not None and model not in {Customer, Person} else []
        if keys and declaration.on_erasure is DELETE:
            deletes.append((model._meta.db_table, model._meta.pk.column, keys))
        elif keys and model._meta.label == "requests.Request":
            ties.append(keys)
    names = [each.name for each in kinds() if each.period is Period.WITH_PERSON]
    entries = list(Entry.objects.of(customer.subject).readable().filter(kind__in=names).order_by("seq"))
    tombstone = {
        "reason": "erasure", "ranges": [list(pair) for pair in ranges([entry.seq for entry in entries])], "count": len(entries),
        "sha256": covered([entry.commitment for entry in entries]),
    }  # fmt: skip
    started = time.perf_counter()
    with turn(customer.subject, brand=customer.brand.key, actor="system:benchmarks") as this, connection.cursor() as cursor:
        for keys in ties:
            cursor.execute(f"UPDATE requests_request SET customer_id = NULL, asked = '{{}}', answer = '' WHERE id IN ({marks(keys)})", keys)
        for table, column, keys in deletes:
            cursor.execute(f"DELETE FROM {table} WHERE {column} IN ({marks(keys)})", keys)
        cursor.execute("DELETE FROM accounts_customer WHERE id = %s", [customer.pk])
        cursor.execute("DELETE FROM accounts_person WHERE id = %s", [customer.person_id])
        stone = this.append(customer.subject, "tombstone", tombstone)
        ids = [entry.pk for entry in entries]
        cursor.executemany("INSERT INTO ledger_emptied (entry, tombstone) VALUES (%s, %s)", [(pk, stone.pk) for pk in ids])
        cursor.execute(f"UPDATE ledger_entry SET payload = NULL, salt = NULL, idempotency_key = NULL WHERE id IN ({marks(ids)})", ids)
    return time.perf_counter() - started


def marks(values: list[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def among(shop: Brand, count: int, after: int) -> float:
    gather(shop, count, after=after)
    people = [somebody(shop, f"among{count}-{number}") for number in range(6)]
    return median(ours(each) for each in people[1:])


def scans(customer: Customer) -> set[str]:
    """Names of large tables that a plan of any statement reads sequentially. The erasure is rolled back: its statements are what counts."""
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        with turn(customer.subject, brand=customer.brand.key, actor="system:benchmarks") as this:
            erase_customer(this, customer, why="request")
        transaction.set_rollback(True)
    found = set()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        large = {row[0] for row in cursor.fetchall()}
        for query in captured:
            sql = query["sql"]
            if re.match(r"(SELECT|DELETE|UPDATE|INSERT|WITH)", sql) and "SAVEPOINT" not in sql:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                found |= large & set(re.findall(r"Seq Scan on (\w+)", plan))
    return found
