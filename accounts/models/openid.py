"""“Sign in with <brand>”: the brand's own OpenID provider, and which of its accounts opens which customer here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Customer
from brands.models import PUBLIC, STAYS, Brand
from ledger.personal_data import DELETE, Nobody, WithPerson


class OpenIdProvider(models.Model):
    """One a brand. The addresses are what the provider's own configuration said when it was saved (OpenID Connect Discovery 1.0)."""

    brand = models.OneToOneField(Brand, on_delete=models.PROTECT, related_name="openid")
    label = models.CharField(_("name on the button"), max_length=60)
    issuer = models.URLField(_("issuer"), help_text=_("The address whose /.well-known/openid-configuration describes the provider."))
    client_id = models.CharField(_("client id"), max_length=200)
    secret = models.TextField(blank=True)  # encrypted; "" where the provider asks for none
    authorization_endpoint = models.URLField(editable=False)
    token_endpoint = models.URLField(editable=False)
    jwks_uri = models.URLField(editable=False)
    in_use = models.BooleanField(_("offered on the sign-in page"), default=False)

    class Meta:
        verbose_name = _("sign-in with the brand")
        verbose_name_plural = _("sign-in with the brand")
        constraints = (
            models.CheckConstraint(
                condition=Q(in_use=False) | (~Q(authorization_endpoint="") & ~Q(token_endpoint="") & ~Q(jwks_uri="")),
                name="openid_in_use_knows_where",
            ),
        )

    class PersonalData:
        of = Nobody("a service of the brand")
        exported: ClassVar[dict[str, str]] = {}
        withheld = {"secret": "a secret that protects every account"}
        plain = (
            "id", "brand", "label", "issuer", "client_id", "authorization_endpoint", "token_endpoint", "jwks_uri", "in_use",
        )  # fmt: skip
        keep = PUBLIC
        on_erasure = STAYS

    def __str__(self) -> str:
        return self.label


class OpenIdLink(models.Model):
    """An account at the provider, by its `sub` and nothing else, that opens this customer. Made by the customer, signed in and proven."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="openid_links")
    provider = models.ForeignKey(OpenIdProvider, on_delete=models.PROTECT, related_name="links")
    sub = models.CharField(max_length=255)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("provider", "sub"), name="openid_opens_one_customer"),
            models.UniqueConstraint(fields=("provider", "customer"), name="openid_once_a_customer"),
            models.CheckConstraint(condition=~Q(sub=""), name="openid_link_has_a_sub"),
        )

    class PersonalData:
        of = "customer"
        exported = {"sub": "account", "made_at": "account"}
        withheld: ClassVar[dict[str, str]] = {}
        plain = ("id", "customer", "provider")
        keep = WithPerson()
        on_erasure = DELETE

    def __str__(self) -> str:
        return f"{self.provider_id} {self.customer_id}"
