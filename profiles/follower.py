"""The ledger's follower that brings the journey on and counts: what people did in the center is an event of it, and what came of questions
is a figure by day."""

from __future__ import annotations

from typing import ClassVar

from django.utils import timezone

from accounts.models import Customer
from consents.states import State
from ledger.followers import Follower
from ledger.kinds import Payload
from ledger.models import Entry
from profiles.actions import happen
from profiles.models import Answer, Question, QuestionDay
from profiles.models.journey import CHOICE_MADE, FIRST_VISIT

COUNTED = {
    "question.shown": "asked", "answer.given": "answered", ("question.declined", "later"): "put_off",
    ("question.declined", "never"): "never", ("answer.deleted", "self"): "deleted", ("answer.deleted", "undo"): "deleted",
}  # fmt: skip


class Journey(Follower):
    """Its counts and its cursor are written in one transaction: each entry counts once."""

    name: ClassVar[str] = "journey"

    def handle(self, entry: Entry, position: int) -> None:
        act = entry.act
        if not act:  # emptied since
            return
        if entry.kind == "person.joined":
            self._happened(entry, FIRST_VISIT)
        elif entry.kind == "choice.decided" and act["party"] == entry.subject and act["how"] in {"button", "prompt"}:
            self._happened(entry, CHOICE_MADE)
        if entry.kind == "choice.decided" and act["state"] == State.WITHDRAWN:
            self._withdrawn(entry, act)
        column = COUNTED.get(entry.kind) or COUNTED.get((entry.kind, act.get("state") or act.get("why") or ""))
        if column:
            self._count(entry, act["question"], column)

    def _happened(self, entry: Entry, event: str) -> None:
        customer = Customer.objects.select_related("brand").filter(subject=entry.subject).first()
        if customer is not None:
            happen(customer, event, entry.recorded_at)

    def _count(self, entry: Entry, key: str, column: str) -> None:
        question = Question.objects.filter(brand__key=entry.brand, key=key).first()
        if question is not None:
            QuestionDay.count_one(question.pk, timezone.localdate(entry.recorded_at), column)

    def _withdrawn(self, entry: Entry, act: Payload) -> None:
        """Somebody whose answer stood took the use back that it was for."""
        for question in Answer.objects.filter(customer__subject=entry.subject, purpose=act["purpose"]).values_list("question", flat=True):
            QuestionDay.count_one(question, timezone.localdate(entry.recorded_at), "withdrawn")
