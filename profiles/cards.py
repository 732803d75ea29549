"""A question as it is put: its words, its facts, its form and its three ways out. The templates only place them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brands.models import Brand
from catalogue.published import published
from profiles.actions.asking import Way
from profiles.forms import AnswerForm
from profiles.kinds import Value, told
from profiles.models import Answer
from profiles.published import PublishedQuestion, question_of

YEAR, MONTH = 365, 30  # days


@dataclass(frozen=True)
class Card:
    """`facts`: said before anything is asked for; `hidden`: what the form carries; `standing`: the answer that stands, in words."""

    key: str
    title: str
    why_now: str
    facts: list[tuple[str, str]]
    purpose: str
    purpose_url: str
    form: AnswerForm
    save_label: str
    action: str
    hidden: list[tuple[str, str]] = field(default_factory=list)
    standing: str = ""


def card(
    brand: Brand,
    question: PublishedQuestion,
    language: str,
    *,
    action: str = "",
    hidden: list[tuple[str, str]] | None = None,
    answer: Answer | None = None,
    given: QueryDict | None = None,
) -> Card:
    """`given`: what was posted and refused. Of an answer that stands its seq is in the form: another window may change it."""
    text = question.for_language(language)
    use = published(brand).get(question.purpose)
    more = [("version", str(question.version)), *([("seen", str(answer.seq))] if answer else [])]
    return Card(
        key=question.key,
        title=text.title,
        why_now=text.why_now,
        facts=facts(brand, question, language),
        purpose=use.for_language(language).title if use else question.purpose,
        purpose_url=f"{reverse('consents:choices')}#{question.purpose}",
        form=AnswerForm(question, language, given, answer.value if answer else None),
        save_label=text.save_label,
        action=action or reverse("profiles:prompt", args=[question.key]),
        hidden=[*(hidden or []), *more],
        standing=in_words(brand, answer, language) if answer else "",
    )


def facts(brand: Brand, question: PublishedQuestion, language: str) -> list[tuple[str, str]]:
    text = question.for_language(language)
    return [
        (_("What we do with it"), text.used_by),
        (_("What you get"), text.benefit),
        (_("If you don’t answer"), text.if_not),
        (_("Who sees it"), who_sees(brand, question)),
        (_("How long"), _("Until you remove it, and no longer than %(time)s") % {"time": how_long(question.retention_days)}),
    ]


def who_sees(brand: Brand, question: PublishedQuestion) -> str:
    """By name, from the register: who gets this kind of data for this purpose."""
    use = published(brand).get(question.purpose)
    uses = use.uses if use else ()
    names = dict.fromkeys(path.recipient_name for path in uses if path.category == question.category and path.recipient)
    if not names:
        return _("Nobody outside %(brand)s") % {"brand": brand.name}
    return ", ".join([brand.name, *names])


def how_long(days: int) -> str:
    if days % YEAR == 0:
        months = 12 * days // YEAR
    elif days % MONTH == 0 and days > MONTH:
        months = days // MONTH
    else:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def in_words(brand: Brand, answer: Answer, language: str) -> str:
    """The answer as it read in the version that was answered."""
    return reading(brand, answer.question.key, answer.version, answer.value, language)[1]


def reading(brand: Brand, key: str, version: int, value: Value, language: str) -> tuple[str, str]:
    """A question and an answer to it, in words."""
    asked = question_of(brand, key, version)
    with translation.override(language):
        return title_of(brand, key, version, language), told(value, asked.words(language)) if asked else str(value)


def title_of(brand: Brand, key: str, version: int, language: str) -> str:
    asked = question_of(brand, key, version)
    return asked.for_language(language).title if asked else key


def turned_down(way: Way, day: str) -> tuple[str, str]:
    """What the card becomes, in words. `day`: before which it is not asked again."""
    if way is Way.NEVER:
        return _("Don’t ask again"), _("We won’t ask you this again. You can still tell us under “What you told us”.")
    if not day:
        return _("Not now"), _("All right.")
    return _("Not now"), _("All right. We won’t ask before %(day)s. You can tell us any time under “What you told us”.") % {"day": day}


def context(found: Card) -> dict[str, Any]:
    """For a page that holds this one question: its form's faults stand above the heading."""
    return {"prompt": found, "form": found.form}
