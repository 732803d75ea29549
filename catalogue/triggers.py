"""The database's own refusal to change what was published, on SQLite and PostgreSQL alike.

A draft may be written and thrown away; from the moment its version has a number, the version, its texts, its uses or clauses and the
words they are written in stay as they were. ledger/triggers.py refuses the edits and deletions; the insertions (one more use slipped
into a published version) are refused here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ledger.triggers import guard

# The tables of versions: the column that says of what, and the tables of what belongs to a version.
VERSIONS = {
    "catalogue_purposeversion": ("purpose_id", ("catalogue_purposetext", "catalogue_use")),
    "catalogue_policyversion": ("policy_id", ("catalogue_policytext", "catalogue_clause", "catalogue_change")),
}
PARTS: dict[str, str] = {}  # what belongs to a version, and the table of the versions; of every app that has such


def published(which: str, versions: str = "catalogue_purposeversion") -> str:
    """SQL: there is a published version which …"""
    return f"EXISTS (SELECT 1 FROM {versions} AS version WHERE version.number IS NOT NULL AND {which})"  # noqa: S608


SAME_KEY = "(brand_id = NEW.brand_id AND key = NEW.key)"  # for SQLite's INSERT OR REPLACE
# What a published use says through each of its words. Names in further languages may still come.
WORDS = {
    "catalogue_datacategory": ("category_id", ("key", "brand_id", "sensitive")),
    "catalogue_source": ("source_id", ("key", "brand_id", "kind")),
    "catalogue_recipient": ("recipient_id", ("key", "brand_id", "name", "country", "role", "third_party")),
}


def freeze_versions(table: str, *, of: str, parts: Iterable[str]) -> None:
    """`table` holds versions (catalogue/models/frozen.py), `of` is its column that says of what, `parts` are the tables of what belongs to
    a version. Called in AppConfig.ready by the app that owns them."""
    guard(table, update_if="OLD.number IS NULL", delete_if="OLD.number IS NULL", unique=f"({of} = NEW.{of} AND number = NEW.number)")
    for part in parts:
        PARTS[part] = table
        guard(
            part,
            update_if=f"NOT {published('version.id IN (OLD.version_id, NEW.version_id)', table)}",
            delete_if=f"NOT {published('version.id = OLD.version_id', table)}",
        )


def register_guards() -> None:
    for table, (column, parts) in VERSIONS.items():
        freeze_versions(table, of=column, parts=parts)
    open_policy = f"NOT {published('version.policy_id = OLD.id', 'catalogue_policyversion')}"
    # It may be read again; its name and brand are part of what was published.
    same_name = "(NEW.key = OLD.key AND NEW.brand_id = OLD.brand_id)"
    guard("catalogue_policy", update_if=f"{open_policy} OR {same_name}", delete_if=open_policy, unique=SAME_KEY)
    guard(
        "catalogue_purpose",
        # It may retire, once, and move in the order; its name, brand and parent are part of what was published.
        update_if=f"NOT {published('version.purpose_id = OLD.id')}"
        " OR (NEW.key = OLD.key AND NEW.brand_id = OLD.brand_id AND COALESCE(NEW.parent_id, 0) = COALESCE(OLD.parent_id, 0)"
        " AND (OLD.retired_at IS NULL OR NEW.retired_at {same} OLD.retired_at))",
        delete_if=f"NOT {published('version.purpose_id = OLD.id')}",
        unique=SAME_KEY,
    )
    for table, (column, frozen) in WORDS.items():
        used = f"EXISTS (SELECT 1 FROM catalogue_use AS used WHERE used.version_id = version.id AND used.{column} = OLD.id)"  # noqa: S608
        in_use = published(used)
        unchanged = " AND ".join(f"NEW.{name} = OLD.{name}" for name in frozen)
        guard(table, update_if=f"NOT {in_use} OR ({unchanged})", delete_if=f"NOT {in_use}", unique=SAME_KEY)


def install(connection: BaseDatabaseWrapper) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in PARTS:
            if table in tables:
                for statement in _statements(table, connection.vendor):
                    cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """For tests that tamper; what ledger.triggers guards is dropped there."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in PARTS:
            if table in tables:
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_late_insert{on}")


def _statements(table: str, vendor: str) -> Iterator[str]:
    name = f"{table}_no_late_insert"
    late = published("version.id = NEW.version_id", PARTS[table])
    if vendor == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {late} THEN RAISE EXCEPTION"
            " 'INSERT on % is refused: the version is published', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"
            " END IF; RETURN NEW; END $$"
        )
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        yield f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
    else:
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield (
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {late}"
            f" BEGIN SELECT RAISE(ABORT, 'refused: the version of this row of {table} is published'); END"
        )


def after_migrate(*, using: str, **kwargs: Any) -> None:
    install(connections[using])
