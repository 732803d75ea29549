"""What a person may ask for. One row a kind: which act of the assurance table it is, and which deadlines of the law bind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Kind:
    """`deadlines`: keys of the law data; the first that the regime has a word on counts. `free_text`: the person says what they mean in
    their own words. `restricts`: the use stops at once, while somebody looks (GDPR Art. 18(1)(d)), or until it is deleted. `once`: of
    proven ones there is one at a time. `listed`: anybody may start it;
    an appeal begins at the request it is about."""

    key: str
    title: StrOrPromise
    hint: StrOrPromise
    question: StrOrPromise
    deadlines: tuple[str, ...] = ("respond",)
    free_text: bool = True
    restricts: bool = False
    once: bool = False
    listed: bool = True


KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "copy", _("Get a copy"), _("Everything we hold, as a page you can read and files a computer can."),
            _("What should the copy include?"), free_text=False, once=True,
        ),
        Kind(
            "delete", _("Delete your data"), _("You see first what goes, what stays and why. Then you have days to change your mind."),
            _("What goes and what stays"), free_text=False, restricts=True, once=True,
        ),
        Kind(
            "correct", _("Correct something"), _("Tell us what is wrong and what is right. Your name, you change in your account."),
            _("What is wrong, and what is right?"),
        ),
        Kind(
            "restrict", _("Pause the use of your data"), _("We keep the data and use it for nothing, while we check what you say."),
            _("Why should we pause?"), restricts=True,
        ),
        Kind(
            "object", _("Object"), _("Say why a use should stop for you, even where the law allows it without asking."),
            _("What do you object to, and why?"),
        ),
        Kind(
            "limit", _("Limit sensitive data"), _("We use it only for what you asked us to do."),
            _("Is there anything we should know?"), deadlines=("limit_sensitive_effective", "opt_out_effective", "respond"),
        ),
        Kind(
            "review", _("Ask a person to look"), _("Where a computer decided something about you, a person looks again."),
            _("Which decision should a person look at again?"),
        ),
        Kind(
            "complaint", _("Complain to us"), _("Tell us what went wrong. You can complain to the regulator as well, at any time."),
            _("What went wrong?"), deadlines=("complaint_outcome", "respond"),
        ),
        Kind(
            "appeal", _("Have somebody else decide"), _("Somebody who did not decide before looks at our answer again."),
            _("What should be decided differently, and why?"), deadlines=("appeal_respond", "respond"), listed=False,
        ),
    )
}  # fmt: skip
# As colleagues at the desk call them.
AT_DESK = [
    ("copy", _("copy of data")), ("delete", _("deletion")), ("correct", _("correction")), ("restrict", _("pause of use")),
    ("object", _("objection")), ("limit", _("limit on sensitive data")), ("review", _("review by a person")),
    ("complaint", _("complaint")), ("appeal", _("appeal")),
]  # fmt: skip
COPY, DELETE, APPEAL = "copy", "delete", "appeal"
LISTED: Mapping[str, Kind] = {key: kind for key, kind in KINDS.items() if kind.listed}
ONCE = sorted(key for key, kind in KINDS.items() if kind.once)
BY_MACHINE = frozenset({COPY, DELETE})  # carried out by jobs; a person at the desk answers all others
