"""A backup, what came after it, the loss of the database, and a restored center that forgot no withdrawal and no deletion."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from preference_center.tests.servers import Installation, running, server_url

Install = Callable[..., Installation]
ALLOWED = "SELECT count(*) FROM consents_choice WHERE purpose = 'recs' AND state = 'granted'"
WITHDRAWN = "SELECT count(*) FROM consents_choice WHERE purpose = 'recs' AND state = 'withdrawn'"
PEOPLE = "SELECT count(*) FROM accounts_customer"


def programs() -> str:
    """Where pg_dump lies beside the server that the tests use."""
    if not settings.DATABASE_URL:
        return os.environ["PATH"]
    with psycopg.connect(server_url("postgres")) as connection:
        (folder,) = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone() or ("",)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def center(installation: Install) -> Installation:
    return installation(DEBUG="1", PATH=programs(), DJANGO_SETTINGS_MODULE="preference_center.settings").prepare()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Path]]:
    """One center for all that leaves it as it is, with two people, and a backup of it."""
    with running(tmp_path_factory.mktemp("quiet"), DEBUG="1", PATH=programs(), DJANGO_SETTINGS_MODULE="preference_center.settings") as one:
        one.prepare()
        drill(one, "before", 2)
        yield one, backup(one)


def drill(one: Installation, *arguments: object) -> None:
    ran = one.start("drill", sys.executable, "-m", "preference_center.tests.drilling", *map(str, arguments))
    assert ran.process.wait(600) == 0, ran.output


def backup(one: Installation) -> Path:
    one.manage("backup")
    return max((one.data / "backups").glob("*.pcb"))


def destroy(one: Installation) -> None:
    if one.database_url:
        with psycopg.connect(one.database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    else:
        for path in (one.data / "db").iterdir():
            path.unlink()


def the_drill(one: Installation, people: int, withdrawals: int, erasures: int) -> str:
    """Everything up to the restored database; returns what the command said."""
    drill(one, "before", people)
    path = backup(one)
    drill(one, "after", people, withdrawals, erasures)
    assert one.rows(WITHDRAWN)[0][0] == withdrawals
    assert one.rows(PEOPLE)[0][0] == people - erasures
    destroy(one)
    return one.manage("restore", str(path)).stdout


def check(one: Installation, said: str, people: int, withdrawals: int, erasures: int) -> None:
    assert f"Applied again: {withdrawals} withdrawals, {erasures} pauses, {erasures} erasures." in said, said
    assert one.rows(WITHDRAWN)[0][0] == withdrawals
    assert one.rows(ALLOWED)[0][0] == people - withdrawals - erasures
    assert one.rows(PEOPLE)[0][0] == people - erasures
    assert one.rows("SELECT count(*) FROM accounts_suppression")[0][0] == erasures
    assert "newer acts may be lost" in said
    assert "everything fits" in one.manage("verify_ledger").stdout
    web = one.web()
    assert one.get("/how-we-use-data/", "linden.localhost")[0] == 200
    web.stop()


def test_what_was_withdrawn_and_deleted_after_the_backup_stays_so(center: Installation, capsys: Any) -> None:
    people, withdrawals, erasures = 14, 8, 3
    said = the_drill(center, people, withdrawals, erasures)
    check(center, said, people, withdrawals, erasures)
    again = center.manage("restore", "--in-place").stdout
    assert "Applied again: 0 withdrawals, 0 pauses, 0 erasures." in again, "twice is once"
    assert "everything fits" in center.manage("verify_ledger").stdout


@pytest.mark.long
def test_500_withdrawals_and_50_erasures(center: Installation, capsys: Any) -> None:
    people, withdrawals, erasures = 600, 500, 50
    began = time.monotonic()
    drill(center, "before", people)
    path = backup(center)
    drill(center, "after", people, withdrawals, erasures)
    destroy(center)
    prepared = time.monotonic() - began
    began = time.monotonic()
    said = center.manage("restore", str(path)).stdout
    took = time.monotonic() - began
    check(center, said, people, withdrawals, erasures)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{withdrawals} withdrawals and {erasures} erasures applied again: {took:.1f} s (prepared in {prepared:.0f} s)\n"
        )


@pytest.mark.long
def test_no_page_is_served_from_an_old_database_that_nobody_took_up(center: Installation) -> None:
    if center.database_url:
        pytest.skip("a file is put in place more easily than a server's database; the gate is the same")
    drill(center, "before", 4)
    old = center.data / "old.sqlite3"
    shutil.copy(center.data / "db" / "center.sqlite3", old)
    drill(center, "after", 4, 2, 1)
    destroy(center)
    shutil.copy(old, center.data / "db" / "center.sqlite3")
    web = center.web()
    assert center.get("/how-we-use-data/", "linden.localhost")[0] == 503
    assert "stop web servers" in center.manage("restore", "--in-place", check=False).stderr
    web.stop()
    said = center.manage("restore", "--in-place").stdout
    assert "Applied again: 2 withdrawals, 1 pauses, 1 erasures." in said
    center.web()
    assert center.get("/how-we-use-data/", "linden.localhost")[0] == 200


def test_what_is_no_good_backup_changes_nothing(quiet: tuple[Installation, Path]) -> None:
    center, path = quiet
    sheet = path.with_suffix(".json")
    content, said = path.read_bytes(), sheet.read_text()

    def refused(words: str) -> None:
        done = center.manage("restore", str(path), check=False)
        assert done.returncode != 0
        assert words in done.stderr, done.stderr
        assert center.rows(PEOPLE)[0][0] == 2
        assert not (center.data / "restoring").exists()

    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    refused("is damaged")
    path.write_bytes(content[: len(content) // 2])
    refused("is damaged")
    path.write_bytes(content)
    sheet.write_text("{}")
    refused("is not the sheet of a backup")
    sheet.write_text(json.dumps(json.loads(said) | {"sha256": "0" * 64}))
    refused("is not what its sheet says")
    other = "sqlite" if center.database_url else "postgresql"
    sheet.write_text(json.dumps(json.loads(said) | {"database": other}))
    refused(f"It is a backup of {other}")
    newer = [*json.loads(said)["migrations"], "accounts.9999_of_tomorrow"]
    sheet.write_text(json.dumps(json.loads(said) | {"migrations": newer}))
    refused("made by a newer version of the program, which knows accounts.9999_of_tomorrow")
    sheet.unlink()
    refused("is not there")
    sheet.write_text(said)


@pytest.mark.long
def test_while_others_are_at_work_nothing_is_restored(quiet: tuple[Installation, Path]) -> None:
    center, path = quiet
    web = center.web()
    assert center.get("/how-we-use-data/", "linden.localhost")[0] == 200
    done = center.manage("restore", str(path), check=False)
    assert "stop web servers and workers first" in done.stderr, done.stderr
    assert center.get("/how-we-use-data/", "linden.localhost")[0] == 200
    web.stop()


def test_a_backup_says_nothing_to_whoever_has_the_file(quiet: tuple[Installation, Path]) -> None:
    center, path = quiet
    assert b"p0@example.com" not in path.read_bytes()
    assert b"SQLite format" not in path.read_bytes()
    assert "p0@example.com" not in path.with_suffix(".json").read_text()
    assert (path.stat().st_mode & 0o077) == 0, center.folder


@pytest.mark.long
def test_the_newest_ones_are_kept(quiet: tuple[Installation, Path]) -> None:
    folder = quiet[0].data / "other backups"
    for _number in range(3):
        quiet[0].manage("backup", str(folder), "--keep", "2")
        time.sleep(1.1)
    assert len(list(folder.glob("*.pcb"))) == len(list(folder.glob("*.json"))) == 2
