"""verify_ledger from a position on, while others act, and as a command."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger import checking
from ledger.checking import chains, filed, rows, seals
from ledger.models import Log
from ledger.proving import prove
from ledger.tests.acts import happened, sql
from ledger.tests.world import World, faults, name, set_columns, set_payload, tampering


def test_after_a_position_it_reads_the_new_part_only(world: World):
    report = checking.Report()
    assert list(checking.verify(report, after=4)) == []
    assert (report.entries, report.subjects, report.seals) == (5, 2, 1)
    with tampering():
        set_payload(world.entry(world.ben, 1), False, what="granted")  # position 3
    assert faults(after=4) == {}
    assert faults() != {}


@pytest.mark.parametrize("after", [0, 4])
def test_it_finds_tampering_in_the_new_part(world: World, after: int):
    with tampering():
        entry = world.entry(world.anna, 4)
        set_payload(entry, False, what="granted")
    assert list(faults(after=after)) == [name(entry)]


def test_the_new_part_must_follow_the_old_one(world: World):
    with tampering():
        set_columns(world.entry(world.anna, 2), commitment="0" * 64)
    assert faults(after=4) == {name(world.entry(world.anna, 3)): ["it does not follow the entry before it"]}
    with tampering():
        sql("DELETE FROM ledger_entry WHERE id = %s", world.entry(world.anna, 2).id)
    assert name(world.entry(world.anna, 3)) in faults(after=4)


def test_after_the_newest_seal_there_is_nothing_to_find(world: World):
    assert faults(after=9) == {}


def test_after_a_position_that_was_never_sealed_every_seal_is_read(world: World):
    report = checking.Report()
    assert list(checking.verify(report, after=6)) == []
    assert report.seals == 2


@pytest.mark.parametrize("after", [0, 4])
def test_entries_that_wait_are_no_fault(world: World, after: int):
    happened(world.anna, "waits")
    assert faults(after=after) == {}


def test_what_others_do_meanwhile_is_no_fault(world: World, monkeypatch: pytest.MonkeyPatch):
    """A brand's ledger never stands still: an act and a seal after each thing that is read, and after each page of it."""

    def go_on() -> None:
        happened(world.anna, "meanwhile")
        happened(world.ben, "meanwhile")
        prove()

    def each(pages: Iterator[Any]) -> Iterator[Any]:
        for page in pages:
            go_on()
            yield page

    def meanwhile(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            result = real(*args)
            go_on()
            return each(result) if real is rows.pages else result

        return run

    reads = {
        filed: ["seal_file"],
        seals: ["_gap", "_after_the_last_seal"],
        chains: ["pages", "_heads_without_entries"],
    }
    for module, names in reads.items():
        for read in names:
            monkeypatch.setattr(module, read, meanwhile(getattr(module, read)))
    monkeypatch.setattr(rows, "AT_ONCE", 3)
    assert faults() == {}
    assert faults(after=4) == {}
    assert Log.objects.get().position > 20


# ── The command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_says_that_everything_fits(world: World, capsys: Any):
    call_command("verify_ledger")
    call_command("verify_ledger", "--after", "4")
    assert capsys.readouterr().out == (
        "9 entries of 3 subjects, 2 seals, 1 emptied: everything fits.\n5 entries of 2 subjects, 1 seals, 1 emptied: everything fits.\n"
    )


def test_the_command_names_the_first_fault_or_all(world: World):
    with tampering():
        entries = [world.entry(world.anna, 2), world.entry(world.ben, 2)]
        for entry in entries:
            set_payload(entry, False, what="granted")
    expected = [f"{name(entry)}: its payload is not the one that was committed to" for entry in sorted(entries, key=lambda e: e.subject)]
    with pytest.raises(CommandError) as first:
        call_command("verify_ledger")
    assert str(first.value) == expected[0]
    with pytest.raises(CommandError) as every:
        call_command("verify_ledger", "--all")
    assert str(every.value) == "\n".join(expected)
