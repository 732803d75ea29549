"""A backup put in place, and everything done that has to be done before the first page is served from it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts.models import Challenge
from brands.models import Brand
from data_requests.models import Package
from data_requests.package.sealing import path_of
from ledger import epochs, journal
from ledger.proving import prove
from ledger.turns import turn
from notifications.models import Campaign
from preference_center.backups.making import BackupError, Sheet, address, program, read_sheet, unpack
from preference_center.backups.replaying import BY, Replayed, replay


@dataclass(frozen=True)
class Restored:
    """`lost`: positions that were sealed, of which the journal says nothing: grants and other acts that nobody can do again."""

    sheet: Sheet | None
    replayed: Replayed
    restart: epochs.Restart
    campaigns: int
    newest_seal: dict[str, Any] | None
    newest_line: dict[str, Any] | None

    @property
    def lost(self) -> int:
        newest = self.newest_seal["position"] if self.newest_seal else 0
        return max(newest - (self.newest_line["position"] if self.newest_line else self.restart.position), 0)


def marker() -> Path:
    """While this file is there, no page is served (preference_center/backups/gate.py)."""
    return Path(settings.DATA_DIR) / "restoring"


def restore(path: Path, *, alone: bool = True) -> Restored:
    """Raises BackupError before anything is changed where the backup is damaged, of another kind of database, or newer than this program;
    and where others are at work on the database (`alone`)."""
    sheet = read_sheet(path)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        unpack(path, sheet, dump)
        _fits(sheet)
        if alone:
            nobody_else()
        _shut(path.name)
        _put_in_place(dump)
    call_command("migrate", verbosity=0)
    return take_up(sheet)


def _shut(why: str) -> None:
    marker().parent.mkdir(parents=True, exist_ok=True)
    marker().write_text(f"{timezone.now().isoformat()} {why}\n", encoding="utf-8")


def take_up(sheet: Sheet | None = None) -> Restored:
    """Of a database that was put in place, by `restore` or by other means: what the files outside the database know and the backup does
    not. The new epoch comes last, so that a crash before it leaves the gate shut and the command to be typed again. Twice is once."""
    _shut(sheet.made_at if sheet else "in place")
    newest_seal, lines = epochs.newest_filed(), list(journal.read())
    replayed = replay(lines)
    campaigns = Campaign.objects.filter(paused_at=None, ended_at=None).update(paused_at=timezone.now())
    _forget_missing_files()
    _sign_everybody_out()
    restart = _new_epoch()
    prove()
    marker().unlink(missing_ok=True)
    newest_line = max(lines, key=lambda line: (line["epoch"], line["position"]), default=None)
    return Restored(sheet, replayed, restart, campaigns, newest_seal, newest_line)


def _new_epoch() -> epochs.Restart:
    """Said in the chain of each brand, so that everybody who verifies reads it."""
    brands = list(Brand.objects.order_by("pk"))
    with turn(*(brand.subject for brand in brands), brand=brands[0].key, actor=BY) as this:
        restart = epochs.begin()
        for brand in brands:
            act = {"epoch": restart.epoch, "position": restart.position, "reason": "restore"}
            this.append(brand.subject, "epoch.started", act)
    return restart


def _sign_everybody_out() -> None:
    """Who ended a session since, or had it ended by “this was not me”, must not find it open again; codes of then open nothing."""
    UserSession.objects.all().delete()
    Session.objects.all().delete()
    Challenge.objects.all().delete()


def _forget_missing_files() -> None:
    """Copies that were waiting when the backup was made: their files are not in it."""
    for package in Package.objects.filter(gone_at=None):
        if not path_of(package.file).exists():
            Package.objects.filter(pk=package.pk).update(file="", key="", gone_at=timezone.now())


def _fits(sheet: Sheet) -> None:
    if sheet.database != connection.vendor:
        raise BackupError(f"It is a backup of {sheet.database}; this installation runs on {connection.vendor}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(sheet.migrations) - known):
        raise BackupError(f"It was made by a newer version of the program, which knows {newer[0]}: install that one first.")


# ── Putting it in place ─────────────────────────────────────────────────────────────────────────────────────────────


def nobody_else() -> None:
    """A worker or a page that goes on with the old data would write into the new."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
            others = cursor.fetchone()[0]
        if others:
            raise BackupError(f"{others} others are connected to the database: stop web servers and workers first.")
    elif not _is_free(Path(connection.settings_dict["NAME"])):
        raise BackupError("Somebody else is at work on the database: stop web servers and workers first.")


def _is_free(path: Path) -> bool:
    """Whether nobody else has it open: the last to leave takes the write-ahead log away, which is us, then."""
    if not path.exists():
        return True
    with suppress(DatabaseError), connection.cursor() as cursor:  # a damaged one is what a backup is for
        cursor.execute("SELECT count(*) FROM django_migrations")
    connections.close_all()
    return not path.with_name(f"{path.name}-wal").exists()


def _put_in_place(dump: Path) -> None:
    connections.close_all()
    if connection.vendor == "postgresql":
        _restore_postgresql(dump)
    else:
        _restore_sqlite(dump)


def _restore_postgresql(dump: Path) -> None:
    """In one transaction: it is there as a whole, or the old one is."""
    arguments, secrets = address()
    name = str(connection.settings_dict["NAME"])
    command = [
        program("pg_restore"), "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
        *arguments, "--dbname", name, str(dump),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | secrets)
    if done.returncode:
        marker().unlink(missing_ok=True)
        raise BackupError(f"pg_restore failed, and the database is as it was: {done.stderr.strip()}")


def _restore_sqlite(dump: Path) -> None:
    """The old file is set aside until the new one is whole."""
    path = Path(connection.settings_dict["NAME"])
    with _set_aside(path):
        with dump.open("rb") as source, path.open("wb") as target:
            while piece := source.read(1024 * 1024):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())


@contextmanager
def _set_aside(path: Path) -> Iterator[None]:
    aside = path.with_name(f"{path.name}.before-restore")
    for end in ("-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
    if path.exists():
        path.replace(aside)
    try:
        yield
    except OSError:
        aside.replace(path)
        marker().unlink(missing_ok=True)
        raise
    aside.unlink(missing_ok=True)  # it held everybody in clear
