from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Of a delivery."""

    QUEUED = "queued", _("waiting")
    DELIVERED = "delivered", _("taken")
    DEAD = "dead", _("given up: can be sent again")
