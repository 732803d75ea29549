"""Very many customers, quickly, on PostgreSQL: rows as joining and deciding would leave them, without their entries."""

from __future__ import annotations

from django.db import connection

from brands.models import Brand

CUSTOMERS = """
INSERT INTO accounts_customer (brand_id, code, subject, name, language, country, country_evidence, region, created_at)
SELECT %s, upper(lpad(to_hex(n), 10, 'X')), md5('subject' || n), CASE WHEN n %% 3 = 0 THEN '' ELSE 'Jan Kowalski' END,
    CASE WHEN n %% 4 = 0 THEN 'pl' ELSE 'en' END, 'PL', 'brand', '', now() FROM generate_series(%s, %s) AS n
"""
HEADS = """
INSERT INTO ledger_head (subject, seq, commitment, recorded_at)
SELECT subject, 0, NULL, NULL FROM accounts_customer c
WHERE c.brand_id = %s AND NOT EXISTS (SELECT 1 FROM ledger_head h WHERE h.subject = c.subject)
"""
CONTACTS = """
INSERT INTO accounts_contact (customer_id, brand_id, channel, address, canonical, proven_at)
SELECT c.id, c.brand_id, 'email', 'jan' || c.id || '@example.com', 'jan' || c.id || '@example.com', now() FROM accounts_customer c
WHERE c.brand_id = %s AND NOT EXISTS (SELECT 1 FROM accounts_contact k WHERE k.customer_id = c.id)
"""
CHOICES = """
INSERT INTO consents_choice (customer_id, purpose, channel, party, state, version, seq, seen, entry, receipt, recorded_at, how)
SELECT c.id, u.purpose, u.channel, c.subject, CASE WHEN (c.id + u.number) %% 3 = 0 THEN 'refused' ELSE 'granted' END, 1, u.number, 0, 0,
    gen_random_uuid(), now(), 'button'
FROM accounts_customer c CROSS JOIN (VALUES ('recs', '', 1), ('news', 'email', 2), ('makers', '', 3)) AS u (purpose, channel, number)
WHERE c.brand_id = %s ON CONFLICT DO NOTHING
"""


def gather(brand: Brand, count: int, after: int = 0) -> None:
    """`after`: how many an earlier call has gathered."""
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS, [brand.pk, after + 1, count])
        for statement in (HEADS, CONTACTS, CHOICES):
            cursor.execute(statement, [brand.pk])
        cursor.execute("ANALYZE")
