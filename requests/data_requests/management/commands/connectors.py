from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Customer
from data_requests.connectors import Fault, Unreachable, connector_for, keys_of
from data_requests.models import System


class Command(BaseCommand):
    help = "Checks the description of every connected system against what is there; with --person, shows what a deletion would do there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--person", metavar="CODE", help="the code of a customer: a dry run, table by table")

    def handle(self, *args: Any, person: str | None, **options: Any) -> None:
        customer = Customer.objects.select_related("brand").filter(code=person).first() if person else None
        if person and customer is None:
            raise CommandError("Nobody has this code.")
        systems = list(System.objects.filter(in_use=True).exclude(connector="").select_related("brand"))
        faults = sum(not self._is_fit(system, customer) for system in systems)
        if faults:
            raise CommandError(f"{faults} of {len(systems)} systems can not be asked.")

    def _is_fit(self, system: System, customer: Customer | None) -> bool:
        name = f"{system.brand.key} {system.key}"
        try:
            connector = connector_for(system)
            assert connector is not None
            connector.check()
            self.stdout.write(f"{name}: fits")
            if customer is not None and customer.brand_id == system.brand_id:
                for table in connector.plan(keys_of(customer), timezone.localdate()) or []:
                    until = f" until {table.until}" if table.until else ""
                    said = f"{table.count} rows, {table.deleted} go, {table.masked} masked, {table.kept} kept{until}"
                    self.stdout.write(f"  {table.name}: {said}")
        except (Fault, Unreachable) as error:
            self.stdout.write(f"{name}: {error}")
            return False
        return True
