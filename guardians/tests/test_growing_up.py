"""The day a child comes of age: told ahead, handed over, ended at midnight in the last time zone, and put to them once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts import gates
from accounts.actions import NotAChild, begin_guardianship, new_child
from accounts.actions.joining import give_sign_in
from accounts.models import Customer, Guardianship
from brands.models import Brand
from consents.asking import waiting
from consents.screens import reader_of
from guardians.actions.growing import end_of_age, tell
from guardians.birthdays import Due, due
from guardians.handlers import coming_of_age
from guardians.models import Told
from guardians.tests.families import SEEN, STAFF, a_child, answer, decides, tied
from jobs.handlers import Work
from jobs.models import Job
from ledger.models import Entry
from ledger.turns import turn

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def born_on(guardian: Customer, day: date, country: str = "PL", region: str = "") -> Customer:
    guardian.country, guardian.region = country, region
    child = new_child(guardian, "Kuba", day)
    begin_guardianship(guardian=guardian, child=child, verified=SEEN, by=STAFF)
    return child


MIDNIGHTS = [
    ("PL", "", datetime(2027, 3, 1, 23, tzinfo=UTC)),  # Warsaw, UTC+1
    ("US", "", datetime(2027, 3, 2, 10, tzinfo=UTC)),  # Honolulu, UTC-10, is the last of its zones
    ("NZ", "", datetime(2027, 3, 1, 11, tzinfo=UTC)),  # Auckland, UTC+13 in summer
]


@pytest.mark.parametrize(("country", "region", "midnight"), MIDNIGHTS)
def test_all_access_ends_at_midnight_in_the_countrys_last_time_zone(marta: Customer, country: str, region: str, midnight: datetime) -> None:
    years = 20 if country == "NZ" else 18
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2027 - years, 3, 2), country, region)
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert [ward.child for ward in gates.wards_of(marta)] == [child]
    with time_machine.travel(midnight, tick=False):
        assert gates.wards_of(marta) == []
        with pytest.raises(gates.NotYours):
            gates.ward(marta, child.code)


def test_what_a_guardian_allowed_stops_in_that_instant(marta: Customer) -> None:
    """In India a guardian decides until eighteen, so that both end together (DPDP Act 2023, s. 9(1))."""
    midnight = datetime(2027, 8, 1, 18, 30, tzinfo=UTC)
    with time_machine.travel(datetime(2027, 7, 1, tzinfo=UTC), tick=True):
        child = born_on(marta, date(2009, 8, 2), "IN")
        decides(marta, child, "album", "allow")
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        assert answer(child, "album") == (True, "granted")
    with time_machine.travel(midnight, tick=False):
        assert answer(child, "album") == (False, "undecided")


def test_born_on_29_february_is_of_age_on_1_march(marta: Customer) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2012, 2, 29))
    assert child.minor_until == date(2030, 3, 1)


# ── Notices ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def days_told(child: Customer) -> list[tuple[int, int]]:
    return sorted(Told.objects.filter(child=child).values_list("age", "days"))


def run(today: date) -> None:
    with time_machine.travel(datetime(today.year, today.month, today.day, 12, 5, tzinfo=UTC), tick=False):
        job = Job.objects.create(handler="guardians.coming_of_age", run_after=NOW, lease="x")
        coming_of_age(Work(job, datetime.now(tz=UTC)))
        Job.objects.filter(pk=job.pk).update(done_at=datetime.now(tz=UTC))


def test_both_are_told_90_30_and_7_days_before_and_on_the_day(marta: Customer) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2011, 6, 1))
        decides(marta, child, "album", "allow")
    sixteen = date(2027, 6, 1)
    for ahead in (91, 90, 89, 30, 7, 1):
        run(sixteen - timedelta(days=ahead))
    assert days_told(child) == [(16, 7), (16, 30), (16, 90)]
    run(sixteen)
    run(sixteen)
    assert days_told(child) == [(16, 0), (16, 7), (16, 30), (16, 90)]
    lapsed = Entry.objects.of(child.subject).filter(kind="choice.decided").order_by("-seq").first()
    assert lapsed is not None
    assert (lapsed.act["state"], lapsed.act["how"], lapsed.act["party"]) == ("expired", "coming_of_age", marta.subject)


def test_days_on_which_nothing_ran_are_made_up_for(marta: Customer) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2011, 6, 1))
    run(date(2027, 2, 20))
    run(date(2027, 3, 6))  # the 90th day was the 3rd of March
    assert days_told(child) == [(16, 90)]


def test_the_end_at_eighteen_is_written_down(marta: Customer) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2009, 3, 2))
    tie = Guardianship.objects.get(child=child)
    run(date(2027, 3, 2))
    tie.refresh_from_db()
    assert tie.ended_at == tie.until
    entry = Entry.objects.of(child.subject).filter(kind="guardianship.ended").get()
    assert entry.act["why"] == "of_age"
    assert end_of_age() == 0, "once"


def test_a_notice_that_fails_in_the_ledger_leaves_nothing(marta: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2011, 6, 1))

        def broken(*args: object, **kwargs: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr("ledger.turns.Turn.append", broken)
        with pytest.raises(OSError, match="disk full"):
            tell(Due(child, 16, 90, of_age=False))
    assert days_told(child) == []


@pytest.mark.parametrize(("country", "age"), [("PL", 16), ("ES", 14), ("FR", 15), ("US", 13), ("GB", 13), ("DE", 16)])
def test_the_age_is_that_of_the_childs_country(marta: Customer, country: str, age: int) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2027 - age, 1, 20), country)
        found = [each for each in due(date(2026, 12, 21), date(2026, 12, 20)) if each.child == child]
    assert [(each.age, each.days) for each in found] == [(age, 30)]


def test_a_brand_may_pause_everything_optional(kingfisher: Brand, marta: Customer) -> None:
    Brand.objects.filter(pk=kingfisher.pk).update(pauses_at_majority=True)
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2009, 3, 2))
    run(date(2027, 3, 2))
    child.refresh_from_db()
    assert child.marketing_stopped_seq
    assert child.sale_stopped_seq
    assert child.sensitive_limited_seq


def test_each_yes_given_for_them_is_put_once(marta: Customer) -> None:
    with time_machine.travel(NOW, tick=True):
        child = born_on(marta, date(2011, 6, 1))
        decides(marta, child, "album", "allow")
        decides(marta, child, "photos", "deny")
    run(date(2027, 6, 1))
    with time_machine.travel(datetime(2027, 6, 2, 12, tzinfo=UTC), tick=True):
        with turn(child.subject, brand=child.brand.key, actor=STAFF):
            give_sign_in(child, "kuba@example.com")
        put = waiting(reader_of(child, "en"))
        assert [(each.id, each.given) for each in put] == [("album", True)]
        assert answer(child, "album") == (False, "undecided"), "and off until they say so"


def test_a_second_guardian_does_not_come_back_after_it(marta: Customer, pawel: Customer) -> None:
    child = a_child(marta, years=17)
    tie = Guardianship.objects.get(child=child)
    assert tie.until is not None
    with time_machine.travel(tie.until, tick=True), pytest.raises(NotAChild):
        tied(pawel, child)
