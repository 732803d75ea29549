"""The ledger's follower that keeps the figures: each entry is one upsert of one row, in the transaction that moves the cursor, so that it
counts once and is there some seconds later. `recount()` makes them anew from the whole ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, ClassVar

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from brands.models import Brand
from consents.models import ChoiceDay, PeopleDay
from consents.states import NO, State
from ledger.followers import Follower
from ledger.models import Cursor, Entry, Log, Parked, Position

CAME = frozenset({"person.joined", "person.met", "person.recorded"})
KINDS = (*CAME, "person.erased", "choice.decided", "scope.changed")

CHOICE = """
INSERT INTO consents_choiceday (brand_id, day, purpose, channel, language, place, allowed, refused, yes, no, taken_back)
SELECT id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM brands_brand WHERE key = %s
ON CONFLICT (brand_id, purpose, channel, day, language, place) DO UPDATE SET
allowed = consents_choiceday.allowed + excluded.allowed, refused = consents_choiceday.refused + excluded.refused,
yes = consents_choiceday.yes + excluded.yes, no = consents_choiceday.no + excluded.no,
taken_back = consents_choiceday.taken_back + excluded.taken_back
"""
PEOPLE = """
INSERT INTO consents_peopleday (brand_id, day, came, went) SELECT id, %s, %s, %s FROM brands_brand WHERE key = %s
ON CONFLICT (brand_id, day) DO UPDATE SET came = consents_peopleday.came + excluded.came, went = consents_peopleday.went + excluded.went
"""

# (brand, day, purpose, channel, language, place) and by how much the five figures change; (brand, day), came and went.
Change = tuple[tuple[Any, ...], tuple[int, ...]]


class Figures(Follower):
    name: ClassVar[str] = "figures"
    from_start: ClassVar[bool] = True

    def handle(self, entry: Entry, position: int) -> None:
        for (brand, *place), figures in changes(entry):
            with connection.cursor() as cursor:
                cursor.execute(CHOICE if len(figures) > 2 else PEOPLE, [*place, *figures, brand])


def changes(entry: Entry) -> Iterator[Change]:
    """What one entry changes in the figures."""
    if entry.seq == 1 and entry.kind in CAME:
        yield (entry.brand, _day(entry)), (1, 0)
    elif entry.kind == "person.erased":
        yield (entry.brand, _day(entry)), (0, 1)
        yield from _taken_along(entry)
    elif entry.kind == "choice.decided" and entry.payload:
        act = entry.act
        if act.get("outcome", "applied") == "applied":
            yield _decided(entry, act, act["before"], act["state"])
    elif entry.kind == "scope.changed" and entry.payload:
        act = _wide(entry.act)
        yield _decided(entry, act, State.UNSET if act["state"] == State.REFUSED else State.REFUSED, act["state"])


def _decided(entry: Entry, act: dict[str, Any], before: str, after: str, *, counted: bool = True) -> Change:
    """`counted`: whether somebody decided; not where words go with the person."""
    yes, no = counted and after == State.GRANTED, counted and after in NO
    figures = (
        (after == State.GRANTED) - (before == State.GRANTED), (after in NO) - (before in NO), int(yes), int(no),
        int(no and before == State.GRANTED),
    )  # fmt: skip
    return (entry.brand, _day(entry), act["purpose"], act["channel"], act["language"], act["where"]), figures


def _wide(act: dict[str, Any]) -> dict[str, Any]:
    """A wide word as a use of its own: on is a no, off takes it back."""
    return {**act, "purpose": f"*{act['scope']}", "channel": "", "state": State.REFUSED if act["state"] == "on" else State.UNSET}


def _taken_along(erased: Entry) -> Iterator[Change]:
    """Whoever is deleted takes along what they said. The rows are gone; the entries tell how each word stood."""
    standing: dict[tuple[str, ...], dict[str, Any]] = {}
    before = Entry.objects.of(erased.subject).filter(kind__in=("choice.decided", "scope.changed"), seq__lt=erased.seq)
    for entry in before.readable().order_by("seq"):
        act = entry.act if entry.kind == "choice.decided" else _wide(entry.act)
        if act.get("outcome", "applied") == "applied":
            standing[act["purpose"], act["channel"], act["party"]] = act
    for act in standing.values():
        yield _decided(erased, act, act["state"], State.UNSET, counted=False)


def _day(entry: Entry) -> date:
    return timezone.localdate(entry.recorded_at)


# ── Anew ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def recount(told: Callable[[int, int], None] = lambda done, total: None) -> int:
    """The figures from the whole ledger, in one pass with memory for days and uses alone; the follower waits, and goes on where this ends.
    Returns how many entries were counted. On SQLite nobody else can write meanwhile. `told`: hears of how many it is through, and of
    how many there are."""
    Cursor.objects.get_or_create(follower=Figures.name, defaults={"position": 0})
    cursor = Cursor.objects.select_for_update().get(follower=Figures.name)
    position = Log.objects.values_list("position", flat=True).get(pk=1)
    ChoiceDay.objects.all().delete()
    PeopleDay.objects.all().delete()
    Parked.objects.filter(follower=Figures.name).delete()  # they are counted now
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
    entries, count = _up_to(position), 0
    total = entries.count()
    for entry in entries.iterator(2000):
        count += 1
        told(count, total)
        for place, figures in changes(entry):
            added = sums[place]
            for number, figure in enumerate(figures):
                added[number] += figure
    _keep(sums)
    cursor.position = position
    cursor.save(update_fields=["position"])
    return count


def _up_to(position: int) -> QuerySet[Entry]:
    """What the follower would have read."""
    given = Position.objects.filter(entry=OuterRef("pk"), position__lte=position)
    found = Entry.objects.filter(Exists(given), kind__in=KINDS)
    return found.only("subject", "seq", "kind", "brand", "payload", "recorded_at").order_by("id")


def _keep(sums: dict[tuple[Any, ...], list[int]]) -> None:
    brands = dict(Brand.objects.values_list("key", "pk"))
    words = ((brands[place[0]], place[1:], figures) for place, figures in sums.items() if len(place) > 2)
    people = ((brands[place[0]], place[1], figures) for place, figures in sums.items() if len(place) == 2)
    ChoiceDay.objects.bulk_create(
        (
            ChoiceDay(
                brand_id=brand, day=day, purpose=purpose, channel=channel, language=language, place=where, allowed=figures[0],
                refused=figures[1], yes=figures[2], no=figures[3], taken_back=figures[4],
            )
            for brand, (day, purpose, channel, language, where), figures in words
        ),
        batch_size=1000,
    )  # fmt: skip
    PeopleDay.objects.bulk_create((PeopleDay(brand_id=brand, day=day, came=f[0], went=f[1]) for brand, day, f in people), batch_size=1000)
