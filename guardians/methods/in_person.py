from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guardians.methods.base import Method


class InPerson(Method):
    """Somebody at the desk sees the adult and their document, at the counter or on video (16 CFR 312.5(b)(2)(iv), (v))."""

    key: ClassVar[str] = "in_person"
    title = _("In person or on video")
    hint = _("Show your ID at our office, or ask us for a short video call. We note that we saw it and keep no copy.")
    discloses: ClassVar[bool] = True
    looks: ClassVar[int] = 1
