"""Programs that ask the brand's other systems, for copy and deletion alike. Each kind is one class behind the same few questions
(base.Connector); which one a system has, its row says, and how to reach it, a file of the operator."""

from __future__ import annotations

from data_requests.connectors.base import AnotherPersons, Connector, Fault, Keys, Later, Table, Unreachable
from data_requests.connectors.registry import connector_for, keys_of

__all__ = ["AnotherPersons", "Connector", "Fault", "Keys", "Later", "Table", "Unreachable", "connector_for", "keys_of"]
