"""From the row of a system to the connector that asks it."""

from __future__ import annotations

from accounts.models import Contact, Customer
from data_requests.connectors.base import Connector, Keys
from data_requests.connectors.http import HttpConnector
from data_requests.connectors.sql import SqlConnector
from data_requests.models import System
from data_requests.models.systems import Connector as Kind


def connector_for(system: System | None) -> Connector | None:
    """None: a person asks. Raises Fault where the operator's file is missing or cannot be read."""
    if system is None or system.connector == Kind.PERSON:
        return None
    if system.connector == Kind.SQL:
        return SqlConnector.of(system.brand.key, system.key)
    return HttpConnector.of(system.brand.key, system.key, system.name)


def keys_of(customer: Customer) -> Keys:
    """By addresses that are proven; of somebody who has none, by those of the brand's own records."""
    contacts = customer.contacts.filter(channel=Contact.Channel.EMAIL)
    proven = contacts.proven()
    found = proven if proven.exists() else contacts
    return Keys(frozenset(found.values_list("canonical", flat=True)), customer.code)
