"""A system of the brand that calls the API over one connection, which it keeps."""

from __future__ import annotations

import http.client
import json
from typing import Any

from django.utils import timezone

from ledger.canonical import timestamp

HOST = "linden.localhost"
EVIDENCE = {"wording": "Show me what fits.", "source": "checkout"}


class Caller:
    """Which process answers is the server's own affair, and another connection's is often another. People are named C-0, C-1 and so on."""

    def __init__(self, port: int, key: str, purpose: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Host": HOST, "Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._purpose = purpose

    def close(self) -> None:
        self._line.close()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        self._line.request(method, f"/api/v1{path}", json.dumps(body) if body else None, self._headers)
        answer = self._line.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    def say(self, number: int, decision: str) -> str:
        more = {"occurred_at": timestamp(timezone.now()), "evidence": EVIDENCE} if decision == "allow" else {}
        said = {"person": {"id": f"C-{number}"}, "purpose": self._purpose, "decision": decision, **more}
        return str(json.loads(self.call("POST", "/choices", said))["result"])

    def one(self, number: int) -> bool:
        checked = self.call("POST", "/decisions", {"person": {"id": f"C-{number}"}, "purpose": self._purpose})
        return bool(json.loads(checked)["allowed"])

    def many(self, numbers: list[int]) -> list[bool]:
        checks = [{"person": {"id": f"C-{number}"}, "purpose": self._purpose} for number in numbers]
        *lines, end = [json.loads(line) for line in self.call("POST", "/decisions/batch", {"checks": checks}).splitlines()]
        assert end["count"] == len(lines) == len(numbers)
        return [line["allowed"] for line in lines]

    def told(self, number: int, purpose: str = "") -> dict[str, Any]:
        """What GET /answers says: allowed, reason, answers."""
        found: dict[str, Any] = json.loads(self.call("GET", f"/answers?id=C-{number}&purpose={purpose or self._purpose}"))
        return found
