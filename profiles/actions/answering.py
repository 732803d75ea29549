"""An answer is given, changed, taken back, deleted. Each is one turn of the person whose answer it is. An answer is no consent: whether it
may be read is asked of decide() at each reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from consents.decide import decide
from ledger.canonical import timestamp
from ledger.models import Entry
from ledger.turns import Turn, turn
from profiles import kinds
from profiles.actions.asking import By, question_asked
from profiles.models import Answer, Ask, Asked
from profiles.published import PublishedQuestion


class Result(StrEnum):
    SAVED = "saved"
    STANDS = "stands"  # the same answer stands already: nothing written
    CHANGED_MEANWHILE = "changed_meanwhile"  # another answer stands that the form had not seen: nothing written, asked anew
    OTHER_WORDING = "other_wording"  # the form showed a version that is asked no more: nothing written, shown anew
    NOT_ALLOWED = "not_allowed"  # the person does not allow the use it would be for: nobody could read it, nothing written


@dataclass(frozen=True)
class Outcome:
    """`first`: there was no answer before it, so that it can be taken back."""

    result: Result
    answer: Answer | None = None
    first: bool = False


def answer(
    customer: Customer, key: str, value: kinds.Value, by: By, *, version: int, seen: int | None = None, ask: int | None = None
) -> Outcome:
    """`value` as kinds.check() keeps it; `version`: of the question as it was read; `seen`: the seq of the answer that the form showed,
    None when it showed none. Raises Gone, and WrongAnswer for what is no answer to this question."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as this:
        question = question_asked(customer, key)
        if question.version != version:
            return Outcome(Result.OTHER_WORDING)
        kept = kinds.check(question.shape, value)
        if not decide(customer, question.purpose).allowed:
            return Outcome(Result.NOT_ALLOWED)
        there = Answer.objects.filter(customer=customer, question=question.pk).first()
        if there is not None and there.value == kept and there.kept_until > timezone.now():
            _close(customer, question, there)
            return Outcome(Result.STANDS, there)
        if there is not None and there.seq != seen:
            return Outcome(Result.CHANGED_MEANWHILE, there)
        saved = _write(this, customer, question, kept, by, there)
        _close(customer, question, saved, ask)
        return Outcome(Result.SAVED, saved, first=there is None)


def _write(this: Turn, customer: Customer, question: PublishedQuestion, value: kinds.Value, by: By, there: Answer | None) -> Answer:
    days = timedelta(days=question.retention_days)
    act = {
        "question": question.key, "version": question.version, "language": by.language, "where": by.where,
        "purpose": question.purpose, "kept_until": timestamp(timezone.now() + days),
    }  # fmt: skip
    entry = this.append(customer.subject, "answer.changed" if there else "answer.given", act)
    values: dict[str, Any] = {
        "version": question.version, "purpose": question.purpose, "value": value, "given_at": entry.recorded_at,
        "kept_until": entry.recorded_at + days, "receipt": entry.public_id, "seq": entry.seq,
    }  # fmt: skip
    saved, _made = Answer.objects.update_or_create(customer=customer, question_id=question.pk, defaults=values)
    return saved


def _close(customer: Customer, question: PublishedQuestion, known: Answer, ask: int | None = None) -> None:
    """The answer is known: the question is not put again while it stands, and no showing of it waits. `ask`: the one that brought it."""
    Asked.objects.update_or_create(customer=customer, question_id=question.pk, defaults={"answered_at": known.given_at})
    waiting, now = Ask.objects.open().filter(customer=customer, question=question.pk), timezone.now()
    if ask is not None:
        waiting.filter(pk=ask).update(state=Ask.State.ANSWERED, acted_at=now, receipt=known.receipt)
    waiting.update(state=Ask.State.ANSWERED, acted_at=now)


def take_back(customer: Customer, receipt: str, by: By) -> bool:
    """Undo, within the window: the answer goes as if it had not been given, and the showing it answered waits again. Only of a first
    answer, for what stood before a change is not kept. False where there is nothing to take back."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as this:
        since = timezone.now() - settings.UNDO_WINDOW
        found = Answer.objects.filter(customer=customer, receipt=receipt, given_at__gt=since).select_related("question").first()
        if found is None or not Entry.objects.of(customer.subject).filter(seq=found.seq, kind="answer.given").exists():
            return False
        _delete(this, customer, found, "undo")
        Ask.objects.filter(customer=customer, receipt=receipt).update(state=Ask.State.OPEN, acted_at=None, receipt=None)
        return True


def delete_answer(customer: Customer, key: str, by: By) -> bool:
    """By the person: whoever takes an answer back is not asked for it again, unless they say so. False where there is none."""
    with turn(customer.subject, brand=customer.brand.key, actor=f"self:{customer.subject}") as this:
        found = Answer.objects.filter(customer=customer, question__key=key).select_related("question").first()
        if found is None:
            return False
        entry = _delete(this, customer, found, "self")
        Asked.objects.filter(customer=customer, question=found.question).update(never_at=entry.recorded_at)
        return True


def delete_unused(customer: Customer, by: By) -> int:
    """Every answer that has not been used for so long that it is offered for deletion, each with an entry of its own."""
    keys = Answer.objects.filter(customer=customer).unused(timezone.now()).values_list("question__key", flat=True)
    return sum(delete_answer(customer, key, by) for key in list(keys))


def let_go(answer: Answer) -> bool:
    """What was kept for as long as was said, or answers a question that nobody asks any more, goes. False where it was renewed
    meanwhile."""
    customer = answer.customer
    with turn(customer.subject, brand=customer.brand.key, actor="system:profiles.let_go") as this:
        found = Answer.objects.over(timezone.now()).filter(pk=answer.pk).select_related("question").first()
        if found is None:
            return False
        _delete(this, customer, found, "retired" if found.question.retired_at else "period")
        return True


def _delete(this: Turn, customer: Customer, found: Answer, why: str) -> Entry:
    act = {"question": found.question.key, "version": found.version, "why": why}
    entry = this.append(customer.subject, "answer.deleted", act)
    found.delete()
    Asked.objects.filter(customer=customer, question=found.question).update(answered_at=None)
    return entry
