"""How adults come to decide for a child, what the child would like, and the page that is the child's own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from brands.models import Brand
from ledger.personal_data import DELETE, Days, WithPerson

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no look-alikes: it is read out, and typed
CODE_LETTERS = 12  # 60 random bits


def new_invitation_code() -> str:
    """K7PM-2QXW-9FTD"""
    found = "".join(secrets.choice(LETTERS) for _unused in range(CODE_LETTERS))
    return "-".join(found[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def hashed(code: str) -> str:
    """SHA-256, in hex, of what somebody typed or followed, however they spaced it."""
    return hashlib.sha256("".join(each for each in code.upper() if each.isalnum()).encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, taken_back_at=None, created_at__gt=now - settings.GUARDIAN_CONTACT_KEPT)

    def forgotten(self, now: datetime) -> Self:
        """Unconfirmed for too long (16 CFR 312.5(c)(1)): the address goes."""
        return self.filter(created_at__lte=now - settings.GUARDIAN_CONTACT_KEPT)


class Invitation(models.Model):
    """An adult is asked to decide for children who are here, or for one who was too young to join alone. What names anybody is sealed."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="invitations")
    children = models.JSONField(default=list)  # ledger references
    sealed = models.TextField()  # {"to": address or "", "name": of the adult or of the child, "birth_date": of the child}
    code_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(accepted_at__isnull=True) | Q(taken_back_at__isnull=True), name="invitation_ends_one_way"),
            models.CheckConstraint(condition=Q(code_sha256__regex=r"^[0-9a-f]{64}$"), name="invitation_code_is_hashed"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="invitation_by_age")]

    class PersonalData:
        of = "invited_by"
        exported: ClassVar[dict[str, str]] = {"created_at": "account", "accepted_at": "account", "taken_back_at": "account"}
        withheld: ClassVar[dict[str, str]] = {
            "sealed": "another person’s address and name",
            "children": "names other people in the ledger",
            "code_sha256": "a secret that protects the invitation",
        }
        plain = ("id", "brand", "invited_by")
        keep = Days(14, after="created_at")
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.pk)


class ClaimQuerySet(models.QuerySet["GuardianClaim"]):
    def open(self) -> Self:
        return self.filter(decided_at=None)

    def for_the_desk(self) -> Self:
        """What an agent can move on."""
        return self.open().filter(Q(method="in_person") | Q(state__in=["form_here", "looked_at"]))


class GuardianClaim(models.Model):
    """Somebody says that they are the guardian of children, and shows that they are an adult. Until it is accepted they read nothing."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for the adult")
        CONFIRMED = "confirmed", _("confirmed once, waits a day")
        FORM_HERE = "form_here", _("a signed form is here")
        LOOKED_AT = "looked_at", _("looked at once, waits for a second look")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        OVER = "over", _("over")

    guardian = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="guardian_claims")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="claims")
    children = models.JSONField(default=list)  # ledger references of those who are here
    sealed = models.TextField(blank=True)  # {"name", "birth_date"} of one who is not here yet
    claim = models.CharField(max_length=10)  # how parenthood is claimed: accounts.words.CLAIMS
    method = models.CharField(max_length=20)  # guardians.methods
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    evidence = models.TextField(blank=True)  # sealed; gone with the decision
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    looked_by = models.CharField(max_length=80, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    why = models.CharField(max_length=300, blank=True)  # of a refusal; the person reads it
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("guardian to verify")
        verbose_name_plural = _("guardians to verify")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian"], condition=Q(decided_at__isnull=True), name="claim_one_at_a_time"),
            # What somebody showed is deleted in the moment of the decision; its hash stays (requirements KID-05).
            models.CheckConstraint(condition=Q(decided_at__isnull=True) | Q(evidence="", sealed=""), name="claim_keeps_no_evidence"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, state__in=["open", "confirmed", "form_here", "looked_at"])
                | Q(decided_at__isnull=False, state__in=["accepted", "refused", "over"]),
                name="claim_decided_says_when",
            ),
            # A form on paper says little alone: two people look, and they are two.
            models.CheckConstraint(
                condition=~Q(state="accepted", method="signed_form") | (~Q(looked_by="") & ~Q(decided_by=F("looked_by"))),
                name="claim_form_takes_two",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(why=""), name="claim_refused_says_why"),
        ]
        permissions: ClassVar = [("verify_guardian", "Can verify guardians")]

    class PersonalData:
        of = "guardian"
        exported: ClassVar[dict[str, str]] = {
            "claim": "account", "method": "account", "state": "account", "why": "account", "created_at": "account", "decided_at": "account",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {
            "children": "names other people in the ledger",
            "sealed": "what you wrote about another person",
            "evidence": "deleted with the decision",
            "evidence_sha256": "a fingerprint of what is deleted",
            "looked_by": "names a member of staff",
            "decided_by": "names a member of staff",
        }
        plain = ("id", "guardian", "invitation")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.guardian_id} {self.method} {self.state}"


class WishQuerySet(models.QuerySet["Wish"]):
    def open(self) -> Self:
        return self.filter(state=Wish.State.OPEN)


class Wish(models.Model):
    """What a child would like, and what came of it: the projection of ledger entries in the child's chain."""

    class What(models.TextChoices):
        ALLOW = "allow", _("allow a use")
        COPY = "copy", _("see what is known")
        CORRECT = "correct", _("have something put right")
        DELETE = "delete", _("have data deleted")

    class State(models.TextChoices):
        OPEN = "open", _("waits")
        ALLOWED = "allowed", _("allowed")
        REFUSED = "refused", _("not this time")
        TAKEN_BACK = "taken_back", _("taken back")

    child = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="wishes")
    what = models.CharField(max_length=8, choices=What)
    purpose = models.SlugField(max_length=60, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=300, blank=True)  # in the child's words
    page = models.CharField(max_length=300, blank=True)  # what the child's page had shown: consents.forms.Page
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    entry = models.BigIntegerField(unique=True)
    made_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=32, blank=True)  # the guardian's reference
    answer = models.CharField(max_length=300, blank=True)  # the note with it, in the guardian's words

    objects = WishQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["child", "what", "purpose", "channel"], condition=Q(state="open"), name="wish_open_once"),
            models.CheckConstraint(condition=Q(what="allow") & ~Q(purpose="") | ~Q(what="allow") & Q(purpose=""), name="wish_of_a_use"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True) | ~Q(state="open") & Q(answered_at__isnull=False),
                name="wish_answered_says_when",
            ),
        ]

    class PersonalData:
        of = "child"
        exported: ClassVar[dict[str, str]] = {
            "what": "choices", "purpose": "choices", "channel": "choices", "note": "choices", "state": "choices", "made_at": "choices",
            "answered_at": "choices", "answer": "choices",
        }  # fmt: skip
        withheld: ClassVar[dict[str, str]] = {"answered_by": "another person: the history says in words who answered"}
        plain = ("id", "child", "page", "entry", "reminded_at")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.what} {self.purpose} {self.state}"


class Note(models.Model):
    """What a guardian wrote for the child beside a decision. `receipt` is the decision's."""

    child = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    receipt = models.UUIDField(unique=True)
    party = models.CharField(max_length=32)
    text = models.CharField(max_length=300)
    entry = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="note_is_not_empty")]

    class PersonalData:
        of = "child"
        exported: ClassVar[dict[str, str]] = {"text": "choices"}
        withheld: ClassVar[dict[str, str]] = {"party": "another person: the history says in words who decided"}
        plain = ("id", "child", "receipt", "entry")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.receipt)


class ChildPage(models.Model):
    """Which of a child's page links is the good one, and how far the young adult is in making the page their own."""

    child = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="child_page")
    version = models.PositiveIntegerField(default=1)
    sealed = models.TextField(blank=True)  # {"to": an address that a code has proven, from this page}, until an adult agrees
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, sealed="") | Q(asked_at__isnull=False) & ~Q(sealed=""),
                name="child_page_asked_with_address",
            )
        ]

    class PersonalData:
        of = "child"
        exported: ClassVar[dict[str, str]] = {"asked_at": "account"}
        withheld: ClassVar[dict[str, str]] = {"sealed": "an address that waits to be agreed to"}
        plain = ("id", "child", "version")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.child_id)


class Told(models.Model):
    """That a family was told of a birthday ahead: once for each, and for how many days ahead."""

    child = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    age = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()  # ahead; 0 is the day itself
    entry = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["child", "age", "days"], name="told_once")]

    class PersonalData:
        of = "child"
        exported: ClassVar[dict[str, str]] = {"age": "account", "days": "account"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "child", "entry")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.child_id} {self.age} {self.days}"


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> Self:
        return self.filter(settled_at=None)


class Dispute(models.Model):
    """Who may decide for a child is contested: frozen by one at the desk, settled by two."""

    class Proposal(models.TextChoices):
        NOTHING = "", _("nothing yet")
        GO_ON = "go_on", _("everybody goes on deciding")
        END = "end", _("one adult no longer decides")

    child = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="disputes")
    reason = models.CharField(_("what is contested"), max_length=300)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    opened_by = models.CharField(max_length=80)
    proposal = models.CharField(_("proposal"), max_length=5, choices=Proposal, blank=True, default="")
    tie = models.ForeignKey("accounts.Guardianship", null=True, on_delete=models.PROTECT, related_name="+")  # which ends
    shown = models.CharField(_("what was shown"), max_length=300, blank=True)  # a decision of a court or an authority, by its number
    proposed_by = models.CharField(max_length=80, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("disputed family")
        verbose_name_plural = _("disputed families")
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["child"], condition=Q(settled_at__isnull=True), name="dispute_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | (~Q(proposal="") & ~Q(proposed_by="") & ~Q(settled_by=F("proposed_by"))),
                name="dispute_settled_by_two",
            ),
            models.CheckConstraint(
                condition=Q(proposal="end", tie__isnull=False) & ~Q(shown="") | ~Q(proposal="end") & Q(tie__isnull=True),
                name="dispute_ends_one_by_what_was_shown",
            ),
        ]

    class PersonalData:
        of = "child"
        exported: ClassVar[dict[str, str]] = {"opened_at": "account", "settled_at": "account"}
        withheld: ClassVar[dict[str, str]] = {
            "reason": "about other people",
            "shown": "about other people",
            "opened_by": "names a member of staff",
            "proposed_by": "names a member of staff",
            "settled_by": "names a member of staff",
        }
        plain = ("id", "child", "proposal", "tie")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.child_id} {self.proposal}"
