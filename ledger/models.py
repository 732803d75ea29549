from __future__ import annotations

import json
from typing import Any, NoReturn, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ledger.personal_data import CHAIN, DELETE, ForEver, Nobody, Proof, Reference

SUBJECT = 32  # hex digits
HASH = 64


class Immutable(models.QuerySet[Any]):
    """The database refuses too (ledger/triggers.py); this says so in Python first."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("entries are added, never edited")

    def delete(self) -> NoReturn:
        raise TypeError("entries are added, never deleted")


class Head(models.Model):
    """Where a subject's chain stands. Locking this row is what orders the acts on one person."""

    subject = models.CharField(max_length=SUBJECT, primary_key=True)
    seq = models.PositiveIntegerField(default=0)
    commitment = models.CharField(max_length=HASH, null=True)  # noqa: DJ001  (null: the chain has no entry)
    recorded_at = models.DateTimeField(null=True)

    class PersonalData:
        of = Reference("subject")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("subject", "seq", "commitment", "recorded_at")
        keep = Proof()
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"{self.subject} {self.seq}"


class EntryQuerySet(Immutable):
    def of(self, subject: str) -> Self:
        return self.filter(subject=subject)

    def readable(self) -> Self:
        """Without those whose payload has gone."""
        return self.filter(payload__isnull=False)


class Entry(models.Model):
    """One act. The payload holds everything; the columns of the same names are copies for the indexes."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True)
    subject = models.CharField(max_length=SUBJECT)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    brand = models.CharField(max_length=40)
    actor = models.CharField(max_length=80, db_index=True)
    payload = models.TextField(null=True)  # noqa: DJ001  (null: emptied under a tombstone)
    salt = models.BinaryField(null=True, max_length=32)
    commitment = models.CharField(max_length=HASH)
    previous = models.CharField(max_length=HASH, null=True)  # noqa: DJ001  (null: the first of its chain)
    recorded_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=HASH, null=True)  # noqa: DJ001  (null: idempotent by state)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["subject", "seq"], name="entry_subject_seq"),
            models.UniqueConstraint(
                fields=["subject", "idempotency_key"], condition=Q(idempotency_key__isnull=False), name="entry_idempotency_key"
            ),
            models.CheckConstraint(
                condition=Q(payload__isnull=True, salt__isnull=True) | Q(payload__isnull=False, salt__isnull=False),
                name="entry_payload_with_salt",
            ),
        ]
        # Whose proof runs out, is found without reading the ledger.
        indexes = [models.Index(fields=["recorded_at"], name="entry_erased", condition=Q(kind="person.erased"))]

    class PersonalData:
        of = Reference("subject")
        exported = {"payload": "history"}
        withheld = {"idempotency_key": "tells one form from another, nothing about you"}
        plain = (
            "id", "public_id", "subject", "seq", "kind", "brand", "actor", "salt", "commitment", "previous", "recorded_at",
        )  # fmt: skip
        keep = Proof()
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def act(self) -> dict[str, Any]:
        """The payload, parsed; empty when it has gone."""
        parsed: dict[str, Any] = json.loads(self.payload) if self.payload else {}
        return parsed

    @property
    def number(self) -> str:
        """For the eye only; URLs carry public_id."""
        digits = self.public_id.hex[-8:].upper()
        return f"C-{digits[:4]}-{digits[4:]}"


class EntryParty(models.Model):
    """Somebody besides the subject whom an act concerns: feeds their own history."""

    entry = models.BigIntegerField()
    subject = models.CharField(max_length=SUBJECT)
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "entry", "role"], name="entry_party_once")]

    class PersonalData:
        of = Reference("subject")
        exported = {"role": "history"}
        withheld: dict[str, str] = {}
        plain = ("id", "entry", "subject")
        keep = Proof()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.entry} {self.role}"


class Waiting(models.Model):
    """An entry without a position yet."""

    entry = models.BigIntegerField(primary_key=True)

    class PersonalData:
        of = Nobody("a number of an entry, for a second or two")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("entry",)
        keep = ForEver("deleted as soon as the entry has its position")
        on_erasure = DELETE

    def __str__(self) -> str:
        return str(self.entry)


class Position(models.Model):
    """The order in which committed entries were seen, without a gap."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)

    objects = Immutable.as_manager()

    class PersonalData:
        of = Nobody("two numbers")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("position", "entry")
        keep = ForEver("the order of the ledger")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"{self.position}: {self.entry}"


class Log(models.Model):
    """One row: the newest position and the running hash up to it. Locked while positions are given."""

    epoch = models.PositiveIntegerField(default=1)
    position = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=HASH, default="0" * HASH)

    class PersonalData:
        of = Nobody("counts and a hash")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "epoch", "position", "hash")
        keep = ForEver("the state of the ledger")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"epoch {self.epoch}, position {self.position}"


class Seal(models.Model):
    """A signature over the whole ledger up to a position."""

    position = models.BigIntegerField(primary_key=True)
    epoch = models.PositiveIntegerField()
    hash = models.CharField(max_length=HASH)
    signed_at = models.CharField(max_length=27)  # as signed, to the byte
    key = models.CharField(max_length=43)
    signature = models.CharField(max_length=86)

    objects = Immutable.as_manager()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    class PersonalData:
        of = Nobody("a hash and its signature")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("position", "epoch", "hash", "signed_at", "key", "signature")
        keep = ForEver("proof that nothing was taken out of the ledger")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"seal at {self.position}"


class Cursor(models.Model):
    """How far a follower has read."""

    follower = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")

    class PersonalData:
        of = Nobody("a name of a program and a number")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("follower", "position")
        keep = ForEver("operation")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"{self.follower} at {self.position}"


class Verification(models.Model):
    """One reading of the whole ledger, asked for by somebody: how far it went and what did not fit. Unfinished while `ended_at` is null."""

    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.CharField(max_length=80)
    position = models.BigIntegerField(_("up to position"))
    entries = models.BigIntegerField(_("entries read"), default=0)
    faults = models.PositiveIntegerField(_("faults"), default=0)
    first_fault = models.CharField(_("first fault"), max_length=300, blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("verification of the ledger")
        verbose_name_plural = _("verifications of the ledger")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(faults=0, first_fault="") | ~Q(first_fault="") & Q(faults__gt=0), name="verification_names_its_fault"
            ),
        ]

    class PersonalData:
        of = Nobody("counts, and a reference of staff")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("id", "asked_at", "asked_by", "position", "entries", "faults", "first_fault", "ended_at")
        keep = ForEver("when the ledger was verified, and with what outcome")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"verification {self.pk}"


class Parked(models.Model):
    """An entry a follower could not handle, kept aside so that the others go on."""

    follower = models.CharField(max_length=60)
    entry = models.BigIntegerField()
    position = models.BigIntegerField()
    subject = models.CharField(max_length=SUBJECT)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True, db_index=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["follower", "entry"], name="parked_once")]
        indexes = [models.Index(fields=["follower", "subject", "position"], name="parked_person")]

    class PersonalData:
        of = Reference("subject")
        exported: dict[str, str] = {}
        withheld = {"error": "a fault of ours, not about you"}
        plain = ("id", "follower", "entry", "position", "subject", "attempts", "next_try")
        keep = ForEver("until it is handled, which a person sees to where nothing else helps")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.follower}: {self.entry}"


class Emptied(models.Model):
    """Which tombstone covers an entry whose payload has gone. The entry may be emptied only once this row is there."""

    entry = models.BigIntegerField(primary_key=True)
    tombstone = models.BigIntegerField(db_index=True)

    objects = Immutable.as_manager()

    class PersonalData:
        of = Nobody("two numbers")
        exported: dict[str, str] = {}
        withheld: dict[str, str] = {}
        plain = ("entry", "tombstone")
        keep = ForEver("proof that an erasure was one")
        on_erasure = CHAIN

    def __str__(self) -> str:
        return f"{self.entry} under {self.tombstone}"
