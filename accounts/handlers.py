from __future__ import annotations

from django.conf import settings

from accounts import codes
from accounts.models import Challenge
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


@daily("accounts.forget_challenges", at_hour=3)
def forget_challenges(work: Work) -> None:
    """The jobs hold only the number of a challenge, so its row is all there is to delete."""
    Challenge.objects.filter(created_at__lt=work.now - settings.CHALLENGES_KEPT).delete()
