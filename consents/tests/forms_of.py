from __future__ import annotations

from django.http import HttpResponse

from consents.tests.reading import Page


def choices_form(answer: HttpResponse, purpose: str) -> dict[str, str]:
    """The hidden fields of a purpose's form on the choices page."""
    forms = Page(answer.content.decode()).forms
    return next(form.fields for form in forms if form.action == f"/choices/{purpose}/")
