# mypy: disable-error-code="import-not-found"
"""What the README says runs."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
SECRET = "whsec_" + "AAAA" * 8
YES = {
    "allowed": True,
    "reason": "granted",
    "purpose": "news",
    "channel": "email",
    "proof": None,
    "position": 4,
    "at": "2026-11-02T09:15:00Z",
}


def test_its_examples_run(server: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    for name, value in (("CENTER_ORIGIN", server.origin), ("CENTER_KEY", "pck_a1_b"), ("CENTER_SECRET", SECRET)):
        monkeypatch.setenv(name, value)
    batch = [{"line": number, "allowed": number == 2, "reason": "granted", "proof": None} for number in (1, 2, 3)]
    server.will(
        server.json(YES),
        server.stream(*batch, {"end": True, "count": 3}),
        server.json({"result": "saved", "receipt": "r-1"}),
        server.json({"taken": True}),
    )
    names: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(example, names)  # noqa: S102 - our own
    assert capsys.readouterr().out.splitlines() == ["send", "C-0 False granted", "C-1 True granted", "C-2 False granted", "saved r-1"]

    body = json.dumps({"type": "choice.changed", "timestamp": "2026-11-02T09:15:00Z", "data": {"confirm": f"{server.origin}/c"}})
    made = int(time.time())
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(made)}
    headers["webhook-signature"] = Webhook(SECRET).sign("evt_1", datetime.fromtimestamp(made, UTC), body)
    assert [names["hear"](headers, body.encode()), names["hear"](headers, body.encode()), names["hear"]({}, b"")] == [204, 204, 400]
    assert [asked.path for asked in server.asked].count("/c") == 1


def test_it_is_short():
    assert len(README.splitlines()) <= 60
