"""What publishing a draft will do: who is asked, who is told, what changes, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brands.models import Brand
from catalogue import actions as catalogue
from catalogue.content import Content
from catalogue.differences import Different, differences, flat
from catalogue.models import PurposeVersion
from catalogue.problems import Problem
from catalogue.published import imagined
from consents.figures import people, standing, told
from consents.places import Ground, grounds_everywhere, name_of
from preference_center.desk.figures import HIDDEN
from profiles import actions as profiles
from profiles.content import Content as QuestionContent
from profiles.differences import flat as flat_question
from profiles.models import QuestionVersion
from profiles.published import imagined as imagined_question

GROUNDS = {
    "consent": gettext_lazy("Asked first: off until they say yes"),
    "opt_out": gettext_lazy("Happens unless they say no"),
    "legitimate_interest": gettext_lazy("Happens, and they can object"),
    "contract": gettext_lazy("Happens, as the contract needs it"),
    "legal_duty": gettext_lazy("Happens, because a law commands it"),
    "prohibited": gettext_lazy("Does not happen: the law forbids it"),
}


@dataclass(frozen=True)
class Doing:
    """`sentences`: what happens on publication; `grounds`: what that is called, and where it is so; `looks`: (name of a place, as it is
    written in an address) to look at the draft from."""

    sentences: list[str]
    changes: list[Different]
    problems: list[Problem]
    grounds: list[tuple[str, Ground]] = field(default_factory=list)
    looks: list[tuple[str, str]] = field(default_factory=list)


def of_purpose(draft: PurposeVersion, by: str, *, counts: bool) -> Doing:
    """`counts`: for whoever may read the figures."""
    brand, purpose, newest = draft.purpose.brand, imagined(draft), draft.purpose.newest
    # What a draft is, by the law, an empty one does not say yet.
    grounds = grounds_everywhere(purpose, brand.home_regime, brand.country, timezone.localdate()) if purpose.classes else []
    old = flat(Content.of(newest)) if newest else None
    return Doing(
        list(_purpose(brand, purpose.key, is_new=newest is None, counts=counts)),
        differences(old, flat(Content.of(draft))),
        catalogue.in_the_way(draft, by=by),
        [(str(GROUNDS[each.basis]), each) for each in grounds],
        [(name_of(each.like), each.like.region or each.like.country) for each in grounds],
    )


def _purpose(brand: Brand, key: str, *, is_new: bool, counts: bool) -> Iterator[str]:
    if is_new and counts:
        everybody = _counted(people(brand))
        yield _("Customers today: %(n)s. Each finds it on their page as their place and age have it, decided by nobody.") % {"n": everybody}
    for each in standing(brand) if counts else ():
        if each.purpose == key:
            told_of = {"use": each.title, "yes": _shown(each.allowed), "no": _shown(each.refused)}
            yield _("%(use)s: what people decided stands. Allowed by %(yes)s, not by %(no)s.") % told_of
    if not is_new and not counts:
        yield _("What people decided stands.")
    yield _("Nobody is written to by this. A version of the policy that names the change tells those whom it concerns.")


def of_question(draft: QuestionVersion, by: str, *, counts: bool) -> Doing:
    """See of_purpose."""
    newest = draft.question.newest
    old = flat_question(QuestionContent.of(newest)) if newest else None
    return Doing(
        list(_question(draft, counts=counts)), differences(old, flat_question(QuestionContent.of(draft))), profiles.in_the_way(draft, by=by)
    )  # fmt: skip


def _question(draft: QuestionVersion, *, counts: bool) -> Iterator[str]:
    brand, asked = draft.question.brand, imagined_question(draft)
    use = draft.purpose.newest
    title = next((text.title for text in use.texts.filter(language=get_language() or "en")), asked.purpose) if use else asked.purpose
    if counts:
        allowed = [each.allowed for each in standing(brand) if each.purpose == asked.purpose]
        most = _shown(max((count for count in allowed if count is not None), default=None)) if allowed else "0"
        yield _("Only those who allow “%(use)s” can be asked: at most %(n)s people today.") % {"use": title, "n": most}
    else:
        yield _("Only those who allow “%(use)s” can be asked.") % {"use": title}
    if asked.moments:
        moments = {"moments": ", ".join(asked.moments)}
        yield _("It is put after: %(moments)s. No person is asked more than the budget of questions lets.") % moments
    else:
        yield _("No moment puts it. People find it under “What you told us”.")
    yield _("Answers are kept for %(n)d days at most, and go with the permission.") % {"n": asked.retention_days}
    if draft.category.sensitive:
        yield _("The data is of a sensitive kind: an officer says at publication why it is asked for.")


def _counted(count: int) -> str:
    return _shown(told(count))


def _shown(count: int | None) -> str:
    return HIDDEN if count is None else str(count)
