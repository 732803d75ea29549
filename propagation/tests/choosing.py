"""Calls by which tests tell the API of choices."""

from __future__ import annotations

from typing import Any

from propagation.tests.calling import Api

ANNA = {"email": "anna.kowalczyk@example.com"}
EVIDENCE = {"wording": "Show me your ads on other sites.", "source": "checkout"}
LONG_AGO = "2026-01-05T10:00:00Z"


def said(api: Api, person: dict[str, str], decision: str, purpose: str = "ads", **more: Any) -> dict[str, Any]:
    response = api.post("/choices", {"person": person, "purpose": purpose, "decision": decision, **more})
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def yes(api: Api, person: dict[str, str], purpose: str = "ads", **more: Any) -> dict[str, Any]:
    return said(api, person, "allow", purpose, **({"occurred_at": LONG_AGO, "evidence": EVIDENCE} | more))


def problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"]
