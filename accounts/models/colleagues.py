"""Who may do what at the desk of which brand: a change of somebody's roles is asked for by one officer and confirmed by another."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Person
from brands.models import Brand
from ledger.personal_data import DELETE, ForEver, Nobody


class RoleQuerySet(models.QuerySet["Role"]):
    def at(self, brand: Brand) -> Self:
        return self.filter(brand=brand)

    def permissions(self) -> frozenset[str] | None:
        """What these roles allow, as "app.codename"; None where there is no role. One query."""
        rows = list(self.values_list("group__permissions__content_type__app_label", "group__permissions__codename"))
        return frozenset(f"{app}.{codename}" for app, codename in rows if codename) if rows else None


class Role(models.Model):
    """Somebody's role at the desk of one brand: a group, by which they may do there what it may, and nothing anywhere else."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="roles")
    group = models.ForeignKey(Group, verbose_name=_("role"), on_delete=models.CASCADE, related_name="+")

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = (models.UniqueConstraint(fields=("person", "brand", "group"), name="role_once_a_brand"),)

    class PersonalData:
        of = Nobody("who works at the desk, in their office")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "person", "brand", "group")
        keep = ForEver("until it is taken away")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.person} at {self.brand}: {self.group}"


class RoleChangeQuerySet(models.QuerySet["RoleChange"]):
    def at(self, brand: Brand) -> Self:
        return self.filter(brand=brand)

    def open(self) -> Self:
        return self.filter(decided_at=None)


class RoleChange(models.Model):
    """`roles`: names of groups that the person is to have at the brand, all of them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_changes")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="role_changes")
    roles = models.JSONField(_("roles"), default=list)
    known_as = models.CharField(max_length=80, blank=True, default="")  # what customers are to read, once the roles are given
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True)
    given = models.BooleanField(default=False)

    objects = RoleChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of roles")
        verbose_name_plural = _("changes of roles")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "brand"], condition=Q(decided_at__isnull=True), name="role_change_one_at_a_time"),
            models.CheckConstraint(condition=Q(decided_at__isnull=True) | ~Q(decided_by=""), name="role_change_decided_by_somebody"),
            models.CheckConstraint(condition=Q(given=False) | ~Q(decided_by=F("asked_by")), name="role_change_given_by_two"),
        ]
        permissions: ClassVar = [("give_roles", "Can ask for roles of colleagues, and confirm what others asked")]

    class PersonalData:
        of = Nobody("who works at the desk, in their office")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "person", "brand", "roles", "known_as", "asked_by", "asked_at", "decided_by", "decided_at", "given")
        keep = ForEver("who could do what, and who gave it")
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.person}: {', '.join(self.roles)}"
