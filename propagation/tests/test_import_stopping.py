"""Files that cannot be read to their end: the import says so, nothing of them is half applied, and nothing of them stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from jobs.actions import enqueue, run_due
from propagation.importing import running
from propagation.importing.mapping import Setting
from propagation.importing.presets import NoPreset
from propagation.models import Import
from propagation.tests.files import BY, carried_out, committed, faults, imported, no, received, report, table, yes

pytestmark = pytest.mark.django_db
MANY = [no(f"p{number}@example.com") for number in range(2500)]  # 150 kB: three pieces


def files() -> list[Path]:
    folder = Path(django_settings.IMPORTS_DIR)
    return list(folder.iterdir()) if folder.exists() else []


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


def without_its_last_piece(path: Path) -> None:
    os.truncate(path, 4 + 2 * (64 * 1024 + 16))


def changed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"\0" * 16)


def of_another_kind(path: Path) -> None:
    path.write_bytes(b"email,decision\n")


@pytest.mark.parametrize("harm", [truncated, without_its_last_piece, changed, of_another_kind, Path.unlink])
def test_a_file_that_is_not_as_it_was_ends_the_import_before_it_begins(linden: Brand, harm: Callable[[Path], None]) -> None:
    with committed():
        run = received(linden, table(*MANY))
        harm(files()[0])
        run_due()
    run.refresh_from_db()
    assert (run.state, run.error, run.done) == ("failed", "the file cannot be read", 0)
    assert run.ended_at
    assert not Customer.objects.at(linden).exists()
    assert files() == []
    assert faults() == []


def test_a_file_whose_key_is_gone_ends_it(linden: Brand) -> None:
    with committed():
        run = received(linden, table(*MANY[:3]))
        Import.objects.filter(pk=run.pk).update(key="gAAAAAB" + "x" * 93)
        run_due()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "the file cannot be read")
    assert files() == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "the file is empty"),
        (table(*MANY[:150]).decode().encode("utf-16"), "the file is UTF-16: save it as UTF-8"),
        (
            table(*MANY[:150]).replace(b"id,phone", b"email,phone"),
            "the first line is no list of columns: a name stands twice, or is not UTF-8",
        ),
        (table(*MANY[:150], yes("a@example.com", wording="x" * 10_000_000)), "line 152 does not end"),
        (table(*MANY[:150], yes("a@example.com", wording="x\n" * 70_000)), "a value that begins in line 152 does not end"),
    ],
)
@pytest.mark.parametrize("dry", [True, False])
def test_a_file_that_cannot_be_read_to_its_end_is_not_half_applied(linden: Brand, content: bytes, error: str, dry: bool) -> None:
    run = imported(linden, content, dry=dry)
    assert (run.state, run.error) == ("failed", error)
    assert not Customer.objects.at(linden).exists()
    assert files() == []


def test_a_header_alone_is_done_at_once(linden: Brand) -> None:
    run = imported(linden, table())
    assert (run.state, run.done, run.counts, report(run)) == ("done", 0, {}, [])


def test_lines_that_cannot_be_read_stop_nobody_elses(linden: Brand) -> None:
    content = table(no("a@example.com"), no("b@example.com")) + b'"x"y\n\xe9,\n' + table(no("c@example.com")).partition(b"\n")[2]
    run = imported(linden, content)
    assert report(run) == [
        (2, "applied", ""), (3, "applied", ""), (4, "refused", "not a line of a table"), (5, "refused", "not as many cells as columns"),
        (6, "applied", ""),
    ]  # fmt: skip


def test_after_a_failure_the_file_may_come_again(linden: Brand) -> None:
    content = table(*MANY[:3])
    with committed():
        failed = received(linden, content)
        files()[0].unlink()
        run_due()
    again = imported(linden, content)
    assert again.pk != failed.pk
    assert again.counts == {"applied": 3}


def test_what_failed_is_not_carried_out(linden: Brand) -> None:
    look = imported(linden, b"", dry=True)
    with pytest.raises(running.NotThere):
        running.carry_out(look, by=BY)


def test_a_sender_who_breaks_off_leaves_nothing(linden: Brand) -> None:
    def broken_off() -> object:
        yield table(*MANY[:3])
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        running.receive(linden, broken_off(), preset_key="plain", setting=Setting(), dry=True, by=BY)  # type: ignore[arg-type]
    assert files() == []
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("preset", "setting"),
    [
        ("nothing", {}), ("klaviyo", {}), ("klaviyo", {"purpose": "nothing"}), ("plain", {"purpose": "nothing"}),
        ("plain", {"language": "fr"}),
        ("mailchimp", {"purpose": "news"}), ("mailchimp", {"purpose": "news", "status": "nothing"}),
    ],
)  # fmt: skip
def test_a_setting_that_does_not_fit_is_refused_before_anything_is_stored(linden: Brand, preset: str, setting: dict[str, str]) -> None:
    with pytest.raises(NoPreset):
        received(linden, table(no("a@example.com")), preset=preset, dry=True, **setting)
    assert files() == []


def forgotten(after: timedelta) -> None:
    with committed():
        enqueue("propagation.forget_files", {})
        run_due(timezone.now() + after)


def test_a_look_that_nobody_carried_out_goes_after_a_week(linden: Brand) -> None:
    look = imported(linden, table(*MANY[:3]), dry=True)
    forgotten(timedelta(days=6))
    assert len(files()) == 1
    forgotten(timedelta(days=7, minutes=1))
    assert files() == []
    look.refresh_from_db()
    assert (look.state, look.file, look.key) == ("dry", "", "")
    with pytest.raises(running.NotThere):
        carried_out(look)


def test_what_a_crash_left_goes_after_a_day_and_nothing_else(linden: Brand) -> None:
    look = imported(linden, table(*MANY[:3]), dry=True)
    left, other = running.new_path(), Path(django_settings.IMPORTS_DIR) / "notes.txt"
    for path in (left, other):
        path.write_bytes(b"x")
    forgotten(timedelta(hours=23))
    assert len(files()) == 3
    forgotten(timedelta(hours=25))
    assert {path.name for path in files()} == {look.file, "notes.txt"}
