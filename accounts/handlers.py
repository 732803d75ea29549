from __future__ import annotations

import logging
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from accounts import codes
from accounts.models import Challenge, Customer, ReplacedAddress
from accounts.put_back_links import signature_of
from accounts.sealed import unseal
from brands import mail
from jobs.handlers import Work, daily, handler

logger = logging.getLogger(__name__)


@handler("accounts.send_code")
def send_code(work: Work) -> None:
    """Mails to the canonical form, the one that is stored and compared; nobody is looked up."""
    made = codes.make_code(work.payload["challenge"])
    if made is not None:
        challenge, code = made
        context = {"code": code, "purpose": challenge.purpose, "minutes": codes.minutes_valid()}
        mail.build(challenge.brand, "code", challenge.canonical, work.payload["language"], context).send()


@handler("accounts.tell_replaced")
def tell_replaced(work: Work) -> None:
    """The mail to the address that was replaced: the last one it gets from us."""
    rows = ReplacedAddress.objects.select_related("customer__brand__theme")
    row = rows.filter(pk=work.payload["replaced"]).first()
    if row is not None:
        brand, customer = row.customer.brand, row.customer
        url = reverse("accounts:put_back", args=[row.pk, signature_of(row, brand)])
        days = settings.PUT_BACK_VALID.days
        context = {"url": url, "at": timezone.localtime(row.replaced_at), "days": days}
        _send(mail.build(brand, "address_changed", row.canonical, customer.language, context))


@handler("accounts.tell_ousted")
def tell_ousted(work: Work) -> None:
    """The mail to the address that had to go when an earlier one was put back."""
    customer = Customer.objects.select_related("brand__theme").filter(pk=work.payload["customer"]).first()
    if customer is not None:
        to = unseal(work.payload["sealed"])["to"]
        _send(mail.build(customer.brand, "address_put_back", to, customer.language, {}))
    work.finish_and_forget()


def _send(letter: EmailMultiAlternatives) -> None:
    """A mailbox that is no more is often why an address is changed: that it refuses is no fault of ours."""
    try:
        letter.send()
    except SMTPRecipientsRefused:
        logger.info("an address that was left refuses mail")


@daily("accounts.forget_replaced", at_hour=3)
def forget_replaced(work: Work) -> None:
    ReplacedAddress.objects.filter(replaced_at__lt=work.now - settings.PUT_BACK_VALID).delete()


@daily("accounts.forget_challenges", at_hour=3)
def forget_challenges(work: Work) -> None:
    """The jobs hold only the number of a challenge, so its row is all there is to delete."""
    Challenge.objects.filter(created_at__lt=work.now - settings.CHALLENGES_KEPT).delete()
