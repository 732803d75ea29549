"""The brand's other systems that hold data of people: a person looks there, and says what there was."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brands.models import PUBLIC, STAYS, Brand
from catalogue.models import Recipient
from data_requests.models.parts import Item
from data_requests.models.request import LOG_DAYS
from ledger.personal_data import DELETE, Days, Nobody

OURS = ("center", "person")  # what an item is called that no system of this list answers


class Connector(models.TextChoices):
    """Who asks a system: a person at the desk, or a program (data_requests/connectors)."""

    PERSON = "", _("a person at the desk")
    SQL = "sql", _("a program, in a database")
    HTTP = "http", _("a program, over HTTP")


class SystemQuerySet(models.QuerySet["System"]):
    def asked(self, brand: Brand) -> Self:
        return self.filter(brand=brand, in_use=True)


class System(models.Model):
    """One that is asked with every copy and deletion. `key` names it in requests and files."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="systems")
    key = models.SlugField(_("key"), max_length=40, validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z")])
    name = models.CharField(_("name, as the person reads it"), max_length=60)
    how = models.TextField(_("how to look there, for whoever does"), blank=True)
    connector = models.CharField(_("who asks it"), max_length=8, choices=Connector, default=Connector.PERSON, blank=True)
    recipient = models.ForeignKey(
        Recipient, verbose_name=_("recipient it belongs to"), null=True, blank=True, on_delete=models.PROTECT, related_name="systems"
    )
    in_use = models.BooleanField(_("is asked"), default=True)

    objects = SystemQuerySet.as_manager()

    class Meta:
        verbose_name = _("connected system")
        verbose_name_plural = _("connected systems")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key"], name="system_once_a_brand"),
            models.UniqueConstraint(fields=["brand", "name"], name="system_name_once_a_brand"),
            models.CheckConstraint(
                condition=~Q(key__in=["center", "person"]) & ~Q(name__in=["center", "person"]), name="system_is_another"
            ),
        ]

    class PersonalData:
        of = Nobody("a list of the brand's systems")
        exported: ClassVar[dict[str, str]] = {}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "brand", "key", "name", "how", "connector", "recipient", "in_use")
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.name


class Attachment(models.Model):
    """What a system held, as somebody brought it: encrypted on disk, part of the copy, gone as soon as that is made or stopped."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="attachment")
    name = models.CharField(max_length=60)  # ours: the key of the system and an ending
    file = models.CharField(max_length=40)
    key = models.TextField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=80)

    class PersonalData:
        of = "item__request__customer"
        exported: ClassVar[dict[str, str]] = {"name": "requests", "size": "requests", "sha256": "requests"}
        withheld: ClassVar[dict[str, str]] = {
            "file": "a place on our disk", "key": "a secret that protects the copy", "by": "names a member of staff",
        }  # fmt: skip
        plain = ("id", "item")
        keep = Days(LOG_DAYS, after="item__request__closed_at")
        on_erasure = DELETE
