from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from guardians.methods.base import Method
from jobs.actions import enqueue

if TYPE_CHECKING:
    from guardians.models import GuardianClaim


class EmailPlus(Method):
    """Two mails with a day between them, each with a way back. Never for passing data on to others (16 CFR 312.5(b)(2)(vi))."""

    key: ClassVar[str] = "email_plus"
    title = _("Two emails, a day apart")
    hint = _("Confirm from your mailbox today, and we write again tomorrow. It does not cover passing data on to others.")
    discloses: ClassVar[bool] = False
    looks: ClassVar[int] = 0

    def begin(self, claim: GuardianClaim) -> None:
        enqueue("guardians.confirm_first", {"claim": claim.pk})
