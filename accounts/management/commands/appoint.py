from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.colleagues import NotGiven, appoint
from accounts.factors import forget_all
from brands.models import Brand


class Command(BaseCommand):
    help = "Gives somebody roles at a brand's desk: the way to its first two officers. After that, officers give roles there, by two."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--roles", nargs="+", required=True, metavar="ROLE", help="agent, editor, officer, auditor")
        parser.add_argument("--brand", help="key of the brand; may be left out where there is one alone")
        parser.add_argument("--anew", action="store_true", help="forget their app, passkeys and recovery codes: they set up new ones")
        parser.add_argument("--known-as", default="", help="the name that customers read")

    def handle(self, *args: Any, email: str, roles: list[str], brand: str | None, known_as: str, anew: bool, **options: Any) -> None:
        there = {each.key: each for each in Brand.objects.order_by("pk")}
        if not brand and len(there) > 1:
            raise CommandError(f"Roles are of one brand. Say --brand and one of: {', '.join(there)}.")
        found = there.get(brand) if brand else next(iter(there.values()), None)
        if found is None:
            raise CommandError("There is no such brand.")
        try:
            person = appoint(found, email, roles, known_as=known_as, by="system:operator")
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        except NotGiven:
            raise CommandError("There is no such role. There are: agent, editor, officer, auditor.") from None
        if anew:
            forget_all(person, found)
        self.stdout.write(f"{person.email} at {found.key}: {', '.join(sorted(roles))}")
