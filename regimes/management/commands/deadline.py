from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from regimes.clock import Pause
from regimes.confirmations import unconfirmed_in
from regimes.deadlines import reckon
from regimes.law import NoLaw
from regimes.periods import Why

EXTENSION = "+extension"  # "respond+extension": how the law data names an extended deadline


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no date: write 2026-11-23.") from error


def wait(why: Why) -> Callable[[str], Pause]:
    def read(text: str) -> Pause:
        asked, colon, answered = text.partition(":")
        if not colon:
            raise ArgumentTypeError(f"“{text}” is no wait: write ASKED:RECEIVED, 2026-11-05:2026-11-12.")
        try:
            return Pause(why, day(asked), day(answered))
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from error

    return read


class Command(BaseCommand):
    help = "Reckons when something is due under a law, and explains each step. Prints JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("regime", metavar="REGIME", help="as in the law file: eu-gdpr, us-ca-ccpa")
        parser.add_argument("kind", metavar="KIND", help="as in the law file: respond, acknowledge, opt_out_effective")
        parser.add_argument("--received", metavar="DATE", type=day, required=True)
        parser.add_argument("--holidays", metavar="X", help="whose public holidays, in place of the rule's own: PL, GB-ENG, US-CA")
        parser.add_argument("--identity", metavar="ASKED:RECEIVED", type=wait("identity"), action="append", default=[])
        parser.add_argument("--clarification", metavar="ASKED:RECEIVED", type=wait("clarification"), action="append", default=[])
        parser.add_argument("--extended", action="store_true", help="the time was extended")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = options["kind"].removesuffix(EXTENSION)
        try:
            found = reckon(
                options["regime"],
                kind,
                options["received"],
                pauses=[*options["identity"], *options["clarification"]],
                extended=options["extended"] or kind != options["kind"],
                holidays=options["holidays"],
            )
        except (ValueError, NoLaw) as error:
            raise CommandError(str(error)) from error
        said = {
            "regime": options["regime"],
            "kind": kind,
            "received": found.received.isoformat(),
            "due": found.due.isoformat() if found.due else None,
            "until": found.until.isoformat() if found.until else None,
            "extend_by": found.extend_by.isoformat() if found.extend_by else None,
            "holidays": found.calendar,
            "in_force": found.in_force,
            "unconfirmed": [each.path or each.key for each in unconfirmed_in(found)],
            "steps": [{"date": each.day.isoformat() if each.day else None, "text": each.text, "basis": each.basis} for each in found.steps],
        }
        self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
