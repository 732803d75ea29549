"""An import from its file to its end: received, looked at, carried out. Each chunk commits with the place where the next begins."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from brands.models import Brand
from catalogue.published import Published, published
from consents.standing import retired
from data_requests.package.sealing import Broken, Sealing, opened_at
from jobs.actions import enqueue
from jobs.handlers import Work
from ledger.turns import turn
from propagation.importing import mapping
from propagation.importing.applying import Became, apply, counted, lines_of
from propagation.importing.mapping import Decided, Refused, Setting
from propagation.importing.presets import NoPreset, Preset, preset
from propagation.importing.reading import Row, Unreadable, rows
from propagation.models import ApiKey, Import, ImportLine

logger = logging.getLogger(__name__)
AT_ONCE = 100  # rows a transaction: others wait for it no longer than for a page
READ_AT_ONCE = 20_000


class NotThere(LookupError):
    """Not an import that can be carried out: unknown, running, or done."""


def receive(
    brand: Brand, pieces: Iterable[bytes], *, preset_key: str, setting: Setting, dry: bool, by: str, api_key: int | None = None
) -> Import:
    """Stores the file encrypted and has it worked on. The same file again, from the same partner with the same setting, is the import there
    is already, unless that was a look and this is not. Raises NoPreset."""
    check(brand, preset(preset_key), setting)
    path = new_path()
    with Sealing(path) as sealing:
        for piece in pieces:
            sealing.write(piece)
    sealed = sealing.sealed
    values = {"purpose": setting.purpose, "language": setting.language, "status": setting.status}
    there = Import.objects.filter(brand=brand, sha256=sealed.sha256, preset=preset_key, settings=values).exclude(state=Import.State.FAILED)
    # What another partner has sent is none of theirs.
    partner = None if api_key is None else ApiKey.objects.get(pk=api_key).partner_id
    there = there.filter(api_key=None) if partner is None else there.filter(api_key__partner=partner)
    same = there.filter(dry=True) if dry else there.filter(dry=False)
    if (known := same.first()) is not None:
        path.unlink()
        return known
    run = Import(
        brand=brand, preset=preset_key, settings=values, dry=dry, file=sealed.name, key=sealed.key, size=sealed.size, sha256=sealed.sha256,
        by=by, api_key_id=api_key, made_at=timezone.now(),
    )  # fmt: skip
    try:
        _begin(run, by)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return run


def carry_out(run: Import, *, by: str) -> Import:
    """After a look: the same file, for good. Twice is once. Raises NotThere."""
    with transaction.atomic():
        found = Import.objects.select_for_update().get(pk=run.pk)
        if not found.dry:
            return found
        if found.state != Import.State.DRY or not found.file:
            raise NotThere("only what was looked at is carried out")
        ImportLine.objects.filter(run=found).delete()
        lines = found.done  # as the look has counted them
        found.dry, found.state, found.done, found.counts, found.ended_at = False, Import.State.WAITING, 0, {}, None
        _begin(found, by, lines)
    return found


def _begin(run: Import, by: str, lines: int = 0) -> None:
    brand = run.brand
    act = {"number": str(run.number), "preset": run.preset, "sha256": run.sha256, "dry": run.dry}
    with turn(brand.subject, brand=brand.key, actor=by) as this:
        this.append(brand.subject, "import.begun", act)
        run.save()
        once = f"propagation.import {run.number} {'look' if run.dry else 'do'}"
        enqueue("propagation.import", {"run": run.pk}, total=lines, once=once)


def check(brand: Brand, chosen: Preset, setting: Setting) -> None:
    """Raises NoPreset where the setting does not fit."""
    if (setting.purpose or not chosen.names_purposes) and setting.purpose not in published(brand):
        raise NoPreset("say with `purpose` what the lines are about")
    if chosen.file_says and setting.status not in chosen.file_says:
        raise NoPreset(f"say with `status` what the file is of: {', '.join(chosen.file_says)}")
    if setting.language and setting.language not in brand.languages:
        raise NoPreset("the brand does not speak this language")


def new_path() -> Path:
    return Path(settings.IMPORTS_DIR) / f"{secrets.token_hex(16)}.pcs"


# ── The work ────────────────────────────────────────────────────────────────────────────────────────────────────────


def work_on(run: Import, work: Work) -> None:
    """Goes on where the last chunk ended."""
    done = int(work.cursor.get("done", 0))
    Import.objects.filter(pk=run.pk, state=Import.State.WAITING).update(state=Import.State.RUNNING)
    try:
        if not run.dry and "done" not in work.cursor:
            _read_through(run, work)
        for chunk in _chunks(islice(_rows(run), done, None)):
            done += len(chunk)
            with work.chunk(done=done, cursor={"done": done}):
                _chunk(run, chunk, done)
    except (Unreadable, Broken, FileNotFoundError, InvalidToken) as error:
        logger.warning("import %s stopped: %s", run.number, type(error).__name__)
        with work.finishing():
            _end(run, Import.State.FAILED, str(error) if isinstance(error, Unreadable) else "the file cannot be read", work.now)
        return
    with work.finishing():
        _end(run, Import.State.DRY if run.dry else Import.State.DONE, "", work.now)


def _read_through(run: Import, work: Work) -> None:
    """To its end, before anything is taken over: what cannot be read is not half applied."""
    for _some in _chunks(_rows(run), READ_AT_ONCE):
        with work.chunk(done=0, cursor={}):  # keeps the lease
            pass
    with work.chunk(done=0, cursor={"done": 0}):
        pass


def _rows(run: Import) -> Iterator[Row]:
    chosen = preset(run.preset)
    return rows(opened_at(Path(settings.IMPORTS_DIR) / run.file, run.key), chosen.format, chosen.delimiter)


def _chunks(every: Iterator[Row], at_once: int = AT_ONCE) -> Iterator[list[Row]]:
    while some := list(islice(every, at_once)):
        yield some


def _chunk(run: Import, some: list[Row], done: int) -> None:
    """A look does all of it, and takes it back."""
    reader = mapping.Reader(preset(run.preset), Setting(**run.settings), offered(run.brand), run.sha256)
    became, decided = _mapped(reader, some)
    savepoint = transaction.savepoint()
    became += apply(run.brand, decided, by=f"system:import:{run.number.hex[:12]}")
    if run.dry:
        transaction.savepoint_rollback(savepoint)
    else:
        transaction.savepoint_commit(savepoint)
    became.sort(key=lambda each: each.line)
    ImportLine.objects.bulk_create(lines_of(run.pk, became))
    run.counts = dict(counted(became) + Counter(run.counts))
    run.done = done
    Import.objects.filter(pk=run.pk).update(done=done, counts=run.counts)


def _mapped(reader: mapping.Reader, some: list[Row]) -> tuple[list[Became], list[Decided]]:
    refused: list[Became] = []
    decided: list[Decided] = []
    for row in some:
        mine = list(reader.decisions(row))
        decided += [each for each in mine if isinstance(each, Decided)]
        refused += [Became(row.line, "refused", str(each)) for each in mine if isinstance(each, Refused)]
        if not mine:
            refused.append(Became(row.line, "open", "says neither yes nor no"))
    return refused, decided


def offered(brand: Brand) -> dict[str, Published]:
    now = timezone.now()
    return {key: purpose for key, purpose in published(brand).items() if not retired(purpose, now)}


def _end(run: Import, state: str, error: str, now: datetime) -> None:
    """What was carried out needs its file no longer."""
    Import.objects.filter(pk=run.pk).update(state=state, error=error, ended_at=now)
    if state != Import.State.DRY:
        forget_file(run)


def forget_file(run: Import) -> None:
    name = run.file
    Import.objects.filter(pk=run.pk).update(file="", key="")
    if name:
        transaction.on_commit(lambda: (Path(settings.IMPORTS_DIR) / name).unlink(missing_ok=True))
