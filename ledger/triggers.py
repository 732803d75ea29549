"""The database's own refusal to edit or delete what was recorded, on SQLite and PostgreSQL alike.

Installed after every migrate, not in a migration: Django rebuilds a SQLite table to alter it and drops its triggers silently.
A check compares what should be there with what is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Guard:
    """A table whose rows may only be added.

    update_if, delete_if    SQL conditions over OLD and NEW that are let through
    unique                  an SQL condition over NEW that finds the row each unique key but the rowid would clash with (SQLite's REPLACE);
                            name every one: a primary key that is not INTEGER, partial indexes too
    """

    table: str
    update_if: str = ""
    delete_if: str = ""
    unique: str = ""

    @property
    def names(self) -> list[str]:
        return [f"{self.table}_no_update", f"{self.table}_no_delete"]


_guards: dict[str, Guard] = {}

# An entry's payload may go, and nothing else of it, and only under a tombstone that has claimed it.
EMPTYING = (
    "NEW.payload IS NULL AND NEW.salt IS NULL AND NEW.idempotency_key IS NULL"
    " AND NEW.id = OLD.id AND NEW.public_id = OLD.public_id AND NEW.subject = OLD.subject AND NEW.seq = OLD.seq"
    " AND NEW.kind = OLD.kind AND NEW.brand = OLD.brand AND NEW.actor = OLD.actor AND NEW.commitment = OLD.commitment"
    " AND NEW.previous {same} OLD.previous AND NEW.recorded_at = OLD.recorded_at"
    " AND EXISTS (SELECT 1 FROM ledger_emptied WHERE ledger_emptied.entry = OLD.id)"
)


def guard(table: str, *, update_if: str = "", delete_if: str = "", unique: str = "") -> None:
    """Called in AppConfig.ready by the app that owns the table."""
    _guards[table] = Guard(table, update_if, delete_if, unique)


def guards() -> list[Guard]:
    return list(_guards.values())


def install(connection: BaseDatabaseWrapper) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for each in guards():
            if each.table in tables:
                for statement in _statements(each, connection.vendor):
                    cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """For tests that empty every table between them; `flush` emits post_migrate, which installs them again."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for each in guards():
            if each.table in tables:
                for name in _all_names(each, connection.vendor):
                    on = f" ON {each.table}" if connection.vendor == "postgresql" else ""
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextmanager
def suspended(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """For tests that tamper as somebody with the database's own password could."""
    drop(connection)
    try:
        yield
    finally:
        install(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    tables = set(connection.introspection.table_names())
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    return [name for each in guards() if each.table in tables for name in _all_names(each, connection.vendor) if name not in there]


def _all_names(each: Guard, vendor: str) -> list[str]:
    return [*each.names, f"{each.table}_no_truncate" if vendor == "postgresql" else f"{each.table}_no_replace"]


def _statements(each: Guard, vendor: str) -> Iterator[str]:
    return _postgresql(each) if vendor == "postgresql" else _sqlite(each)


def _postgresql(each: Guard) -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
        " '% on % is refused: rows are added, never changed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    same = "IS NOT DISTINCT FROM"
    for name, event, let_through in (
        (each.names[0], "UPDATE", each.update_if.format(same=same)),
        (each.names[1], "DELETE", each.delete_if.format(same=same)),
    ):
        # A trigger's WHEN may not look into another table: the condition goes into a function of its own.
        yield f"DROP TRIGGER IF EXISTS {name} ON {each.table}"
        if let_through:
            result = "NEW" if event == "UPDATE" else "OLD"
            yield (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {let_through} THEN RETURN {result};"
                " END IF; RAISE EXCEPTION '% on % is refused: rows are added, never changed', TG_OP, TG_TABLE_NAME"
                " USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        function = name if let_through else "ledger_refuse"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {each.table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        yield f"ALTER TABLE {each.table} ENABLE ALWAYS TRIGGER {name}"  # also for a session that plays a replica
    name = f"{each.table}_no_truncate"
    yield f"DROP TRIGGER IF EXISTS {name} ON {each.table}"
    yield f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {each.table} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    yield f"ALTER TABLE {each.table} ENABLE ALWAYS TRIGGER {name}"


def _sqlite(each: Guard) -> Iterator[str]:
    refuse = f"SELECT RAISE(ABORT, 'refused: rows of {each.table} are added, never changed')"
    for name, event, let_through in (
        (each.names[0], "UPDATE", each.update_if.format(same="IS")),
        (each.names[1], "DELETE", each.delete_if.format(same="IS")),
    ):
        when = f" WHEN NOT ({let_through})" if let_through else ""
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} BEFORE {event} ON {each.table}{when} BEGIN {refuse}; END"
    # INSERT OR REPLACE deletes without firing the DELETE trigger.
    clash = f" OR {each.unique}" if each.unique else ""
    name = f"{each.table}_no_replace"
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {each.table}"
        f" WHEN EXISTS (SELECT 1 FROM {each.table} WHERE rowid = NEW.rowid{clash}) BEGIN {refuse}; END"
    )


def after_migrate(*, using: str, **kwargs: Any) -> None:
    from django.db import connections

    install(connections[using])
