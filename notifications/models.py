"""Messages, a row each, which is queue and proof; campaigns that tell of a policy change; addresses at which mail is in vain."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, Customer
from brands.models import Brand
from catalogue.models import PolicyVersion
from ledger.personal_data import DELETE, KEEP, ForEver, Nobody, Proof, WithPerson
from notifications.states import GONE, OPEN, Class, State, Why


class Campaign(models.Model):
    """What a published policy version has to tell, or a reminder of it. Whom it reaches is chosen by a job, each person asked anew right
    before their mail."""

    class Kind(models.TextChoices):
        CHANGE = "change", _("what changes")
        REMINDER = "reminder", _("reminder to those who have not decided")

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="campaigns")
    version = models.ForeignKey(PolicyVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="campaigns")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    looked_at = models.PositiveBigIntegerField(_("customers looked at"), default=0)
    chosen_at = models.DateTimeField(_("chosen"), null=True)  # everybody was looked at
    paused_at = models.DateTimeField(_("paused"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)  # by somebody, for good
    error = models.CharField(_("error"), max_length=200, blank=True)  # why it paused itself: the class of the fault

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "kind"], name="campaign_once_a_version"),
            models.CheckConstraint(condition=Q(kind__in=["change", "reminder"]), name="campaign_kind"),
        ]
        permissions: ClassVar = [("run_campaign", "Can pause and resume campaigns")]

    class PersonalData:
        of = Nobody("what was told to many, not to whom")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "version", "kind", "created_at", "looked_at", "chosen_at", "paused_at", "ended_at", "error")
        keep = ForEver("proof of what people were told")
        on_erasure = KEEP("about no person", "the brand goes")

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"


class MessageQuerySet(models.QuerySet["Message"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, moment: datetime) -> Self:
        """On their own, due before the moment, and still waiting."""
        return self.filter(campaign=None, urgent=True, state=State.QUEUED, run_after__lt=moment)

    def repeatable(self) -> Self:
        """What tells of something that happened to one person, and has gone out or come back. A campaign shows its news in the center."""
        return self.filter(campaign=None, klass=Class.SERVICE, entry__isnull=False, state__in=GONE)

    def stumbling(self) -> Self:
        """On their own, and could not be written so far."""
        return self.filter(campaign=None, state=State.QUEUED, attempts__gt=0, answer__regex="^[A-Za-z_]")


class Message(models.Model):
    """One mail to one customer. `entry` is the ledger entry that it tells of, `campaign` the one it belongs to."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="messages", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False)
    # The guardian to whom a campaign's mail about a child goes: the row of a Customer that may have gone since. 0: the customer themselves.
    reader = models.BigIntegerField(default=0, db_default=0)
    # Which address: the row of a Contact that may have gone since. Null: their newest one, until it is sent.
    contact = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=32)
    klass = models.CharField(max_length=9)
    language = models.CharField(max_length=16)
    entry = models.BigIntegerField(null=True)
    again = models.PositiveSmallIntegerField(default=0, db_default=0)  # how often a colleague had it sent once more before this one
    facts = models.JSONField(default=dict)  # what the mail says besides the entry
    urgent = models.BooleanField(default=True)  # goes before every campaign
    state = models.CharField(max_length=9, default=State.QUEUED)
    why = models.CharField(max_length=13, blank=True, default="")
    answer = models.CharField(max_length=200, blank=True, default="")  # the server's code, when it refused, or why it could not be written
    lane = models.PositiveSmallIntegerField(null=True)  # of the sender that has given it to the server
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    message_id = models.CharField(max_length=300, blank=True, default="")
    body_sha256 = models.CharField(max_length=64, blank=True, default="")
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(null=True)  # a sender died while it had this one at the server
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # what it tells of, in the center

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "customer", "reader"], name="message_once_a_campaign"),
            models.UniqueConstraint(
                fields=["entry", "kind", "contact", "again"], condition=Q(entry__isnull=False), name="message_once_an_entry"
            ),
            models.CheckConstraint(condition=Q(klass__in=[each.value for each in Class]), name="message_class"),
            models.CheckConstraint(condition=Q(state__in=[each.value for each in State]), name="message_state"),
            models.CheckConstraint(condition=Q(why__in=["", *(each.value for each in Why)]), name="message_why"),
            models.CheckConstraint(
                condition=Q(state="started", lane__isnull=False) | ~Q(state="started") & Q(lane__isnull=True),
                name="message_in_one_hand",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | ~Q(message_id="") & Q(sent_at__isnull=False), name="message_sent_whole"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["urgent", "brand", "id"], name="message_loose", condition=Q(state="queued", campaign__isnull=True)),
            models.Index(fields=["campaign", "id"], name="message_waiting", condition=Q(state="queued")),
            models.Index(fields=["lane"], name="message_started", condition=Q(state="started")),
            # Every other index costs each mail two entries: see docs/adr/0008.
            models.Index(fields=["message_id"], name="message_that_went", condition=Q(state__in=["sent", "in_doubt", "bounced"])),
        ]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {
            "kind": "history", "language": "history", "state": "history", "why": "history", "queued_at": "history", "sent_at": "history",
            "bounced_at": "history", "complained_at": "history", "seen_at": "history", "message_id": "history", "facts": "history",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {}
        plain = (
            "id", "brand", "customer", "campaign", "reader", "contact", "klass", "entry", "again", "urgent", "answer", "lane", "attempts",
            "run_after", "body_sha256", "started_at", "doubted_at",
        )  # fmt: skip
        keep = Proof()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def stumbled(self) -> bool:
        """Could not be written when it was last tried: what stands there is the class of a fault, and no server's code."""
        return self.answer.isidentifier()


class Undeliverable(models.Model):
    """An address at which mail is in vain, or unwanted. It only ever reduces mailing: no consent changes by it. Proving the address anew
    takes away that it is in vain; a complaint stands."""

    class Reason(models.TextChoices):
        HARD = "hard", _("the address takes no mail")
        COMPLAINT = "complaint", _("somebody there called our mail spam")

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="undeliverable")
    reason = models.CharField(max_length=9, choices=Reason)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "reason"], name="undeliverable_once"),
            models.CheckConstraint(condition=Q(reason__in=["hard", "complaint"]), name="undeliverable_reason"),
        ]

    class PersonalData:
        of = "contact__customer"
        exported: ClassVar[dict[str, str]] = {"reason": "contact", "since": "contact"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "contact")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.contact_id} {self.reason}"


class ChangeSeen(models.Model):
    """That a customer has had the page of a policy version's changes before them: the projection of a ledger entry."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="changes_seen")
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    entry = models.BigIntegerField(unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "version"], name="change_seen_once")]

    class PersonalData:
        of = "customer"
        exported: ClassVar[dict[str, str]] = {"seen_at": "history"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "version", "entry")
        keep = Proof()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.customer_id} {self.version_id}"


class Pace(models.Model):
    """How fast a brand's mail may go: the moment from which the next one may."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, primary_key=True, related_name="pace")
    next_at = models.DateTimeField(default=timezone.now)

    class PersonalData:
        of = Nobody("a moment")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("brand", "next_at")
        keep = ForEver("operation")
        on_erasure = KEEP("about no person", "the brand goes")

    def __str__(self) -> str:
        return str(self.brand_id)
