from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guardians.methods.base import Method


class SignedForm(Method):
    """A form, signed on paper and sent as a picture (16 CFR 312.5(b)(2)(i)). Two people look at it."""

    key: ClassVar[str] = "signed_form"
    title = _("A signed form")
    hint = _("Print a form, sign it and send us a picture. Two of us look at it, then the picture is deleted.")
    discloses: ClassVar[bool] = True
    looks: ClassVar[int] = 2
    takes_form: ClassVar[bool] = True
