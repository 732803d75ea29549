"""What the database itself refuses, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, connection, models, transaction

from ledger import triggers
from ledger.emptying import Reason, empty
from ledger.models import Emptied, Entry, Position, Seal
from ledger.proving import prove
from ledger.tests.acts import act, happened, rows, sql
from ledger.turns import turn

TABLES = {"ledger_entry": Entry, "ledger_position": Position, "ledger_seal": Seal, "ledger_emptied": Emptied}
sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE is SQLite's")
postgresql_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="TRUNCATE and replicas are PostgreSQL's")
each_table = pytest.mark.parametrize("table", TABLES)


@pytest.fixture(autouse=True)
def filled(anna: str, ben: str) -> None:
    """A row in every table, and entries with and without a payload."""
    for n in range(3):
        act(anna, "thing.happened", key=f"{n:064x}", what="it")
    happened(ben)
    with turn(anna, brand="linden", actor="system:test") as t:
        empty(t, anna, [1], Reason.ERASURE)
    prove()


@pytest.fixture
def refused(filled: None) -> Iterator[Callable[..., None]]:
    """Each statement is refused, and in the end every table is as it was."""
    before = {table: rows(table) for table in TABLES}
    assert all(before.values())

    def refuse(work: str | Callable[[], object], *values: Any) -> None:
        with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
            sql(work, *values) if isinstance(work, str) else work()

    yield refuse
    assert {table: rows(table) for table in TABLES} == before


def columns(table: str) -> list[str]:
    return [str(field.column) for field in TABLES[table]._meta.concrete_fields]


@each_table
def test_update_of_any_column_is_refused(refused: Callable[..., None], table: str):
    for column in columns(table):
        refused(f"UPDATE {table} SET {column} = {column}")


@each_table
def test_delete_is_refused(refused: Callable[..., None], table: str):
    refused(f"DELETE FROM {table}")


@each_table
def test_the_orm_may_not_either(refused: Callable[..., None], table: str):
    model = TABLES[table]
    row = model._default_manager.order_by("pk").last()
    assert row is not None
    refused(row.save)
    refused(row.delete)
    field = model._meta.concrete_fields[-1].attname
    refused(lambda: model._base_manager.update(**{field: getattr(row, field)}))
    refused(lambda: model._base_manager.all().delete())
    refused(lambda: model._base_manager.bulk_update([row], [field]))
    for edit in (lambda: model._default_manager.update(**{field: None}), lambda: model._default_manager.all().delete()):
        with pytest.raises(TypeError, match="are added, never"):
            edit()


def test_an_upsert_is_refused(refused: Callable[..., None]):
    entry = Entry.objects.get(seq=2)
    entry.kind = "thing.else"
    refused(lambda: Entry._base_manager.bulk_create([entry], update_conflicts=True, update_fields=["kind"], unique_fields=["id"]))
    sql("SELECT 1")  # the connection still works


@postgresql_only
@each_table
def test_truncate_is_refused(refused: Callable[..., None], table: str):
    refused(f"TRUNCATE {table}")
    refused(f"TRUNCATE {table} RESTART IDENTITY CASCADE")


@postgresql_only
@each_table
def test_a_session_that_plays_a_replica_is_refused_too(refused: Callable[..., None], table: str):
    sql("SET LOCAL session_replication_role = replica")
    refused(f"UPDATE {table} SET {columns(table)[1]} = {columns(table)[1]}")
    refused(f"DELETE FROM {table}")
    refused(f"TRUNCATE {table}")


# ── INSERT OR REPLACE: deletes a row without firing the DELETE trigger ──────────────────────────────────────────────

KEYS = [
    ("ledger_entry", ["id"]),
    ("ledger_entry", ["public_id"]),
    ("ledger_entry", ["subject", "seq"]),
    ("ledger_entry", ["subject", "idempotency_key"]),
    ("ledger_position", ["position"]),
    ("ledger_position", ["entry"]),
    ("ledger_seal", ["position"]),
    ("ledger_emptied", ["entry"]),
]
FRESH: dict[str, Any] = {
    "id": 10_001, "public_id": "0" * 32, "subject": "f" * 32, "seq": 10_001, "idempotency_key": "f" * 64, "position": 10_001,
    "entry": 10_001, "rowid": 10_001,
}  # fmt: skip


@sqlite_only
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table} by {' and '.join(key)}" for table, key in KEYS])
def test_insert_or_replace_is_refused(refused: Callable[..., None], table: str, key: list[str], verb: str):
    names = columns(table)
    values = ", ".join(name if name in key or name not in FRESH else f"'{FRESH[name]}'" for name in names)
    where = "WHERE seq = 2" if table == "ledger_entry" else ""
    refused(f"{verb} INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} {where} LIMIT 1")


@sqlite_only
@each_table
def test_replace_by_rowid_is_refused(refused: Callable[..., None], table: str):
    names = [name for name in columns(table) if name != "id"]
    values = ", ".join(f"'{FRESH[name]}'" if name in FRESH else name for name in names)
    refused(f"REPLACE INTO {table} (rowid, {', '.join(names)}) SELECT rowid, {values} FROM {table} LIMIT 1")


@sqlite_only
@each_table
def test_update_or_replace_is_refused(refused: Callable[..., None], table: str):
    refused(f"UPDATE OR REPLACE {table} SET {columns(table)[0]} = 1")
    refused(f"UPDATE OR IGNORE {table} SET {columns(table)[0]} = 1")


def test_new_rows_are_let_in(filled: None, anna: str):
    before = Entry.objects.count()
    happened(anna, "one", "more")
    prove()
    assert Entry.objects.count() == Position.objects.count() == before + 2


# ── Emptying ────────────────────────────────────────────────────────────────────────────────────────────────────────

EMPTY = "UPDATE ledger_entry SET payload = NULL, salt = NULL, idempotency_key = NULL"


def test_emptying_without_its_emptied_row_is_refused(refused: Callable[..., None]):
    refused(f"{EMPTY} WHERE id = %s", Entry.objects.get(seq=2).id)
    refused(EMPTY)  # one that may, and others that may not: none


@pytest.mark.parametrize("kept", ["payload", "salt", "idempotency_key"])
def test_emptying_by_half_is_refused(refused: Callable[..., None], kept: str):
    entry = Entry.objects.get(seq=2)
    sets = [f"{name} = NULL" for name in ("payload", "salt", "idempotency_key") if name != kept]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Emptied(entry=entry.id, tombstone=1).save()
        refused(f"UPDATE ledger_entry SET {', '.join(sets)} WHERE id = %s", entry.id)
        1 / 0  # noqa: B018  (takes the row of Emptied back)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 10_001), ("public_id", "0" * 32), ("subject", "f" * 32), ("seq", 10_001), ("kind", "thing.else"), ("brand", "other"),
        ("actor", "staff:other"), ("commitment", "0" * 64), ("previous", "0" * 64), ("previous", None),
        ("recorded_at", "2020-01-01 00:00:00"),
    ],
)  # fmt: skip
def test_emptying_that_changes_anything_else_is_refused(refused: Callable[..., None], column: str, value: Any):
    entry = Entry.objects.get(seq=2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Emptied(entry=entry.id, tombstone=1).save()
        refused(f"{EMPTY}, {column} = %s WHERE id = %s", value, entry.id)
        1 / 0  # noqa: B018


def test_what_was_emptied_is_not_filled_again(refused: Callable[..., None]):
    refused("UPDATE ledger_entry SET payload = 'x', salt = 'x' WHERE payload IS NULL")
    refused("UPDATE ledger_entry SET idempotency_key = 'x' WHERE payload IS NULL")


# ── There, or not there ─────────────────────────────────────────────────────────────────────────────────────────────


def test_none_is_missing_after_migrate(filled: None):
    assert triggers.missing(connection) == []
    assert {each.table for each in triggers.guards()} >= set(TABLES)


def test_missing_names_what_was_dropped(filled: None):
    third = "no_truncate" if connection.vendor == "postgresql" else "no_replace"
    expected = [f"{each.table}_{end}" for each in triggers.guards() for end in ("no_update", "no_delete", third)]
    with triggers.suspended(connection):
        assert triggers.missing(connection) == expected
        with transaction.atomic():
            assert sql("DELETE FROM ledger_seal") == 1
    assert triggers.missing(connection) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        sql("DELETE FROM ledger_position")


def test_a_table_that_is_not_there_yet_is_passed_over(filled: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(triggers, "_guards", dict(triggers._guards))
    triggers.guard("ledger_later")
    with triggers.suspended(connection):
        pass
    assert triggers.missing(connection) == []


@postgresql_only
def test_missing_names_what_was_disabled(filled: None):
    sql("ALTER TABLE ledger_seal DISABLE TRIGGER ledger_seal_no_delete")
    assert triggers.missing(connection) == ["ledger_seal_no_delete"]
    sql("ALTER TABLE ledger_seal ENABLE TRIGGER ledger_seal_no_delete")  # a replica would pass it
    assert triggers.missing(connection) == ["ledger_seal_no_delete"]
    triggers.install(connection)
    assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_they_come_back_after_a_table_was_rebuilt():
    old = Entry._meta.get_field("actor")
    new = models.CharField(max_length=81, db_index=True)
    new.set_attributes_from_name("actor")
    new.model = Entry
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(Entry, old, new)
            if connection.vendor == "postgresql":  # it alters in place
                triggers.drop(connection)
        assert "ledger_entry_no_update" in triggers.missing(connection)
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        assert triggers.missing(connection) == []
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(Entry, new, old)
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
