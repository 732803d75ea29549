"""Why a request may be refused: a closed list, each with its place in the law. Another reason is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Ground:
    """`abuse`: says of the person that they misuse a right; two people must agree, and answering it after all is the rule (GDPR
    Art. 12(5), CJEU C-526/24). `unproven`: the only one before we know who is asking. `not_of`: kinds that it is no answer
    to."""

    code: str
    title: StrOrPromise
    law: str
    abuse: bool = False
    unproven: bool = False
    not_of: frozenset[str] = frozenset()


NO_DELETION = frozenset({"delete"})
GROUNDS: Mapping[str, Ground] = {
    ground.code: ground
    for ground in (
        Ground("identity_unproven", _("We could not make sure that it is you"), "GDPR Art. 11(2), 12(2), 12(6)", unproven=True),
        Ground("rights_of_others", _("It would show data of other people"), "GDPR Art. 15(4)", not_of=NO_DELETION),
        Ground("legal_duty", _("A law obliges us to keep it"), "GDPR Art. 17(3)(b)"),
        Ground("legal_claims", _("It is needed for a legal claim"), "GDPR Art. 17(3)(e), 18(2), 21(1)"),
        Ground("accurate", _("We checked, and it is right as it stands"), "GDPR Art. 16", not_of=NO_DELETION),
        Ground("compelling_grounds", _("Compelling reasons weigh more here"), "GDPR Art. 21(1)", not_of=NO_DELETION),
        Ground("not_ours", _("We hold nothing of the kind"), "GDPR Art. 15(1)"),
        Ground("manifestly_unfounded", _("The request is manifestly unfounded"), "GDPR Art. 12(5)", abuse=True),
        Ground("excessive", _("The request is excessive"), "GDPR Art. 12(5)", abuse=True),
    )
}
ABUSE = tuple(sorted(code for code, ground in GROUNDS.items() if ground.abuse))
