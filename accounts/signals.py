from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver

from accounts.browsers import browser_family


@receiver(pre_save, sender=UserSession)
def keep_little(sender: type[UserSession], instance: UserSession, **_unused: Any) -> None:
    """Of the browser's long name we keep two words: the list of open sessions needs no more."""
    instance.user_agent = browser_family(instance.user_agent)
