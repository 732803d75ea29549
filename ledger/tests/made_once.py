"""What every test needs first is made once a process by the real actions, and put back as rows for the tests that follow: a thousand
statements become one for each table. So are the files that were written: proof, mails, packages.

Only where it is certain to be what the actions would make: on PostgreSQL, on the same day and within the hour, with as much in the
tables as there was then and the same entry as the newest. Everywhere else it is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

Row = tuple[Any, ...]
Rows = dict[Any, Row]  # by primary key
Before = tuple[int | str | None, ...]
Files = dict[tuple[str, str], bytes]  # by the setting that names their folder, and their path in it
FOLDERS = ("PROOF_DIR", "MAIL_DIR", "PACKAGES_DIR")
LONGEST = timedelta(hours=1)
MOST = 50


@dataclass(frozen=True)
class Kept:
    """The rows and files that were made, and what stood under the same keys before: the same, or nothing. `gone`: rows it took away."""

    made_at: datetime
    before: dict[str, Rows]
    after: dict[str, Rows]
    gone: dict[str, Rows]
    script: str  # what brings the rows from before to after, its values written out: one trip to the database
    files_before: Files
    files_after: Files

    @property
    def is_fresh(self) -> bool:
        now = timezone.now()
        return self.made_at <= now < self.made_at + LONGEST and timezone.localdate(self.made_at) == timezone.localdate(now)


_kept: dict[tuple[str, Before], Kept] = {}
_prepared: WeakSet[Any] = WeakSet()


def made_once(name: str, make: Callable[[], object]) -> None:
    """Calls `make`, or puts back what it made for an earlier test. `name` stands for all that `make` depends on."""
    if connection.vendor != "postgresql":
        make()
        return
    about = (name, _what_is_there())
    kept = _kept.get(about)
    if kept and kept.is_fresh and _put_back(kept):
        return
    if not kept and len(_kept) >= MOST:
        make()
        return
    before, files_before = _everything(), _files()
    make()
    after, files_after = _everything(), _files()
    changed = {table: {key: row for key, row in rows.items() if before[table].get(key) != row} for table, rows in after.items()}
    under = {table: {key: before[table][key] for key in rows if key in before[table]} for table, rows in changed.items()}
    written = {key: content for key, content in files_after.items() if files_before.get(key) != content}
    written_over = {key: files_before[key] for key in written if key in files_before}
    gone = {table: {key: row for key, row in rows.items() if key not in after[table]} for table, rows in before.items()}
    if not files_before.keys() - files_after.keys():
        _kept[about] = Kept(timezone.now(), under, changed, gone, _script(under, changed, gone), written_over, written)


@cache
def _tables() -> dict[str, tuple[str, ...]]:
    """The columns of each, its primary key first."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            key = _column(model._meta.pk)
            others = [_column(field) for field in model._meta.local_concrete_fields if _column(field) != key]
            found[model._meta.db_table] = (key, *others)
    return found


def _column(field: models.Field[Any, Any]) -> str:
    return str(field.column)


def _what_is_there() -> Before:
    """What is made depends on what is there already: rows of every table, and the newest entry, for every act leaves one."""
    with connection.cursor() as cursor:
        if connection.connection not in _prepared:  # planning a hundred counts takes longer than counting
            counts = [f"(SELECT COUNT(*) FROM {table})" for table in _tables()]
            newest = "(SELECT commitment FROM ledger_entry ORDER BY id DESC LIMIT 1)"
            cursor.execute(f"PREPARE what_is_there AS SELECT {', '.join([newest, *counts])}")
            _prepared.add(connection.connection)
        cursor.execute("EXECUTE what_is_there")
        return tuple(cursor.fetchone())


def _files() -> Files:
    folders = [(name, Path(getattr(settings, name))) for name in FOLDERS]
    paths = [(name, folder, path) for name, folder in folders for path in folder.rglob("*") if path.is_file()]
    return {(name, str(path.relative_to(folder))): path.read_bytes() for name, folder, path in paths}


def _write(files: Files) -> None:
    for (name, inside), content in files.items():
        path = Path(getattr(settings, name)) / inside
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
        path.chmod(0o600)


def _everything() -> dict[str, Rows]:
    found = {}
    with connection.cursor() as cursor:
        for table, columns in _tables().items():
            cursor.execute(f"SELECT {_names(columns)} FROM {table}")
            found[table] = {row[0]: tuple(map(_as_value, row)) for row in cursor.fetchall()}
    return found


def _put_back(kept: Kept) -> bool:
    """Whether it could be: nothing else stands where the rows go."""
    there = _files()
    if any(there.get(key) not in (kept.files_before.get(key), content) for key, content in kept.files_after.items()):
        return False
    with connection.cursor() as cursor:
        for expected in (kept.before, kept.gone):
            if any(_under(cursor, table, rows) != rows for table, rows in expected.items() if rows):
                return False
        try:
            with transaction.atomic():
                cursor.execute(kept.script)
        except IntegrityError:
            return False
    _write(kept.files_after)
    return True


def _script(before: dict[str, Rows], after: dict[str, Rows], gone: dict[str, Rows]) -> str:
    """What belongs to a published version is refused once the version is there, so parts come before wholes, and neither triggers nor
    foreign keys look meanwhile."""
    write_out = psycopg.ClientCursor(connection.connection).mogrify
    statements = ["SET LOCAL session_replication_role = replica"]
    statements += [write_out(*_removed(table, rows)) for table, rows in gone.items() if rows]
    for table, rows in reversed(after.items()):
        statements += [write_out(*_changed(table, key, rows[key])) for key in before[table]]
        if new := [row for key, row in rows.items() if key not in before[table]]:
            statements.append(write_out(*_added(table, new)))
    return "; ".join([*statements, "SET LOCAL session_replication_role = origin"])


def _under(cursor: Any, table: str, keys: Iterable[Any]) -> Rows:
    columns = _tables()[table]
    cursor.execute(f"SELECT {_names(columns)} FROM {table} WHERE {columns[0]} = ANY(%s)", [list(keys)])
    return {row[0]: tuple(map(_as_value, row)) for row in cursor.fetchall()}


def _added(table: str, rows: list[Row]) -> tuple[str, list[Any]]:
    columns = _tables()[table]
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    return f"INSERT INTO {table} ({_names(columns)}) VALUES {places}", [value for row in rows for value in row]


def _changed(table: str, key: Any, row: Row) -> tuple[str, list[Any]]:
    columns = _tables()[table]
    to = ", ".join(f'"{column}" = %s' for column in columns[1:])
    return f"UPDATE {table} SET {to} WHERE {columns[0]} = %s", [*row[1:], key]


def _removed(table: str, keys: Iterable[Any]) -> tuple[str, list[Any]]:
    return f"DELETE FROM {table} WHERE {_tables()[table][0]} = ANY(%s)", [list(keys)]


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _as_value(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
