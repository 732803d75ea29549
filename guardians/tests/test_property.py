"""Two guardians, a child and the clock, acting at random: held against a model of the rules that knows nothing of the code."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import gates
from accounts.actions import end_guardianship, freeze, unfreeze
from accounts.gates import Frozen, NotYours
from accounts.models import Customer, Guardianship
from brands.models import Brand
from consents.actions import record_lapse
from consents.saying import Result
from guardians import actions
from guardians.tests.families import FATHER, SEEN, a_child, adult, answer, decides, tied, turns_off, wishes
from ledger.turns import turn
from regimes.days import birthday, start_of

USES = ("album", "photos")
STAFF = "staff:" + "a" * 32


@dataclass
class Model:
    """What the rules say. Moments are counts of acts; `yes` and `no` by (party, use)."""

    count: int = 0
    yes: dict[tuple[str, str], int] = field(default_factory=dict)
    no: dict[tuple[str, str], int] = field(default_factory=dict)
    in_force: set[str] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)
    wished: dict[str, int] = field(default_factory=dict)
    child_no: dict[str, int] = field(default_factory=dict)
    frozen: bool = False
    sixteen: bool = False
    grown: bool = False

    def allowed(self, use: str) -> bool:
        if self.sixteen or use in self.child_no:
            return False
        guardians = self.in_force
        yeses = [self.yes[party, use] for party in guardians if (party, use) in self.yes]
        if not yeses or any((party, use) in self.no for party in guardians):
            return False
        former = [party for party, each in self.no if each == use and party not in guardians]
        return all(any(moment > self.ended[party] for moment in yeses) for party in former)

    def says(self, party: str, use: str, *, allow: bool) -> None:
        self.count += 1
        if allow:
            if use in self.wished and self.child_no.get(use, 0) < self.wished[use]:
                self.child_no.pop(use, None)
            self.no.pop((party, use), None)
            self.yes[party, use] = self.count
        else:
            self.yes.pop((party, use), None)
            self.no[party, use] = self.count
        self.wished.pop(use, None)

    def ends(self, party: str) -> None:
        self.count += 1
        self.in_force.discard(party)
        self.ended[party] = self.count
        for use in USES:
            self.yes.pop((party, use), None)


class Family:
    """One child's life, from thirteen on, a step at a time."""

    def __init__(self, chance: random.Random, marta: Customer, pawel: Customer) -> None:
        self.chance, self.model = chance, Model()
        self.adults = {"marta": marta, "pawel": pawel}
        self.child = a_child(marta, years=14, verified=SEEN)
        tied(pawel, self.child, FATHER)
        self.model.in_force = {"marta", "pawel"}
        assert self.child.birth_date is not None
        self.sixteen_at = start_of(birthday(self.child.birth_date, 16), "PL")
        self.grown_at = start_of(birthday(self.child.birth_date, 18), "PL")

    def step(self, clock: time_machine.Traveller) -> None:
        act = self.chance.choices(
            ("decide", "turn_off", "wish", "take_back", "end", "begin", "freeze", "time"), (50, 8, 12, 2, 2, 3, 2, 21)
        )[0]  # fmt: skip
        getattr(self, act)(clock)
        clock.shift(timedelta(seconds=1))
        self.look()

    def look(self) -> None:
        now = timezone.now()
        self.model.sixteen, self.model.grown = now >= self.sixteen_at, now >= self.grown_at
        for use in USES:
            assert answer(self.child, use)[0] == self.model.allowed(use), (use, answer(self.child, use), self.model)
        for name, adult_ in self.adults.items():
            may_read = name in self.model.in_force and not self.model.grown
            reads = any(ward.child.pk == self.child.pk for ward in gates.wards_of(adult_))
            assert reads == may_read, (name, self.model)

    def decide(self, _clock: time_machine.Traveller) -> None:
        name, use, allow = self.chance.choice(("marta", "pawel")), self.chance.choice(USES), self.chance.random() < 0.6
        try:
            outcome = decides(self.adults[name], self.child, use, "allow" if allow else "deny")
        except NotYours:
            assert name not in self.model.in_force or self.model.grown
            return
        except Frozen:
            assert self.model.frozen
            assert allow
            return
        assert name in self.model.in_force
        if self.model.sixteen and allow:
            if outcome.result is Result.SAVED:  # a no of their own, lifted
                self.model.no.pop((name, use))
            return
        assert outcome.result in {Result.SAVED, Result.STANDS}, outcome
        if outcome.result is Result.SAVED:
            self.model.says(name, use, allow=allow)
            return
        moment = (self.model.yes if allow else self.model.no).get((name, use))
        self.model.says(name, use, allow=allow)
        if moment is not None:  # it stood: nothing newer was said
            (self.model.yes if allow else self.model.no)[name, use] = moment

    def turn_off(self, _clock: time_machine.Traveller) -> None:
        use = self.chance.choice(USES)
        if turns_off(self.child, use).result is Result.SAVED:
            self.model.count += 1
            self.model.child_no[use] = self.model.count

    def wish(self, _clock: time_machine.Traveller) -> None:
        use = self.chance.choice(USES)
        wishes(self.child, use)
        self.model.count += 1
        self.model.wished.setdefault(use, self.model.count)

    def take_back(self, _clock: time_machine.Traveller) -> None:
        wish = self.child.wishes.open().first()
        if wish is not None:
            assert actions.take_wish_back(wish)
            self.model.wished.pop(wish.purpose)

    def end(self, _clock: time_machine.Traveller) -> None:
        name = self.chance.choice(("marta", "pawel"))
        tie = Guardianship.objects.in_force(timezone.now()).filter(guardian=self.adults[name], child=self.child).first()
        if tie is None:
            return
        assert end_guardianship(tie, why="lost", by=STAFF)
        with turn(self.child.subject, brand=self.child.brand.key, actor="system:families") as this:
            record_lapse(this, self.child, self.adults[name].subject, actor="system:families")
        self.model.ends(name)

    def begin(self, _clock: time_machine.Traveller) -> None:
        name = self.chance.choice(("marta", "pawel"))
        if not self.model.grown and name not in self.model.in_force:
            self.model.frozen = self.model.frozen and bool(self.model.in_force)
            tied(self.adults[name], self.child)
            self.model.in_force.add(name)

    def freeze(self, _clock: time_machine.Traveller) -> None:
        if self.model.in_force and not self.model.grown:
            assert (unfreeze if self.model.frozen else freeze)(self.child, by=STAFF)
            self.model.frozen = not self.model.frozen

    def time(self, clock: time_machine.Traveller) -> None:
        clock.shift(timedelta(hours=self.chance.choice((1, 20, 24 * 3, 24 * 20))))


@pytest.fixture
def parents(kingfisher: Brand) -> tuple[Customer, Customer]:
    return adult(kingfisher, "Marta"), adult(kingfisher, "Pawel")


# Twenty thousand steps in ten parts: no test may take longer than four minutes.
STEPS = [
    pytest.param(1_000, id="a-thousand-steps"),
    *(pytest.param(2_000, marks=pytest.mark.long, id=f"two-thousand-steps-{part}") for part in range(10)),
]


@pytest.mark.parametrize("steps", STEPS)
def test_no_state_grants_what_the_rules_forbid(parents: tuple[Customer, Customer], steps: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance, done, allowed = random.Random(seed), 0, 0
    while done < steps:  # the seed is in the frame of a failure
        with time_machine.travel(timezone.now(), tick=False) as clock:
            family = Family(chance, *parents)
            clock.shift(timedelta(seconds=1))
            for _unused in range(250):
                family.step(clock)
                done += 1
                allowed += any(family.model.allowed(use) for use in USES)
    assert allowed > done / 20, "and it is not all forbidden"
