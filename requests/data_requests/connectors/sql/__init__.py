"""Another database of the brand, through Django's own backends: PostgreSQL, MySQL, SQLite."""

from __future__ import annotations

from data_requests.connectors.sql.connector import SqlConnector

__all__ = ["SqlConnector"]
