"""A backup: the whole database, encrypted, and a sheet beside it that says what it is.

<name>.pcb    the dump (pg_dump's custom format, or a SQLite database), in the format of data_requests/package/sealing.py
<name>.json   {format, made_at, database, key, size, sha256, epoch, position, hash, migrations}; the key is encrypted by ENCRYPTION_KEYS,
              which are kept elsewhere: whoever has the backup alone has nothing
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from data_requests.package.sealing import Broken, Sealing, opened_at
from ledger.models import Log

FORMAT = "pc-backup-v1"
PIECE = 1024 * 1024


class BackupError(RuntimeError):
    """In words for whoever types the command."""


@dataclass(frozen=True)
class Sheet:
    made_at: str
    database: str  # "postgresql" or "sqlite"
    key: str
    size: int
    sha256: str
    epoch: int
    position: int
    hash: str
    migrations: list[str]
    format: str = FORMAT


def back_up(folder: Path, now: datetime | None = None) -> Path:
    """Returns the path of the dump; its sheet lies beside it. Positions given while it runs may be in it or not: the sheet says the
    position before it began, and everything up to there is in it."""
    now = now or timezone.now()
    path = folder / f"center-{now:%Y%m%dT%H%M%SZ}.pcb"
    log = Log.objects.get(pk=1)
    with Sealing(path) as sealing:
        for piece in _dump():
            sealing.write(piece)
    sealed = sealing.sealed
    sheet = Sheet(
        now.isoformat(), connection.vendor, sealed.key, sealed.size, sealed.sha256, log.epoch, log.position, log.hash, migrations()
    )  # fmt: skip
    sheet_of(path).write_text(json.dumps(asdict(sheet), indent=2) + "\n", encoding="utf-8")
    sheet_of(path).chmod(0o600)
    return path


def sheet_of(path: Path) -> Path:
    return path.with_suffix(".json")


def read_sheet(path: Path) -> Sheet:
    """Raises BackupError."""
    try:
        values: dict[str, Any] = json.loads(sheet_of(path).read_text(encoding="utf-8"))
        sheet = Sheet(**values)
    except FileNotFoundError:
        raise BackupError(f"{sheet_of(path).name} is not there: without it the backup cannot be read.") from None
    except (ValueError, TypeError):
        raise BackupError(f"{sheet_of(path).name} is not the sheet of a backup.") from None
    if sheet.format != FORMAT:
        raise BackupError(f"{sheet_of(path).name} is of another format: {sheet.format}.")
    return sheet


def unpack(path: Path, sheet: Sheet, target: Path) -> None:
    """The dump in clear, checked to the last byte before anything is replaced. Raises BackupError."""
    digest = hashlib.sha256()
    try:
        with target.open("wb") as file:
            for piece in opened_at(path, sheet.key):
                digest.update(piece)
                file.write(piece)
    except FileNotFoundError:
        raise BackupError(f"{path.name} is not there.") from None
    except InvalidToken:
        raise BackupError("ENCRYPTION_KEYS has not the key that this backup was encrypted with.") from None
    except Broken as broken:
        raise BackupError(f"{path.name} is damaged: {broken}.") from None
    if digest.hexdigest() != sheet.sha256:
        raise BackupError(f"{path.name} is not what its sheet says.")


def migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is not installed: it comes with the client programs of PostgreSQL.")
    return found


def address() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment by which PostgreSQL's programs find the database. The password stays out of the list of processes."""
    values = connection.settings_dict
    names = {"--host": values["HOST"], "--port": values["PORT"], "--username": values["USER"]}
    arguments = [part for name, value in names.items() if value for part in (name, str(value))]
    return arguments, {"PGPASSWORD": str(values["PASSWORD"])} if values["PASSWORD"] else {}


def _dump() -> Iterator[bytes]:
    return _dump_postgresql() if connection.vendor == "postgresql" else _dump_sqlite()


def _dump_postgresql() -> Iterator[bytes]:
    arguments, secrets = address()
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", *arguments, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | secrets) as dump:
        assert dump.stdout is not None
        assert dump.stderr is not None
        while piece := dump.stdout.read(PIECE):
            yield piece
        said = dump.stderr.read().decode(errors="replace")
        if dump.wait():
            raise BackupError(f"pg_dump failed: {said.strip()}")


def _dump_sqlite() -> Iterator[bytes]:
    """A copy as it stands at one moment, while others go on writing."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite3"
        with closing(connection.cursor()) as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        with copy.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
