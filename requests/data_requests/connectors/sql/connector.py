"""Asks a database that a description speaks of. Names of tables and columns are checked against the database before anything is read;
values are always parameters; rows that are not this person's are refused, whatever the database says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper

from accounts.addresses import canonical_email
from data_requests.connectors.base import AnotherPersons, Fault, Keys, Rows, Table, Unreachable
from data_requests.connectors.files import described
from data_requests.connectors.sql.description import Described, Description, read

IN_ONE_STATEMENT = 500
FETCHED = 1000
A_DAY = timedelta(days=1)


class SqlConnector:
    def __init__(self, description: Description) -> None:
        self._description = description
        self._alias = description.database
        if self._alias not in settings.CONNECTED_DATABASES:
            raise Fault(f"CONNECTED_DATABASES names no {self._alias}")

    @classmethod
    def of(cls, brand: str, system: str) -> SqlConnector:
        return cls(read(described(brand, system)))

    def check(self) -> None:
        with self._cursor() as cursor:
            self._check(cursor)

    def locate(self, keys: Keys) -> Keys:
        with self._cursor() as cursor:
            self._check(cursor)
            return self._located(cursor, keys)

    def read(self, keys: Keys, reference: str) -> Generator[Rows]:
        with self._cursor() as cursor:
            self._check(cursor)
            keys = self._located(cursor, keys)
            for table in self._description.tables:
                if table.columns:
                    yield table.name, list(table.columns), self._rows(cursor, table, keys)

    def plan(self, keys: Keys, today: date) -> list[Table]:
        with self._cursor() as cursor:
            self._check(cursor)
            keys = self._located(cursor, keys)
            return [self._plan(cursor, table, keys, today) for table in self._description.tables]

    def erase(self, keys: Keys, today: date, reference: str) -> list[Table]:
        """In one transaction of that database: what takes its keys from another table goes before it."""
        with self._cursor() as cursor, transaction.atomic(using=self._alias):
            self._check(cursor)
            keys = self._located(cursor, keys)
            planned = [self._plan(cursor, table, keys, today) for table in self._description.tables]
            for table in reversed(self._description.tables):
                self._erase(cursor, table, keys, today)
            return planned

    def end(self, keys: Keys, kept: list[Table], today: date, reference: str) -> list[Table]:
        """Of the tables that were kept, by the keys that were found then, and no row whose time ends later than that of the last then."""
        still = {table.name: table for table in kept}
        with self._cursor() as cursor, transaction.atomic(using=self._alias):
            self._check(cursor)
            tables = [(table, still[table.name].until) for table in self._description.tables if table.keep and table.name in still]
            for table, last in tables:
                self._erase(cursor, table, keys, min(today, last + A_DAY) if last else today)
            left = [self._plan(cursor, table, keys, today, last) for table, last in tables]
        return [table for table in left if table.kept]

    # ── Retention: rows of anybody ──────────────────────────────────────────────────────────────────────────────────

    def retained(self) -> list[Described]:
        """Tables that say how long rows stay."""
        return [table for table in self._description.tables if table.retention]

    def outlived(self, table: Described, first: date) -> int:
        """How many rows are older than `first`, the oldest day that stays."""
        with self._cursor() as cursor:
            self._check(cursor)
            where, values = self._older(table, first)
            cursor.execute(f"SELECT COUNT(*) FROM {self._quoted(table.name)} WHERE {where}", values)
            return int(cursor.fetchone()[0])

    def forget(self, table: Described, first: date) -> int:
        """Deletes them, or masks them where that is what happens to the table's rows; returns how many."""
        with self._cursor() as cursor, transaction.atomic(using=self._alias):
            self._check(cursor)
            where, values = self._older(table, first)
            name = self._quoted(table.name)
            if table.mask:
                settled = ", ".join(f"{self._quoted(column)} = %s" for column in table.mask)
                cursor.execute(f"UPDATE {name} SET {settled} WHERE {where}", [*table.mask.values(), *values])
            else:
                cursor.execute(f"DELETE FROM {name} WHERE {where}", values)
            return int(cursor.rowcount)

    def _older(self, table: Described, first: date) -> tuple[str, list[Any]]:
        assert table.retention
        unmasked, masks = self._unmasked(table)
        return f"{self._quoted(table.retention.column)} < %s{unmasked}", [first.isoformat(), *masks]

    # ── One table ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, cursor: CursorWrapper, table: Described, keys: Keys) -> Iterator[list[Any]]:
        names, owners = ", ".join(map(self._quoted, (table.column, *table.columns))), Owners(table, keys)
        for where, values in self._wheres(table, keys):
            for row in self._fetched(cursor, f"SELECT {names} FROM {self._quoted(table.name)} WHERE {where}", values):
                owners.check(row[0])
                yield list(row[1:])

    def _fetched(self, cursor: CursorWrapper, sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
        """Row by row, whoever asks for them and when: an error of the database is told as one of this connector."""
        with _told(self._alias):
            cursor.execute(sql, values)
            rows = cursor.fetchmany(FETCHED)
        while rows:
            yield from rows
            with _told(self._alias):
                rows = cursor.fetchmany(FETCHED)

    def _plan(self, cursor: CursorWrapper, table: Described, keys: Keys, today: date, last: date | None = None) -> Table:
        """`last`: rows whose time ends later are not looked at."""
        found = Table(table.name, table.title)
        if table.keep:
            found = replace(found, ground=table.keep.ground, law=table.keep.law)
        for day, count in self._counts(cursor, table, keys).items():
            if last is not None and day is not None and day > last:
                continue
            found = replace(found, count=found.count + count, masked=found.masked + (count if table.mask else 0))
            if table.keep and not _is_over(day, today):
                ends = [each for each in (found.until, day) if each]
                begins = [each for each in (found.first, day) if each]
                found = replace(
                    found, kept=found.kept + count, until=max(ends, default=None), first=min(begins, default=None)
                )  # fmt: skip
        return found

    def _counts(self, cursor: CursorWrapper, table: Described, keys: Keys) -> Counter[date | None]:
        """The last day that rows are kept, where they are, and how many. What is masked already does not count. Each row is looked at: a
        GROUP BY would show one owner for several where the database takes "a" for "A"."""
        names = [table.column, *([table.keep.column] if table.keep else [])]
        columns = ", ".join(map(self._quoted, names))
        unmasked, masks = self._unmasked(table)
        counts, owners = Counter[date | None](), Owners(table, keys)
        for where, values in self._wheres(table, keys):
            sql = f"SELECT {columns} FROM {self._quoted(table.name)} WHERE {where}{unmasked}"
            for row in self._fetched(cursor, sql, [*values, *masks]):
                owners.check(row[0])
                counts[table.keep.until(row[1]) if table.keep else None] += 1
        return counts

    def _erase(self, cursor: CursorWrapper, table: Described, keys: Keys, today: date) -> None:
        name = self._quoted(table.name)
        for where, values in self._wheres(table, keys):
            if table.mask:
                settled = ", ".join(f"{self._quoted(column)} = %s" for column in table.mask)
                cursor.execute(f"UPDATE {name} SET {settled} WHERE {where}", [*table.mask.values(), *values])
            elif table.keep is None:
                cursor.execute(f"DELETE FROM {name} WHERE {where}", values)
            else:
                column = self._quoted(table.keep.column)
                cursor.execute(f"SELECT DISTINCT {column} FROM {name} WHERE {where}", values)
                over = [row[0] for row in cursor.fetchall() if _is_over(table.keep.until(row[0]), today)]
                for some in _chunks(over):
                    cursor.execute(f"DELETE FROM {name} WHERE {where} AND {column} IN ({_marks(some)})", [*values, *some])

    def _unmasked(self, table: Described) -> tuple[str, list[Any]]:
        """For a WHERE: that a column is not yet what it is masked with."""
        if not table.mask:
            return "", []
        parts, values = [], []
        for column, value in table.mask.items():
            name = self._quoted(column)
            if value is None:
                parts.append(f"{name} IS NOT NULL")
            else:
                parts.append(f"({name} IS NULL OR {name} <> %s)")
                values.append(value)
        return f" AND ({' OR '.join(parts)})", values

    # ── Whose rows ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _located(self, cursor: CursorWrapper, keys: Keys) -> Keys:
        """With the values that other tables take their keys from; those that were found before stay."""
        located = dict(keys.located)
        for table in self._description.tables:
            if table.parent is None or table.known_by in located and not keys.emails:
                continue
            parent = next(each for each in self._description.tables if each.name == table.parent[0])
            known = replace(keys, located=located)
            found, owners = set(located.get(table.known_by, ())), Owners(parent, known)
            names = f"{self._quoted(parent.column)}, {self._quoted(table.parent[1])}"
            for where, values in self._wheres(parent, known):
                for owner, value in self._fetched(cursor, f"SELECT {names} FROM {self._quoted(parent.name)} WHERE {where}", values):
                    owners.check(owner)
                    found.add(value)
            located[table.known_by] = tuple(sorted((value for value in found if value is not None), key=str))
        return replace(keys, located=located)

    def _wheres(self, table: Described, keys: Keys) -> Iterator[tuple[str, list[Any]]]:
        """Conditions that find the rows of the person, some keys at a time; none where the system does not know them."""
        name = self._quoted(table.column)
        if table.known_by == "email" and table.any_case:
            name = f"LOWER({name})"
        for some in _chunks(_values(table, keys)):
            yield f"{name} IN ({_marks(some)})", list(some)

    # ── The database ────────────────────────────────────────────────────────────────────────────────────────────────

    def _check(self, cursor: CursorWrapper) -> None:
        """Every table and column of the description is there, before anything is read."""
        introspection = connections[self._alias].introspection
        there = {info.name for info in introspection.get_table_list(cursor)}
        for table, columns in self._description.wanted().items():
            if table not in there:
                raise Fault(f"{self._alias} has no table {table}")
            cursor.execute(f"SELECT * FROM {self._quoted(table)} WHERE 1 = 0")  # its columns, in every database the same way
            has = {column[0] for column in cursor.description}
            if missing := sorted(columns - has):
                raise Fault(f"{self._alias}.{table} has no column {', '.join(missing)}")

    def _quoted(self, name: str) -> str:
        return connections[self._alias].ops.quote_name(name)

    @contextmanager
    def _cursor(self) -> Iterator[CursorWrapper]:
        try:
            with _told(self._alias), connections[self._alias].cursor() as cursor:
                yield cursor
        finally:
            connections[self._alias].close()


@contextmanager
def _told(alias: str) -> Iterator[None]:
    """The words of an error may hold what somebody typed: its class is told, and no more."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise Unreachable(f"{alias}: {type(error).__name__}") from error
    except DatabaseError as error:
        raise Fault(f"{alias}: {type(error).__name__}") from error


def _values(table: Described, keys: Keys) -> Iterable[Any]:
    if table.known_by == "email":
        return sorted(keys.emails)
    if table.known_by == "code":
        return [keys.code] if keys.code else []
    return keys.located.get(table.known_by, ())


class Owners:
    """Whose rows a table has given. A view, a collation or a trigger may answer with more than was asked for."""

    def __init__(self, table: Described, keys: Keys) -> None:
        self._table, self._keys = table, keys
        self._known: set[Any] = set()  # that were found to be theirs: most rows have the same

    def check(self, owner: Any) -> None:
        if owner not in self._known:
            _is_theirs(self._table, owner, self._keys)
            self._known.add(owner)


def _is_theirs(table: Described, owner: Any, keys: Keys) -> None:
    """Raises AnotherPersons."""
    if table.known_by == "email":
        try:
            theirs = canonical_email(str(owner)) in keys.emails
        except ValidationError:
            theirs = False
    else:
        theirs = str(owner) in {str(value) for value in _values(table, keys)}
    if not theirs:
        raise AnotherPersons(f"{table.name} gave a row of somebody else")


def _is_over(day: date | None, today: date) -> bool:
    return day is not None and day < today


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """So many as one statement takes."""
    every = list(values)
    for start in range(0, len(every), IN_ONE_STATEMENT):
        yield every[start : start + IN_ONE_STATEMENT]


def _marks(values: list[Any]) -> str:
    return ", ".join(["%s"] * len(values))
