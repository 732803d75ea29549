"""What the person will read of a form that is filled in, in their language and the brand's look, before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from data_requests.desk_forms import ActForm, CorrectForm
from data_requests.models import Request
from data_requests.refusals import GROUNDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Over the words, as the page of the request has it.
HEADINGS: dict[str, StrOrPromise] = {
    "write": _("Messages"), "ask": _("Messages"), "end_pause": _("Messages"), "extend": _("It takes longer"), "fulfil": _("Our answer"),
    "refuse": _("Why we say no"),
}  # fmt: skip


def as_read(request: Request, act: str, form: ActForm) -> str:
    """HTML. Nothing is written and nobody is told."""
    if isinstance(form, CorrectForm):
        return render_to_string("requests/_corrected.html", {"changes": form.changes()})
    with translation.override(request.language):
        context = {
            "heading": HEADINGS[act], "text": form.cleaned_data[form.words], "ground": GROUNDS.get(form.cleaned_data.get("ground", "")),
            "language": request.language, "brand": request.brand, "number": request.number,
        }  # fmt: skip
        return render_to_string("requests/_as_read.html", context)
