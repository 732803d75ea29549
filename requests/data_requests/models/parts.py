"""What belongs to a request: what it waits for, who has answered, what was written, and the file that comes of it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from data_requests.models.request import LOG_DAYS, Request
from ledger.personal_data import DELETE, Days
from regimes.periods import Why as LawsWhy


class Wait(models.Model):
    """A question put to the person, while whose answer is awaited the clock may stand still (the law decides)."""

    class Why(models.TextChoices):
        IDENTITY = "identity", _("to know that it is you")
        CLARIFICATION = "clarification", _("to know what you mean")

    LAW: ClassVar[dict[str, LawsWhy]] = {"identity": "identity", "clarification": "clarification"}  # as regimes.periods names them

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="waits")
    why = models.CharField(max_length=14, choices=Why)
    asked_on = models.DateField()
    answered_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "why"], condition=Q(answered_on__isnull=True), name="wait_one_at_a_time"),
            models.CheckConstraint(condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("asked_on")), name="wait_ends_after"),
        ]

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {"why": "requests", "asked_on": "requests", "answered_on": "requests"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "request")
        keep = Days(LOG_DAYS, after="request__closed_at")
        on_erasure = DELETE


class Item(models.Model):
    """One system that has to answer, and what it said. A request is not fulfilled while one is open."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Waiting")
        DONE = "done", _("Done")
        NOTHING = "nothing", _("Nothing found")
        KEPT = "kept", _("Kept")
        FAILED = "failed", _("Failed")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="items")
    system = models.CharField(_("system"), max_length=120)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, default=Outcome.OPEN)
    count = models.PositiveBigIntegerField(default=0)  # rows
    note = models.TextField(_("note"), blank=True)
    by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)
    connected = models.ForeignKey("requests.System", null=True, on_delete=models.PROTECT, related_name="items")
    found = models.JSONField(default=list)  # table by table, written before anything is done: so that a restart counts the same
    located = models.TextField(blank=True)  # by which keys the system knows the person: sealed, until it has answered

    class Meta:
        verbose_name = _("system")
        verbose_name_plural = _("systems")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "system"], name="item_once_a_request"),
            models.CheckConstraint(
                condition=Q(outcome="open", answered_at__isnull=True) | Q(~Q(outcome="open"), answered_at__isnull=False),
                name="item_answered_says_when",
            ),
            models.CheckConstraint(condition=~Q(outcome__in=["kept", "failed"]) | ~Q(note=""), name="item_kept_says_why"),
        ]

    @property
    def title(self) -> str:
        """As people read it: two are ours, the others are called what the brand calls them."""
        return str({"center": _("The privacy center"), "person": _("A person at the desk")}.get(self.system, self.system))

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {
            "system": "requests", "outcome": "requests", "count": "requests", "note": "requests", "answered_at": "requests",
            "found": "requests",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {"by": "names a member of staff", "located": "keys of another system, while it is asked"}
        plain = ("id", "request", "connected")
        keep = Days(LOG_DAYS, after="request__closed_at")
        on_erasure = DELETE


class Letter(models.Model):
    """A message about a request, in either direction."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="letters")
    from_person = models.BooleanField()
    by = models.CharField(max_length=80)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="letter_says_something")]

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {"from_person": "requests", "text": "requests", "at": "requests"}
        withheld: ClassVar[dict[str, str]] = {"by": "names a member of staff"}
        plain = ("id", "request")
        keep = Days(LOG_DAYS, after="request__closed_at")
        on_erasure = DELETE


class Package(models.Model):
    """The file of a copy: encrypted while it waits, gone when its time is over. What it held stands in its manifest, not here."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="package")
    file = models.CharField(max_length=40)  # its name in PACKAGES_DIR; "" once it is gone
    key = models.TextField()  # of this one file, itself encrypted; "" once it is gone
    size = models.PositiveBigIntegerField()  # bytes of the archive
    sha256 = models.CharField(max_length=64)  # of the archive
    rows = models.PositiveBigIntegerField()
    built_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    downloads = models.PositiveSmallIntegerField(default=0)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(gone_at__isnull=True) & ~Q(file="") & ~Q(key="")) | Q(gone_at__isnull=False, file="", key=""),
                name="package_gone_has_no_key",
            )
        ]

    class PersonalData:
        of = "request__customer"
        exported: ClassVar[dict[str, str]] = {
            "size": "requests", "sha256": "requests", "built_at": "requests", "expires_at": "requests", "downloads": "requests",
            "gone_at": "requests",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {"key": "a secret that protects the copy", "file": "a place on our disk"}
        plain = ("id", "request", "rows")
        keep = Days(LOG_DAYS, after="request__closed_at")
        on_erasure = DELETE

    def is_there(self, now: datetime) -> bool:
        return self.gone_at is None and now < self.expires_at
