from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def first_row(*, using: str, **kwargs: Any) -> None:
    """The ledger's one row of state: there before anything is sequenced, also after a test has emptied every table."""
    from ledger.models import Log

    Log.objects.using(using).get_or_create(pk=1)


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ledger import journal, triggers, words  # noqa: F401  (the journal registers itself as a follower)

        same_key = (
            "public_id = NEW.public_id OR (subject = NEW.subject AND seq = NEW.seq)"
            " OR (subject = NEW.subject AND idempotency_key = NEW.idempotency_key)"
        )
        triggers.guard("ledger_entry", update_if=triggers.EMPTYING, unique=same_key)
        # A bigint key is not SQLite's rowid: it is named like any other.
        triggers.guard("ledger_position", unique="position = NEW.position OR entry = NEW.entry")
        triggers.guard("ledger_seal", unique="position = NEW.position")
        triggers.guard("ledger_emptied", unique="entry = NEW.entry")
        post_migrate.connect(triggers.after_migrate, sender=self)
        post_migrate.connect(first_row, sender=self)
        words.register_kinds()
