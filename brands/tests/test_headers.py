"""preference_center.middleware.headers"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.test import Client


def test_every_page_is_private_and_closed(visitor: Client):
    response = visitor.get("/plain/")
    assert response["Cache-Control"] == "private, no-store"
    assert {"Cookie", "Sec-GPC"} <= {name.strip() for name in response["Vary"].split(",")}
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Origin-Agent-Cluster"] == "?1"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in response


def test_nothing_of_the_browser_is_used_but_passkeys(visitor: Client):
    policies = visitor.get("/plain/")["Permissions-Policy"].split(", ")
    assert "geolocation=()" in policies
    assert "camera=()" in policies
    assert {policy for policy in policies if not policy.endswith("=()")} == {
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    }


def test_search_engines_keep_out_of_a_session(visitor: Client, settings: Any):
    assert "X-Robots-Tag" not in visitor.get("/plain/")
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "x"
    assert visitor.get("/plain/")["X-Robots-Tag"] == "noindex"


def test_a_file_carries_them_too(db: None, settings: Any, tmp_path: Path):
    settings.STATIC_ROOT, settings.WHITENOISE_AUTOREFRESH, settings.WHITENOISE_USE_FINDERS = tmp_path, False, False
    (tmp_path / "app.css").write_text("a{}", encoding="utf-8")
    response = Client(headers={"host": "localhost"}).get("/static/app.css")
    assert response.status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in response
    response.close()
