"""What the history says of questions and answers. The value of an answer stands in no entry: it can be deleted on its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from consents.words import brand_read
from ledger.kinds import Payload, Period, Words, register
from profiles.published import question_of

ASKED = ("question", "version", "language", "where")


def register_kinds() -> None:
    """Contracts 2 names question.published, answer.given and answer.changed; the others are ours."""
    register(
        "question.published",
        fields=("question", "version", "sha256", "topic", "asks_for", "purpose", "category", "sensitive"),
        period=Period.PUBLIC,
        words=_published,
        group="policy",
    )
    register("question.retired", fields=("question", "version"), period=Period.PUBLIC, words=_retired, group="policy")
    register("journey.changed", fields=("what", "key", "before", "after"), period=Period.PUBLIC, words=_journey, group="policy")
    shown = (*ASKED, "moment", "number", "sha256")
    register("question.shown", fields=shown, period=Period.WITH_PERSON, words=_titled(SHOWN), group="answers")
    register("question.declined", fields=(*ASKED, "state", "until"), period=Period.WITH_PERSON, words=_declined, group="answers")
    given = (*ASKED, "purpose", "kept_until")
    register("answer.given", fields=given, period=Period.WITH_PERSON, words=_titled(GIVEN), group="answers")
    register("answer.changed", fields=given, period=Period.WITH_PERSON, words=_titled(CHANGED), group="answers")
    register("answer.deleted", fields=("question", "version", "why"), period=Period.WITH_PERSON, words=_deleted, group="answers")


SHOWN = gettext_noop("We asked: %(title)s")
GIVEN = gettext_noop("You answered: %(title)s")
CHANGED = gettext_noop("You changed your answer: %(title)s")
DECLINED = {
    "later": gettext_noop("You said “Not now”: %(title)s"),
    "never": gettext_noop("You said “Don’t ask again”: %(title)s"),
    "lifted": gettext_noop("You said that we may ask again: %(title)s"),
}
WHY_DELETED = {
    "self": gettext_noop("By you."),
    "undo": gettext_noop("By undoing the answer."),
    "period": gettext_noop("The time for which it was kept was over."),
    "retired": gettext_noop("The question is not asked any more."),
}


def _title(act: Payload) -> str:
    """As it read in that version; the key of a question that this brand has never published."""
    found = question_of(brand_read(), act["question"], act["version"])
    return found.for_language(get_language() or "").title if found else act["question"]


def _titled(words: str) -> Callable[[Payload], Words]:
    return lambda act: Words(_(words) % {"title": _title(act)})


def _declined(act: Payload) -> Words:
    if act["until"] is None:
        return Words(_(DECLINED[act["state"]]) % {"title": _title(act)})
    day = date_format(timezone.localtime(datetime.fromisoformat(act["until"])), "DATE_FORMAT")
    return Words(_(DECLINED[act["state"]]) % {"title": _title(act)}, _("We won’t ask before %(day)s.") % {"day": day})


def _deleted(act: Payload) -> Words:
    return Words(_("An answer was deleted: %(title)s") % {"title": _title(act)}, _(WHY_DELETED[act["why"]]))


def _published(act: Payload) -> Words:
    values = {"question": act["question"], "version": act["version"]}
    return Words(_("Version %(version)s of a question was published: %(question)s") % values, act["sensitive"] or "")


def _retired(act: Payload) -> Words:
    return Words(_("A question is not asked any more: %(question)s") % {"question": act["question"]})


def _journey(act: Payload) -> Words:
    return Words(_("How people are asked was changed: %(key)s") % {"key": act["key"]})
