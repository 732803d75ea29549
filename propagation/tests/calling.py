"""Calls of the API as a partner makes them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client


class Api:
    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key

    def headers(self, **more: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", **more}

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=self.headers(**headers))

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers())

    def lines(self, path: str, body: Any = None, **query: Any) -> list[dict[str, Any]]:
        response = self.post(path, body) if body is not None else self.get(path, **query)
        assert response.status_code == 200, response.content
        return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]

    def upload(self, content: bytes, kind: str = "text/csv", **query: Any) -> Any:
        path = "/api/v1/imports?" + "&".join(f"{name}={value}" for name, value in query.items())
        return self.client.post(path, content, content_type=kind, headers=self.headers())
