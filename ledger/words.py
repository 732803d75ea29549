"""The ledger's own kinds: what the history page says of them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.kinds import Payload, Period, Words, register


def tombstone(act: Payload) -> Words:
    emptied = ngettext("The content of %(count)d entry was deleted", "The content of %(count)d entries was deleted", act["count"])
    why = _("Because the data was deleted.") if act["reason"] == "erasure" else _("Because the time for keeping it was over.")
    return Words(emptied % {"count": act["count"]}, why)


def epoch_started(act: Payload) -> Words:
    return Words(_("The record was restored from a backup"), _("Choices that were taken back after the backup were applied again."))


def register_kinds() -> None:
    register("tombstone", fields=("reason", "ranges", "count", "sha256"), period=Period.PROOF, words=tombstone)
    register("epoch.started", fields=("epoch", "position", "reason"), period=Period.PROOF, words=epoch_started)
