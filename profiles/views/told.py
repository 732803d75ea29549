"""“What you told us”: to read, to change, to delete, to take along."""

from __future__ import annotations

import json
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.http import CustomerRequest, customer_only, safe_next
from brands.flash import flash
from brands.http import SeeOther
from profiles import actions, telling
from profiles.actions.asking import By
from profiles.views.prompts import language


@require_safe
@customer_only
def page(request: CustomerRequest) -> HttpResponse:
    return render(request, "profiles/told.html", {"page": telling.told_page(request.customer, language())})


@require_safe
@customer_only
def one(request: CustomerRequest, question: str) -> HttpResponse:
    found = telling.one(request.customer, question, language())
    if found is None:
        raise Http404
    return render(request, "profiles/told_one.html", {"told": found[0], "uses": found[1]})


@require_POST
@customer_only
def delete(request: CustomerRequest, question: str) -> HttpResponse:
    if actions.delete_answer(request.customer, question, By("center", language())):
        flash(request, "good", _("Deleted"), _("Nobody can read this answer any more. We won’t ask you this again."))
    else:
        flash(request, "", _("There was nothing to delete"), _("Nothing was changed."))
    return SeeOther(reverse("profiles:told"))


@require_POST
@customer_only
def delete_unused(request: CustomerRequest) -> HttpResponse:
    done = actions.delete_unused(request.customer, By("center", language()))
    title = ngettext("%(n)d answer deleted", "%(n)d answers deleted", done) % {"n": done}
    flash(request, "good" if done else "", title, _("We won’t ask you these again."))
    return SeeOther(reverse("profiles:told"))


@require_POST
@customer_only
def undo(request: CustomerRequest) -> HttpResponse:
    """Takes an answer back that was just given."""
    receipt = request.POST.get("receipt", "")
    if _is_number(receipt) and actions.take_back(request.customer, receipt, By("center", language())):
        flash(request, "good", _("Taken back"), _("Your answer was deleted."))
    else:
        flash(request, "wait", _("This can’t be undone any more"), _("You can change or delete the answer here."))
    return SeeOther(safe_next(request, reverse("profiles:told")))


def _is_number(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@require_POST
@customer_only
def download(request: CustomerRequest) -> HttpResponse:
    content = json.dumps(telling.as_file(request.customer, language()), ensure_ascii=False, indent=1)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="what-you-told-us.json"'
    return response
