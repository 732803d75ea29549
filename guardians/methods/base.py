"""What a way of verifying an adult says of itself. 16 CFR 312.5(b)(2) names those that the law takes for reasonable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from guardians.models import GuardianClaim


class Method:
    """`discloses`: good enough for letting a child's data go to others. `looks`: how many people at the desk have to look at it.
    `takes_form`: the adult hands something in that is looked at."""

    key: ClassVar[str]
    title: Any
    hint: Any
    discloses: ClassVar[bool]
    looks: ClassVar[int]
    takes_form: ClassVar[bool] = False

    def begin(self, claim: GuardianClaim) -> None:
        """Inside the turn in which somebody has chosen this way: mails that it begins with are enqueued here."""
