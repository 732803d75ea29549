from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts import codes
from accounts.browsers import in_words
from accounts.models import Challenge, Contact
from accounts.words import what_changed
from brands import mail
from jobs.handlers import Work, daily, handler


@handler("accounts.send_code")
def send_code(work: Work) -> None:
    """Mails to the canonical form, the one that is stored and compared; nobody is looked up."""
    made = codes.make_code(work.payload["challenge"])
    if made is not None:
        challenge, code = made
        context = {"code": code, "purpose": challenge.purpose, "minutes": codes.minutes_valid()}
        mail.build(challenge.brand, "code", challenge.canonical, work.payload["language"], context).send()


@handler("accounts.tell_of_sign_in")
def tell_of_sign_in(work: Work) -> None:
    """Somebody signed in with a browser that this customer had not used before."""
    _tell(work, "new_device", lambda: {"browser": in_words(work.payload["browser"])})


@handler("accounts.tell_of_change")
def tell_of_change(work: Work) -> None:
    """A way to sign in was added or removed."""
    _tell(work, "sign_in_changed", lambda: {"what": what_changed(work.payload["what"])})


def _tell(work: Work, kind: str, context: Callable[[], dict[str, Any]]) -> None:
    """To every proven address of the customer, in their language."""
    proven = Contact.objects.proven().filter(customer=work.payload["customer"], channel=Contact.Channel.EMAIL)
    for contact in proven.select_related("customer", "brand__theme"):
        language = contact.customer.language
        with translation.override(language):
            values = {"at": datetime.fromisoformat(work.payload["at"]), **context()}
        mail.build(contact.brand, kind, contact.address, language, values).send()


@daily("accounts.forget_challenges", at_hour=3)
def forget_challenges(work: Work) -> None:
    """The jobs hold only the number of a challenge, so its row is all there is to delete."""
    Challenge.objects.filter(created_at__lt=work.now - settings.CHALLENGES_KEPT).delete()
