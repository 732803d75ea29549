"""Rule C3: a yes counts only if it is later than the newest no; of the same moment the no; a no is always applied."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Customer
from brands.models import Brand
from consents.actions import stop
from consents.decide import decide
from consents.states import Scope
from consents.tests.acting import allow, deny, own
from propagation.tests.files import Line, carried_out, faults, imported, no, outcomes, report, stands, table, yes

pytestmark = pytest.mark.django_db
ANNA, A = "anna.kowalczyk@example.com", "a@example.com"
Y2023, Y2024, Y2025 = (f"{year}-06-01T12:00:00Z" for year in (2023, 2024, 2025))


def at(time: str, line: Line) -> Line:
    return line | {"time": time}


@pytest.mark.parametrize(
    ("lines", "became", "state"),
    [
        ([at(Y2023, no(A)), at(Y2024, yes(A))], ["applied", "applied"], "granted"),
        ([at(Y2024, no(A)), at(Y2023, yes(A))], ["applied", "superseded"], "refused"),
        ([at(Y2024, no(A)), at(Y2024, yes(A))], ["applied", "superseded"], "refused"),
        ([at(Y2024, yes(A)), at(Y2024, no(A))], ["applied", "applied"], "withdrawn"),
        ([at(Y2024, yes(A)), at(Y2023, no(A))], ["applied", "applied"], "withdrawn"),
        ([at(Y2024, no(A)), at("2024-06-01T14:00:00+02:00", yes(A))], ["applied", "superseded"], "refused"),
        ([at(Y2024, no(A)), at("2024-06-01T12:00:00.000001Z", yes(A))], ["applied", "applied"], "granted"),
        ([at("", no(A)), at(Y2025, yes(A))], ["applied", "superseded"], "refused"),  # a no of no time is of today
        ([at(Y2023, no(A)), at(Y2024, yes(A)), at(Y2025, no(A))], ["applied", "applied", "applied"], "withdrawn"),
        ([at(Y2025, no(A)), at(Y2024, yes(A)), at(Y2023, no(A))], ["applied", "superseded", "stands"], "refused"),
        ([at(Y2024, no(A)), at(Y2025, yes(A, wording=""))], ["applied", "unproven"], "refused"),
    ],
)
def test_lines_about_one_person(linden: Brand, lines: list[Line], became: list[str], state: str) -> None:
    """In one file, one after another."""
    run = imported(linden, table(*lines))
    assert outcomes(run) == became
    assert stands(linden, A) == {("ads", ""): state}
    assert faults() == []


def test_lines_about_one_person_in_several_chunks(linden: Brand) -> None:
    others = [no(f"b{number}@example.com") for number in range(120)]
    run = imported(linden, table(at(Y2024, no(A)), *others, at(Y2023, yes(A)), *others, at(Y2025, yes(A)), at(Y2025, no(A, "recs"))))
    mine = {line: outcome for line, outcome, _ in report(run) if line in {2, 123, 244, 245}}
    assert mine == {2: "applied", 123: "superseded", 244: "applied", 245: "applied"}
    assert run.counts == {"applied": 123, "superseded": 1, "stands": 120}
    assert stands(linden, A) == {("ads", ""): "granted", ("recs", ""): "refused"}


def test_what_a_person_said_here_is_newer_than_any_list(linden: Brand, anna: Customer) -> None:
    deny(anna, "ads")
    assert report(imported(linden, table(yes(ANNA)))) == [(2, "superseded", "a later no stands")]
    allow(anna, "recs")
    assert outcomes(imported(linden, table(at(Y2023, no(ANNA, "recs"))))) == ["applied"]
    assert not decide(anna, "recs").allowed
    assert faults() == []


def test_no_list_lifts_a_wide_word(linden: Brand, anna: Customer) -> None:
    stop(anna, Scope.SALE, own(anna))
    now = (timezone.now() + timedelta(seconds=60)).isoformat()
    assert outcomes(imported(linden, table(at(now, yes(ANNA))))) == ["superseded"]
    assert not decide(anna, "ads").allowed


def test_a_no_that_comes_between_look_and_import_is_heeded(linden: Brand, anna: Customer) -> None:
    look = imported(linden, table(yes(ANNA)), dry=True)
    assert outcomes(look) == ["applied"]
    deny(anna, "ads")
    assert outcomes(carried_out(look)) == ["superseded"]


def test_the_newest_of_several_nos_counts(linden: Brand) -> None:
    imported(linden, table(at(Y2023, no(A)), at(Y2025, no(A)), at(Y2024, yes(A))))
    assert stands(linden, A) == {("ads", ""): "refused"}


def test_an_old_no_from_a_list_hides_no_newer_one(linden: Brand, anna: Customer) -> None:
    """Anna refuses today, allows again, an old no is applied, and then comes a yes that is older than what she refused today."""
    deny(anna, "ads")
    allow(anna, "ads")
    imported(linden, table(at(Y2023, no(ANNA)), at(Y2024, yes(ANNA))))
    assert not decide(anna, "ads").allowed


def test_the_same_lines_in_another_import_end_the_same(linden: Brand) -> None:
    content = table(at(Y2023, no(A)), at(Y2024, yes(A)))
    imported(linden, content)
    imported(linden, content, language="en")  # another setting: another import
    assert stands(linden, A) == {("ads", ""): "granted"}
