"""Headers of every answer, pages and files alike. No Django in here: the settings import it."""

from __future__ import annotations

from wsgiref.headers import Headers

# Nothing of a browser's is ours to use, save the two that passkeys need on our own pages.
OFF = (
    "accelerometer", "ambient-light-sensor", "attribution-reporting", "autoplay", "battery", "bluetooth", "browsing-topics", "camera",
    "clipboard-read", "clipboard-write", "compute-pressure", "display-capture", "document-domain", "encrypted-media", "fullscreen",
    "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "join-ad-interest-group",
    "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "run-ad-auction", "screen-wake-lock", "serial", "shared-storage", "storage-access", "sync-xhr", "unload", "usb", "web-share",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
OWN = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{feature}=()" for feature in OFF), *(f"{feature}=(self)" for feature in OWN)])

EVERYWHERE = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Origin-Agent-Cluster": "?1",
}


def of_static(headers: Headers, _path: str, _url: str) -> None:
    """For WHITENOISE_ADD_HEADERS_FUNCTION: files are answered before the middleware that sets them on pages."""
    for name, value in EVERYWHERE.items():
        headers[name] = value
