"""The rules of the budget as they are written down for people, over a diary of one customer. It knows nothing of the code: it is told what
was recorded and when, and says what may be shown, what must be, and why not.

Times are those of the ledger, and the clock is held against them as they are: what was recorded at noon is not over before noon, whatever
the clock said in between. Where the rules leave something open, it is a doubt: then neither showing nor silence is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
QUIET = timedelta(hours=24)
RESTS = (timedelta(days=30), timedelta(days=90))  # after the first “not now”, after each further one
SHOWINGS = 3
WAITS = timedelta(hours=24)  # how long a showing can be answered, and is shown again in its visit
UNDO = timedelta(minutes=30)
PAYING = timedelta(hours=1)
ARRIVING = timedelta(hours=1)

FIRST_VISIT, CHOICE, USED = "visit.first", "choice.made", "answer.used"
CHECKOUT, ORDER, DELIVERED = "checkout.begun", "order.placed", "order.delivered"
DAYS = {FIRST_VISIT: 30, CHOICE: 7, USED: 14, CHECKOUT: 1, ORDER: 14, DELIVERED: 14}  # the shop's: how long a moment lasts
OF_THE_BRAND = frozenset({CHECKOUT, ORDER, DELIVERED})  # the others are seen by the center itself
STAGES = ("", USED, DELIVERED)  # what opens the first, the second, the third


class Rule(StrEnum):
    """Why a question is not shown. The first ten close everything; the rest are about one question."""

    VISIT = "one was shown in this visit"
    WEEK = "one was shown within seven days"
    QUIET = "a no within 24 hours that was not taken back"
    MINOR = "a minor"
    RESTRICTED = "the use of their data is restricted"
    PAYING = "on the way to paying"
    ARRIVING = "the first hour after the first visit, and no other moment"
    TIMES = "shown three times"
    REST = "it rests after a “not now”"
    NEVER = "they said “don't ask again” to its topic"
    DELETED = "they deleted its answer"
    ANSWERED = "its answer stands"
    RETIRED = "it was retired"
    PURPOSE = "its purpose is not allowed"
    STAGE = "its stage is not open"
    MOMENT = "no moment"
    NEEDS = "it follows an answer that is not there"


# What ends a showing that waits: the rest only kept it from beginning.
ENDS = frozenset(
    {
        Rule.QUIET, Rule.MINOR, Rule.RESTRICTED, Rule.PAYING, Rule.REST, Rule.NEVER, Rule.DELETED, Rule.ANSWERED, Rule.RETIRED,
        Rule.PURPOSE,
    }
)  # fmt: skip


@dataclass
class Question:
    """What the brand asks. `stage`: 0, 1, 2; `needs`: the key of a question whose answer must be there."""

    key: str
    topic: str
    purpose: str = "recs"
    stage: int = 0
    moments: tuple[str, ...] = (ORDER,)
    needs: str = ""
    version: int = 1
    retired_at: datetime | None = None


@dataclass
class Showing:
    """`pk`: by what the code calls it."""

    pk: int
    question: str
    version: int
    visit: str
    at: datetime
    state: str = "open"


@dataclass
class Answer:
    given_at: datetime
    kept_until: datetime
    seq: int
    receipt: str
    changed: bool = False
    showing: Showing | None = None


@dataclass
class Diary:
    """One customer's. `latest`: the newest time that anything of theirs bears."""

    questions: Mapping[str, Question]
    showings: list[Showing] = field(default_factory=list)
    rests: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    refused: set[str] = field(default_factory=set)  # topics
    deleted: set[str] = field(default_factory=set)  # questions
    answers: dict[str, Answer] = field(default_factory=dict)
    noes: list[tuple[str, datetime]] = field(default_factory=list)  # to which purpose or wide word, "" for a question
    words: dict[str, tuple[bool, datetime]] = field(default_factory=dict)  # by purpose: the newest yes or no
    stops: dict[str, datetime] = field(default_factory=dict)  # wide words that stand
    events: list[tuple[str, datetime]] = field(default_factory=list)  # in the order in which they were told
    restricted: bool = False
    minor_until: date | None = None
    latest: datetime = datetime.min.replace(tzinfo=UTC)

    # ── What happened ───────────────────────────────────────────────────────────────────────────────────────────────

    def notes(self, at: datetime) -> datetime:
        self.latest = max(self.latest, at)
        return at

    def happened(self, event: str, at: datetime) -> None:
        self.events.append((event, self.notes(at)))

    def was_shown(self, showing: Showing) -> None:
        self.showings.append(showing)
        self.notes(showing.at)

    def put_off(self, key: str, at: datetime) -> None:
        rests = self.rests[key]
        rests.append(at + RESTS[min(len(rests), len(RESTS) - 1)])
        self.close("later", {"open"}, {key})
        self.said_no(at)

    def refused_for_ever(self, key: str, at: datetime) -> None:
        topic = self.questions[key].topic
        self.refused.add(topic)
        self.close("never", {"open", "later"}, {each for each, question in self.questions.items() if question.topic == topic})
        self.said_no(at)

    def close(self, state: str, of: set[str], keys: set[str]) -> None:
        """No showing waits of what was turned down or is known."""
        for showing in self.showings:
            if showing.question in keys and showing.state in of:
                showing.state = state

    def may_be_asked_again(self, key: str) -> None:
        topic = self.questions[key].topic
        self.refused.discard(topic)
        self.deleted = {each for each in self.deleted if self.questions[each].topic != topic}

    def deleted_answer(self, key: str) -> None:
        del self.answers[key]
        self.deleted.add(key)

    def undid(self, key: str) -> None:
        showing = self.answers.pop(key).showing
        if showing is not None:
            showing.state = "open"

    def said_no(self, at: datetime, to: str = "") -> None:
        self.noes.append((to, self.notes(at)))

    def took_back(self, to: str) -> None:
        """A no that was taken back since is none any more."""
        self.noes = [no for no in self.noes if no[0] != to]

    def decided(self, purpose: str, yes: bool, at: datetime) -> None:
        self.words[purpose] = (yes, self.notes(at))
        if yes:
            self.took_back(purpose)
        else:
            self.said_no(at, purpose)

    def stopped(self, scope: str, at: datetime) -> None:
        self.stops[scope] = at
        self.said_no(at, scope)

    def lifted(self, scope: str) -> None:
        del self.stops[scope]
        self.took_back(scope)

    # ── What the rules say ──────────────────────────────────────────────────────────────────────────────────────────

    def forbids(self, question: Question, visit: str, now: datetime) -> set[Rule]:
        """Every rule that a new showing would break."""
        key = question.key
        now_is = {each for each in question.moments for at in self._times(each) if at <= now < at + DAY * DAYS[each]}
        broken = {
            Rule.VISIT: any(each.visit == visit for each in self.showings),
            Rule.WEEK: any(now < each.at + WEEK for each in self.showings),
            Rule.QUIET: any(now < at + QUIET for _to, at in self.noes),
            Rule.MINOR: self.is_minor(now) is True,
            Rule.RESTRICTED: self.restricted,
            Rule.PAYING: self.is_paying(now) is True,
            Rule.ARRIVING: now_is == {FIRST_VISIT} and any(now < at + ARRIVING for at in self._times(FIRST_VISIT)),
            Rule.TIMES: self.times(key) >= SHOWINGS,
            Rule.REST: any(now < until for until in self.rests[key]),
            Rule.NEVER: question.topic in self.refused,
            Rule.DELETED: key in self.deleted,
            Rule.ANSWERED: key in self.answers and now < self.answers[key].kept_until,
            Rule.RETIRED: question.retired_at is not None,
            Rule.PURPOSE: not self.allows(question.purpose),
            Rule.STAGE: not self.has_opened(question.stage),
            Rule.MOMENT: not now_is,
            Rule.NEEDS: bool(question.needs) and question.needs not in self.answers,
        }
        return {rule for rule, is_broken in broken.items() if is_broken}

    def ends(self, showing: Showing, now: datetime) -> set[Rule] | None:
        """Why a showing that waits is not shown again in its visit; None where it does not wait at all."""
        question = self.questions[showing.question]
        if showing.state != "open" or showing.version != question.version or not showing.at <= now < showing.at + WAITS:
            return None
        return self.forbids(question, showing.visit, now) & ENDS

    def doubts(self, question: Question, now: datetime) -> bool:
        """Whether the rules leave it open: the clock is behind what was recorded; the last days of a minor; an answer whose time is over
        and that no job has deleted yet; a question on what they deleted in other words; events told out of order on the way to pay."""
        over = [self.answers[key].kept_until <= now for key in (question.key, question.needs) if key in self.answers]
        siblings = any(self.questions[key].topic == question.topic for key in self.deleted - {question.key})
        unclear = self.is_minor(now) is None or self.is_paying(now) is None
        retired = bool(question.needs) and self.questions[question.needs].retired_at is not None
        return now < self.latest or any(over) or siblings or unclear or retired

    def times(self, key: str) -> int:
        return sum(each.question == key for each in self.showings)

    def allows(self, purpose: str) -> bool:
        """“fraud” needs no yes, and may be objected to. “makers” is advertising and passed on: both wide words cover it, unless a later yes
        was said."""
        yes, at = self.words.get(purpose, (purpose == "fraud", None))
        if purpose != "makers" or at is None:
            return yes
        return yes and all(stop < at for stop in self.stops.values())

    def has_opened(self, stage: int) -> bool:
        return all(self._times(event) for event in STAGES[1 : stage + 1])

    def is_minor(self, now: datetime) -> bool | None:
        """None in the days around the birthday, which begins with the country's own midnight."""
        if self.minor_until is None:
            return False
        birthday = datetime.combine(self.minor_until, time(), tzinfo=UTC)
        return None if birthday - DAY <= now < birthday + DAY else now < birthday

    def is_paying(self, now: datetime) -> bool | None:
        """None where it hangs on what one takes for the later event."""
        told = [(event, at) for event, at in self.events if event in OF_THE_BRAND]
        answers = set()
        for number, (event, at) in enumerate(told):
            if event == CHECKOUT and now < at + PAYING:
                later_told = any(other != CHECKOUT for other, _at in told[number + 1 :])
                later_done = any(other != CHECKOUT and then > at for other, then in told)
                answers.add(None if later_told != later_done else not later_told)
        return True if True in answers else (None if None in answers else False)

    def _times(self, event: str) -> Iterable[datetime]:
        return [at for each, at in self.events if each == event]
