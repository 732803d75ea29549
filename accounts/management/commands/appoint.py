from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.colleagues import NotGiven, appoint
from brands.models import Brand


class Command(BaseCommand):
    help = "Gives somebody roles at the desk: the way to the first two officers. After that, officers give roles at the desk, by two."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--roles", nargs="+", required=True, metavar="ROLE", help="agent, editor, officer, auditor")
        parser.add_argument("--brand", help="key of the brand in whose ledger it stands; the first one unless said")
        parser.add_argument("--known-as", default="", help="the name that customers read")

    def handle(self, *args: Any, email: str, roles: list[str], brand: str | None, known_as: str, **options: Any) -> None:
        found = Brand.objects.filter(key=brand).first() if brand else Brand.objects.first_made()
        if found is None:
            raise CommandError("There is no such brand.")
        try:
            person = appoint(found, email, roles, known_as=known_as, by="system:operator")
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        except NotGiven:
            raise CommandError("There is no such role. There are: agent, editor, officer, auditor.") from None
        self.stdout.write(f"{person.email}: {', '.join(sorted(roles))}")
