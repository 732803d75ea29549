"""The same for several requests: one press, and each request has its own check, its own turn and its own entry. Nothing that decides a
request is among it."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy, ngettext

from catalogue.admin.of_brand import OfBrand, by
from data_requests import actions
from data_requests.desk_texts import unfilled
from data_requests.models import Request
from data_requests.states import NotPossible
from regimes.deadlines import NotExtendable

MOST = 50  # requests a press: more than anybody has read


class SeveralForm(ActionForm):
    words = forms.CharField(
        label=gettext_lazy("Words that each of them reads"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class Several(OfBrand):
    action_form = SeveralForm
    actions = ("write_to_each", "extend_each")
    actions_selection_counter = True

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("requests.work_request")

    @admin.action(description=gettext_lazy("Write the same to each"), permissions=["work"])
    def write_to_each(self, request: HttpRequest, queryset: QuerySet[Request]) -> None:
        self._each(request, queryset, lambda found, words: actions.write(found, words, by=by(request), from_person=False))

    @admin.action(description=gettext_lazy("Extend each, for the same reason"), permissions=["work"])
    def extend_each(self, request: HttpRequest, queryset: QuerySet[Request]) -> None:
        self._each(request, queryset, lambda found, words: actions.extend(found, words, by=by(request)))

    def _each(self, request: HttpRequest, queryset: QuerySet[Request], act: Callable[[Request, str], object]) -> None:
        words = request.POST.get("words", "").strip()
        rows = list(queryset.select_related("brand").order_by("pk")[: MOST + 1])
        if refused := _refused(rows, words):
            self.message_user(request, refused, messages.ERROR)
            return
        done = 0
        for found in rows:
            try:
                act(found, words)
                done += 1
            except (NotPossible, NotExtendable) as why:
                said = {"number": found.number, "why": why}
                self.message_user(request, gettext("%(number)s: that is not possible: %(why)s.") % said, messages.ERROR)
        if done:
            self.message_user(request, ngettext("Done for %(n)d request.", "Done for %(n)d requests.", done) % {"n": done})


def _refused(rows: list[Request], words: str) -> str:
    """Why nothing at all is done; empty, if each may be tried."""
    languages = sorted({each.language for each in rows})
    if not words:
        return gettext("Write the words that each of them reads.")
    if blanks := unfilled(words):
        return gettext("Fill in what is in brackets: %(blanks)s") % {"blanks": ", ".join(blanks)}
    if len(rows) > MOST:
        return gettext("At most %(n)d at a time.") % {"n": MOST}
    if len(languages) > 1:
        return gettext("These people read different languages (%(languages)s). Choose those of one.") % {"languages": ", ".join(languages)}
    return ""
